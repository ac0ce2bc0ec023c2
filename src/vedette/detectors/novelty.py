"""Has this scope ever had this item, or this often? New and rare values, with the chance of a new one learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import novelty as kernel
from vedette.records.observation import Occurrences, Scope
from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree

VERSION: Final = 1

MEMORY: Final = 14 * 86_400.0
"""Seconds in which what was seen fades to a third: two of the longest usual rhythm, the week."""

BURST: Final = 2.0
"""Dispersion of an item's occurrences: one session repeats what it does, so five in a row are hardly
more evidence than two."""

RARE: Final = 0.02
"""Share of a scope's occurrences above which an item is no surprise, however often it comes: rates are
the baseline's business."""

MOST: Final = 50.0
"""Occurrences of one item in one window that are learned: a flood must not become normal at once."""

LEAST_EVENTS: Final = 50.0
"""Occurrences that a scope must have seen before it is judged: below, its chance of a new item is unknown."""

MAX_ITEMS: Final = 1 << 20


class Novelty:
    """Counts of every item of every scope, as one table.

    Notes
    -----
    The chance that an occurrence is a new item is (new + 1/2) / (all + 5), both faded: Krichevsky and
    Trofimov's estimate, with a prior that takes a handful of occurrences to overcome. Where new items
    are usual, as in search terms, a new one is no surprise. An item's share is its own past or the
    chance of a new one, whichever is larger; its number in a window is judged as negative binomial. It
    fails on scopes whose items never repeat: it is silent there.

    Parameters
    ----------
    ready_after
        Seconds of history before a scope may be judged.

    Cost: about 0.2 µs a row; 20 bytes an item in a table at most half full, 32 bytes a scope.

    References
    ----------
    R. Krichevsky, V. Trofimov, IEEE Trans. Information Theory 27, 1981.
    """

    name = "novelty"

    def __init__(self, ready_after: float) -> None:
        self._ready_after = ready_after
        self._scopes = np.zeros((0, 4))
        self._keys = np.zeros(1 << 10, np.uint64)
        self._counts = np.zeros(1 << 10)
        self._last = np.zeros(1 << 10)
        self._used = 0
        self.evicted = 0
        """Items forgotten because the table was full; their scopes are partly blind."""

    def grow(self, keys: Sequence[Scope]) -> None:
        """Make room for new scopes."""
        self._scopes = np.concatenate([self._scopes, np.zeros((len(keys), 4))])

    def score(self, window: Occurrences) -> Scores:
        """Judge each row by what was learned before it."""
        count = len(window.slot)
        surprise, chance = np.empty(count), np.empty(count)
        kernel.score(
            window.start / SECOND,
            window.slot,
            window.item,
            window.count,
            self._scopes,
            self._keys,
            self._counts,
            self._last,
            MEMORY,
            BURST,
            RARE,
            surprise,
            chance,
        )
        scope = self._scopes[window.slot]
        history = np.where(scope[:, kernel.FIRST] > 0, scope[:, kernel.LAST] - scope[:, kernel.FIRST], 0.0)
        missing = np.maximum(self._ready_after - history, 0.0)
        missing = np.where(scope[:, kernel.TOTAL] < LEAST_EVENTS, np.maximum(missing, 1.0), missing)
        ready = missing <= 0
        state = np.where(ready, State.READY, State.LEARNING).astype(np.int8)
        nothing = np.full(count, np.nan)
        return Scores(state, np.where(ready, surprise, 0.0), chance, nothing, nothing, missing)

    def learn(self, window: Occurrences, surprise: NDArray[np.float64]) -> None:
        """Take the window in; what is new now is known afterwards, but stays rare."""
        del surprise  # the cap on one window's occurrences keeps a flood from becoming normal at once
        while (self._used + len(window.slot)) * 2 > len(self._keys):
            self._make_room(window.start / SECOND)
        self._used += kernel.learn(
            window.start / SECOND,
            window.slot,
            window.item,
            window.count,
            self._scopes,
            self._keys,
            self._counts,
            self._last,
            MEMORY,
            MOST,
        )

    def _make_room(self, seconds: float) -> None:
        """Double the table, or forget the items seen longest ago once it has its largest size."""
        full = len(self._keys) >= MAX_ITEMS * 2
        since = float(np.median(self._last[self._keys != 0])) if full else 0.0
        size = len(self._keys) * (1 if full else 2)
        if full and since >= seconds:
            since = np.nextafter(since, np.inf)
        fresh = np.zeros(size, np.uint64), np.zeros(size), np.zeros(size)
        kept = int(kernel.move(self._keys, self._counts, self._last, *fresh, since))
        self.evicted += self._used - kept
        self._used = kept
        self._keys, self._counts, self._last = fresh

    def snapshot(self) -> Tree:
        """Return the whole state as arrays."""
        taken = np.flatnonzero(self._keys)
        return {
            "version": VERSION,
            "scopes": self._scopes.copy(),
            "size": len(self._keys),
            "evicted": self.evicted,
            "keys": self._keys[taken],
            "counts": self._counts[taken],
            "last": self._last[taken],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"novelty state has version {tree.get('version')!r}, expected {VERSION}")
        size = int(tree["size"])
        self._keys, self._counts, self._last = np.zeros(size, np.uint64), np.zeros(size), np.zeros(size)
        self._scopes = tree["scopes"].copy()
        self.evicted = int(tree["evicted"])
        self._used = int(
            kernel.move(tree["keys"], tree["counts"], tree["last"], self._keys, self._counts, self._last, float("-inf"))
        )

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return sum(array.nbytes for array in (self._scopes, self._keys, self._counts, self._last))
