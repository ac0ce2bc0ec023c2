"""Access logs (common and combined) to pieces: one byte loop, safe on hostile quotes.

A quote closes the request only where a status follows, and a backslash takes the next byte along, so
quotes inside the request, escaped or not, stay inside. What does not fit is a bad line, nothing more.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.time import INVALID, digits, moment, zone

CLIENT, USER, METHOD, TARGET, AGENT, HOST = 0, 1, 2, 3, 4, 5
PIECES: Final = 6

STATUS, SIZE, TIME = 0, 1, 2
NUMBERS: Final = 3
"""Whole numbers per line: status, size in bytes (-1: none), time in ns."""

_MONTHS = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", np.uint8)


@njit(cache=True, nogil=True)
def month(data: Any, at: int) -> int:
    """Return the number of an English month's three letters, 0 for none."""
    for k in range(12):
        if data[at] == _MONTHS[3 * k] and data[at + 1] == _MONTHS[3 * k + 1] and data[at + 2] == _MONTHS[3 * k + 2]:
            return k + 1
    return 0


@njit(cache=True, nogil=True)
def clf_time(data: Any, at: int) -> int:
    """Return ns since the epoch of ``10/Oct/2000:13:55:36 -0700`` (26 bytes), or `INVALID`."""
    if data[at + 2] != 47 or data[at + 6] != 47 or data[at + 11] != 58 or data[at + 20] != 32:
        return INVALID
    seconds = moment(
        digits(data, at + 7, 4),
        month(data, at + 3),
        digits(data, at, 2),
        digits(data, at + 12, 2),
        digits(data, at + 15, 2),
        digits(data, at + 18, 2),
    )
    shift = zone(data, at + 21, at + 26)
    if seconds == INVALID or shift == INVALID:
        return INVALID
    return (seconds - shift) * 1_000_000_000


@njit(cache=True, nogil=True)
def token_end(data: Any, at: int, end: int) -> int:
    """Return the place of the next space, or `end`."""
    while at < end and data[at] != 32:
        at += 1
    return at


@njit(cache=True, nogil=True)
def status_follows(data: Any, at: int, end: int) -> bool:
    """Say whether a space, three digits (or ``-``) and a space or the end stand at `at`."""
    if at + 2 > end or data[at] != 32:
        return False
    if data[at + 1] == 45:
        return at + 2 == end or data[at + 2] == 32
    return at + 4 <= end and digits(data, at + 1, 3) >= 0 and (at + 4 == end or data[at + 4] == 32)


@njit(cache=True, nogil=True)
def quote_end(data: Any, at: int, end: int, request: bool) -> int:
    """Return the place of the closing quote, -1 for none; a backslash takes the next byte along."""
    while at < end:
        byte = data[at]
        if byte == 92:
            at += 2
            continue
        if byte == 34:
            closes = status_follows(data, at + 1, end) if request else at + 1 == end or data[at + 1] == 32
            if closes:
                return at
        at += 1
    return -1


@njit(cache=True, nogil=True)
def whole(data: Any, at: int, end: int) -> int:
    """Return a whole number of at most 18 digits, -1 for ``-`` or nothing, -2 for what is none."""
    if at == end or (at + 1 == end and data[at] == 45):
        return -1
    return digits(data, at, end - at) if end - at <= 18 and digits(data, at, end - at) >= 0 else -2


@njit(cache=True, nogil=True)
def seconds_of(data: Any, at: int, end: int, alone: bool) -> float:
    """Return a trailing duration in s: ``0.123`` (nginx), or whole microseconds (Apache's %D) that stand alone."""
    value = 0.0
    scale = 0.0
    for k in range(at, end):
        byte = data[k]
        if byte == 46 and scale == 0.0 and k > at:
            scale = 1.0
        elif byte >= 48 and byte <= 57 and end - at <= 15:
            value = value * 10.0 + np.float64(byte - 48)
            scale *= 10.0
        else:
            return np.nan
    if at == end or scale == 1.0:
        return np.nan
    if scale > 0.0:
        return value / scale
    return value / 1e6 if alone else np.nan


