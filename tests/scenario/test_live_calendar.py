"""Four weeks of twelve services at once through the shard: what a calendar does is none, what happens is one.

`test_calendar` asks the same of `vedette score metrics`, which has other models.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from bench.ordinary import START, Nothing
from numpy.typing import NDArray
from tests.scenario.replayed import Played
from tests.scenario.story import Story, shard
from tests.scenario.test_noise import Extracted

from vedette.journal.log import Chunk
from vedette.records.document import Document
from vedette.records.feature import feature_of
from vedette.records.observation import Measures, Occurrences
from vedette.records.segment import Segment
from vedette.records.time import SECOND, from_rfc3339
from vedette.records.window import Window

Floats = NDArray[np.float64]

WIDTH = 600 * SECOND
DAY = 144
DAYS = 28
WATCHED = 14 * DAY
"""Two weeks to learn, two to judge."""
SIX, THREE = 36, 90
"""Windows of a day until 6:00 and until 15:00."""

PLAIN = tuple(f"plain{number}" for number in range(4))
STORIES = ("job", "weekend", "summertime", "sparse", "leak", "dead", "flood", "slow", "back")
FEATURES = ("requests", "latency_p95_seconds")
AT = {
    name: day * DAY + hour
    for name, day, hour in (
        ("job", 24, THREE),
        ("sparse", 22, 100),
        ("leak", 23, 12),
        ("dead", 25, 70),
        ("flood", 20, 60),
        ("slow", 21, 30),
        ("back", 22, 80),
    )
}
"""Window in which something happens to a service."""
AWAY = 2 * DAY + 30
"""Windows for which one is gone that comes back, nights among them."""


def numbers() -> dict[str, tuple[Floats, Floats]]:
    """Return requests and latency of each service, by window."""
    rng = np.random.default_rng(5)
    place = np.arange(DAYS * DAY)
    clock, weekday = place % DAY, place // DAY % 7
    rhythm = np.exp(0.6 * np.sin(2 * np.pi * (clock - 48) / DAY))
    made = {}
    for name in (*PLAIN, *STORIES):
        rate = 600.0 * rhythm
        latency = 0.2 * rhythm**0.5 * rng.lognormal(0.0, 0.06, len(place))
        at = AT.get(name, 0)
        if name == "job":
            rate = rate * np.where((clock >= SIX) & (clock < SIX + 2), 5.0, 1.0)
            # for twenty minutes it stays pending: the job's first morning, when nothing was known, counts against it
            rate[at : at + 4] *= 5.0
        elif name == "weekend":
            rate = rate * np.where(weekday >= 5, 0.4, 1.0)
        elif name == "summertime":
            rate[20 * DAY :] = np.roll(rate, -6)[20 * DAY :]
        elif name == "sparse":
            rate = np.full(len(place), 0.5)
            rate[at : at + 2] = 20.0
        elif name == "leak":
            latency[at : at + 12] *= 1.8
            assert latency[at : at + 12].max() < latency.max()
        elif name == "dead":
            rate[at:] = 0.0
        elif name == "back":
            rate[at : at + AWAY] = 0.0
        elif name == "flood":
            rate[at : at + 3] *= 20.0
        elif name == "slow":
            latency[at : at + 3] *= 4.0
        made[name] = rng.poisson(rate).astype(np.float64), latency
    return made


def windows() -> Iterator[Window]:
    made, none = numbers(), np.zeros(0, np.int64)
    values = np.stack([column for pair in made.values() for column in pair])
    weights = np.repeat(values[::2], 2, axis=0)
    series = [feature_of(feature).series(Segment("", name, "GET /")) for name in made for feature in FEATURES]
    counts = np.array([one.feature == "requests" for one in series])
    for place in range(DAYS * DAY):
        start = START + place * WIDTH
        slot = np.flatnonzero(counts | (weights[:, place] > 0)).astype(np.int32)
        yield Window(
            start,
            WIDTH,
            series if place == 0 else (),
            (),
            Measures(start, WIDTH, slot, values[slot, place], weights[slot, place]),
            Occurrences(start, WIDTH, none.astype(np.int32), none.astype(np.uint64), none),
            Nothing(),
        )


@pytest.fixture(scope="module")
def told() -> dict[str, list[Document]]:
    """Return the incidents of the last two weeks that a person would have been told of, by service."""
    model, story = shard("600s"), Story()
    model.extract = Played(Extracted(), windows())  # type: ignore[assignment, arg-type]
    story.note(model.step(Chunk(0, None, ())))
    late = [one for one in story.fired if place_of(one) >= WATCHED]
    return {name: [one for one in late if one["segment_parts"]["service"] == name] for name in (*PLAIN, *STORIES)}


def place_of(incident: Document) -> int:
    """Return the number of the window in which an incident began."""
    return (from_rfc3339(incident["started_at"]) - START) // WIDTH


def split(told: dict[str, list[Document]], name: str, within: int) -> tuple[list[Document], list[Document]]:
    """Return a service's incidents that began with what happened to it, and the others."""
    mine = [one for one in told[name] if 0 <= place_of(one) - AT[name] <= within]
    return mine, [one for one in told[name] if one not in mine]


@pytest.mark.parametrize("name", [*PLAIN, "weekend", "summertime"])
def test_ordinary_weeks_and_what_the_calendar_does_are_none(told: dict[str, list[Document]], name: str) -> None:
    # clocks that change may be told of once
    assert len(told[name]) <= (1 if name == "summertime" else 0)


@pytest.mark.parametrize("name", ["sparse", "leak", "flood", "slow"])
def test_what_happens_is_one_incident_within_half_an_hour(told: dict[str, list[Document]], name: str) -> None:
    mine, others = split(told, name, 3)
    assert len(mine) == 1
    assert others == []
    top = mine[0]["explanation"]["contributions"][0]
    assert top["feature"] == FEATURES[name in ("leak", "slow")]
    assert top["actual"] > top["expected"]


def test_a_job_at_six_every_day_is_none_and_at_three_in_the_afternoon_it_is_one(
    told: dict[str, list[Document]],
) -> None:
    mine, others = split(told, "job", 3)
    assert [one["explanation"]["contributions"][0]["feature"] for one in mine] == ["requests"]
    assert others == []


def test_a_service_that_dies_while_others_go_on_is_one(told: dict[str, list[Document]]) -> None:
    mine, others = split(told, "dead", 1)
    assert [one["explanation"]["contributions"][0]["actual"] for one in mine] == [0.0]
    assert others == []
    assert mine[0]["phase"] == "firing"


def test_it_is_over_when_its_traffic_is_back_and_not_before(told: dict[str, list[Document]]) -> None:
    mine, others = split(told, "back", 1)
    (incident,) = mine
    assert others == []
    assert incident["phase"] == "resolved"
    assert incident["explanation"]["timeline"][-1]["text"] == "back to normal"
    ended = (from_rfc3339(incident["ended_at"]) - START) // WIDTH
    assert AT["back"] + AWAY < ended <= AT["back"] + AWAY + 6
