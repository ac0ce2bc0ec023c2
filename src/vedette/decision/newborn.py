"""Operations that came and went: what was never there for long is not missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.observation import Quantity, Series
from vedette.records.score import Scores
from vedette.records.time import SECOND
from vedette.records.window import Window
from vedette.state.tree import Tree

GROWN: Final = 86_400 * SECOND
"""Age from which a count that falls is news: it was there at this hour before."""


class Newborn:
    """Since when the numbers of a shard are known.

    Notes
    -----
    A scan's addresses, a campaign's page, an endpoint that is rolled back are operations for some hours, and their end
    is as it should be. So a count of an operation is not told for falling while it is younger than a day, and than half
    of the time for which anything has been watched: on the first day all are young. **It fails** to tell, within its
    first day, of a new operation that dies; its service's own counts are judged as ever.

    Cost: 8 bytes a series, a few operations on arrays a window.
    """

    def __init__(self) -> None:
        self._born = np.zeros(0, np.int64)
        """Start of each series' first window, ns; 0 for before there was an account of it, -1 for not seen yet."""
        self._is_asked = np.zeros(0, np.bool_)
        self._first = 0

    def grow(self, series: Sequence[Series]) -> None:
        """Take in new series: the next slots, in order."""
        if series:
            new = np.full(len(series), _UNSEEN)
            self._born = np.concatenate([self._born, new])
            self._is_asked = np.concatenate([self._is_asked, _asked(series)])

    def passing(self, window: Window, scores: Scores) -> NDArray[np.bool_]:
        """Say which rows of the window's measures are counts that fell before they were grown."""
        slot, value = window.measures.slot, window.measures.value
        self._first = self._first or window.start
        new = slot[self._born[slot] == _UNSEEN]
        self._born[new] = window.start
        age = window.start - self._born[slot]
        young = age < min(GROWN, (window.start - self._first) // 2)
        passing: NDArray[np.bool_] = young & self._is_asked[slot] & (value < scores.expected)
        return passing

    def snapshot(self) -> Tree:
        """Return since when numbers are known."""
        return {"born": self._born.copy(), "first": self._first}

    def restore(self, tree: Tree, series: Sequence[Series]) -> None:
        """Become what `snapshot` described; with an empty tree, of an older release, all `series` are grown."""
        self._born = np.array(tree.get("born", np.zeros(len(series), np.int64)), np.int64)
        self._is_asked = _asked(series)
        self._first = int(tree.get("first", 1))


_UNSEEN: Final = -1


def _asked(series: Sequence[Series]) -> NDArray[np.bool_]:
    return np.array([bool(one.segment.operation) and one.quantity is Quantity.COUNT for one in series], np.bool_)
