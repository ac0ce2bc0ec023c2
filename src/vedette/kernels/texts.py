"""Pieces of a buffer as text columns: gathered one after the other, or as distinct values with codes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vedette.kernels.bytes import hash64


@njit(cache=True, nogil=True)
def gather(data: Any, offset: Any, length: Any, ends: Any, out: Any) -> None:
    """Copy the pieces ``data[offset[i]:offset[i] + length[i]]`` one after the other to `out`.

    ``ends`` (int32, shape ``(n + 1,)``) are Arrow's offsets; `out` (uint8) must hold them all. A
    negative length is an empty piece.
    """
    at = 0
    ends[0] = 0
    for i in range(offset.shape[0]):
        start = offset[i]
        for k in range(length[i]):
            out[at + k] = data[start + k]
        at += max(length[i], 0)
        ends[i + 1] = at


@njit(cache=True, nogil=True)
def distinct(data: Any, offset: Any, length: Any, keys: Any, rows: Any, codes: Any, firsts: Any) -> int:
    """Number the distinct pieces in order of first occurrence.

    Parameters
    ----------
    data
        uint8, with `vedette.kernels.bytes.PAD` bytes to spare.
    offset, length
        The pieces; a negative length is null and gets code -1.
    keys, rows
        Scratch tables of one power-of-two length above twice the number of pieces, all zero (uint64, int32).
    codes, firsts
        int32; the code of each piece, and the first piece of each code.

    Returns
    -------
    int
        Number of distinct pieces. Equal hashes are compared byte by byte.
    """
    mask = keys.shape[0] - 1
    found = 0
    for i in range(offset.shape[0]):
        if length[i] < 0:
            codes[i] = -1
            continue
        key = hash64(data, offset[i], offset[i] + length[i]) | np.uint64(1)
        place = np.int64(key >> np.uint64(20)) & mask
        while keys[place] != 0:
            if keys[place] == key and _same(data, offset[i], length[i], offset, length, firsts[rows[place]]):
                break
            place = (place + 1) & mask
        if keys[place] == 0:
            keys[place] = key
            rows[place] = found
            firsts[found] = i
            found += 1
        codes[i] = rows[place]
    return found


@njit(cache=True, nogil=True)
def _same(data: Any, start: int, size: int, offset: Any, length: Any, other: int) -> bool:
    if length[other] != size:
        return False
    for k in range(size):
        if data[start + k] != data[offset[other] + k]:
            return False
    return True


def warm() -> None:
    """Compile the kernels."""
    data = np.zeros(32, np.uint8)
    piece = np.zeros(1, np.int32)
    gather(data, piece, piece, np.zeros(2, np.int32), data)
    distinct(data, piece, piece, np.zeros(4, np.uint64), np.zeros(4, np.int32), piece.copy(), piece.copy())
