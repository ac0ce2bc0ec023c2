"""Pieces of a buffer as text columns: gathered one after the other, or as distinct values with codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vedette.kernels.bytes import PAD, hash64, load64, same, store64

_FIRST_PLACES = 512
"""Places of the table that distinct values start with: it and what it points to stay in the first cache."""


@njit(cache=True, nogil=True)
def gather(data: Any, offset: Any, length: Any, ends: Any, out: Any) -> None:
    """Copy the pieces ``data[offset[i]:offset[i] + length[i]]`` one after the other to `out`.

    ``ends`` (int32, shape ``(n + 1,)``) are Arrow's offsets; `out` (uint8) must hold them all and, as
    `data`, `vedette.kernels.bytes.PAD` bytes more. A negative length is an empty piece.
    """
    at = 0
    ends[0] = 0
    for i in range(offset.shape[0]):
        start = offset[i]
        size = length[i]
        for k in range(0, size, 8):
            store64(out, at + k, load64(data, start + k))
        at += max(size, 0)
        ends[i + 1] = at


@njit(cache=True, nogil=True)
def view(data: Any, offset: Any, length: Any, views: Any) -> None:
    """Write the pieces as Arrow string views into `data` (uint64, shape ``(n, 2)``); they must not be negative.

    A view is the length and the first four bytes, then the place; up to twelve bytes stand in it whole.
    """
    for i in range(offset.shape[0]):
        size = length[i]
        word = load64(data, offset[i])
        if size <= 12:
            more = load64(data, offset[i] + 4)
            if size < 4:
                word &= (np.uint64(1) << np.uint64(8 * size)) - np.uint64(1)
            kept = max(size - 4, 0)
            more &= (np.uint64(1) << np.uint64(8 * kept)) - np.uint64(1) if kept < 8 else ~np.uint64(0)
            views[i, 1] = more
        else:
            views[i, 1] = np.uint64(offset[i]) << np.uint64(32)
        views[i, 0] = np.uint64(size) | (word << np.uint64(32))


@njit(cache=True, nogil=True)
def distinct(data: Any, offset: Any, length: Any, seed: Any, table: Any, hashes: Any, codes: Any, firsts: Any) -> Any:
    """Number the distinct pieces in order of first occurrence.

    Parameters
    ----------
    data
        uint8, with `vedette.kernels.bytes.PAD` bytes to spare.
    offset, length
        The pieces; a negative length is null and gets code -1.
    seed
        uint64 that the sender of the pieces does not know, so that no texts are made to collide.
    table, hashes
        Scratch: int32, a power of two above twice the number of pieces; uint64, one per piece.
    codes, firsts
        int32; the code of each piece, and the first piece of each code.

    Returns
    -------
    int
        Number of distinct pieces. Equal hashes are compared byte by byte, so a collision costs time only.
    """
    places = min(table.shape[0], _FIRST_PLACES)
    table[:places] = -1
    found = 0
    for i in range(offset.shape[0]):
        start, size = offset[i], length[i]
        if size < 0:
            codes[i] = -1
            continue
        key = hash64(data, start, start + size, seed)
        place = np.int64(key) & (places - 1)
        code = table[place]
        while code >= 0:
            first = firsts[code]
            if hashes[code] == key and length[first] == size and same(data, start, data, offset[first], size):
                break
            place = (place + 1) & (places - 1)
            code = table[place]
        if code < 0:
            code = np.int32(found)
            table[place], hashes[found], firsts[found] = code, key, np.int32(i)
            found += 1
            if 2 * found > places:
                places *= 2
                rehash(table, places, hashes, found)
        codes[i] = code
    return found


@njit(cache=True, nogil=True)
def rehash(table: Any, places: Any, hashes: Any, found: Any) -> None:
    """Put all codes into the first `places` of the table anew."""
    table[:places] = -1
    for code in range(found):
        place = np.int64(hashes[code]) & (places - 1)
        while table[place] >= 0:
            place = (place + 1) & (places - 1)
        table[place] = code


def warm() -> None:
    """Compile the kernels."""
    data, piece = np.zeros(2 * PAD, np.uint8), np.zeros(1, np.int32)
    gather(data, piece, piece, np.zeros(2, np.int32), data)
    view(data, piece, piece, np.zeros((1, 2), np.uint64))
    distinct(
        data, piece, piece, np.uint64(1), np.zeros(4, np.int32), np.zeros(1, np.uint64), piece.copy(), piece.copy()
    )
