"""Attributes that no column wants, written as text by record: JSON objects, or sorted ``key=value`` pairs.

``spare`` is int64 ``(n, 7)`` in order of rows: row, key's start and length, kind, start, length, value.
Values are pieces of the buffer by now: a text, or what is to be copied as it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vedette.kernels.bytes import HIGHS, ONES, load64, store64
from vedette.kernels.cells import ABSENT, TEXT

_QUOTES = np.uint64(0x2222222222222222)
_SLASHES = np.uint64(0x5C5C5C5C5C5C5C5C)
_SPACES = np.uint64(0x2020202020202020)


@njit(cache=True, nogil=True)
def copy(data: Any, start: Any, size: Any, out: Any, at: Any) -> Any:
    """Copy a piece; returns the place behind it. Both need `PAD` bytes to spare."""
    for k in range(0, size, 8):
        store64(out, at + k, load64(data, start + k))
    return at + size


@njit(cache=True, nogil=True)
def quote(data: Any, start: Any, size: Any, out: Any, at: Any) -> Any:
    """Write a piece as a JSON string, at most ``6 * size + 2`` bytes; returns the place behind it."""
    out[at] = 34
    at += 1
    k = 0
    while k < size:
        word = load64(data, start + k)
        quotes, slashes = word ^ _QUOTES, word ^ _SLASHES
        hit = ((quotes - ONES) & ~quotes) | ((slashes - ONES) & ~slashes) | ((word - _SPACES) & ~word)
        if hit & HIGHS == np.uint64(0):
            store64(out, at, word)
            step = min(8, size - k)
            at += step
            k += step
            continue
        for _ in range(min(8, size - k)):
            byte = data[start + k]
            k += 1
            if byte < 32:
                out[at], out[at + 1], out[at + 2], out[at + 3] = 92, 117, 48, 48
                low = byte & 15
                out[at + 4], out[at + 5] = 48 + (byte >> 4), low + (48 if low < 10 else 87)
                at += 6
                continue
            if byte == 34 or byte == 92:
                out[at] = 92
                at += 1
            out[at] = byte
            at += 1
    out[at] = 34
    return at + 1


@njit(cache=True, nogil=True)
def objects(data: Any, spare: Any, ends: Any, out: Any) -> None:
    """Write the attributes of each row as a JSON object; a row without any is an empty piece."""
    at = 0
    ends[0] = 0
    i = 0
    for row in range(ends.shape[0] - 1):
        begin = i
        while i < spare.shape[0] and spare[i, 0] == row:
            out[at] = 123 if i == begin else 44
            at = quote(data, spare[i, 1], spare[i, 2], out, at + 1)
            out[at] = 58
            at += 1
            if spare[i, 3] == TEXT:
                at = quote(data, spare[i, 4], spare[i, 5], out, at)
            elif spare[i, 3] == ABSENT:
                out[at], out[at + 1], out[at + 2], out[at + 3] = 110, 117, 108, 108
                at += 4
            else:
                at = copy(data, spare[i, 4], spare[i, 5], out, at)
            i += 1
        if i > begin:
            out[at] = 125
            at += 1
        ends[row + 1] = at


@njit(cache=True, nogil=True)
def before(data: Any, left: Any, right: Any) -> bool:
    """Say whether the key of attribute `left` sorts before that of `right`, byte by byte."""
    size = min(left[2], right[2])
    for k in range(size):
        one, two = data[left[1] + k], data[right[1] + k]
        if one != two:
            return one < two
    return left[2] < right[2]


@njit(cache=True, nogil=True)
def pairs(data: Any, spare: Any, order: Any, ends: Any, out: Any) -> None:
    """Write the attributes of each row as ``key=value`` sorted by key and joined by commas.

    ``order`` (int64, one per attribute) is scratch. Insertion sort: a point has a handful of attributes.
    """
    at = 0
    ends[0] = 0
    i = 0
    for row in range(ends.shape[0] - 1):
        begin = i
        while i < spare.shape[0] and spare[i, 0] == row:
            place = i
            while place > begin and before(data, spare[i], spare[order[place - 1]]):
                order[place] = order[place - 1]
                place -= 1
            order[place] = i
            i += 1
        for place in range(begin, i):
            one = spare[order[place]]
            if place > begin:
                out[at] = 44
                at += 1
            at = copy(data, one[1], one[2], out, at)
            out[at] = 61
            at = copy(data, one[4], one[5] if one[3] != ABSENT else 0, out, at + 1)
        ends[row + 1] = at
