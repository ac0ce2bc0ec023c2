"""Vectors whose order is not time: each judged by all the others, by four cheap models that err differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels import forest as kernel
from vedette.stats.cuts import draw_cuts

Numbers = NDArray[np.float64]

SEED: Final = 20_260_105
TREES: Final = 100
DEPTH: Final = 10
"""As isolation forests: 100 trees; 10 levels tell 1,024 cells apart, about a sample's 256 points four times over."""
LEAST_BINS: Final = 10
"""Bins of a histogram, at least; half the square root of the rows where that is more."""
SAMPLE: Final = 1000
"""Rows that distances are taken to. More find local oddities and lose clustered ones, which are their own
neighbors."""
WIDE: Final = 20
NARROW: Final = 5
"""Neighbors by standard deviations, where outliers shrink the scale and clusters of them must be outnumbered;
and by quartiles, where each feature's middle is one wide and single odd values stand out."""
FARTHEST: Final = 20.0
"""Quartile spreads beyond which nothing is told apart."""
CHUNK: Final = 4096
HALF: Final = 2.0
"""Decades of combined rarity that make half a score."""
FENCE: Final = 3.0
"""Quartile ranges above the upper quartile where Tukey's far outliers begin."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Of all rows: score ``(n,)``, alert, and each feature's share of it ``(n, width)``."""

    score: Numbers
    alert: NDArray[np.bool_]
    shares: Numbers


def judge(values: Numbers) -> Crowd:
    """Return verdicts on the rows of a table, each by all of them.

    Notes
    -----
    Four models: a half-space forest, a histogram for each feature, and the distance to neighbors in a sample, with
    features scaled by deviation and by quartiles. Each says which share of the rows are as odd (its rank); the
    score is the mean of the four rarities and half of the largest, so that one model may be alone in seeing something
    but agreement counts more. An alert needs two models that place the row beyond Tukey's far fence.

    It works for tables in which what is odd is rare or far. **It fails** where odd rows are a large, dense group,
    where they lie inside of the usual range in every direction that is looked at (dependence between three features
    or more), and on text-like features with many values.

    Parameters
    ----------
    values
        Shape ``(n, width)``; NaN is taken for the column's median. Constant and empty columns say nothing.

    Cost: about 60 µs a row of the ADBench tables (``python -m bench tabular``), memory of 4,096 × 1,000 distances.
    """
    table = _filled(values)
    near = (_neighbors(_standard(table), WIDE), _neighbors(_quartile(table), NARROW))
    found = (_forest(table), _histograms(table), *near)
    rarity = np.stack([_rarity(odd) for odd, _ in found])
    score = (rarity.mean(0) + 0.5 * rarity.max(0)) / 1.5
    far = sum((_beyond(odd) for odd, _ in found), np.zeros(len(table)))
    shares = sum((_normal(parts) for _, parts in found), np.zeros(table.shape))
    return Crowd(1.0 - 2.0 ** (-score / HALF), far >= 2, shares)


def _filled(values: Numbers) -> Numbers:
    """Return the columns that vary, with medians for what is missing; the others as zeros."""
    filled = np.zeros(values.shape)
    for place, column in enumerate(values.T):
        known = column[np.isfinite(column)]
        if len(known) and known.min() < known.max():
            filled[:, place] = np.where(np.isfinite(column), column, np.median(known))
    return filled


def _forest(table: Numbers) -> tuple[Numbers, Numbers]:
    low, range_ = table.min(0), np.ptp(table, 0)
    varied = np.flatnonzero(range_ > 0.0)
    if not len(varied):
        return np.zeros(len(table)), np.zeros(table.shape)
    unit = (table[:, varied] - low[varied]) / range_[varied] * kernel.UNIT
    points = np.ascontiguousarray(unit.T.astype(np.int16))
    feature, cut = draw_cuts(TREES, DEPTH, len(varied), SEED)
    leaves, slot = np.empty((TREES, len(table)), np.int16), np.zeros(len(table), np.int32)
    mass, usual = np.ones((1, TREES, 2**DEPTH), np.float32), np.empty(len(table))
    kernel.place(points, feature, cut, leaves)
    kernel.add(points, slot, feature, cut, np.ones(len(table)), mass)
    kernel.mean_log2(points, slot, feature, cut, mass, usual)
    parts, found = np.zeros(table.shape), np.empty((len(table), len(varied)))
    kernel.shares(leaves, slot, mass, feature, found)
    parts[:, varied] = found
    return -usual, parts


def _histograms(table: Numbers) -> tuple[Numbers, Numbers]:
    bins = max(LEAST_BINS, int(np.sqrt(len(table)) / 2))
    low, range_ = table.min(0), np.ptp(table, 0)
    place = np.minimum((table - low) / np.where(range_ > 0.0, range_, 1.0) * bins, bins - 1).astype(np.int64)
    parts = np.empty(table.shape)
    for column in range(table.shape[1]):
        count = np.bincount(place[:, column], minlength=bins)
        parts[:, column] = np.log(len(table) / count[place[:, column]])
    return parts.sum(1), parts


def _standard(table: Numbers) -> Numbers:
    spread = table.std(0)
    scaled: Numbers = (table - table.mean(0)) / np.where(spread > 0.0, spread, 1.0)
    return scaled


def _quartile(table: Numbers) -> Numbers:
    lower, middle, upper = np.quantile(table, [0.25, 0.5, 0.75], axis=0)
    spread = np.where(upper > lower, (upper - lower) / 1.349, table.std(0))
    scaled: Numbers = np.clip((table - middle) / np.where(spread > 0.0, spread, 1.0), -FARTHEST, FARTHEST)
    return scaled


def _neighbors(points: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return the distance to the `count`-th of a sample, and the squares to the mean of those."""
    chosen = np.random.default_rng(SEED).permutation(len(points))[:SAMPLE]
    count = min(count, len(chosen) - 1)
    if count < 1:
        return np.zeros(len(points)), np.zeros(points.shape)
    sample, place = points[chosen], np.full(len(points), -1)
    place[chosen] = np.arange(len(chosen))
    odd, parts = np.empty(len(points)), np.empty(points.shape)
    for first in range(0, len(points), CHUNK):
        rows = slice(first, first + CHUNK)
        block, own = points[rows], place[rows]
        squares = (block**2).sum(1)[:, None] + (sample**2).sum(1) - 2.0 * block @ sample.T
        itself = np.flatnonzero(own >= 0)
        squares[itself, own[itself]] = np.inf
        near = np.argpartition(squares, count - 1, axis=1)[:, :count]
        odd[rows] = np.sqrt(np.maximum(np.take_along_axis(squares, near[:, -1:], 1)[:, 0], 0.0))
        parts[rows] = (block - sum(sample[near[:, k]] for k in range(count)) / count) ** 2
    return odd, parts


def _rarity(odd: Numbers) -> Numbers:
    """Return decades: -log10 of the share of rows as odd, ties counting half."""
    _, place, count = np.unique(np.round(odd, 9), return_inverse=True, return_counts=True)
    beyond = len(odd) - np.cumsum(count) + 0.5 * count
    rarity: Numbers = -np.log10(np.minimum((beyond + 0.5) / len(odd), 1.0))[place]
    return rarity


def _beyond(odd: Numbers) -> Numbers:
    middle, upper = np.quantile(odd, [0.5, 0.75])
    far: Numbers = (odd > upper + FENCE * 2.0 * (upper - middle) + 1e-9).astype(np.float64)
    return far


def _normal(parts: Numbers) -> Numbers:
    shares: Numbers = parts / np.maximum(parts.sum(1), 1e-12)[:, None]
    return shares
