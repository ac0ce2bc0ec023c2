"""A number that goes back to where it was is no new trouble; anything else still is."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.unit.decision.test_lifecycle import MINUTE, finding

from vedette.decision import returns
from vedette.decision.levels import Number
from vedette.decision.returns import LONGEST, RELEARNED, Returns
from vedette.records.finding import Finding, Kind
from vedette.records.segment import Segment
from vedette.state.codec import decode, encode

HOUR = 60


def requests(minute: int, actual: float, expected: float = 100.0, **changes: object) -> Finding:
    """Return a deviation of requests, of which a fifth more or fewer than expected are usual."""
    base = replace(finding(minute), feature="requests", kind=Kind.OPERATIONS, unit="{request}")
    return replace(base, actual=actual, expected=expected, lower=0.8 * expected, upper=1.2 * expected, **changes)


def value(number: float) -> Callable[[Number], float | None]:
    return lambda _: number


def after(actual: float, until: int, start: int = 0) -> Returns:
    """Return what is known once requests left their usual hundred and stayed away for some minutes."""
    known = Returns()
    for minute in range(start, until):
        deviates = [requests(minute, actual)] if minute < start + 5 else []
        known.step((minute + 1) * MINUTE, deviates, value(actual))
    return known


def told(known: Returns, *findings: Finding) -> tuple[Finding, ...]:
    return known.without(findings)


def test_the_end_of_a_surge_that_was_learned_meanwhile_is_a_return() -> None:
    known, back = after(600.0, 2 * HOUR), requests(2 * HOUR, 100.0, 550.0)
    assert told(known, back) == ()
    for minute in range(2 * HOUR, 3 * HOUR):
        known.step((minute + 1) * MINUTE, [], value(100.0))
    assert told(known, requests(3 * HOUR, 100.0, 400.0)) == ()


def test_the_end_of_an_absence_is_one_at_any_hour_that_was_seen_meanwhile() -> None:
    known = after(0.0, 30 * HOUR)
    assert told(known, requests(30 * HOUR, 110.0, 4.0)) == ()
    assert len(told(known, requests(30 * HOUR, 900.0, 4.0))) == 1
    busy = requests(30 * HOUR, 0.0, 800.0)
    known.step((30 * HOUR + 1) * MINUTE, [busy], value(0.0))
    assert told(known, requests(30 * HOUR + 1, 900.0, 4.0)) == ()


def test_clients_come_back_with_their_requests_and_are_no_more_of_them() -> None:
    known = after(0.0, 2 * HOUR)
    back = requests(2 * HOUR, 60.0, 20.0, feature="clients")
    assert told(known, back) == ()
    assert told(known, replace(back, actual=900.0)) != ()
    assert told(known, replace(back, feature="client_requests_max", kind=Kind.SECURITY)) != ()
    assert told(after(600.0, 2 * HOUR), back) != ()
    surged, hours = Returns(), 3 * HOUR  # of more clients, then two of nothing
    for minute in range(hours):
        surged.step((minute + 1) * MINUTE, [requests(minute, 90.0, 10.0, feature="clients")], value(90.0))
    for minute in range(hours, hours + 2 * HOUR):
        surged.step((minute + 1) * MINUTE, [requests(minute, 0.0)] if minute < hours + 5 else [], value(0.0))
    assert told(surged, back) == ()


@pytest.mark.parametrize(
    "other",
    [
        requests(2 * HOUR, 20.0, 550.0),  # beneath what was usual before
        requests(2 * HOUR, 900.0, 550.0),  # further the same way
        requests(2 * HOUR, 60.0, 100.0),  # from where it always was
        requests(2 * HOUR, 100.0, 550.0, segment=Segment("", "mail", "")),
        requests(2 * HOUR, 100.0, 550.0, feature="latency_p95_seconds"),
        requests(2 * HOUR, 100.0, 550.0, detector="novelty"),
    ],
)
def test_what_goes_elsewhere_is_told(other: Finding) -> None:
    assert told(after(600.0, 2 * HOUR), other) == (other,)


def test_security_never_returns() -> None:
    known = Returns()
    known.step(MINUTE, [requests(0, 600.0, kind=Kind.SECURITY)], value(600.0))
    back = requests(1, 100.0, 550.0, kind=Kind.SECURITY)
    assert told(known, back) == (back,)


def test_the_way_back_is_open_for_as_long_as_it_was_away_and_for_hours_at_most() -> None:
    brief, late = after(600.0, 20), requests(45, 100.0, 550.0)
    for minute in range(20, 45):
        brief.step((minute + 1) * MINUTE, [], value(100.0))
    assert told(brief, late) == (late,)
    hours = RELEARNED // MINUTE
    long, late = after(600.0, 2 * hours), requests(3 * hours + 2, 100.0, 550.0)
    for minute in range(2 * hours, 3 * hours + 2):
        long.step((minute + 1) * MINUTE, [], value(100.0))
    assert told(long, late) == (late,)


def test_a_level_that_stays_for_half_a_day_has_no_way_back_and_silence_has() -> None:
    days = 2 * LONGEST // MINUTE
    fall = requests(days, 100.0, 600.0)
    assert told(after(600.0, days), fall) == (fall,)
    assert told(after(0.0, days), requests(days, 100.0, 5.0)) == ()


def test_a_restart_changes_nothing_and_room_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    known, fresh = after(600.0, 2 * HOUR), Returns()
    fresh.restore(decode(encode(known.snapshot())))
    assert told(fresh, requests(2 * HOUR, 100.0, 550.0)) == ()
    assert fresh.snapshot() == known.snapshot()
    monkeypatch.setattr(returns, "MOST", 2)
    many = [requests(2 * HOUR, 600.0, segment=Segment("", f"web{number}", "")) for number in range(5)]
    known.step((2 * HOUR + 1) * MINUTE, many, lambda number: None)
    assert [row[1] for row in known.snapshot()["ways"]] == ["web0", "web1"]
