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
SPREADS: Final = 4.0
FLOOR: Final = 1.2
QUANTILE_FACTOR: Final = 1.2
"""How far beyond its usual distance a day must lie: four spreads, 1.2 scales, and a fifth beyond the ninth decile."""
LASTS: Final = np.array([3, 4])
"""Looks in a row that must agree, on the whole day and on its shape: 12 and 18 hours beyond the first day that is
unlike. With 3 for shapes, too, 29 of 30 changes are found in the end, but half as many false ones again."""
HOLD: Final = 12
"""Looks after a change in which none is announced, three days: it is told once, and the new normal gets known."""
OUTER: Final = 0.75
"""Share of the hours that may differ less than is said: a shifted day differs where it rises and falls only."""


def changes(times: Floats, values: Floats) -> NDArray[np.int64]:
    """Return the rows at which a lasting change is announced, in order.

    Notes
    -----
    A day is the medians of its 24 hours and how rough they are (the logarithm of the median step between rows; 0
    where an hour has one). Its distance from an earlier day, in scales of what changes from a day to the next, is
    made of the differing hours, their middle difference and that of roughness; its novelty is the distance from the
    *nearest* of all days of eight weeks, so that a weekend is like the last one. The same is asked of its shape, the
    hours less the day's middle, which hardly changes where levels wander. Looks in a row whose novelty is beyond what
    is usual in this series are a change; what they show is known from then on, and what was before stays known, so that
    to go back is no other change.

    It sees levels, shapes, phases and roughness that change within a day. **It fails** on trends slower than a
    day's own variation, on changes that resemble some day of the past, in the first eight days, and for three days
    after a change.

    Parameters
    ----------
    times, values
        Epoch seconds, in order, and finite numbers, shape ``(n,)``.

    Cost: about 0.2 ms a look and series, four looks a day.
    """
    if not len(times):
        return np.zeros(0, np.int64)
    ends, level, rough = profiles(times, values)
    rows, quiet, run = list[int](), -1, np.zeros(2, np.int64)
    novelty, ordinary = np.full((len(ends), 2), np.nan), np.ones(len(ends), np.bool_)
    for look in range(len(ends)):
        yesterday = max(look - CELLS // STEP + 1, 0)
        past = np.arange(max(0, look - int(MEMORY / DAY) * CELLS // STEP), yesterday)
        if len(past) >= LEAST_DAYS:
            novelty[look] = distances(level, rough, past, look)
        usual = novelty[:yesterday][ordinary[:yesterday] & np.isfinite(novelty[:yesterday, 0])]
        odd = (novelty[look] > limits(usual)) & (len(usual) >= LEAST_PAST)
        run = (run + 1) * odd
        if look > quiet and np.any(run >= LASTS):
            rows.append(int(ends[look]))
            quiet = look + HOLD
            ordinary[look - int(run.max()) + 1 : quiet + 1] = False
            run[:] = 0
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


def distances(level: Floats, rough: Floats, past: NDArray[np.int64], look: int) -> tuple[float, float]:
    """Return how far a look's day, and its shape, lie from the nearest past ones, in scales of daily change.

    NaN if sparse.
    """
    good = past[np.isfinite(level[past]).sum(axis=1) >= PRESENT]
    if len(good) <= CELLS // STEP or np.isfinite(level[look]).sum() < PRESENT:
        return float("nan"), float("nan")
    step = CELLS // STEP
    mean = np.median(rough[np.append(good, look)], axis=1)
    rough_scale = 1.48 * np.median(np.abs(mean[step:-1] - mean[: -step - 1])) + 0.05
    apart = level[good] - level[look]
    scale, center = _scale(level[good]), np.nanmedian(level[np.append(good, look)], axis=1)
    hours = np.sqrt(np.nanmedian(apart**2, axis=1)) / scale
    middle = np.abs(np.nanmedian(apart, axis=1)) / scale
    noise = np.abs(mean[:-1] - mean[-1]) / rough_scale
    bent = apart - (center[:-1] - center[-1])[:, None]
    shape = np.sqrt(np.nanquantile(bent**2, OUTER, axis=1)) / _scale(level[good] - center[:-1, None])
    return float(np.min(np.sqrt(hours**2 + middle**2 + noise**2))), float(np.min(shape))


def _scale(level: Floats) -> float:
    """Return how much an hour changes from a day to the next."""
    step = CELLS // STEP
    return float(1.48 * np.nanmedian(np.abs(level[step:] - level[:-step]))) + 1e-9


def limits(usual: Floats) -> Floats:
    """Return the novelty that is beyond what is usual, of each column; without any, infinity."""
    if not len(usual):
        return np.full(usual.shape[1], np.inf)
    middle = np.median(usual, axis=0)
    spread = 1.48 * np.median(np.abs(usual - middle), axis=0)
    far = QUANTILE_FACTOR * np.quantile(usual, 0.9, axis=0)
    return np.asarray(np.maximum(np.maximum(middle + SPREADS * spread, middle + FLOOR), far))
