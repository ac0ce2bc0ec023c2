"""Ids as tracers make them: 16 or 8 bytes, from hexadecimal text or from bytes, told from anything else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vedette.kernels.bytes import load64
from vedette.kernels.cells import TEXT

_DASH = 45
_UUID = 36
_ONES = np.uint64(0x0101010101010101)
_BROKEN = np.uint64(1) << np.uint64(63)


@njit(cache=True, nogil=True)
def four_bytes(word: Any) -> Any:
    """Return the four bytes that eight hexadecimal digits write, `_BROKEN` where one is none.

    All eight at once, about ten times as fast as one by one: bit 6 tells letters from digits; each must then
    have the upper half of its sort (but for case), and a lower half of 0 to 9, or 1 to 6.
    """
    letter = (word >> np.uint64(6)) & _ONES
    low = word & (_ONES * np.uint64(15))
    high = word & (_ONES * np.uint64(0xF0)) & ~(letter << np.uint64(5))
    value = low + letter * np.uint64(9)
    wrong = high ^ (_ONES * np.uint64(0x30) + letter * np.uint64(0x10))
    wrong |= (value | (low + (_ONES - letter) * np.uint64(6))) & (_ONES * np.uint64(0x10))
    wrong |= ((low + letter * np.uint64(15)) >> np.uint64(4) & _ONES) ^ letter
    if wrong != 0:
        return _BROKEN
    pairs = (value << np.uint64(4) | value >> np.uint64(8)) & np.uint64(0x00FF00FF00FF00FF)
    pairs = (pairs | pairs >> np.uint64(8)) & np.uint64(0x0000FFFF0000FFFF)
    return (pairs | pairs >> np.uint64(16)) & np.uint64(0xFFFFFFFF)


@njit(cache=True, nogil=True)
def from_hex(data: Any, offset: Any, length: Any, out: Any, good: Any) -> int:
    """Read ids written as hexadecimal text; returns how many of them are ids.

    Parameters
    ----------
    data, offset, length
        The pieces of a buffer with `vedette.kernels.bytes.PAD` bytes to spare; a negative length is null.
    out
        Zeros, uint32, shape ``(n, size / 4)``. For 16 bytes, a UUID counts as well, and 16 digits fill the
        lower half, as tracers with ids of 64 bits are read elsewhere. Rows of what is no id stay zero.
    good
        Bool, shape ``(n,)``: whether the piece is an id. All zeros is none (W3C Trace Context).
    """
    count = 0
    words = out.shape[1]
    plain = np.zeros(_UUID, np.uint8)
    for i in range(offset.shape[0]):
        start, digits = offset[i], length[i]
        good[i] = False
        if digits == 8 * words or (words == 4 and digits == 16):
            good[i] = read_words(data, start, digits >> 3, out, i)
        elif words == 4 and digits == _UUID and without_dashes(data, start, plain):
            good[i] = read_words(plain, 0, 4, out, i)
        count += good[i]
    return count


@njit(cache=True, nogil=True)
def read_words(data: Any, start: Any, words: Any, out: Any, row: Any) -> bool:
    """Read digits by eight into the last words of a row; says whether it is an id, and clears the row if not."""
    some = np.uint64(0)
    for k in range(words):
        word = four_bytes(load64(data, start + 8 * k))
        some |= word
        out[row, out.shape[1] - words + k] = word & np.uint64(0xFFFFFFFF)
    if np.uint64(0) < some < _BROKEN:
        return True
    out[row, :] = 0
    return False


@njit(cache=True, nogil=True)
def without_dashes(data: Any, start: Any, plain: Any) -> bool:
    """Copy the digits of a UUID; says whether its dashes are where they belong."""
    at = 0
    for k in range(_UUID):
        letter = data[start + k]
        if k == 8 or k == 13 or k == 18 or k == 23:
            if letter != _DASH:
                return False
        else:
            plain[at] = letter
            at += 1
    return True


@njit(cache=True, nogil=True)
def from_bytes(data: Any, kind: Any, offset: Any, length: Any, out: Any, good: Any) -> int:
    """Copy ids that are bytes already to `out` (uint8, shape ``(n, size)``); returns how many there are.

    What has another length, or is all zeros, is none; else as `from_hex`.
    """
    count = 0
    size = out.shape[1]
    for i in range(offset.shape[0]):
        some = np.uint8(0)
        if kind[i] == TEXT and length[i] == size:
            for k in range(size):
                out[i, k] = data[offset[i] + k]
                some |= out[i, k]
        good[i] = some != 0
        count += good[i]
    return count


def warm() -> None:
    """Compile the kernels."""
    data, piece, good = np.zeros(48, np.uint8), np.zeros(1, np.int32), np.zeros(1, np.bool_)
    from_hex(data, piece, piece, np.zeros((1, 4), np.uint32), good)
    from_bytes(data, np.zeros(1, np.uint8), piece, piece, np.zeros((1, 16), np.uint8), good)
