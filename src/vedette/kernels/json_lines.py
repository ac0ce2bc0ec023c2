"""JSON lines to cells, one byte loop over the buffer.

The kernel reads what it can read exactly as a strict parser would and hands every other line back:
escapes in keys, keys that occur twice, deep nesting, huge numbers, and all that is wrong. The caller
reads those with a general parser, so the kernel need not be forgiving, nor whole.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import HIGHS, ONES, float_bits, load64, trailing_zeros
from vedette.kernels.cells import ABSENT, ESCAPED, FALSE, FLOAT, NESTED, NULL, TEXT, TRUE, WHOLE, WIDE, free
from vedette.kernels.names import COLUMN, NESTS, RANK, ROOT, child

MAX_DEPTH: Final = 32

_QUOTES = np.uint64(0x2222222222222222)
_SLASHES = np.uint64(0x5C5C5C5C5C5C5C5C)
_SPACES = np.uint64(0x2020202020202020)
_POWERS = 10.0 ** np.arange(0, 23)
"""Powers of ten that are exact as float64: a whole number below 2^53 times or over one is rounded once."""
_EXACT = 1 << 53

_KEY_OR_END, _KEY, _VALUE, _AFTER, _VALUE_OR_END = 0, 1, 2, 3, 4


@njit(cache=True, nogil=True)
def hex4(data: Any, at: Any) -> Any:
    """Return four hexadecimal digits as a number, -1 where one is none."""
    value = np.int64(0)
    for k in range(4):
        byte = np.int64(data[at + k])
        letter = byte | 32
        if byte >= 48 and byte <= 57:
            value = value * 16 + byte - 48
        elif letter >= 97 and letter <= 102:
            value = value * 16 + letter - 87
        else:
            return -1
    return value


@njit(cache=True, nogil=True)
def escape_end(data: Any, at: Any, end: Any) -> Any:
    r"""Return the place behind the escape whose backslash is at `at`, -1 where it is none.

    Half a surrogate pair is none, as there is no UTF-8 for it.
    """
    if at + 1 >= end:
        return -1
    letter = data[at + 1]
    if letter == 117:
        unit = hex4(data, at + 2) if at + 6 <= end else -1
        if unit < 0 or (unit >= 0xDC00 and unit <= 0xDFFF):
            return -1
        if unit < 0xD800 or unit > 0xDBFF:
            return at + 6
        if at + 12 > end or data[at + 6] != 92 or data[at + 7] != 117:
            return -1
        unit = hex4(data, at + 8)
        return at + 12 if unit >= 0xDC00 and unit <= 0xDFFF else -1
    if letter == 34 or letter == 92 or letter == 47:
        return at + 2
    return at + 2 if letter == 98 or letter == 102 or letter == 110 or letter == 114 or letter == 116 else -1


@njit(cache=True, nogil=True)
def find_stop(data: Any, at: Any, end: Any) -> Any:
    """Return the first quote, backslash or control byte at or behind `at`; `end` or more if there is none before it.

    Small, so that it is inlined: most strings end here.
    """
    while at < end:
        word = load64(data, at)
        quote, slash = word ^ _QUOTES, word ^ _SLASHES
        hit = ((quote - ONES) & ~quote) | ((slash - ONES) & ~slash) | ((word - _SPACES) & ~word)
        hit &= HIGHS
        if hit != np.uint64(0):
            return at + np.int64(trailing_zeros(hit) >> np.uint64(3))
        at += 8
    return at


@njit(cache=True, nogil=True)
def escaped_end(data: Any, at: Any, end: Any) -> Any:
    """Return the closing quote of a string whose first stop is at `at`; -1 where there is none, or a bad escape."""
    while at < end and data[at] != 34:
        if data[at] != 92:
            return -1
        at = escape_end(data, at, end)
        if at < 0:
            return -1
        at = find_stop(data, at, end)
    return at if at < end else -1


@njit(cache=True, nogil=True)
def number_end(data: Any, at: Any, end: Any) -> Any:
    """Return the end of a number (-1 for none), its kind, and its value as `cells` keeps it.

    A float is exact: a mantissa below 2^53 times or over a power of ten up to 22 is rounded once
    (W. Clinger, How to read floating point numbers accurately, PLDI 1990). What is wider is `WIDE`.
    """
    negative = data[at] == 45
    if negative:
        at += 1
    first = at
    mantissa = np.int64(0)
    while at < end and data[at] >= 48 and data[at] <= 57:
        mantissa = mantissa * 10 + np.int64(data[at] - 48)
        at += 1
    digits = at - first
    if digits == 0 or (digits > 1 and data[first] == 48):
        return -1, WIDE, np.int64(0)
    exponent = np.int64(0)
    whole = True
    if at < end and data[at] == 46:
        whole = False
        at += 1
        begin = at
        while at < end and data[at] >= 48 and data[at] <= 57:
            mantissa = mantissa * 10 + np.int64(data[at] - 48)
            at += 1
        exponent = np.int64(begin - at)
        digits += at - begin
        if exponent == 0:
            return -1, WIDE, np.int64(0)
    if at < end and (data[at] == 101 or data[at] == 69):
        whole = False
        at += 1
        minus = at < end and data[at] == 45
        if minus or (at < end and data[at] == 43):
            at += 1
        begin = at
        power = np.int64(0)
        while at < end and at - begin < 4 and data[at] >= 48 and data[at] <= 57:
            power = power * 10 + np.int64(data[at] - 48)
            at += 1
        if at == begin or (at < end and data[at] >= 48 and data[at] <= 57):
            return -1, WIDE, np.int64(0)
        exponent += -power if minus else power
    if digits + abs(exponent) > 290:
        return -1, WIDE, np.int64(0)  # may be infinite
    if whole:
        if digits > 19:
            return -1, WIDE, np.int64(0)
        if mantissa < 0:
            return at, WIDE, np.int64(0)  # 19 digits that are beyond int64
        if not negative or mantissa != 0:
            return at, WHOLE, -mantissa if negative else mantissa
    if digits > 18 or mantissa > _EXACT or exponent < -22 or exponent > 22:
        return at, WIDE, np.int64(0)
    value = np.float64(mantissa) / _POWERS[-exponent] if exponent < 0 else np.float64(mantissa) * _POWERS[exponent]
    return at, FLOAT, float_bits(-value if negative else value)


@njit(cache=True, nogil=True)
def literal_end(data: Any, at: Any, end: Any) -> Any:
    """Return the end of ``true``, ``false`` or ``null``, or -1."""
    if at + 4 <= end:
        word = load64(data, at) & np.uint64(0xFFFFFFFF)
        if word == np.uint64(0x65757274) or word == np.uint64(0x6C6C756E):
            return at + 4
        if at + 5 <= end and word == np.uint64(0x736C6166) and data[at + 4] == 101:
            return at + 5
    return -1


@njit(cache=True, nogil=True)
def spaces_end(data: Any, at: Any, end: Any) -> Any:
    """Return the first place that is no white space."""
    while at < end and (data[at] == 32 or data[at] == 9 or data[at] == 13):
        at += 1
    return at


@njit(cache=True, nogil=True)
def parse_line(
    data: Any,
    at: Any,
    end: Any,
    line: Any,
    slots: Any,
    nodes: Any,
    text: Any,
    kind: Any,
    rank: Any,
    offset: Any,
    length: Any,
    value: Any,
    stack: Any,
) -> bool:
    """Read one line into record `line` of the cells; False where a general parser must read it."""
    depth = -1
    mode = _VALUE
    node = ROOT
    while True:
        at = spaces_end(data, at, end)
        if at >= end:
            return depth < 0 and mode == _AFTER
        byte = data[at]
        if byte == 44 and mode == _AFTER and depth >= 0:
            mode = _KEY if stack[depth, 0] != 0 else _VALUE
            node = -1
            at = spaces_end(data, at + 1, end)
            if at >= end:
                return False
            byte = data[at]
        if mode == _KEY or mode == _KEY_OR_END:
            if byte == 34:
                stop = find_stop(data, at + 1, end)
                if stop >= end or data[stop] != 34:
                    return False
                node = stack[depth, 1]
                if node >= 0:
                    node = child(data, at + 1, stop, node, slots, nodes, text)
                at = spaces_end(data, stop + 1, end)
                if at >= end or data[at] != 58:
                    return False
                at = spaces_end(data, at + 1, end)
                if at >= end:
                    return False
                byte = data[at]
                mode = _VALUE
            elif byte != 125 or mode == _KEY:
                return False
        start = at
        bits = np.int64(0)
        if mode == _AFTER or mode == _KEY_OR_END or (mode == _VALUE_OR_END and byte == 93):
            if depth < 0 or byte != (125 if stack[depth, 0] != 0 else 93):
                return False
            at += 1
            node, start, stop, found = stack[depth, 2], stack[depth, 3], at, NESTED
            depth -= 1
        elif byte == 123 or byte == 91:
            if depth + 1 >= MAX_DEPTH or (depth < 0 and byte != 123):
                return False
            depth += 1
            stack[depth, 0] = byte == 123
            stack[depth, 1] = node if byte == 123 else -1
            stack[depth, 2] = node if node >= 0 and nodes[node, NESTS] != 0 else -1
            stack[depth, 3] = at
            mode = _KEY_OR_END if byte == 123 else _VALUE_OR_END
            at += 1
            node = -1
            continue
        elif depth < 0:
            return False
        elif byte == 34:
            start = at + 1
            stop = find_stop(data, start, end)
            found = TEXT
            if stop >= end or data[stop] != 34:
                found = ESCAPED
                stop = escaped_end(data, stop, end)
            at = stop + 1
        elif byte == 45 or (byte >= 48 and byte <= 57):
            stop, found, bits = number_end(data, at, end)
            at = stop
        else:
            stop = literal_end(data, at, end)
            found = NULL if byte == 110 else TRUE if byte == 116 else FALSE
            at = stop
        if stop < 0:
            return False
        mode = _AFTER
        column = nodes[node, COLUMN] if node >= 0 else -1
        if column < 0:
            continue
        mine = nodes[node, RANK]
        if kind[column, line] != ABSENT and rank[column, line] == mine:
            return False  # a key that occurs twice: which one counts is the general parser's to say
        if found != NULL and free(kind, rank, column, line, mine):
            kind[column, line], rank[column, line] = found, mine
            offset[column, line], length[column, line] = start, stop - start
            if found == WHOLE or found == FLOAT:
                value[column, line] = bits


@njit(cache=True, nogil=True)
def parse(
    data: Any,
    starts: Any,
    ends: Any,
    slots: Any,
    nodes: Any,
    text: Any,
    kind: Any,
    rank: Any,
    offset: Any,
    length: Any,
    value: Any,
    good: Any,
) -> None:
    """Read all lines into the cells; ``good[i]`` says whether line *i* was read, if not its cells mean nothing.

    The lines are UTF-8; `data` has `vedette.kernels.bytes.PAD` bytes to spare.
    """
    stack = np.zeros((MAX_DEPTH, 4), np.int64)
    for line in range(starts.shape[0]):
        good[line] = parse_line(
            data,
            np.int64(starts[line]),
            np.int64(ends[line]),
            line,
            slots,
            nodes,
            text,
            kind,
            rank,
            offset,
            length,
            value,
            stack,
        )


@njit(cache=True, nogil=True)
def unescape(data: Any, kind: Any, offset: Any, length: Any, at: Any, out: Any) -> Any:
    """Write the `ESCAPED` texts of a column plain to `out` and let its pieces point there; returns the bytes written.

    `out` will be appended to `data`, so a place in it is `at` more; it holds the sum of the lengths.
    The texts have passed `escaped_end`.
    """
    written = 0
    for i in range(kind.shape[0]):
        if kind[i] != ESCAPED:
            continue
        place = np.int64(offset[i])
        end = place + length[i]
        begin = written
        while place < end:
            byte = data[place]
            if byte != 92:
                out[written] = byte
                written += 1
                place += 1
                continue
            letter = data[place + 1]
            if letter == 117:
                unit = hex4(data, place + 2)
                place += 6
                if unit >= 0xD800 and unit <= 0xDBFF:
                    unit = 0x10000 + ((unit - 0xD800) << 10) + hex4(data, place + 2) - 0xDC00
                    place += 6
                written = encode(unit, out, written)
                continue
            place += 2
            if letter == 110:
                letter = np.uint8(10)
            elif letter == 116:
                letter = np.uint8(9)
            elif letter == 114:
                letter = np.uint8(13)
            elif letter == 98:
                letter = np.uint8(8)
            elif letter == 102:
                letter = np.uint8(12)
            out[written] = letter
            written += 1
        kind[i] = TEXT
        offset[i] = at + begin
        length[i] = written - begin
    return written


@njit(cache=True, nogil=True)
def encode(point: Any, out: Any, at: Any) -> Any:
    """Write a code point in UTF-8; returns the place behind it."""
    if point < 0x80:
        out[at] = point
        return at + 1
    size = 2 if point < 0x800 else 3 if point < 0x10000 else 4
    lead = 0xC0 if size == 2 else 0xE0 if size == 3 else 0xF0
    out[at] = lead | (point >> (6 * (size - 1)))
    for k in range(1, size):
        out[at + k] = 0x80 | ((point >> (6 * (size - 1 - k))) & 0x3F)
    return at + size
