"""JSON lines to columns, one byte loop over the buffer.

The kernel reads what it can read exactly as a strict parser would and hands every other line back:
escapes, exponents, numbers of more than 15 digits with a fraction, deep nesting, and all that is
wrong. The caller reads those with a general parser, so the kernel need not be forgiving, nor whole.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import HIGHS, MIX1, ONES, hash64, load64, trailing_zeros

ABSENT: Final = 0
TEXT: Final = 1
WHOLE: Final = 2
FLOAT: Final = 3
TRUE: Final = 4
FALSE: Final = 5
NULL: Final = 6
NESTED: Final = 7

MAX_DEPTH: Final = 32

_QUOTES = np.uint64(0x2222222222222222)
_SLASHES = np.uint64(0x5C5C5C5C5C5C5C5C)
_SPACES = np.uint64(0x2020202020202020)
_POWERS = 10.0 ** np.arange(0, 23)
"""Powers of ten that are exact as float64; a 15-digit number over one of them is rounded once."""

_KEY_OR_END, _KEY, _VALUE, _AFTER, _VALUE_OR_END = 0, 1, 2, 3, 4


@njit(cache=True, nogil=True)
def path_hash(data: Any, size: int, parent: Any) -> Any:
    """Return the hash of a key under the hash of its parent (0 at the top)."""
    return hash64(data, 0, size) ^ (parent * MIX1)


@njit(cache=True, nogil=True)
def string_end(data: Any, at: Any, end: int, any_byte: bool) -> Any:
    """Return the place of the closing quote, or -1 where there is an escape, a control byte, or none."""
    while at < end:
        word = load64(data, at)
        quote, slash = word ^ _QUOTES, word ^ _SLASHES
        hit = ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | ((word - _SPACES) & ~word)
        hit &= HIGHS
        if not any_byte and (word & HIGHS) != np.uint64(0):
            return -1
        if hit != np.uint64(0):
            at += np.int64(trailing_zeros(hit) >> np.uint64(3))
            return at if at < end and data[at] == 34 else -1
        at += 8
    return -1


@njit(cache=True, nogil=True)
def number_end(data: Any, at: int, end: int, out: Any) -> int:
    """Read a number without exponent; returns its end, or -1. `out` gets kind, whole value, float value.

    The float is exact: a mantissa below 10^15 over an exact power of ten is rounded once.
    """
    negative = data[at] == 45
    if negative:
        at += 1
    first = at
    mantissa: Any = np.int64(0)
    while at < end and data[at] >= 48 and data[at] <= 57:
        if at - first >= 18:
            return -1
        mantissa = mantissa * 10 + np.int64(data[at] - 48)
        at += 1
    digits = at - first
    if digits == 0 or (digits > 1 and data[first] == 48):
        return -1
    fraction = 0
    if at < end and data[at] == 46:
        at += 1
        begin = at
        while at < end and data[at] >= 48 and data[at] <= 57:
            if digits + at - begin >= 15:
                return -1
            mantissa = mantissa * 10 + np.int64(data[at] - 48)
            at += 1
        fraction = at - begin
        if fraction == 0 or digits + fraction > 15:
            return -1
    if at < end and (data[at] == 101 or data[at] == 69):
        return -1
    if negative:
        mantissa = -mantissa
    out[0] = FLOAT if fraction > 0 or (negative and mantissa == 0) else WHOLE
    out[1] = mantissa
    value = np.float64(mantissa) / _POWERS[fraction]
    out[2] = np.int64(0)
    return _with_float(at, value, out)


@njit(cache=True, nogil=True)
def _with_float(at: int, value: float, out: Any) -> int:
    out.view(np.float64)[2] = value
    return at


@njit(cache=True, nogil=True)
def literal_end(data: Any, at: int, end: int) -> int:
    """Return the end of ``true``, ``false`` or ``null``, or -1."""
    if at + 4 <= end:
        word = load64(data, at) & np.uint64(0xFFFFFFFF)
        if word == np.uint64(0x65757274) or word == np.uint64(0x6C6C756E):
            return at + 4
        if at + 5 <= end and word == np.uint64(0x736C6166) and data[at + 4] == 101:
            return at + 5
    return -1


@njit(cache=True, nogil=True)
def column_of(key: Any, keys: Any, columns: Any) -> Any:
    """Look a path's hash up; returns its entry, or -1."""
    mask = keys.shape[0] - 1
    place = np.int64(key >> np.uint64(40)) & mask
    while keys[place] != 0:
        if keys[place] == key:
            return np.int64(columns[place])
        place = (place + 1) & mask
    return -1