@njit(cache=True, nogil=True)
def parse_line(data: Any, at: int, end: int, line: int, offset: Any, length: Any, number: Any, duration: Any) -> bool:
    """Read one line into column `line`; False if it is no access-log line."""
    tokens = np.empty(8, np.int64)
    count = 0
    while at < end and data[at] != 91:
        if count >= 4:
            return False
        stop = token_end(data, at, end)
        tokens[2 * count], tokens[2 * count + 1] = at, stop
        count += 1
        at = stop + 1
    if count < 3 or at + 28 > end or data[at + 27] != 93:
        return False
    host = count == 4 and tokens[5] - tokens[4] == 1 and data[tokens[4]] == 45
    if count == 4 and not host:
        return False
    first = 1 if host else 0
    if host:
        offset[HOST, line], length[HOST, line] = tokens[0], tokens[1] - tokens[0]
    offset[CLIENT, line], length[CLIENT, line] = tokens[2 * first], tokens[2 * first + 1] - tokens[2 * first]
    user, user_end = tokens[2 * first + 4], tokens[2 * first + 5]
    if user_end - user > 1 or data[user] != 45:
        offset[USER, line], length[USER, line] = user, user_end - user
    stamp = clf_time(data, at + 1)
    if stamp == INVALID:
        return False
    number[TIME, line] = stamp
    at += 28
    if at + 2 > end or data[at] != 32 or data[at + 1] != 34:
        return False
    close = quote_end(data, at + 2, end, True)
    if close < 0:
        return False
    split_request(data, at + 2, close, line, offset, length)
    at = close + 2
    stop = token_end(data, at, end)
    status = whole(data, at, stop)
    number[STATUS, line] = status
    at = min(stop + 1, end)
    stop = token_end(data, at, end)
    size = whole(data, at, stop)
    if size == -2:
        return False
    number[SIZE, line] = size
    return rest_of_line(data, stop, end, line, offset, length, duration)


@njit(cache=True, nogil=True)
def split_request(data: Any, at: int, end: int, line: int, offset: Any, length: Any) -> None:
    """Split ``METHOD target PROTOCOL``; without a protocol the rest is the target, without a space the method."""
    first = token_end(data, at, end)
    offset[METHOD, line], length[METHOD, line] = at, first - at
    if first >= end:
        return
    last = end
    while last > first + 1 and data[last - 1] != 32:
        last -= 1
    protocol = last > first + 1 and end - last >= 5 and data[last] == 72 and data[last + 4] == 47
    stop = last - 1 if protocol else end
    offset[TARGET, line], length[TARGET, line] = first + 1, stop - first - 1


@njit(cache=True, nogil=True)
def quoted_end(data: Any, at: Any, end: Any) -> Any:
    """Return the place behind `` "…"`` at `at`, or `at` where there is none that closes."""
    if at + 1 >= end or data[at] != 32 or data[at + 1] != 34:
        return at
    close = quote_end(data, at + 2, end, False)
    return close + 1 if close >= 0 else at


@njit(cache=True, nogil=True)
def rest_of_line(data: Any, at: Any, end: Any, line: Any, offset: Any, length: Any, duration: Any) -> bool:
    """Read ``"referer" "agent"`` and what may follow; common logs end before them, broken quotes are passed over."""
    duration[line] = np.nan
    start = quoted_end(data, at, end)
    if start > at:
        at = quoted_end(data, start, end)
        if at > start + 3 and (at - start != 4 or data[start + 2] != 45):
            offset[AGENT, line], length[AGENT, line] = start + 2, at - start - 3
    if at < end and data[at] != 32:
        return False
    last = end
    while last > at + 1 and data[last - 1] != 32:
        last -= 1
    if at < end:
        duration[line] = seconds_of(data, last, end, last == at + 1)
    return True


@njit(cache=True, nogil=True)
def parse(data: Any, starts: Any, ends: Any, offset: Any, length: Any, number: Any, duration: Any, good: Any) -> None:
    """Read all lines. `length` must be -1 (null) everywhere; `data` needs 32 bytes to spare.

    Shapes: ``offset, length (PIECES, n)`` int32, ``number (NUMBERS, n)`` int64, ``duration (n,)`` in s,
    ``good (n,)``.
    """
    for line in range(starts.shape[0]):
        good[line] = parse_line(data, starts[line], ends[line], line, offset, length, number, duration)
