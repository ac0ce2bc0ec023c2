"""Equal texts of a column under one number, in order of first occurrence."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from vedette.kernels.bytes import hash64, same


@njit(cache=True, nogil=True)
def number(data: Any, ends: Any, valid: Any, seed: Any, table: Any, hashes: Any, codes: Any, first: Any) -> Any:
    """Number the texts; return how many differ.

    Parameters
    ----------
    data, ends
        Text `i` is ``data[ends[i]:ends[i + 1]]``; `vedette.kernels.bytes.PAD` bytes follow the data.
    valid
        Which are texts; empty if all are. A null gets the number of distinct texts.
    table, hashes
        Twice as many -1 as texts, or more, a power of two; and room for the hash of each text.
    codes, first
        Get the number of each text, and the first place of each number.
    """
    count = 0
    mask = np.uint64(table.shape[0] - 1)
    for i in range(ends.shape[0] - 1):
        if valid.shape[0] > 0 and not valid[i]:
            codes[i] = -1
            continue
        start, size = ends[i], ends[i + 1] - ends[i]
        hashed = hash64(data, start, ends[i + 1], seed)
        at = hashed & mask
        while True:
            known = table[at]
            if known < 0:
                table[at] = count
                hashes[count] = hashed
                first[count] = i
                codes[i] = count
                count += 1
                break
            if hashes[known] == hashed:
                other = ends[first[known]]
                if ends[first[known] + 1] - other == size and same(data, start, data, other, size):
                    codes[i] = known
                    break
            at = (at + np.uint64(1)) & mask
    if valid.shape[0] > 0:
        for i in range(codes.shape[0]):
            if codes[i] < 0:
                codes[i] = count
    return count
