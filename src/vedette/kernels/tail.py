"""Empirical tails of many slots at once: counts in bins of surprise, and an extrapolated tail."""

from __future__ import annotations

from math import log
from typing import Any, Final

import numpy as np
from numba import njit

BINS: Final = 40
STEP: Final = 0.25
"""Bins of a quarter of a decade, up to ten decades; the last takes all beyond."""

_LOG10 = 2.302585092994046


@njit(cache=True, nogil=True)
def bin_of(surprise: float) -> int:
    """Return the bin of a surprise, which is not negative."""
    return min(int(surprise / STEP), BINS - 1)


@njit(cache=True, nogil=True)
def p_values(slot: Any, surprise: Any, counts: Any, prior: Any, share: float, out: Any) -> None:
    """Write the calibrated chance of a surprise at least as large, in (0, 1].

    Below the tail's threshold: the rank among prior and past, interpolated within a bin. Beyond it: a
    generalized Pareto tail with shape ≥ 0, fitted by moments to what exceeded it.
    """
    for i in range(slot.shape[0]):
        row = counts[slot[i]]
        total = 0.0
        for k in range(BINS):
            total += row[k] + prior[k]
        place = bin_of(surprise[i])
        # the highest threshold with enough beyond it
        edge = BINS - 1
        beyond = row[edge] + prior[edge]
        while edge > 1 and beyond < share * total:
            edge -= 1
            beyond += row[edge] + prior[edge]
        if place >= edge:
            mean = 0.0
            square = 0.0
            for k in range(edge, BINS):
                weight = row[k] + prior[k]
                excess = (k - edge + 0.5) * STEP
                mean += weight * excess
                square += weight * (excess * excess + STEP * STEP / 12.0)
            mean /= beyond
            variance = max(square / beyond - mean * mean, 1e-6)
            shape = min(max(0.5 * (1.0 - mean * mean / variance), 0.0), 0.4)
            scale = mean * (1.0 - shape)
            over = surprise[i] - edge * STEP
            decay = over / scale if shape < 1e-3 else log(1.0 + shape * over / scale) / shape
            out[i] = max(beyond / total * np.exp(-min(decay, 680.0)), 1e-300)
        else:
            above = 0.0
            for k in range(place + 1, BINS):
                above += row[k] + prior[k]
            inside = 1.0 - (surprise[i] / STEP - place)
            out[i] = min(1.0, (above + inside * (row[place] + prior[place])) / total) if surprise[i] > 0.0 else 1.0


@njit(cache=True, nogil=True)
def learn(slot: Any, surprise: Any, counts: Any, most: float) -> None:
    """Count each surprise; a slot that has seen `most` fades to half."""
    for i in range(slot.shape[0]):
        row = counts[slot[i]]
        row[bin_of(surprise[i])] += np.float32(1.0)
        total = 0.0
        for k in range(BINS):
            total += row[k]
        if total >= most:
            for k in range(BINS):
                row[k] *= np.float32(0.5)
