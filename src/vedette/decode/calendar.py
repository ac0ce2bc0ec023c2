"""Calendars to planned events: iCalendar with recurrence and time zones, and the public holidays of a country."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from hashlib import blake2b
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vedette.errors import BadInput
from vedette.records.context import CHANGES, EventKind, PlannedEvent
from vedette.records.time import SECOND

MOST: Final = 2000
"""Events of one calendar; as many as a shard keeps."""

TOO_OFTEN: Final = frozenset({"SECONDLY", "MINUTELY"})
"""Recurrences that no calendar of people has, and which a year would not hold."""

LIFT: Final = "X-VEDETTE-LIFT"
KINDS: Final = {kind.value: kind for kind in EventKind}


def zone_of(name: str) -> tzinfo:
    """Return the time zone of a name such as ``Europe/Berlin``; raises `BadInput` naming it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("bad_zone", detail=f"time zone: got {name!r}, expected one such as 'Europe/Berlin'") from None


def events_of(
    data: bytes, kind: EventKind, segments: tuple[str, ...], since: int, until: int, zone: tzinfo
) -> list[PlannedEvent]:
    """Return the events of an iCalendar file, each occurrence of what recurs as one.

    Notes
    -----
    A category that is the name of a kind decides the kind, ``X-VEDETTE-LIFT`` is the lift. An occurrence has an id
    made of the event's UID and its beginning, so that importing again replaces. Recurrence, exceptions and time zones
    are those of the file, over changes to summer time as well; what has no time zone is in `zone`.

    Parameters
    ----------
    data
        The file.
    kind, segments
        Of events that do not name a kind; what they concern.
    since, until
        Occurrences that are on in this range, ns.
    zone
        Of times without one, and of whole days.

    Raises
    ------
    BadInput
        With every event that can't be used and why: no end, an end before its beginning, a time zone or recurrence that
        is unknown, a lift that is no number; and for what is no calendar, or has too many occurrences.
    """
    import icalendar
    import recurring_ical_events

    try:
        calendar = icalendar.Calendar.from_ical(data)
        parts = list(calendar.walk("VEVENT"))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise BadInput("bad_calendar", detail=f"this is no iCalendar file: {error}") from None
    problems = [problem for part in parts for problem in _problems(part, kind, zone)]
    if problems:
        raise BadInput("bad_calendar", detail="; ".join(problems))
    try:
        first, last = (datetime.fromtimestamp(time / SECOND, zone) for time in (since, until))
        found = recurring_ical_events.of(calendar).between(first, last)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadInput("bad_calendar", detail=f"a recurrence can't be read: {error}") from None
    if len(found) > MOST:
        detail = f"got {len(found)} occurrences, expected {MOST} at most; give a shorter range"
        raise BadInput("bad_calendar", detail=detail)
    return sorted((_event(one, kind, segments, zone) for one in found), key=lambda event: (event.start, event.id))


def holidays_of(country: str, since: int, until: int, zone: tzinfo, lift: float | None = None) -> list[PlannedEvent]:
    """Return the public holidays of a country, or ``COUNTRY-REGION``, that lie in a range (ns).

    Raises
    ------
    BadInput
        For a country or region that is not known; names those that are.
    """
    import holidays

    code, _, region = country.upper().partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if code not in known:
        raise BadInput("bad_country", detail=f"country: got {country!r}, expected one of {', '.join(sorted(known))}")
    if region and region not in known[code]:
        raise BadInput("bad_country", detail=f"region: got {region!r}, expected one of {', '.join(known[code])}")
    first, last = (datetime.fromtimestamp(time / SECOND, zone) for time in (since, until))
    days = holidays.country_holidays(code, subdiv=region or None, years=range(first.year, last.year + 1))
    found = []
    for day, title in sorted(days.items()):
        start, end = _moment(day, zone), _moment(day + timedelta(days=1), zone)
        if start < until and since < end:
            name = f"holiday-{country.lower()}-{day.isoformat()}"
            found.append(PlannedEvent(name, EventKind.HOLIDAY, title, start, end, (), lift))
    return found


def _problems(part: Any, kind: EventKind, zone: tzinfo) -> list[str]:
    """Return what is wrong with an event of a file, in words."""
    title = str(part.get("SUMMARY", part.get("UID", "without a title")))
    if part.errors:
        return [f"{title}: {name}: {error}" for name, error in part.errors]
    begin = getattr(part.get("DTSTART"), "dt", None)
    if not isinstance(begin, date):
        return [f"{title}: got no beginning (DTSTART) that can be read, expected one"]
    found = []
    end, length = getattr(part.get("DTEND"), "dt", None), getattr(part.get("DURATION"), "dt", None)
    whole_day = not isinstance(begin, datetime)
    if end is None and length is None and not whole_day and _kind(part, kind) not in CHANGES:
        found.append(f"{title}: got no end, expected DTEND or DURATION for a {_kind(part, kind).value}")
    if end is not None and (type(end) is not type(begin) or _moment(end, zone) < _moment(begin, zone)):
        found.append(f"{title}: got an end {end} for a beginning {begin}, expected one that comes after it")
    if length is not None and length < timedelta(0):
        found.append(f"{title}: got a duration of {length}, expected one above zero")
    name = part["DTSTART"].params.get("TZID")
    if name and isinstance(begin, datetime) and begin.tzinfo is None:
        found.append(f"{title}: got the time zone {name!r}, expected one that is known, such as 'Europe/Berlin'")
    often = {str(word) for rule in _rules(part) for word in rule.get("FREQ", ())} & TOO_OFTEN
    if often:
        found.append(f"{title}: got a recurrence {', '.join(often)}, expected HOURLY at most")
    lift = str(part.get(LIFT, "1"))
    if not lift.replace(".", "", 1).isdigit() or not float(lift) > 0:
        found.append(f"{title}: got the lift {lift!r}, expected a number above zero")
    return found


def _rules(part: Any) -> list[Any]:
    rules = part.get("RRULE", [])
    return rules if isinstance(rules, list) else [rules]


def _kind(part: Any, otherwise: EventKind) -> EventKind:
    categories = part.get("CATEGORIES")
    listed = categories if isinstance(categories, list) else [categories] if categories is not None else []
    words = [str(word).strip().lower() for one in listed for word in getattr(one, "cats", [one])]
    return next((KINDS[word] for word in words if word in KINDS), otherwise)


def _event(part: Any, kind: EventKind, segments: tuple[str, ...], zone: tzinfo) -> PlannedEvent:
    begin, sort = part["DTSTART"].dt, _kind(part, kind)
    end = part["DTEND"].dt if "DTEND" in part else begin
    if "DTEND" not in part and not isinstance(begin, datetime):
        end = begin + timedelta(days=1)
    start = _moment(begin, zone)
    lift = float(str(part[LIFT])) if LIFT in part else None
    last = _moment(end, zone)
    if last <= start and isinstance(begin, datetime):  # its hour is skipped by summer time
        last = start + round((end.replace(tzinfo=None) - begin.replace(tzinfo=None)).total_seconds()) * SECOND
    name = blake2b(f"{part.get('UID', part.get('SUMMARY', ''))}\0{start}".encode(), digest_size=8).hexdigest()
    title = str(part.get("SUMMARY", "without a title"))[:200]
    return PlannedEvent(f"ical-{name}", sort, title, start, start if sort in CHANGES else last, segments, lift)


def _moment(moment: date, zone: tzinfo) -> int:
    """Return ns since the epoch of a time, or of a day's beginning."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, datetime.min.time(), zone)
    placed = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return round(placed.timestamp()) * SECOND
