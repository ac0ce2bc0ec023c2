"""Since when each series is there and how often it says something: absence is zero, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.features.closed import Numbers
from vedette.features.registry import Slots
from vedette.records.observation import Measures, Quantity, Series
from vedette.records.time import SECOND
from vedette.state.tree import Tree

ZERO_FILLED: Final = (Quantity.COUNT, Quantity.DISTINCT)
"""No event in a window means zero for these, and nothing for all others."""

DENSE: Final = 0.3
"""Share of windows with events from which on a window without any is an observation, too. Of sparser
series only what happens is judged: nobody misses a page that is asked for twice a day."""

DENSITY_MEMORY: Final = 86_400 * SECOND


class Presence:
    """Birth, age in windows and density of each series, by slot.

    Parameters
    ----------
    series
        The shard's, by number.
    width
        Length of a window, ns.
    """

    def __init__(self, series: Slots[Series], width: int) -> None:
        self._series = series
        self._width = width
        self._clear()

    def _clear(self) -> None:
        self._born = np.zeros(0, np.int64)
        self._zero: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._age = np.zeros(0)
        self._density = np.zeros(0)

    def note(self, parts: Sequence[Numbers]) -> None:
        """Remember in which window each new series was first seen; before it, absence means nothing."""
        known, total = len(self._born), len(self._series)
        born = np.full(total - known, np.iinfo(np.int64).max)
        for part in parts:
            new = part.slot >= known
            np.minimum.at(born, part.slot[new] - known, part.window[new])
        self._born = np.concatenate([self._born, born])
        zero = [series.quantity in ZERO_FILLED for series in self._series.keys[known:]]
        self._zero = np.concatenate([self._zero, np.array(zero, np.bool_)])
        self._age = np.concatenate([self._age, np.zeros(len(zero))])
        self._density = np.concatenate([self._density, np.zeros(len(zero))])

    def measures(self, start: int, parts: Sequence[Numbers]) -> Measures:
        """Return the numbers of the window from `start` by slot; counts that did not occur are zero."""
        value, weight = np.zeros(len(self._born)), np.zeros(len(self._born))
        present = np.zeros(len(self._born), np.bool_)
        for part in parts:
            rows = slice(*np.searchsorted(part.window, [start, start + 1]).tolist())
            value[part.slot[rows]] = part.value[rows]
            weight[part.slot[rows]] = part.weight[rows]
            present[part.slot[rows]] = True
        alive = self._born <= start
        self._age += alive
        pace = np.maximum(1.0 / np.maximum(self._age, 1.0), self._width / DENSITY_MEMORY)
        self._density += alive * pace * (present - self._density)
        slot = np.flatnonzero(present | (self._zero & alive & (self._density >= DENSE)))
        return Measures(start, self._width, slot.astype(np.int32), value[slot], weight[slot])

    def snapshot(self) -> Tree:
        """Return what is known of each series."""
        return {"born": self._born.copy(), "age": self._age.copy(), "density": self._density.copy()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; the series are there already."""
        self._clear()
        self.note(())
        self._born, self._age, self._density = (tree[name].copy() for name in ("born", "age", "density"))
