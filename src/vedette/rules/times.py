"""Times as events write them, and parts of them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_MILLISECONDS: Final = 1e11
_MICROSECONDS: Final = 1e14
_NANOSECONDS: Final = 1e17
"""Numbers from which an epoch time is in finer units: seconds do not reach 1e11 before the year 5138."""


def time_of(text: str) -> datetime | None:
    """Return an ISO 8601 time, UTC where it names no zone; null where the text is none."""
    try:
        time = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.strip()))
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def seconds_of(text: str) -> float | None:
    """Return epoch seconds of an ISO 8601 time or an epoch number (s, ms, µs or ns by size); null if it is neither."""
    try:
        number = float(text)
    except ValueError:
        time = time_of(text)
        return None if time is None else time.timestamp()
    for least, unit in ((_NANOSECONDS, 1e9), (_MICROSECONDS, 1e6), (_MILLISECONDS, 1e3)):
        if abs(number) >= least:
            return number / unit
    return number


def part_of_time(text: str, part: str) -> int | None:
    """Return the minute, hour, day, week (ISO), month or year of an ISO 8601 time (UTC), null where it is none."""
    time = time_of(text)
    if time is None:
        return None
    return time.isocalendar().week if part == "week" else int(getattr(time, part))
