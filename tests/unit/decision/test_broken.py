"""A calibration that breaks in a decision room: caught within a day, and one cause is one incident."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from tests.unit.decision.test_lifecycle import MINUTE, Quiet, finding
from tests.unit.decision.test_lifecycle import window as empty

from vedette.decision.decide import Decider, Decision
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.records.feature import feature_of
from vedette.records.incident import Incident, Phase
from vedette.records.observation import Measures, Occurrences
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.records.window import Window

DAY = 1440
ROUTES = [Segment("", "web", f"GET /{route}") for route in range(5)]
SERIES = [feature_of("latency_p95_seconds").series(segment) for segment in ROUTES]
NONE = Scores(np.zeros(0, np.int8), *[np.zeros(0)] * 5)


def window(minute: int) -> Window:
    start, none = minute * MINUTE, np.zeros(0)
    return Window(
        start,
        MINUTE,
        SERIES if minute == 0 else (),
        (),
        Measures(start, MINUTE, np.arange(5, dtype=np.int32), np.ones(5), np.ones(5)),
        Occurrences(start, MINUTE, none.astype(np.int32), none.astype(np.uint64), none.astype(np.int64)),
        Quiet(),
    )


def scores(surprise: NDArray[np.float64]) -> Scores:
    nothing = np.zeros(5)
    return Scores(np.full(5, State.READY, np.int8), surprise, nothing, nothing, nothing, nothing)


def run(room: Decider, rng: np.random.Generator, minutes: range, factor: float) -> list[Decision]:
    return [room.step(window(m), scores(-factor * np.log10(rng.random(5))), NONE) for m in minutes]


def test_surprises_three_times_too_large_are_caught_within_a_day_though_incidents_open_meanwhile() -> None:
    room, rng = Decider(1.0, 15 * MINUTE), np.random.default_rng(1)
    run(room, rng, range(10 * DAY), 1.0)
    assert room.abstaining == {"baseline": (), "novelty": (), "joint": ()}
    broken = run(room, rng, range(10 * DAY, 11 * DAY), 3.0)
    caught = next(minute for minute, one in enumerate(broken) if one.abstains is not None and one.abstains.any())
    assert caught < DAY
    told = {one.id for decision in broken for one in decision.incidents if one.phase is not Phase.PENDING}
    late = [one for decision in broken[caught + 30 :] for one in decision.incidents if one.phase is Phase.FIRING]
    assert len(told) <= 2
    assert not late


def test_a_room_that_was_restored_abstains_as_the_first_does() -> None:
    room, rng = Decider(1.0, 15 * MINUTE), np.random.default_rng(2)
    run(room, rng, range(2 * DAY), 1.0)
    run(room, rng, range(2 * DAY, 3 * DAY), 3.0)
    other = Decider(1.0, 15 * MINUTE)
    other.restore(room.snapshot(), SERIES, [])
    assert other.abstaining == room.abstaining
    assert other.realized == room.realized > 0.0


def test_ten_thousand_findings_of_one_cause_are_one_incident_that_opens_once() -> None:
    life, routes = Lifecycle(Rules(5 * MINUTE)), [Segment("", "web", f"GET /{route}") for route in range(100)]
    told: list[Incident] = []
    for minute in range(100):
        told += life.step(empty(minute), [finding(minute, segment) for segment in routes])
    told += [one for minute in range(100, 110) for one in life.step(empty(minute), [])]
    assert len({one.id for one in told}) == 1
    phases = [one.phase for one in told]
    assert sum(now is not before for before, now in pairwise(phases)) <= 2
    last = told[-1]
    assert last.phase is Phase.RESOLVED
    assert last.finding_count == len({name for one in told for name in one.finding_ids}) == 10_000
    assert max(len(one.finding_ids) for one in told) == 100
    assert len(last.explanation.contributions) <= 20
    assert abs(sum(part.share for part in last.explanation.contributions) - 100.0) <= 1.0
