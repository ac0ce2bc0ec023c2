"""Log lines to masked lines and their hashes: what varies is left out while the bytes go by."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import MIX1, MIX2

DIGIT, LETTER, SPACE, MARK = 1, 2, 4, 8

SPACES: Final = b" \t"
MARKS: Final = b"=:,;()[]{}<>\"'|/@&?"
"""What ends a word besides spaces, and is part of the template itself."""

VALUES: Final = tuple("true false jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun".split())
"""Words that are values by themselves, in any case: booleans, and names in dates."""

HEX: Final = 4
"""Letters of a hex word, at most, that beside a colon and a value is part of it (addresses)."""

UNITS: Final = tuple("kb mb gb tb ms sec".split())
"""Words that belong to the number before them, as they change with its size."""

EQUALS, COLON, SLASH, OPEN, CLOSE, LESS, DOT = (np.uint8(ord(sign)) for sign in "=:/()<.")
LONGEST: Final = 5
"""Letters of the longest of `VALUES`."""


def _packed(words: tuple[str, ...]) -> Any:
    return np.array([int.from_bytes(word.encode(), "big") for word in words], np.uint64)


_VALUES: Final = _packed(VALUES)
_UNITS: Final = _packed(UNITS)


def classes() -> Any:
    """Return the class of each byte, uint8 shape (256,)."""
    table = np.full(256, LETTER, np.uint8)
    table[np.frombuffer(b"0123456789", np.uint8)] = DIGIT
    table[np.frombuffer(SPACES, np.uint8)] = SPACE
    table[np.frombuffer(MARKS, np.uint8)] = MARK
    return table


@njit(cache=True, nogil=True)
def _is_one_of(word: Any, known: Any) -> bool:
    for other in known:
        if word == other:
            return True
    return False


@njit(cache=True, nogil=True)
def _blank(out: Any, at: int) -> int:
    """Write ``<*>`` at a place, without a ``<`` before it; returns the length."""
    if at > 0 and out[at - 1] == LESS:
        at -= 1
    out[at], out[at + 1], out[at + 2] = 60, 42, 62
    return at + 3


@njit(cache=True, nogil=True)
def mask(data: Any, begin: int, end: int, table: Any, out: Any) -> int:
    """Write one line with what varies as ``<*>``, and return its length, at most three times the line's plus 3.

    A value is a word with a digit, after ``=``, one of `VALUES`, or an absolute path. Values with only marks and
    spaces between them are one value, as are: a host (a word with a dot) or a few hex letters, a colon and a
    value; a value and its unit; a value and a host in parentheses. What is in parentheses is left out with them if
    it is nothing but a value, or nothing.
    """
    size, start, wild_at, wild_end, host_at, path_at = 0, 0, -1, -1, -1, -1
    slashes, length, packed, opened = 0, 0, np.uint64(0), 0
    digit, dot = False, False
    hexed: Any = False
    for at in range(begin, end + 1):
        byte = data[at] if at < end else np.uint8(32)
        kind = table[byte]
        if kind < SPACE:
            if length == 0:
                start, packed, digit, dot, hexed = size, np.uint64(0), False, False, True
            digit |= kind == DIGIT
            dot |= byte == DOT
            letter = byte | np.uint8(32) if np.uint8(65) <= byte <= np.uint8(90) else byte
            hexed = hexed and np.uint8(97) <= letter <= np.uint8(102)
            packed = (packed << np.uint64(8)) | np.uint64(letter)
            length += 1
            out[size] = byte
            size += 1
            continue
        if length > 0:
            small = length <= LONGEST
            colon = start > 0 and out[start - 1] == COLON
            hexed = hexed and length <= HEX
            wild = digit or (start > 0 and out[start - 1] == EQUALS) or (small and _is_one_of(packed, _VALUES))
            wild |= hexed and colon and wild_end == start - 1
            wild |= dot and wild_end >= 0 and wild_end == start - 2 and out[start - 1] == OPEN
            if wild:
                if wild_at >= 0:
                    for place in range(wild_end, start):
                        opened += out[place] == OPEN
                    start = wild_at
                elif host_at >= 0 and colon:
                    start = host_at
                size = _blank(out, start)
                wild_at, wild_end, host_at = size - 3, size, -1
                path_at = min(path_at, wild_at)
            elif small and wild_end >= 0 and wild_end == start - 1 and _is_one_of(packed, _UNITS):
                size = wild_end
            else:
                wild_at, wild_end = -1, -1
                host_at = start if (dot or hexed) and byte == COLON else -1
            length = 0
        elif byte != COLON:
            host_at = -1
        if path_at >= 0 and byte != SLASH:
            if slashes > 1:
                size = _blank(out, path_at)
                wild_at, wild_end = size - 3, size
            path_at = -1
        if byte == SLASH:
            if path_at < 0 and (size == 0 or table[out[size - 1]] == SPACE or out[size - 1] == OPEN):
                path_at, slashes = size, 0
            slashes += 1
        if byte == CLOSE and opened > 0:
            opened -= 1
            continue
        if byte == CLOSE and size > 0 and (out[size - 1] == OPEN or (wild_end == size and _opens(out, size))):
            size -= 1 if out[size - 1] == OPEN else 4
            wild_at, wild_end = -1, -1
            if size > 0 and table[out[size - 1]] == SPACE:
                size -= 1
            continue
        if at < end:
            out[size] = byte
            size += 1
    return size


@njit(cache=True, nogil=True)
def _opens(out: Any, size: int) -> bool:
    return size > 3 and out[size - 4] == OPEN


@njit(cache=True, nogil=True)
def template_hashes(data: Any, ends: Any, table: Any, space: Any, out: Any) -> None:
    """Write a hash of each line as masked.

    Parameters
    ----------
    data, ends
        An Arrow string column: bytes (uint8) and offsets (int32, shape ``(n + 1,)``).
    table
        From `classes`.
    space
        uint8, three times as long as the longest line, plus 16.
    out
        uint64, shape ``(n,)``; never 0.
    """
    for i in range(out.shape[0]):
        size = mask(data, ends[i], ends[i + 1], table, space)
        total = np.uint64(0x1234567)
        for at in range(size, size + 8):
            space[at] = 0
        for first in range(0, size, 8):
            word = np.uint64(0)
            for at in range(first, first + 8):
                word = (word << np.uint64(8)) | np.uint64(space[at])
            total = (total ^ word) * MIX1
            total ^= total >> np.uint64(31)
        out[i] = (total * MIX2) | np.uint64(1)


@njit(cache=True, nogil=True)
def look_up(hashes: Any, keys: Any, values: Any, out: Any, misses: Any) -> int:
    """Write the number of each hash, -1 where the table has none; returns the number of `misses` (rows).

    `keys` (uint64, 0 = free, a power of two long) must have a free place.
    """
    mask = keys.shape[0] - 1
    missed = 0
    for i in range(hashes.shape[0]):
        key = hashes[i]
        place = np.int64(key >> np.uint64(30)) & mask
        while keys[place] != 0 and keys[place] != key:
            place = (place + 1) & mask
        if keys[place] == key:
            out[i] = values[place]
        else:
            out[i] = -1
            misses[missed] = i
            missed += 1
    return missed


def warm() -> None:
    """Compile the kernels."""
    hashes, table, space = np.zeros(1, np.uint64), classes(), np.zeros(16, np.uint8)
    line = np.zeros(1, np.uint8)
    line.flags.writeable = False
    for text in (np.zeros(1, np.uint8), line):
        template_hashes(text, np.zeros(2, np.int32), table, space, hashes)
        mask(text, 0, 1, table, space)
    look_up(hashes, np.zeros(2, np.uint64), np.zeros(2, np.int32), np.zeros(1, np.int32), np.zeros(1, np.int32))
