"""An absence is one incident until what is missed is back."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.unit.decision.test_lifecycle import CHECKOUT, LOGIN, MINUTE, SERVICE, finding, window

from vedette.decision import silent
from vedette.decision.levels import Number
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.silent import EXPIRY
from vedette.records.context import EventKind, PlannedEvent, Suppression, Verdict
from vedette.records.document import to_document
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident, Phase
from vedette.records.segment import Segment
from vedette.state.codec import decode, encode

RULES = Rules(5 * MINUTE)
HOURS = 60
TWO_DAYS = EXPIRY // MINUTE


def gone(minute: int, segment: Segment = SERVICE, actual: float = 0.0) -> Finding:
    return replace(
        finding(minute, segment),
        feature="requests",
        kind=Kind.OPERATIONS,
        actual=actual,
        expected=100.0,
        lower=80.0,
        upper=120.0,
        unit="{request}",
    )


def value(number: float) -> Callable[[Number], float | None]:
    return lambda _: number


class Told:
    """A lifecycle, and the latest form of each incident that it told of."""

    def __init__(self) -> None:
        self.life = Lifecycle(RULES)
        self.incidents: dict[str, Incident] = {}
        self.changes: list[tuple[str, Phase]] = []

    def minutes(self, start: int, end: int, requests: float, *findings: Finding) -> None:
        """Let minutes go by with so many requests each."""
        for minute in range(start, end):
            mine = [one for one in findings if one.start == minute * MINUTE]
            for one in self.life.step(window(minute), mine, value_of=value(requests)):
                if self.incidents.get(one.id) is None or self.incidents[one.id].phase is not one.phase:
                    self.changes.append((one.id, one.phase))
                self.incidents[one.id] = one

    @property
    def only(self) -> Incident:
        (incident,) = self.incidents.values()
        return incident


@pytest.fixture
def told() -> Told:
    """Return what was told of a service that died at minute 3 and is quiet at this hour since minute 5."""
    made = Told()
    made.minutes(0, 3, 100.0)
    made.minutes(3, 60, 0.0, gone(3), gone(4))
    return made


def test_it_fires_while_nothing_comes_and_is_told_once(told: Told) -> None:
    assert told.only.phase is Phase.FIRING
    told.minutes(60, 20 * HOURS, 0.0, gone(15 * HOURS), gone(15 * HOURS + 1))
    assert [phase for _, phase in told.changes] == [Phase.FIRING]
    assert told.only.finding_count == 4
    told.minutes(20 * HOURS, 20 * HOURS + 10, 100.0)
    assert told.only.phase is Phase.RESOLVED
    assert told.only.explanation.timeline[-1].text == "back to normal"
    assert 20 * HOURS * MINUTE < (told.only.ended_at or 0) <= (20 * HOURS + 5) * MINUTE


def test_without_evidence_it_expires_and_is_opened_again_under_its_own_name(told: Told) -> None:
    first = told.only.id
    told.minutes(60, TWO_DAYS + 10, 0.0)
    assert told.only.phase is Phase.RESOLVED
    assert told.only.explanation.timeline[-1].text.startswith("expired: nothing has come since")
    again = TWO_DAYS + 500
    told.minutes(TWO_DAYS + 10, again + 2, 0.0, gone(again))
    assert (told.only.id, told.only.phase, told.only.ended_at) == (first, Phase.FIRING, None)
    assert told.only.explanation.timeline[-1].text == "opened again: nothing has come since"
    told.minutes(again + 2, again + 40, 100.0)
    assert told.only.phase is Phase.RESOLVED


def test_an_expired_one_counts_once_and_traffic_makes_the_next_another(told: Told) -> None:
    told.minutes(60, TWO_DAYS + 10, 0.0)
    assert told.life.history.per_day > 0.0
    told.minutes(TWO_DAYS + 10, TWO_DAYS + 40, 100.0)
    told.minutes(TWO_DAYS + 40, TWO_DAYS + 50, 0.0, gone(TWO_DAYS + 41))
    assert len(told.incidents) == 2


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (gone(70, CHECKOUT), 1),  # a route of the service that is gone
        (gone(70, actual=300.0), 2),
        (replace(gone(70), feature="latency_p95_seconds", unit="s"), 2),
        (finding(70, LOGIN, feature="denied_ratio", kind=Kind.SECURITY), 2),
        (gone(70, Segment("", "mail", "")), 2),
    ],
)
def test_it_takes_in_more_of_the_same_and_nothing_else(told: Told, other: Finding, count: int) -> None:
    told.minutes(60, 72, 0.0, other)
    assert len(told.incidents) == count


def test_a_route_that_is_gone_does_not_speak_for_its_neighbors() -> None:
    made = Told()
    made.minutes(3, 60, 0.0, gone(3, CHECKOUT), gone(4, CHECKOUT))
    made.minutes(60, 72, 0.0, gone(70, LOGIN))
    assert len(made.incidents) == 2


def test_what_falls_to_little_is_over_when_it_is_usual() -> None:
    made = Told()
    made.minutes(3, 60, 4.0, gone(3, actual=4.0), gone(4, actual=4.0))
    assert made.only.phase is Phase.RESOLVED


def test_a_person_or_a_late_event_ends_it(told: Told) -> None:
    verdict = Suppression("s", told.only.id, Verdict.EXPECTED, (), 0, 10**18)
    other = Told()
    other.life.restore(decode(encode(told.life.snapshot())))
    told.life.heed(verdict)
    told.minutes(60, 61, 0.0)
    assert told.only.phase is Phase.RESOLVED
    assert told.only.explanation.timeline[-1].text == "a person said: expected"
    other.life.heed(PlannedEvent("m", EventKind.MAINTENANCE, "Move", 0, 10**18, ("web",)))
    other.minutes(60, 61, 0.0)
    assert other.only.explained == "maintenance “Move”"


def test_a_restart_changes_nothing(told: Told) -> None:
    for start, end in ((60, 90), (90, TWO_DAYS + 10), (TWO_DAYS + 10, TWO_DAYS + 600)):
        fresh = Told()
        fresh.life.restore(decode(encode(told.life.snapshot())))
        late = gone(TWO_DAYS + 500)
        told.minutes(start, end, 0.0, late)
        fresh.minutes(start, end, 0.0, late)
        assert fresh.life.snapshot() == told.life.snapshot()
        assert all(to_document(told.incidents[name]) == to_document(one) for name, one in fresh.incidents.items())


def test_no_more_are_kept_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silent, "MOST", 2)
    made = Told()
    places = [Segment("", f"web{number}", "") for number in range(3)]
    made.minutes(3, 60, 0.0, *[gone(3 + number, place) for number, place in enumerate(places)])
    phases = {one.segment.service: one.phase for one in made.incidents.values()}
    assert phases == {"web0": Phase.RESOLVED, "web1": Phase.FIRING, "web2": Phase.FIRING}
