"""Paths with what is surely a value replaced: ``/product/42`` and ``/product/43`` are one text."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import PAD
from vedette.kernels.suspects import is_hex, is_word

ID: Final = b"{id}"
HASH: Final = 8
"""Hexadecimal digits from which on a word of nothing else is taken for a value."""
_GROUPS: Final = np.array([8, 4, 4, 4, 12], np.int64)
_GROWTH: Final = len(ID)


@njit(cache=True, nogil=True)
def word_end(data: Any, at: Any, end: Any) -> Any:
    """Return where the word at `at` ends."""
    while at < end and is_word(data[at]):
        at += 1
    return at


@njit(cache=True, nogil=True)
def uuid_end(data: Any, at: Any, end: Any) -> Any:
    """Return where the UUID that begins at `at` ends, or -1 if there is none."""
    for group in range(5):
        for _ in range(_GROUPS[group]):
            if at >= end or not is_hex(data[at]):
                return -1
            at += 1
        if group < 4:
            if at >= end or data[at] != 45:
                return -1
            at += 1
    return -1 if at < end and is_word(data[at]) else at


@njit(cache=True, nogil=True)
def is_value(data: Any, at: Any, end: Any) -> bool:
    """Say whether a word is a number or a hash."""
    digits = True
    for k in range(at, end):
        if data[k] < 48 or data[k] > 57:
            digits = False
            if end - at < HASH or not is_hex(data[k]):
                return False
    return digits or end - at >= HASH


@njit(cache=True, nogil=True)
def fold(data: Any, ends: Any, out: Any, places: Any) -> None:
    """Write the texts with UUIDs, hashes and numbers, as whole words, replaced by ``{id}``.

    Parameters
    ----------
    data, ends
        A string column's bytes and offsets, shape ``(n + 1,)``.
    out, places
        The new ones; `out` (uint8) needs four times the bytes of `data`.
    """
    to = 0
    places[0] = 0
    for i in range(ends.shape[0] - 1):
        at, end = np.int64(ends[i]), np.int64(ends[i + 1])
        while at < end:
            if not is_word(data[at]):
                out[to] = data[at]
                at += 1
                to += 1
                continue
            stop = uuid_end(data, at, end)
            if stop < 0:
                stop = word_end(data, at, end)
                if not is_value(data, at, stop):
                    for k in range(at, stop):
                        out[to + k - at] = data[k]
                    to += stop - at
                    at = stop
                    continue
            for k in range(4):
                out[to + k] = ID[k]
            to += 4
            at = stop
        places[i + 1] = to


def folded(data: Any, ends: Any) -> tuple[Any, Any]:
    """Return the texts of a string column, folded, with `PAD` bytes to spare, and their offsets.

    >>> data, ends = folded(np.frombuffer(b"/product/42" + bytes(PAD), np.uint8), np.array([0, 11], np.int32))
    >>> data[: ends[1]].tobytes()
    b'/product/{id}'
    """
    out, places = np.zeros(_GROWTH * int(ends[-1]) + PAD, np.uint8), np.empty(len(ends), np.int32)
    fold(data, ends, out, places)
    return out, places


def warm() -> None:
    """Compile the kernel."""
    folded(np.zeros(PAD, np.uint8), np.zeros(2, np.int32))