@njit(cache=True, nogil=True)
def parse_line(
    data: Any,
    at: int,
    end: int,
    line: int,
    any_byte: bool,
    keys: Any,
    entries: Any,
    column: Any,
    rank: Any,
    scale: Any,
    kind: Any,
    ranked: Any,
    offset: Any,
    length: Any,
    whole: Any,
    real: Any,
    parents: Any,
    objects: Any,
    number: Any,
) -> bool:
    """Read one line into row `line` of the columns; False where a general parser must read it.

    ``keys``/``entries`` map a path's hash to an entry; ``column``, ``rank`` and ``scale`` say which
    column an entry fills, before which others, and what its numbers are multiplied by.
    """
    depth = -1
    mode = _VALUE
    entry = -1
    path = np.uint64(0)
    while True:
        while at < end and (data[at] == 32 or data[at] == 9 or data[at] == 13):
            at += 1
        if at >= end:
            return depth < 0 and mode == _AFTER
        byte = data[at]
        if mode == _AFTER:
            if depth < 0:
                return False
            if byte == 44:
                mode = _KEY if objects[depth] else _VALUE
                at += 1
                entry = -1
                continue
            if byte != (125 if objects[depth] else 93):
                return False
            depth -= 1
            at += 1
            continue
        if (mode == _KEY_OR_END and byte == 125) or (mode == _VALUE_OR_END and byte == 93):
            depth -= 1
            mode = _AFTER
            at += 1
            continue
        if mode == _KEY_OR_END or mode == _KEY:
            if byte != 34:
                return False
            close = string_end(data, at + 1, end, any_byte)
            if close < 0:
                return False
            path = hash64(data, at + 1, close) ^ (parents[depth] * MIX1)
            entry = column_of(path, keys, entries)
            at = close + 1
            while at < end and (data[at] == 32 or data[at] == 9):
                at += 1
            if at >= end or data[at] != 58:
                return False
            at += 1
            mode = _VALUE
            continue
        found = NESTED
        start = at
        stop = at
        if byte == 123 or byte == 91:
            if depth + 1 >= MAX_DEPTH or (depth < 0 and byte != 123) or entry >= 0:
                return False
            depth += 1
            objects[depth] = byte == 123
            parents[depth] = path if depth > 0 else np.uint64(0)
            if byte == 91:
                path = path * MIX1 + np.uint64(1)  # what is in an array has a path of its own
                parents[depth] = path
            mode = _KEY_OR_END if byte == 123 else _VALUE_OR_END
            at += 1
        elif depth < 0:
            return False
        else:
            if byte == 34:
                stop = string_end(data, at + 1, end, any_byte)
                start = at + 1
                at = stop + 1
                found = TEXT
            elif byte == 45 or (byte >= 48 and byte <= 57):
                stop = number_end(data, at, end, number)
                at = stop
                found = number[0]
            else:
                stop = literal_end(data, at, end)
                at = stop
                found = NULL if byte == 110 else TRUE if byte == 116 else FALSE
            if stop < 0:
                return False
            mode = _AFTER
        if entry >= 0:
            target = column[entry]
            if found != NULL and (kind[target, line] == ABSENT or rank[entry] <= ranked[target, line]):
                kind[target, line] = found
                ranked[target, line] = rank[entry]
                offset[target, line] = start
                length[target, line] = stop - start
                if found == WHOLE or found == FLOAT:
                    whole[target, line] = number[1]
                    real[target, line] = number.view(np.float64)[2] * scale[entry]
            entry = -1


@njit(cache=True, nogil=True)
def parse(
    data: Any,
    starts: Any,
    ends: Any,
    any_byte: bool,
    keys: Any,
    entries: Any,
    column: Any,
    rank: Any,
    scale: Any,
    kind: Any,
    offset: Any,
    length: Any,
    whole: Any,
    real: Any,
    good: Any,
) -> None:
    """Read all lines into the columns (shape ``(n_columns, n_lines)``); ``good[i]`` says whether line *i* was read.

    `data` needs `vedette.kernels.bytes.PAD` bytes to spare. `kind` must be zero. A line that was not
    read may have left something in its row.
    """
    parents = np.zeros(MAX_DEPTH, np.uint64)
    objects = np.zeros(MAX_DEPTH, np.bool_)
    number = np.zeros(3, np.int64)
    ranked = np.zeros(kind.shape, np.uint8)
    for line in range(starts.shape[0]):
        good[line] = parse_line(
            data,
            starts[line],
            ends[line],
            line,
            any_byte,
            keys,
            entries,
            column,
            rank,
            scale,
            kind,
            ranked,
            offset,
            length,
            whole,
            real,
            parents,
            objects,
            number,
        )
