"""Views on one entity's vectors in order of time: whitened change, and nearest past state."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.levels import follow

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

BLOCK: Final = 48
"""Rows judged by the same model: at five minutes, four hours."""
RIDGE: Final = 0.01
"""Variance added to every direction: a hundredth of a feature's own, so that rounding is no direction."""
OUTLIER: Final = 4.0
"""Whitened distance, in square roots of the number of features, beyond which a row teaches ever less."""
LEAST: Final = 0.05
"""Distance below which nothing is told apart, in spreads."""
SAMPLE: Final = 1500
"""Past states kept for the search of neighbors, at least half as many: five days of five minutes."""
NEIGHBORS: Final = 3
WAIT: Final = 12
"""Blocks until a state joins the sample: two days of five minutes, so that what lasts stays odd for as long."""


LATER: Final = 84
"""Blocks until an odd state joins it, where nobody vouches for rows: two weeks of five minutes. Of 42, 84 and 126 on
services and servers without marked rows, VUS-PR .4448, .4467, .4458; odd ones as soon as others .443."""


class View(Protocol):
    """A distance of rows from their past."""

    def judge(self, rest: Numbers) -> tuple[Numbers, Numbers]:
        """Return the evidence ``(n,)``, a logarithm, and each feature's part ``(n, width)``; `rest` is in spreads."""
        ...

    def learn(self, teaches: Flags, odd: Flags) -> None:
        """Let the rows judged last that teach become part of what is usual, the odd ones of them later."""
        ...


class Change:
    """How far rows are from their recent level, in the directions in which that is unusual.

    Notes
    -----
    The Mahalanobis distance of ``row - level``, with mean and covariance of such differences that fade with
    `memory`; its logarithm, smoothed. The covariance goes on learning, as it does not take up a state that lasts.

    Parameters
    ----------
    width
        Number of features.
    recent, memory, smooth
        Memories of the level, of the covariance and of the logarithm, in rows.

    Cost: one inverse of ``(width, width)`` a block.
    """

    def __init__(self, width: int, recent: float, memory: float, smooth: float) -> None:
        self._share, self._memory, self._smooth = 1.0 / recent, memory, 1.0 / smooth
        self._level, self._last = np.zeros(width), np.zeros(1)
        self._mean, self._covariance, self._weight = np.zeros(width), np.zeros((width, width)), 0.0

    def judge(self, rest: Numbers) -> tuple[Numbers, Numbers]:
        """Return the evidence ``(n,)`` and each feature's part of the squared distance; learn the rows."""
        before, _ = _follow(rest, self._share, self._level)
        moved = rest - before
        away = moved - self._mean
        parts = away * (away @ np.linalg.inv(self._covariance + RIDGE * np.eye(rest.shape[1])))
        distance = np.sqrt(np.maximum(parts.sum(1), 0.0))
        self._take(moved, distance)
        logarithm = np.log(distance + LEAST)
        return _follow(logarithm[:, None], self._smooth, self._last)[1][:, 0], np.maximum(parts, 0.0)

    def learn(self, teaches: Flags, odd: Flags) -> None:
        """Do nothing: a row was learned when it was judged, as the covariance does not take up a state that lasts."""

    def _take(self, moved: Numbers, distance: Numbers) -> None:
        weight = np.ones(len(moved))
        if self._weight >= 2 * BLOCK:
            weight = np.minimum(1.0, OUTLIER * np.sqrt(moved.shape[1]) / np.maximum(distance, LEAST)) ** 2
        self._weight = self._weight * np.exp(-len(moved) / self._memory) + len(moved)
        share = 1.0 / self._weight
        self._mean = self._mean + share * (weight[:, None] * (moved - self._mean)).sum(0)
        away = moved - self._mean
        self._covariance = (1.0 - share * len(moved)) * self._covariance + share * (weight[:, None] * away).T @ away


class Near:
    """How far smoothed rows are from the nearest of a sample of the past.

    Notes
    -----
    The logarithm of the mean distance to the three nearest. The sample is every 2^k-th row that taught, thinned when
    full, so that it spans the whole past and needs no randomness.

    Parameters
    ----------
    width
        Number of features.
    smooth
        Memory of the smoothing, in rows.

    Cost: `SAMPLE` distances a row; ``12 kB × width``.
    """

    def __init__(self, width: int, smooth: float) -> None:
        self._share, self._level = 1.0 / smooth, np.zeros(width)
        self._kept = np.zeros((0, width))
        self._stride, self._taught = 1, 0
        self._waiting: list[Numbers] = []
        self._odd: list[Numbers] = []
        self._state = np.zeros((0, width))

    def judge(self, rest: Numbers) -> tuple[Numbers, Numbers]:
        """Return the evidence ``(n,)`` and each feature's part of the squared distance."""
        _, state = _follow(rest, self._share, self._level)
        self._state = state
        distance, parts = np.zeros(len(rest)), np.zeros(rest.shape)
        if len(self._kept) > NEIGHBORS:
            squares = (state**2).sum(1)[:, None] + (self._kept**2).sum(1) - 2.0 * state @ self._kept.T
            near = np.argpartition(squares, NEIGHBORS - 1, axis=1)[:, :NEIGHBORS]
            distance = np.sqrt(np.maximum(np.take_along_axis(squares, near, 1), 0.0)).mean(1)
            parts = (state - self._kept[near].mean(1)) ** 2
        return np.log(distance + LEAST), parts

    def learn(self, teaches: Flags, odd: Flags) -> None:
        """Let states judged last join the sample in time."""
        self._waiting.append(self._state[teaches & ~odd])
        self._odd.append(self._state[teaches & odd])
        if len(self._waiting) > WAIT:
            self._join(self._waiting.pop(0))
        if len(self._odd) > LATER:
            self._join(self._odd.pop(0))

    def _join(self, rows: Numbers) -> None:
        numbers = np.arange(self._taught, self._taught + len(rows))
        self._taught += len(rows)
        self._kept = np.concatenate([self._kept, rows[numbers % self._stride == 0]])
        if len(self._kept) > SAMPLE:
            self._kept, self._stride = self._kept[::2].copy(), self._stride * 2


def _follow(values: Numbers, share: float, level: Numbers) -> tuple[Numbers, Numbers]:
    before, after = np.empty(values.shape), np.empty(values.shape)
    follow(values, share, level, before, after)
    return before, after
