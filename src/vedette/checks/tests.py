"""Tests of two samples, without a distribution assumed, and what is left of them after many."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, lgamma, sqrt

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shift(before: Floats, after: Floats) -> float:
    """Return the p-value that `after` is not larger than `before`: Mann-Whitney, one-sided, corrected for ties.

    Normal approximation, good from 20 values each on; fails on values that depend on one another, such as those of
    one slow minute.

    References
    ----------
    Mann & Whitney 1947; tie correction as in Conover, Practical Nonparametric Statistics, 5.1.
    """
    first, second = len(before), len(after)
    _, place, counts = np.unique(np.concatenate([before, after]), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[place]
    u = float(ranks[first:].sum()) - second * (second + 1) / 2.0
    total = first + second
    ties = float((counts.astype(np.float64) ** 3 - counts).sum())
    variance = first * second / 12.0 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    return 0.5 * erfc((u - first * second / 2.0 - 0.5) / sqrt(2.0 * variance))


def more_often(before: int, of: int, after: int, among: int) -> float:
    """Return the p-value that what happened `after` times `among` is no more frequent than `before` times `of`.

    Fisher's exact test, one-sided: the chance of at least so many in the second sample, given both sums.

    >>> round(more_often(0, 100, 5, 100), 4)
    0.0298
    """
    hits, total = before + after, of + among
    top = min(hits, among)

    def log_chance(count: int) -> float:
        return _choose(among, count) + _choose(of, hits - count) - _choose(total, hits)

    return min(1.0, sum(exp(log_chance(count)) for count in range(after, top + 1) if hits - count <= of))


def _choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def held(p_values: Sequence[float], alpha: float) -> list[bool]:
    """Say which of many tests hold together, by Holm's method: a false one among all has at most chance `alpha`.

    >>> held([0.001, 0.5, 0.004], 0.01)
    [True, False, True]
    """
    out = [False] * len(p_values)
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda one: p_values[one])):
        if p_values[place] > alpha / (len(p_values) - rank):
            break
        out[place] = True
    return out
