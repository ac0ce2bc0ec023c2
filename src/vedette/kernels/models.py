"""Small causal models of one series: what each has not expected of the next value, in spreads.

Each walks a whole series once and says of row i what it made of rows before i. `vedette.detectors.ensemble` says
which are used, and why.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

CLIP: Final = 4.0
"""Spreads beyond which an outlier teaches no more: Huber's clipping, wide enough for tails to be learned."""
FIRST: Final = 30
"""Rows that are learned without clipping: before, a spread is not known."""
LEAST: Final = 1e-3
"""Least spread of what is standardized: a thousandth of the series' own; a constant has no residuals of note."""
RIDGE: Final = 10.0
"""Starting variance of coefficients: a prior that a few rows outweigh."""


@njit(cache=True, nogil=True, error_model="numpy")
def standardized(values: Any, memory: float) -> Any:
    """Return values in spreads from their mean so far, within 20; mean and spread fade over `memory` rows."""
    out = np.zeros(len(values))
    mean, square, seen = (values[0] if len(values) else 0.0), 0.0, 0.0
    for i in range(len(values)):
        spread = np.sqrt(square)
        away = values[i] - mean
        if i > 1:
            out[i] = min(max(away / (spread + 1e-6 * abs(mean) + 1e-12), -20.0), 20.0)
        seen = counted(seen, square, away)
        if seen > FIRST + 1:
            away = min(max(away, -6.0 * spread), 6.0 * spread)
        pace = max(1.0 / seen, 1.0 / memory)
        mean += pace * away
        square += pace * (away * away - square)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def counted(seen: float, square: float, away: float) -> float:
    """Return how many rows a spread rests on, with this one: one at the first that differs from a constant beginning.

    Without it, clipping at spreads would hold the spread of a series that began constant at 0 for ever.
    """
    return 1.0 if square == 0.0 and away != 0.0 and seen > FIRST else seen + 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def smoothed(values: Any, pace: float) -> Any:
    """Return the exponential average up to and with each row, from 0."""
    out = np.empty(len(values))
    mean = 0.0
    for i in range(len(values)):
        mean += pace * (values[i] - mean)
        out[i] = mean
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def from_level(values: Any, level_pace: float, spread_pace: float) -> Any:
    """Return the distance of each value from an exponential level before it, in spreads of that distance."""
    out = np.zeros(len(values))
    level, square, seen = (values[0] if len(values) else 0.0), 0.0, 0.0
    for i in range(len(values)):
        away = values[i] - level
        spread = np.sqrt(square) + 1e-9 * (abs(level) + 1e-9)
        out[i] = abs(away) / spread if i > 5 else 0.0
        seen = counted(seen, square, away)
        if seen > FIRST + 1:
            away = min(max(away, -CLIP * spread), CLIP * spread)
        level += max(level_pace, 1.0 / (i + 1.0)) * away
        square += max(spread_pace, 1.0 / seen) * (away * away - square)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def season_before(values: Any, times: Any, period: float, slots: int, pace: float) -> Any:
    """Return what the same part of earlier periods held, an exponential average by slot; 0 where there was none."""
    out = np.zeros(len(values))
    held, visits = np.zeros(slots), np.zeros(slots)
    square, count = 0.0, 0.0
    for i in range(len(values)):
        slot = min(int((times[i] % period) / period * slots), slots - 1)
        if visits[slot] == 0.0:
            held[slot] = values[i]
        else:
            out[i] = held[slot]
            spread = 3.0 * np.sqrt(square)
            away = values[i] - held[slot]
            count = counted(count, square, away)
            if count > FIRST + 1:
                away = min(max(away, -spread), spread)
            square += max(0.002, 1.0 / count) * (away * away - square)
            held[slot] += max(pace, 1.0 / (visits[slot] + 1.0)) * away
        visits[slot] += 1.0
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def regressed(values: Any, features: Any, keep: float) -> Any:
    """Return the residual of each value, in spreads, from a regression on its features by all rows before it.

    Recursive least squares with forgetting `keep` a row; residuals are clipped at three spreads before they teach.
    `features` has shape ``(n, d)``; what is not known yet is 0 there. Cost: 3 d² multiplications a row.
    """
    rows, width = features.shape
    out = np.zeros(rows)
    weight, lead = np.zeros(width), np.zeros(width)
    inverse = np.eye(width) * RIDGE
    square, seen = 1e-6, 0.0
    for i in range(rows):
        row = features[i]
        error = values[i]
        for j in range(width):  # `np.dot` would need SciPy where this runs
            error -= weight[j] * row[j]
        spread = np.sqrt(square)
        out[i] = error / (spread + LEAST) if i > 20 else 0.0
        seen = counted(seen, square, error)
        if seen > FIRST + 1:
            error = min(max(error, -3.0 * spread), 3.0 * spread)
        gain(inverse, row, keep, lead)
        for j in range(width):
            weight[j] += lead[j] * error
        square += max(0.002, 1.0 / seen) * (error * error - square)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def gain(inverse: Any, row: Any, keep: float, lead: Any) -> None:
    """Write the gain of a row to `lead`, and take the row into the inverse covariance, whose trace is bounded."""
    width = row.shape[0]
    whole = keep
    for j in range(width):
        total = 0.0
        for k in range(width):
            total += inverse[j, k] * row[k]
        lead[j] = total
        whole += row[j] * total
    trace = 0.0
    for j in range(width):
        for k in range(width):
            inverse[j, k] = (inverse[j, k] - lead[j] * lead[k] / whole) / keep
        trace += inverse[j, j]
    if trace > 1e3 * width:
        inverse *= 1e3 * width / trace
    for j in range(width):
        lead[j] /= whole


@njit(cache=True, nogil=True, error_model="numpy")
def from_neighbors(values: Any, length: int, held: int) -> Any:
    """Return how far the last `length` rows lie from the nearest of `held` such stretches kept from before.

    Root of the mean squared difference. A stretch is kept every quarter length; of more than `held`, one takes a
    place drawn by a fixed generator (that of the C standard's example), so old ones fade by chance. Cost: at most
    ``held * length`` a row, a fifth of it on average, since a distance is given up once it exceeds the nearest so far.
    """
    out = np.zeros(len(values))
    kept = np.zeros((held, length))
    count = 0
    random = 1
    every = max(1, length // 4)
    for i in range(length, len(values)):
        query = values[i - length + 1 : i + 1]
        if count > 10:
            out[i] = np.sqrt(nearest(query, kept[: min(count, held)]) / length)
        if i % every == 0:
            place = count
            if count >= held:
                random = (random * 1_103_515_245 + 12_345) & 0x7FFFFFFF
                place = (random >> 8) % held
            kept[place] = query
            count += 1
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def nearest(query: Any, kept: Any) -> float:
    """Return the least sum of squared differences between a query and the rows of `kept`."""
    best = np.inf
    for k in range(kept.shape[0]):
        total = 0.0
        for j in range(query.shape[0]):
            step = query[j] - kept[k, j]
            total += step * step
            if total > best:
                break
        best = min(best, total)
    return best
