"""Sketches of many series at once: DDSketch (quantiles) and HyperLogLog (distinct values).

Plain arrays, one row a series; `vedette.stats.sketch` holds the sizes and the meaning.
"""

from __future__ import annotations

from math import exp, log
from typing import Any, Final

import numpy as np
from numba import njit

HLL_REGISTERS: Final = 256


@njit(cache=True, nogil=True)
def dd_add(slots: Any, values: Any, bins: Any, lowest: float, log_gamma: float) -> None:
    """Count ``values[i]`` in row ``slots[i]``: bin 0 up to `lowest`, the last bin for all beyond its bound.

    NaN and negative slots are left out. `bins` is uint32, shape ``(n, b)``; a slot beyond its rows is left out.
    """
    last = bins.shape[1] - 1
    scale = 1.0 / log_gamma
    for i in range(slots.shape[0]):
        slot = slots[i]
        value = values[i]
        if slot < 0 or slot >= bins.shape[0] or value != value:
            continue
        place = 0
        if value > lowest:
            # the comparison keeps infinity out of the conversion to an integer
            exact = np.ceil(log(value / lowest) * scale)
            place = last if exact >= last else max(1, int(exact))
        bins[slot, place] += np.uint32(1)


@njit(cache=True, nogil=True)
def dd_quantile(bins: Any, q: float, lowest: float, log_gamma: float, out: Any) -> None:
    """Write the q-quantile of each row to `out` (float64): 0 for bin 0, NaN for an empty row."""
    middle = 2.0 / (exp(log_gamma) + 1.0)
    for row in range(bins.shape[0]):
        total = 0
        for place in range(bins.shape[1]):
            total += bins[row, place]
        if total == 0:
            out[row] = np.nan
            continue
        rank = q * (total - 1)
        place = 0
        below = np.int64(bins[row, 0])
        while below <= rank and place < bins.shape[1] - 1:
            place += 1
            below += bins[row, place]
        out[row] = 0.0 if place == 0 else lowest * exp(place * log_gamma) * middle


@njit(cache=True, nogil=True)
def hll_add(slots: Any, hashes: Any, registers: Any) -> None:
    """Take the 64-bit `hashes` into rows `slots` of `registers` (uint8, shape ``(n, 256)``)."""
    for i in range(slots.shape[0]):
        slot = slots[i]
        if slot < 0 or slot >= registers.shape[0]:
            continue
        bits = np.uint64(hashes[i])
        register = np.int64(bits >> np.uint64(56))
        rest = (bits << np.uint64(8)) | np.uint64(0x80)
        rank = 1
        while rest < np.uint64(0x8000000000000000):
            rest <<= np.uint64(1)
            rank += 1
        if registers[slot, register] < rank:
            registers[slot, register] = rank


@njit(cache=True, nogil=True)
def hll_estimate(registers: Any, out: Any) -> None:
    """Write the estimated number of distinct hashes of each row to `out` (float64)."""
    size = registers.shape[1]
    alpha = 0.7213 / (1.0 + 1.079 / size)
    for row in range(registers.shape[0]):
        inverse = 0.0
        empty = 0
        for register in range(size):
            inverse += 2.0 ** -np.float64(registers[row, register])
            if registers[row, register] == 0:
                empty += 1
        estimate = alpha * size * size / inverse
        if estimate <= 2.5 * size and empty > 0:
            estimate = size * log(size / empty)
        out[row] = estimate
