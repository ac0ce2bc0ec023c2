"""Times of the week as people write them: ``Mon-Fri 08:00-18:00 Europe/Berlin``, ``weekly Mon 08:00``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from vedette.records.time import SECOND

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

HOURS: Final = 'hours such as "Mon-Fri 08:00-18:00 Europe/Berlin" or "22:00-06:00, Sat-Sun 00:00-24:00 UTC"'
SCHEDULE: Final = 'a time such as "daily 08:00 Europe/Berlin" or "weekly Mon 08:00 UTC"'

_SPAN: Final = re.compile(r"(?:([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))?\s+)?(\d\d):(\d\d)-(\d\d):(\d\d)")
_TIMES: Final = re.compile(r"(?:daily|weekly\s+([A-Z][a-z]{2}))\s+(\d\d):(\d\d)(?:\s+(\S+))?")


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of a day, on some days of the week (Monday is 0); one that ends before it begins goes past midnight."""

    days: frozenset[int]
    start: int
    end: int

    def holds(self, day: int, minute: int) -> bool:
        """Say whether a minute of a weekday is within; a night belongs to the day on which it begins."""
        if self.start < self.end:
            return day in self.days and self.start <= minute < self.end
        return (day in self.days and minute >= self.start) or ((day - 1) % 7 in self.days and minute < self.end)


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the week in a time zone.

    When the clock is turned, the hours keep to the wall clock: a night is then an hour longer or shorter.
    """

    spans: tuple[Span, ...]
    zone: tzinfo
    text: str

    def hold(self, moment: int) -> bool:
        """Say whether a time (ns since the epoch) is within."""
        local = datetime.fromtimestamp(moment // SECOND, self.zone)
        return any(span.holds(local.weekday(), local.hour * 60 + local.minute) for span in self.spans)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A time of each day, or of one day of each week (Monday is 0)."""

    day: int | None
    minute: int
    zone: tzinfo
    text: str

    def latest(self, moment: int) -> tuple[int, int]:
        """Return the period that ended last by a time: from one appointment to the next, ns since the epoch.

        An appointment in the hour that a change of the clock leaves out is kept an hour later.
        """
        local = datetime.fromtimestamp(moment // SECOND, self.zone)
        end = self._at(local)
        if end > local:
            end = self._at(local - self._length)
        return _nanoseconds(self._at(end - self._length)), _nanoseconds(end)

    @property
    def _length(self) -> timedelta:
        return timedelta(days=1 if self.day is None else 7)

    def _at(self, local: datetime) -> datetime:
        """Return the appointment of this day or this week, on the wall clock."""
        day = local if self.day is None else local + timedelta(days=self.day - local.weekday())
        return day.replace(hour=self.minute // 60, minute=self.minute % 60, second=0, microsecond=0, fold=0)


def hours(text: str) -> Hours:
    """Read hours; without days every day is meant, without a zone UTC.

    Raises
    ------
    ValueError
        Saying what is allowed.

    >>> hours("Mon-Fri 08:00-18:00 Europe/Berlin").hold(1_764_144_000_000_000_000)
    True
    """
    words, zone = _split_zone(text)
    return Hours(tuple(_span(part.strip()) for part in words.split(",")), zone, text)


def schedule(text: str) -> Schedule:
    """Read when a digest is sent.

    Raises
    ------
    ValueError
        Saying what is allowed.
    """
    match = _TIMES.fullmatch(text)
    if match is None or int(match[2]) > 23 or int(match[3]) > 59 or (match[1] and match[1] not in DAYS):
        raise ValueError(SCHEDULE)
    day = DAYS.index(match[1]) if match[1] else None
    return Schedule(day, int(match[2]) * 60 + int(match[3]), _zone(match[4]) if match[4] else UTC, text)


def _split_zone(text: str) -> tuple[str, tzinfo]:
    words, _, last = text.strip().rpartition(" ")
    return (words, _zone(last)) if words and not last[0].isdigit() else (text, UTC)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # unknown, or the name of a folder
        raise ValueError(f'a time zone such as "Europe/Berlin" or "UTC", not {name!r}') from None


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None or any(name and name not in DAYS for name in (match[1], match[2])):
        raise ValueError(HOURS)
    start, end = int(match[3]) * 60 + int(match[4]), int(match[5]) * 60 + int(match[6])
    if max(int(match[4]), int(match[6])) > 59 or start >= 1440 or end > 1440 or start == end:
        raise ValueError(HOURS)
    first = DAYS.index(match[1]) if match[1] else 0
    last = DAYS.index(match[2] or match[1]) if match[1] else 6
    days = range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
    return Span(frozenset(days), start, end)


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * SECOND
