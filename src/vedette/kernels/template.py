"""Log lines to hashes of their templates: what varies is left out while the bytes go by."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import MIX1, MIX2

DIGIT, LETTER, SPACE, MARK = 1, 2, 4, 8

SPACES: Final = b" \t"
MARKS: Final = b"=:,;()[]{}<>\"'|/@&?"
"""What ends a word besides spaces, and is part of the template itself."""


def classes() -> Any:
    """Return the class of each byte, uint8 shape (256,)."""
    table = np.full(256, LETTER, np.uint8)
    table[np.frombuffer(b"0123456789", np.uint8)] = DIGIT
    table[np.frombuffer(SPACES, np.uint8)] = SPACE
    table[np.frombuffer(MARKS, np.uint8)] = MARK
    return table


@njit(cache=True, nogil=True)
def template_hashes(data: Any, ends: Any, table: Any, out: Any) -> None:
    """Write a hash of each text with every word that holds a digit taken as the same wildcard.

    Parameters
    ----------
    data, ends
        An Arrow string column: bytes (uint8) and offsets (int32, shape ``(n + 1,)``).
    table
        From `classes`.
    out
        uint64, shape ``(n,)``; never 0.
    """
    for i in range(out.shape[0]):
        total = np.uint64(0x1234567)
        word = np.uint64(0)
        digit = False
        length = 0
        for at in range(ends[i], ends[i + 1]):
            byte = data[at]
            kind = table[byte]
            if kind < SPACE:
                digit |= kind == DIGIT
                word = (word ^ np.uint64(byte)) * MIX1
                word ^= word >> np.uint64(32)
                length += 1
                continue
            if length > 0:
                total = (total ^ (np.uint64(7) if digit else word)) * MIX1
                total ^= total >> np.uint64(31)
            total = (total ^ np.uint64(byte)) * MIX2
            word = np.uint64(0)
            digit = False
            length = 0
        if length > 0:
            total = (total ^ (np.uint64(7) if digit else word)) * MIX1
            total ^= total >> np.uint64(31)
        out[i] = total | np.uint64(1)


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
    hashes = np.zeros(1, np.uint64)
    template_hashes(np.zeros(1, np.uint8), np.zeros(2, np.int32), classes(), hashes)
    look_up(hashes, np.zeros(2, np.uint64), np.zeros(2, np.int32), np.zeros(1, np.int32), np.zeros(1, np.int32))
