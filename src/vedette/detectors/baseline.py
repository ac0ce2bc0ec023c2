"""Is this number far from what this hour of this week usually brings?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import baseline as kernel
from vedette.records.observation import Measures, Series
from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree

VERSION: Final = 1

HOUR, DAY = 3600.0, 86_400.0

MEMORY: Final = np.array([DAY, 2 * HOUR, 3 * DAY, 5 * HOUR, 12 * HOUR, 4 * HOUR, 3.0])
"""Level 1 day; recent correction 2 h; scale 3 days; 5 visits of an hour of the day, 4 of a bucket of
the week (12 h at 3 h each); a change that lasts 4 h is the new normal; outliers from p = 0.001.
Chosen on generated series so that a daily rhythm is known after two days and a step is accepted in
half a working day; found to matter little within a factor of two."""

CONSTANTS: Final = np.array([0.01, 0.3, 0.05, 5.0, 0.3, 2.576, 30.0, 10.0])
"""Least dispersion of counts (10 % beyond Poisson), of ratios (failures come in bursts); least scale of
log residuals (5 %); degrees of freedom of residuals (heavy tails as in T. Lange et al., JASA 1989);
extra width in an hour never seen; the 99 % band; a young series may burst by 30 events (one page with
its files), or by 10 failures or distinct values."""


class Baseline:
    """Level, daily and weekly rhythm, recent drift and scale of every series, as a bank.

    Notes
    -----
    Expected value: what this three-hour bucket of the week brought, shrunk to the hour of the day and
    to the level by how often each was seen, and corrected by how the last two hours went against it.
    Counts are judged as negative binomial, ratios as counts among their trials, durations and sizes by
    the logarithm with Student's t, gauges by their residual with Student's t. It works for series with
    daily and weekly rhythm; it fails on rhythms of other periods (every 6 h, monthly), which widen the
    band. An outlier teaches a tenth, and at most four standard deviations.

    Parameters
    ----------
    ready_after
        Seconds of history before a series may be judged.

    Cost: about 0.2 µs a row to score, 0.1 µs to learn; 740 bytes a series.
    """

    name = "baseline"

    def __init__(self, ready_after: float) -> None:
        self._ready_after = ready_after
        self._quantity = np.zeros(0, np.int64)
        self._direction = np.zeros(0, np.int64)
        self._least = np.zeros(0)
        self._scalars = np.zeros((0, kernel.SCALARS))
        self._day = np.zeros((0, kernel.HOURS), np.float32)
        self._day_seen = np.zeros((0, kernel.HOURS), np.float32)
        self._week = np.zeros((0, kernel.WEEK), np.float32)
        self._week_seen = np.zeros((0, kernel.WEEK), np.float32)

    def grow(self, keys: Sequence[Series]) -> None:
        """Make room for new series."""
        if not keys:
            return
        more = len(keys)
        self._quantity = np.append(self._quantity, [int(key.quantity) for key in keys])
        self._direction = np.append(self._direction, [int(key.direction) for key in keys])
        self._least = np.append(self._least, [key.min_effect for key in keys])
        self._scalars = np.concatenate([self._scalars, np.zeros((more, kernel.SCALARS))])
        for name in ("_day", "_day_seen", "_week", "_week_seen"):
            table = getattr(self, name)
            setattr(self, name, np.concatenate([table, np.zeros((more, table.shape[1]), np.float32)]))

    def score(self, window: Measures) -> Scores:
        """Judge each row by what was learned before it."""
        out = np.empty((5, len(window.slot)))
        kernel.score(
            window.start / SECOND,
            window.slot,
            window.value,
            window.weight,
            self._quantity,
            self._direction,
            self._least,
            self._scalars,
            *self._seasons,
            self._ready_after,
            CONSTANTS,
            *out,
        )
        surprise, expected, lower, upper, missing = out
        ready = missing <= 0.0
        state = np.where(ready, State.READY, State.LEARNING).astype(np.int8)
        return Scores(state, np.where(ready, surprise, 0.0), expected, lower, upper, missing)

    def learn(self, window: Measures, surprise: NDArray[np.float64]) -> None:
        """Take the window into the models."""
        kernel.learn(
            window.start / SECOND,
            window.width / SECOND,
            window.slot,
            window.value,
            window.weight,
            surprise,
            self._quantity,
            self._scalars,
            *self._seasons,
            MEMORY,
            CONSTANTS,
        )

    @property
    def _seasons(self) -> tuple[NDArray[np.float32], ...]:
        return self._day, self._day_seen, self._week, self._week_seen

    def snapshot(self) -> Tree:
        """Return the whole state as arrays."""
        arrays = {name: getattr(self, f"_{name}").copy() for name in _ARRAYS}
        return {"version": VERSION, **arrays}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"baseline state has version {tree.get('version')!r}, expected {VERSION}")
        for name in _ARRAYS:
            setattr(self, f"_{name}", tree[name].copy())

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return sum(getattr(self, f"_{name}").nbytes for name in _ARRAYS)


_ARRAYS: Final = ("quantity", "direction", "least", "scalars", "day", "day_seen", "week", "week_seen")
