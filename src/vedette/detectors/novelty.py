"""`novelty`: has this scope ever had this item?"""

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

VERSION: Final = 2

DAY: Final = 86_400.0

MEMORY: Final = 14 * DAY
"""Seconds in which what was seen fades to 1/e: two of the longest usual rhythm, the week."""

RARE: Final = 0.02
"""Chance above which an item is no surprise, however often it comes: rates are the baseline's business."""

LEAST_EVENTS: Final = 50.0
"""Occurrences that a scope must have had before it is judged: below, no item is rarer than `RARE`."""

MOST_EVENTS: Final = 50.0
"""Occurrences of one item in one window that are learned: a flood must not make floods usual at once."""

MOST_FRESH: Final = 2.0
"""New items of one window that count as such beyond twice the expected number: a scan must not make new items
usual at once."""

MAX_ITEMS: Final = 1 << 20
"""Items held, in a table of 84 MB at most."""


class Novelty:
    """The items of every scope, as one table with a bound.

    Notes
    -----
    The chance that an item of a window is one that the scope has never had is estimated from the items
    seen in one window only (Good and Turing): ``(singles + 1) / (visits + 2)``, where a visit is an item seen in a
    window, all fading with time. Where new items are usual, as in search terms, a new one is no surprise; in
    a scope whose six kinds of requests all came back, it is. A rare item's own visits are added to that chance.
    Each repetition within the window adds evidence by what is usual in the scope: at least 0.3 decades
    where items come singly, less where they come in bursts.

    It fails on scopes whose items never repeat: it is silent there, as it should be, and on attacks made of
    usual items. What is evicted counts as chance of a new item, so that forgetting makes it mild, then BLIND.

    Parameters
    ----------
    ready_after
        Seconds from a scope's first window until it may be judged, with at least 50 occurrences.
    max_items
        Items held of all scopes; beyond it the half seen longest ago is evicted.

    Cost: about 90 ns a row to score, as much to learn; 80 bytes an item in a table at most half full, 64 bytes a
    scope.

    References
    ----------
    I. Good, The population frequencies of species, Biometrika 40, 1953. A. Chao, R. Colwell, Thirty years of
    progeny from Chao's inequality, SORT 41, 2017 (incidence data: windows instead of single occurrences).
    """

    name = "novelty"

    def __init__(self, ready_after: float = DAY, max_items: int = MAX_ITEMS) -> None:
        self._ready_after = ready_after
        self._max_items = max_items
        self._scopes = np.zeros((0, kernel.SCOPE))
        self._keys = np.zeros(1 << 10, np.uint64)
        self._values = np.zeros((kernel.ITEM, 1 << 10))
        self._used = 0
        self.evicted = 0
        """Items forgotten because the table was full."""

    def grow(self, keys: Sequence[Scope]) -> None:
        """Make room for new scopes."""
        self._scopes = np.concatenate([self._scopes, np.zeros((len(keys), kernel.SCOPE))])

    def score(self, window: Occurrences) -> Scores:
        """Judge each row by what was learned before it."""
        out = np.empty((2, len(window.slot)))
        kernel.score(
            window.start / SECOND,
            window.slot,
            window.item,
            window.count,
            self._scopes,
            self._keys,
            self._values,
            MEMORY,
            RARE,
            out,
        )
        surprise, chance = out
        state, missing = self._states(window)
        nothing = np.full(len(window.slot), np.nan)
        ready = state == State.READY
        return Scores(
            state, np.where(ready, surprise, 0.0), np.where(ready, chance, np.nan), nothing, nothing.copy(), missing
        )

    def _states(self, window: Occurrences) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
        scope = self._scopes[window.slot]
        end = (window.start + window.width) / SECOND
        first = np.where(scope[:, kernel.FIRST] > 0.0, scope[:, kernel.FIRST], end)
        missing = np.maximum(self._ready_after - (end - first), 0.0)
        # how soon the occurrences come is not known; a window at least
        missing = np.where(scope[:, kernel.EVENTS] < LEAST_EVENTS, np.maximum(missing, window.width / SECOND), missing)
        blind = scope[:, kernel.LOST] > 0.5 * scope[:, kernel.VISITS]
        state = np.where(missing > 0.0, State.LEARNING, np.where(blind, State.BLIND, State.READY))
        return state.astype(np.int8), missing

    def learn(self, window: Occurrences, surprise: NDArray[np.float64]) -> None:
        """Take the window in; what is new now is known afterwards, but stays rare."""
        del surprise  # what one window may teach is bounded for every row alike
        seconds = window.start / SECOND
        while (self._used + len(window.slot)) * 2 > len(self._keys):
            self._make_room()
        kernel.count_fresh(seconds, window.slot, window.item, self._scopes, self._keys, MEMORY, MOST_FRESH)
        self._used += kernel.learn(
            seconds,
            window.slot,
            window.item,
            window.count,
            self._scopes,
            self._keys,
            self._values,
            MEMORY,
            MOST_EVENTS,
        )

    def forget(self, window: Occurrences, rows: NDArray[np.bool_]) -> None:
        """Make the items of some of the window's rows ones that their scopes have never had."""
        kernel.forget(window.slot[rows], window.item[rows], self._scopes, self._keys, self._values, MEMORY)

    def _make_room(self) -> None:
        """Double the table, or evict the half of the items seen longest ago once it has its full size."""
        full = self._used > 0 and len(self._keys) >= 2 * self._max_items
        since = self._middle_time() if full else -np.inf
        if full:
            kernel.note_lost(self._keys, self._values, self._scopes, since, MEMORY)
        size = len(self._keys) * (1 if full else 2)
        keys, values = np.zeros(size, np.uint64), np.zeros((kernel.ITEM, size))
        kept = int(kernel.move(self._keys, self._values, keys, values, since))
        self.evicted += self._used - kept
        self._keys, self._values, self._used = keys, values, kept

    def _middle_time(self) -> float:
        """Return the time since when half of the items were seen, or less where many share that time."""
        times = self._values[kernel.WHEN, self._keys != 0]
        middle = float(np.median(times))
        return middle if times.min() < middle else float(np.nextafter(middle, np.inf))

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        taken = np.flatnonzero(self._keys)
        return {
            "version": VERSION,
            "scopes": self._scopes.copy(),
            "size": len(self._keys),
            "evicted": self.evicted,
            "keys": self._keys[taken],
            "values": np.ascontiguousarray(self._values[:, taken]),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"novelty state: got version {tree.get('version')!r}, expected {VERSION}")
        size = int(tree["size"])
        self._keys, self._values = np.zeros(size, np.uint64), np.zeros((kernel.ITEM, size))
        self._scopes = np.array(tree["scopes"])
        self.evicted = int(tree["evicted"])
        self._used = int(kernel.move(tree["keys"], tree["values"], self._keys, self._values, float("-inf")))

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return self._scopes.nbytes + self._keys.nbytes + self._values.nbytes
