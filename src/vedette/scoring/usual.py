"""What is usual for each column: fading mean and spread, and the daily rhythm."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

DAY: Final = 86_400.0
BUCKETS: Final = 48
"""Half hours of a day, as `vedette.detectors.baseline` has them."""
VISITS: Final = 5.0
"""Days until a half hour follows a change by two thirds: about the baseline's 4."""
FARTHEST: Final = 30.0
"""Spreads beyond which nothing is told apart."""
CLIP: Final = 6.0
"""Spreads from the mean that a value teaches at most: a normal one exceeds them twice in a thousand million."""
SETTLED: Final = 48.0
"""Values before outliers are cut: until then the spread is not known."""


class Scale:
    """Fading mean and spread of each column.

    Parameters
    ----------
    width
        Number of columns.
    memory
        Rows after which the past has faded to 1/e.
    clip
        Spreads from the mean that a value teaches at most.
    """

    def __init__(self, width: int, memory: float, clip: float = CLIP) -> None:
        self.mean = np.zeros(width)
        self._clip = clip
        self._square, self._weight = np.zeros(width), np.zeros(width)
        self._memory, self._constant = memory, np.zeros(width)

    @property
    def spread(self) -> Numbers:
        """Standard deviation; what was stated at `learn` where nothing ever varied, 1 where that is 0."""
        least = np.where(self._constant > 0.0, self._constant, 1.0)
        return np.where(self._constantly, least, np.sqrt(self._square))

    @property
    def _constantly(self) -> NDArray[np.bool_]:
        constantly: NDArray[np.bool_] = np.sqrt(self._square) <= 1e-3 * self._constant
        return constantly

    @property
    def settled(self) -> bool:
        """Whether enough was seen for outliers to be told."""
        return bool(self._weight.max(initial=0.0) >= SETTLED)

    def doubt(self, rows: float) -> None:
        """Let all that was learned count for so many rows at most."""
        self._weight = np.minimum(self._weight, rows)

    def spreads(self, away: Numbers) -> Numbers:
        """Return distances in spreads, `FARTHEST` at most."""
        return np.clip(away / self.spread, -FARTHEST, FARTHEST)

    def learn(self, values: Numbers, constant: Numbers | float = 0.0) -> None:
        """Take rows in; NaN teaches nothing, an outlier no more than `clip` spreads.

        `constant` is the spread of what never varies, by more than a thousandth of it.
        """
        self._constant = np.broadcast_to(np.asarray(constant, np.float64), self.mean.shape)
        known = np.isfinite(values)
        count = known.sum(0).astype(np.float64)
        # the first change of what was constant tells the spread of changes
        known_spread = (self._weight >= SETTLED) & ~self._constantly
        bound = np.where(known_spread, self._clip * self.spread, np.inf)
        away = np.where(known, np.clip(values - self.mean, -bound, bound), 0.0)
        self._weight = self._weight * np.exp(-count / self._memory) + count
        share = np.divide(1.0, self._weight, out=np.zeros(len(count)), where=self._weight > 0.0)
        step = share * away.sum(0)
        self.mean = self.mean + step
        before = np.maximum(1.0 - share * count, 0.0)
        self._square = before * (self._square + step**2) + share * (((away - step) ** 2) * known).sum(0)


class Daily:
    """Each column's mean by half hour of the day (UTC), once that has been seen on another day.

    It fails on rhythms of other periods; days that differ (weekends) widen what is usual.
    """

    def __init__(self, width: int) -> None:
        self._means, self._seen = np.zeros((BUCKETS, width)), np.zeros((BUCKETS, width))
        self._sum, self._count = np.zeros((BUCKETS, width)), np.zeros((BUCKETS, width))
        self._day = np.full(BUCKETS, -np.inf)

    def expected(self, times: Numbers, otherwise: Numbers) -> Numbers:
        """Return what each row's half hour usually brings, ``(n, width)``; `otherwise` where that is not known."""
        bucket = _bucket(times)
        return np.where(self._seen[bucket] > 0.0, self._means[bucket], otherwise)

    def learn(self, times: Numbers, values: Numbers) -> None:
        """Take rows in; what a half hour brought counts from its next day on. NaN teaches nothing."""
        bucket, day = _bucket(times), np.floor(times / DAY)
        for place in np.unique(bucket).tolist():
            mine = bucket == place
            if day[mine][-1] > self._day[place]:
                self._close(place)
                self._day[place] = day[mine][-1]
            self._sum[place] += np.nansum(values[mine], 0)
            self._count[place] += np.isfinite(values[mine]).sum(0)

    def _close(self, place: int) -> None:
        had = self._count[place] > 0.0
        seen = self._seen[place][had]
        mean = self._sum[place][had] / self._count[place][had]
        self._means[place, had] += np.maximum(1.0 / VISITS, 1.0 / (seen + 1.0)) * (mean - self._means[place, had])
        self._seen[place, had] += 1.0
        self._sum[place], self._count[place] = 0.0, 0.0


def _bucket(times: Numbers) -> NDArray[np.int64]:
    return (np.mod(times, DAY) * (BUCKETS / DAY)).astype(np.int64) % BUCKETS
