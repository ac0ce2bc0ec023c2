"""`days`: is the last day unlike every day that this series has had?"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAY: Final = 86_400.0
CELLS: Final = 24
STEP: Final = 6
"""A day is told by its 24 hours, and looked at every six."""

MEMORY: Final = 8 * 7 * DAY
"""Days that a new one is compared with: eight weeks."""
LEAST_DAYS: Final = 24
LEAST_PAST: Final = 8
"""Looks that must be there to compare with (six days), and distances that say what is usual (two days)."""
PRESENT: Final = 18
"""Hours of a day that must have rows."""
SPREADS: Final = 3.0
FLOOR: Final = 1.0
QUANTILE_FACTOR: Final = 1.2
"""How far beyond its usual distance a day must lie: three spreads, one scale, and a fifth beyond the ninth decile."""
LASTS: Final = 3
"""Looks in a row that must agree: 12 hours beyond the first day that is unlike."""


def changes(times: Floats, values: Floats) -> NDArray[np.int64]:
    """Return the rows at which a lasting change is announced, in order.

    Notes
    -----
    A day is the medians of its 24 hours and how rough they are (the logarithm of the median step between rows; 0
    where an hour has one). Its distance from an earlier day, in scales of what changes from a day to the next, is
    made of the differing hours, their middle difference and that of roughness; its novelty is the distance from the
    *nearest* of all days of eight weeks, so that a weekend is like the last one. Three looks whose novelty is beyond
    what is usual in this series are a change; what came before it is forgotten then.

    It sees levels, shapes, phases and roughness that change within a day. **It fails** on trends slower than a
    day's own variation, on changes that resemble some day of the past, and in the first eight days.

    Parameters
    ----------
    times, values
        Epoch seconds, in order, and finite numbers, shape ``(n,)``.

    Cost: about 0.1 ms a look and series, four looks a day.
    """
    if not len(times):
        return np.zeros(0, np.int64)
    ends, level, rough = profiles(times, values)
    rows, known, run, novelty = list[int](), 0, 0, list[float]()
    for look in range(len(ends)):
        first = max(known, look - int(MEMORY / DAY) * CELLS // STEP)
        past = np.arange(first, look - CELLS // STEP + 1)
        enough = len(past) >= LEAST_DAYS
        novelty.append(distance(level, rough, past, look) if enough else np.nan)
        usual = np.array(novelty[known : look - CELLS // STEP + 1])
        usual = usual[np.isfinite(usual)]
        run = run + 1 if len(usual) >= LEAST_PAST and novelty[look] > limit(usual) else 0
        if run >= LASTS:
            rows.append(int(ends[look]))
            known, run = look - LASTS, 0
    return np.array([row for row in rows if row < len(times)], np.int64)


def profiles(times: Floats, values: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return each look's first row after it, and the day's hours before it: medians, and logarithms of steps."""
    hour = closed_up(np.floor(times / (DAY / CELLS)))
    edges = np.flatnonzero(np.diff(hour, prepend=hour[0] - 1))
    span = int(hour[-1] - hour[0]) + 1
    level, rough = np.full(span, np.nan), np.zeros(span)
    for start, part in zip(edges.tolist(), np.split(values, edges[1:]), strict=True):
        place = hour[start] - hour[0]
        level[place] = np.median(part)
        if len(part) > 1:
            rough[place] = np.log(np.median(np.abs(np.diff(part))) + 1e-9 * np.abs(part).max() + 1e-12)
    closed = np.arange(CELLS, span, STEP)
    clock = (np.arange(span) + hour[0]) % CELLS
    ends = np.searchsorted(hour, hour[0] + closed)
    days = [np.argsort(clock[end - CELLS : end]) + end - CELLS for end in closed]
    order = np.array(days, np.int64).reshape(-1, CELLS)
    return ends, level[order], rough[order]


def closed_up(hour: Floats) -> NDArray[np.int64]:
    """Return hours with every silence of over two days cut to two and a part, at the same hour of the day.

    >>> closed_up(np.array([5.0, 6.0, 24e9 + 7])).tolist()
    [5, 6, 55]
    """
    gap = np.diff(hour, prepend=hour[:1])
    kept: NDArray[np.int64] = np.cumsum(np.where(gap > 2 * CELLS, 2 * CELLS + gap % CELLS, gap)).astype(np.int64)
    return kept + int(hour[0]) % CELLS


def distance(level: Floats, rough: Floats, past: NDArray[np.int64], look: int) -> float:
    """Return how far a look's day lies from the nearest past one, in scales of daily change; NaN if sparse."""
    good = past[np.isfinite(level[past]).sum(axis=1) >= PRESENT]
    if len(good) <= CELLS // STEP or np.isfinite(level[look]).sum() < PRESENT:
        return float("nan")
    step = CELLS // STEP
    mean = np.median(rough[np.append(good, look)], axis=1)
    scale = 1.48 * np.nanmedian(np.abs(level[good[step:]] - level[good[:-step]])) + 1e-9
    rough_scale = 1.48 * np.median(np.abs(mean[step:-1] - mean[: -step - 1])) + 0.05
    hours = np.sqrt(np.nanmedian((level[good] - level[look]) ** 2, axis=1)) / scale
    middle = np.abs(np.nanmedian(level[good] - level[look], axis=1)) / scale
    noise = np.abs(mean[:-1] - mean[-1]) / rough_scale
    return float(np.min(np.sqrt(hours**2 + middle**2 + noise**2)))


def limit(usual: Floats) -> float:
    """Return the novelty that is beyond what is usual."""
    middle = float(np.median(usual))
    spread = 1.48 * float(np.median(np.abs(usual - middle)))
    return max(middle + SPREADS * spread, middle + FLOOR, QUANTILE_FACTOR * float(np.quantile(usual, 0.9)))
