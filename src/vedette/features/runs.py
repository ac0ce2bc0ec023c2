"""Runs of equal keys in sorted rows, and quantiles of what stands in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vedette.features.calls import RESOLUTION

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def runs(*keys: Ints) -> list[tuple[int, int]]:
    """Return where each run of equal keys begins and ends; none of them is below 0."""
    fresh = np.zeros(len(keys[0]), np.bool_)
    for key in keys:
        fresh |= np.diff(key, prepend=-1) != 0
    first = np.flatnonzero(fresh).tolist()
    return list(zip(first, [*first[1:], len(fresh)], strict=True)) if first else []


def ranked(ordered: Floats, share: float) -> float:
    """Return the value of an ascending array below or at which a share of it lies, in seconds."""
    return float(max(ordered[max(int(np.ceil(share * len(ordered))) - 1, 0)], RESOLUTION))


def medians(way: Ints, seconds: Floats) -> dict[int, tuple[float, float]]:
    """Return the median time on each way, and how many there are."""
    order = np.lexsort((seconds, way))
    way, seconds = way[order], seconds[order]
    return {int(way[begin]): (ranked(seconds[begin:end], 0.5), float(end - begin)) for begin, end in runs(way)}
