import pytest

from vedette.decode.calendar import MOST, events_of, holidays_of, zone_of
from vedette.errors import BadInput
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.time import SECOND, from_rfc3339, rfc3339

SINCE, UNTIL = from_rfc3339("2026-03-01T00:00:00Z"), from_rfc3339("2026-04-15T00:00:00Z")
HOUR = 3600 * SECOND


def read(*events: str) -> list[PlannedEvent]:
    parts = [f"BEGIN:VEVENT\nUID:{number}\n{event}\nEND:VEVENT\n" for number, event in enumerate(events)]
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{''.join(parts)}END:VCALENDAR\n"
    data = text.replace("\n", "\r\n").encode()
    return events_of(data, EventKind.JOB, ("shop",), SINCE, UNTIL, zone_of("Europe/Berlin"))


BACKUP = (
    "SUMMARY:backup\nDTSTART;TZID=Europe/Berlin:20260315T020000\nDTEND;TZID=Europe/Berlin:20260315T030000\n"
    "RRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Berlin:20260322T020000"
)


def test_recurrence_keeps_its_hour_over_summer_time_and_knows_exceptions() -> None:
    found = read(BACKUP)
    # on March 29 the hour from two to three does not exist: it lasts an hour nevertheless
    assert [rfc3339(one.start)[5:16] for one in found] == ["03-15T01:00", "03-29T01:00", "04-05T00:00", "04-12T00:00"]
    assert {one.end - one.start for one in found} == {HOUR}
    assert len({one.id for one in found}) == 4
    assert [one.id for one in read(BACKUP)] == [one.id for one in found]


def test_categories_lifts_whole_days_and_times_without_a_zone() -> None:
    deploy, sale, late = read(
        "SUMMARY:2.4\nCATEGORIES:Deploy\nDTSTART:20260315T020000Z",
        "SUMMARY:Spring\nCATEGORIES:Team,SALE\nX-VEDETTE-LIFT:6\nDTSTART;VALUE=DATE:20260316",
        "SUMMARY:late\nDTSTART:20260331T020000\nDURATION:PT90M",
    )
    assert (deploy.kind, deploy.start) == (EventKind.DEPLOY, deploy.end)
    assert (sale.kind, sale.lift, sale.segments) == (EventKind.SALE, 6.0, ("shop",))
    assert (rfc3339(sale.start)[:16], sale.end - sale.start) == ("2026-03-15T23:00", 24 * HOUR)
    assert (late.kind, rfc3339(late.start)[:16], late.end - late.start) == (
        EventKind.JOB,
        "2026-03-31T00:00",
        1.5 * HOUR,
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("DTSTART:20260315T020000Z", "got no end, expected DTEND or DURATION for a job"),
        ("DTEND:20260315T020000Z", "got no beginning"),
        ("DTSTART:20260315T020000Z\nDTEND:20260315T010000Z", "expected one that comes after it"),
        ("DTSTART;TZID=Mars/Base:20260315T020000\nDURATION:PT1H", "got the time zone 'Mars/Base'"),
        ("DTSTART:20260315T020000Z\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", "got a recurrence SECONDLY"),
        ("DTSTART:20260315T020000Z\nDURATION:PT1H\nRRULE:FREQ=SOMETIMES", "got: SOMETIMES"),
        ("DTSTART:20260315T020000Z\nDURATION:PT1H\nX-VEDETTE-LIFT:much", "got the lift 'much'"),
        ("DTSTART:20260315T020000Z\nDURATION:PT1H\nX-VEDETTE-LIFT:0", "got the lift '0'"),
        ("DTSTART:never\nDURATION:PT1H", "DTSTART"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_words_that_name_it(event: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(BACKUP, f"SUMMARY:thing\n{event}")
    assert words in str(refused.value)
    assert "thing" in str(refused.value)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(BadInput, match=r"one: .*; two: "):
        read("SUMMARY:one\nDTSTART:20260315T020000Z", "SUMMARY:two\nDTSTART:20260315T020000Z")


@pytest.mark.parametrize("data", [b"hello", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n"])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        events_of(data, EventKind.JOB, (), SINCE, UNTIL, zone_of("UTC"))


def test_too_many_occurrences_are_refused_with_their_number() -> None:
    hourly = "DTSTART:20200101T000000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY"
    with pytest.raises(BadInput, match=rf"got \d+ occurrences, expected {MOST} at most"):
        read(*[f"SUMMARY:{n}\n{hourly}" for n in range(3)])


def test_holidays_are_those_of_the_region_in_its_zone() -> None:
    days = holidays_of("DE-BY", SINCE, UNTIL, zone_of("Europe/Berlin"), 0.5)
    assert [(one.title, rfc3339(one.start)[:16], one.lift) for one in days] == [
        ("Good Friday", "2026-04-02T22:00", 0.5),
        ("Easter Monday", "2026-04-05T22:00", 0.5),
    ]
    with pytest.raises(BadInput, match="got 'XX', expected one of AD, "):
        holidays_of("XX", SINCE, UNTIL, zone_of("UTC"))
    with pytest.raises(BadInput, match="got 'QQ', expected one of "):
        holidays_of("DE-QQ", SINCE, UNTIL, zone_of("UTC"))
    with pytest.raises(BadInput, match="got 'Mars', expected one such as 'Europe/Berlin'"):
        zone_of("Mars")
