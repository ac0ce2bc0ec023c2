"""Empirical tails of many slots at once: bins of surprise, and a tail extrapolated beyond them.

The meaning of each number is in `vedette.stats.tail`.
"""

from __future__ import annotations

from math import exp, log, log1p, log2
from typing import Any, Final

import numpy as np
from numba import njit

BINS: Final = 64
STEPS: Final = 12.0
"""Bins grow with surprise, twelve to each doubling of 1 + s: 6 % of that wide, the last from 37 decades on."""

_LN10 = 2.302585092994046
_EDGES = 2.0 ** (np.arange(BINS + 1) / STEPS) - 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def bin_of(surprise: float) -> int:
    """Return the bin of a surprise; what is negative or NaN goes to bin 0."""
    if not surprise > 0.0:
        return 0
    return min(int(STEPS * log2(1.0 + surprise)), BINS - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def edge_of(place: int) -> float:
    """Return the lower edge of a bin."""
    return _EDGES[place]


@njit(cache=True, nogil=True, error_model="numpy")
def imagined_beyond(surprise: float, scale: float, weight: float) -> float:
    """Return how many of the imagined observations lie beyond a surprise."""
    return weight * exp(-surprise / scale)


@njit(cache=True, nogil=True, error_model="numpy")
def log_tail(row: Any, scale: float, weight: float, share: float, total: float, surprise: float) -> float:
    """Return ln of the chance of a larger surprise by a generalized Pareto beyond the top `share`."""
    edge = BINS - 1
    held = float(row[edge])
    start = edge_of(edge)
    beyond = held + imagined_beyond(start, scale, weight)
    while edge > 1 and beyond < share * total:
        edge -= 1
        held += row[edge]
        start = edge_of(edge)
        beyond = held + imagined_beyond(start, scale, weight)
    # moments of the excess: imagined ones are exponential, held ones stand at the middle of their bin
    first = (beyond - held) * scale
    second = (beyond - held) * 2.0 * scale * scale
    for place in range(edge, BINS):
        excess = 0.5 * (edge_of(place) + edge_of(place + 1)) - start
        first += row[place] * excess
        second += row[place] * excess * excess
    mean = first / beyond
    variance = max(second / beyond - mean * mean, 1e-12)
    shape = min(max(0.5 * (1.0 - mean * mean / variance), 0.0), 0.45)
    spread = mean * (1.0 - shape) * (1.0 + 0.5 / np.sqrt(beyond))
    over = (surprise - start) / spread
    if over <= 0.0:
        return 0.0
    decay = over if shape < 1e-6 else log1p(shape * over) / shape
    return log(beyond / total) - decay


@njit(cache=True, nogil=True, error_model="numpy")
def p_row(row: Any, surprise: float, weight: float, share: float, least_scale: float) -> float:
    """Return the calibrated chance of a surprise at least as large, in (0, 1]."""
    if not surprise > 0.0:
        return 1.0
    place = bin_of(surprise)
    held = 0.0
    whole = 0.0
    for k in range(place):
        held += row[k]
        whole += row[k] * edge_of(k)
    beyond = 0.0
    for k in range(place, BINS):
        beyond += row[k]
        whole += row[k] * edge_of(k)
    held += beyond
    total = held + weight
    scale = max(least_scale, 1.5 * whole / (held + 10.0))
    # all of its own bin count as larger: surprises of small counts are few and tied
    rank = (beyond + imagined_beyond(surprise, scale, weight)) / total
    if beyond >= 10.0:
        return min(rank, 1.0)
    # few are beyond: the fitted tail and the model's own chance must both agree to go below the rank
    logarithm = max(log_tail(row, scale, weight, share, total, surprise), -surprise * _LN10)
    rank = (beyond + 1.0) / (held + 1.0) if held > weight else max(rank, (beyond + 1.0) / (total + 1.0))
    return min(rank, max(exp(max(logarithm, -690.0)), 1e-300), 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_row(row: Any, surprise: float, fade: float) -> None:
    """Take one surprise in, after the past has faded by `fade`."""
    for k in range(BINS):
        row[k] *= np.float32(fade)
    row[bin_of(surprise)] += np.float32(1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def p_values(slots: Any, surprise: Any, counts: Any, weight: float, share: float, least_scale: float, out: Any) -> None:
    """Write the calibrated chance of each row to `out`."""
    for i in range(slots.shape[0]):
        out[i] = p_row(counts[slots[i]], surprise[i], weight, share, least_scale)


@njit(cache=True, nogil=True, error_model="numpy")
def learn(slots: Any, surprise: Any, counts: Any, fade: float) -> None:
    """Take each row in."""
    for i in range(slots.shape[0]):
        learn_row(counts[slots[i]], surprise[i], fade)
