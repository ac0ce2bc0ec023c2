"""What comes by the clock is offered once for a service, and planned as often as it comes."""

from __future__ import annotations

from vedette.decision.jobs import DAY, NEAR, Habit
from vedette.engine.offers import offers
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.feature import feature_of
from vedette.records.observation import Series
from vedette.records.segment import Segment
from vedette.records.time import SECOND

MINUTE = 60 * SECOND
NIGHT = 1_790_000_000 * SECOND // DAY * DAY + 120 * MINUTE


def series(feature: str = "requests", service: str = "shop", operation: str = "") -> Series:
    return feature_of(feature).series(Segment("", service, operation))


def habit(start: int = NIGHT, minutes: int = 15, days: int = 1, slot: int = 0) -> Habit:
    return Habit(slot, start, start + minutes * MINUTE, days, 3)


def test_the_numbers_of_a_service_at_one_time_are_one_job() -> None:
    late = habit(NIGHT + 10 * MINUTE, 20)
    found = [(series(), habit()), (series("latency_p50_seconds", operation="GET /"), late), (series(), habit(days=7))]
    daily, weekly = sorted(offers(found, []), key=lambda one: one.days)
    assert (daily.start, daily.end, daily.times) == (NIGHT, NIGHT + 30 * MINUTE, 3)
    assert len(daily.labels) == 2
    assert weekly.days == 7
    assert weekly.id != daily.id


def test_services_and_times_are_apart() -> None:
    found = [(series(), habit()), (series(service="db"), habit()), (series(), habit(NIGHT + 6 * 60 * MINUTE))]
    assert len({one.id for one in offers(found, [])}) == 3


def test_the_same_job_has_the_same_name_the_next_night() -> None:
    (first,), (second,) = offers([(series(), habit())], []), offers([(series(), habit(NIGHT + DAY))], [])
    assert first.id == second.id


def test_what_was_planned_then_is_not_offered() -> None:
    during = PlannedEvent("a", EventKind.MAINTENANCE, "x", NIGHT, NIGHT + 60 * MINUTE)
    other = PlannedEvent("a", EventKind.MAINTENANCE, "x", NIGHT, NIGHT + 60 * MINUTE, ("db",))
    assert offers([(series(), habit())], [during]) == []
    assert len(offers([(series(), habit())], [other])) == 1


def test_an_adopted_job_is_planned_day_by_day_from_now_on_and_not_offered_again() -> None:
    (offer,) = offers([(series(), habit())], [])
    now = NIGHT + 2 * DAY + 60 * MINUTE
    events = offer.planned("Backup", now, now + 3 * DAY)
    assert [event.start for event in events] == [NIGHT + days * DAY - NEAR for days in (3, 4, 5)]
    assert all(event.end - event.start == 15 * MINUTE + 2 * NEAR for event in events)
    assert {event.kind for event in events} == {EventKind.JOB}
    assert len({event.id for event in events}) == 3
    assert offers([(series(), habit(NIGHT + 2 * DAY))], events) == []


def test_a_weekly_job_is_planned_weekly() -> None:
    (offer,) = offers([(series(), habit(days=7))], [])
    events = offer.planned("Report", NIGHT + DAY, NIGHT + 22 * DAY)
    assert [(event.start + NEAR - NIGHT) // DAY for event in events] == [7, 14, 21]
