"""Times as text to ns since the epoch: RFC 3339, and the access logs' ``[10/Oct/2000:13:55:36 -0700]``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

INVALID = np.iinfo(np.int64).min
"""What a text that is no time becomes."""

LONGEST = 40
"""Bytes at the start of a line that may hold its time."""


@njit(cache=True, nogil=True)
def days_from_civil(year: Any, month: Any, day: Any) -> Any:
    """Return days since 1970-01-01 in the proleptic Gregorian calendar.

    H. Hinnant, chrono-Compatible Low-Level Date Algorithms, ``days_from_civil``.
    """
    if month <= 2:
        year -= 1
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468


@njit(cache=True, nogil=True)
def digits(data: Any, at: Any, count: int) -> Any:
    """Return `count` decimal digits as a number, -1 where one is none."""
    value: Any = 0
    for k in range(count):
        byte = data[at + k]
        if byte < 48 or byte > 57:
            return -1
        value = value * 10 + np.int64(byte - 48)
    return value


@njit(cache=True, nogil=True)
def days_in_month(year: int, month: int) -> int:
    """Return the number of days of a month."""
    if month == 2:
        return 29 if (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@njit(cache=True, nogil=True)
def moment(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Return seconds since the epoch, `INVALID` for what is no date; a leap second is the next one."""
    if year < 1678 or year > 2261 or month < 1 or month > 12 or day < 1 or day > days_in_month(year, month):
        return INVALID
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 60:
        return INVALID
    return days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second


@njit(cache=True, nogil=True)
def rfc3339(data: Any, at: int, end: int) -> int:
    """Return ns since the epoch, `INVALID` otherwise. ``T`` may be a space, the zone may be missing (UTC)."""
    if end - at < 19 or data[at + 4] != 45 or data[at + 7] != 45 or data[at + 13] != 58 or data[at + 16] != 58:
        return INVALID
    if data[at + 10] != 84 and data[at + 10] != 116 and data[at + 10] != 32:
        return INVALID
    seconds = moment(
        digits(data, at, 4),
        digits(data, at + 5, 2),
        digits(data, at + 8, 2),
        digits(data, at + 11, 2),
        digits(data, at + 14, 2),
        digits(data, at + 17, 2),
    )
    if seconds == INVALID:
        return INVALID
    at += 19
    fraction: Any = 0
    if at < end and (data[at] == 46 or data[at] == 44):
        at += 1
        place = 100_000_000
        begin = at
        while at < end and data[at] >= 48 and data[at] <= 57:
            fraction += np.int64(data[at] - 48) * place
            place //= 10
            at += 1
        if at == begin:
            return INVALID
    shift = zone(data, at, end)
    if shift == INVALID:
        return INVALID
    return (seconds - shift) * 1_000_000_000 + fraction


@njit(cache=True, nogil=True)
def zone(data: Any, at: int, end: int) -> int:
    """Return a zone's seconds east of UTC: nothing, ``Z``, ``+hh:mm``, ``+hhmm`` or ``+hh``; else `INVALID`."""
    size = end - at
    if size == 0 or (size == 1 and (data[at] == 90 or data[at] == 122)):
        return 0
    if (data[at] != 43 and data[at] != 45) or (size != 3 and size != 5 and size != 6):
        return INVALID
    hours = digits(data, at + 1, 2)
    minutes = 0
    if size == 5:
        minutes = digits(data, at + 3, 2)
    if size == 6:
        minutes = digits(data, at + 4, 2) if data[at + 3] == 58 else -1
    if hours < 0 or hours > 23 or minutes < 0 or minutes > 59:
        return INVALID
    shift = hours * 3600 + minutes * 60
    return -shift if data[at] == 45 else shift


@njit(cache=True, nogil=True)
def rfc3339_column(data: Any, offset: Any, length: Any, out: Any) -> None:
    """Read the pieces as RFC 3339; a negative length is `INVALID`."""
    for i in range(offset.shape[0]):
        out[i] = rfc3339(data, offset[i], offset[i] + length[i]) if length[i] >= 0 else INVALID


@njit(cache=True, nogil=True)
def leading(data: Any, at: Any, end: Any) -> Any:
    """Return the time that a line starts with, or `INVALID`: one word, or date and time, perhaps in brackets."""
    bracket = at < end and data[at] == 91
    if bracket:
        at += 1
    end = min(end, at + LONGEST)
    place = at
    while place < end and data[place] != 93 and (data[place] != 32 or place == at + 10):
        place += 1
    return rfc3339(data, at, place)


@njit(cache=True, nogil=True)
def leading_column(data: Any, starts: Any, ends: Any, out: Any) -> None:
    """Read the times that lines start with."""
    for i in range(starts.shape[0]):
        out[i] = leading(data, np.int64(starts[i]), np.int64(ends[i]))


def warm() -> None:
    """Compile the kernels."""
    piece = np.zeros(1, np.int32)
    rfc3339_column(np.zeros(64, np.uint8), piece, piece, np.zeros(1, np.int64))
    leading_column(np.zeros(64, np.uint8), piece, piece, np.zeros(1, np.int64))
