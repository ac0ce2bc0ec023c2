"""`holders`: has this entity ever had this item, and how many of its peers have?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import holders as kernel
from vedette.kernels import novelty as table
from vedette.records.observation import Occurrences, Scope
from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree

VERSION: Final = 1

DAY: Final = 86_400.0
PRIOR: Final = 1.0
"""Windows of its own after which an entity's rate of new items counts as much as its peers'."""
FEW: Final = 0.02
"""Share of the peers up to which an item is held by few; three always are."""
LEAST_FEW: Final = 3.0
RARE: Final = 0.1
"""Chance above which a new item is no surprise: who has one every other week is no finding."""
REPEATS: Final = 0.5
"""Decades that ten times as many occurrences add."""
MAX_ITEMS: Final = 1 << 22
"""Places held, in a table of 270 MB at most."""
HELD, COMMON, UNUSUAL, UNKNOWN = 0, 1, 2, 3
"""Held by the scope itself; new to it and held by many peers, by few, by none."""

_WINDOWS, _ITEMS, _LOST, _FIRST = 3, 4, 5, 6
_NUMBERS: Final = 7


class Holders:
    """Who holds what, as one table with a bound.

    Notes
    -----
    A row's surprise is the chance that a window of the scope brings an item that is new to it and held by as few
    of its peers: ``(its such windows + peers' rate) / (its windows + 1)``. Peers are the scopes of the same
    environment, service (type or group of entities) and attribute.

    It works where items return (hosts, countries, services, processes), and for newcomers, whose items their peers
    hold. **It fails** on items that nobody meets again, where it is silent, and on an intruder who uses the
    entity's own; what is evicted is counted, and a scope that lost more than it holds is BLIND.

    Parameters
    ----------
    ready_after
        Seconds from a scope's first window until it may be judged.
    max_items
        Places of all scopes and pools; beyond it those seen longest ago are evicted, half of all.

    Cost: 0.2 µs a row to score, as much to learn; 64 bytes an item, 64 bytes a scope.
    """

    name = "holders"

    def __init__(self, ready_after: float = 7 * DAY, max_items: int = MAX_ITEMS) -> None:
        self._ready_after = ready_after
        self._max_items = max_items
        self._scopes = np.zeros((0, _NUMBERS))
        self._pool = np.zeros(0, np.int64)
        self._pools: dict[str, int] = {}
        self._size: NDArray[np.float64] = np.zeros(0)
        self._keys = np.zeros(1 << 10, np.uint64)
        self._values = np.zeros((kernel.ITEM, 1 << 10))
        self._used = 0
        self.evicted = 0
        """Places forgotten because the table was full."""

    def grow(self, keys: Sequence[Scope]) -> None:
        """Make room for new scopes."""
        names = [f"{key.segment.environment}\n{key.segment.service}\n{key.attribute}" for key in keys]
        numbers = [self._pools.setdefault(name, len(self._pools)) for name in names]
        self._pool = np.concatenate([self._pool, np.array(numbers, np.int64)])
        self._scopes = np.concatenate([self._scopes, np.zeros((len(keys), _NUMBERS))])
        self._count()

    def _count(self) -> None:
        """Count the pools' scopes, their windows and their windows with something new."""
        wide = len(self._pools)
        self._size = np.bincount(self._pool, (self._scopes[:, _WINDOWS] > 0.0) * 1.0, wide).astype(np.float64)
        columns = [np.bincount(self._pool, self._scopes[:, k], wide) for k in range(_WINDOWS + 1)]
        self._rates = np.stack(columns, axis=1)

    def strata(self, window: Occurrences) -> NDArray[np.int8]:
        """Return for each row one of `HELD`, `COMMON`, `UNUSUAL`, `UNKNOWN`."""
        holders = np.empty(len(window.slot))
        kernel.held(window.slot, window.item, self._pool, self._keys, self._values, holders)
        few = np.maximum(FEW * self._size[self._pool[window.slot]], LEAST_FEW)
        found = np.select([holders < 0.0, holders > few, holders > 0.0], [HELD, COMMON, UNUSUAL], UNKNOWN)
        return found.astype(np.int8)

    def score(self, window: Occurrences) -> Scores:
        """Judge each row by what was learned before it."""
        slot, strata = window.slot, self.strata(window)
        own = self._scopes[slot]
        peers = self._rates[self._pool[slot]] - own[:, : _WINDOWS + 1]
        place = np.maximum(strata.astype(np.int64) - 1, 0)
        rows = np.arange(len(slot))
        rate = (peers[rows, place] + 0.1) / (np.maximum(peers[:, _WINDOWS], 0.0) + 1.0)
        chance = (own[rows, place] + PRIOR * rate) / (own[:, _WINDOWS] + PRIOR)
        chance = np.where(strata == HELD, 1.0, np.clip(chance, 1e-12, 1.0))
        first = np.where(own[:, _FIRST] > 0.0, own[:, _FIRST], window.start / SECOND + 1.0)
        missing = np.maximum(first + self._ready_after - (window.start + window.width) / SECOND, 0.0)
        missing = np.where(own[:, _FIRST] > 0.0, missing, np.maximum(missing, window.width / SECOND))
        blind = own[:, _LOST] > own[:, _ITEMS]
        state = np.where(missing > 0.0, State.LEARNING, np.where(blind, State.BLIND, State.READY)).astype(np.int8)
        ready = state == State.READY
        surprise = np.where(chance < RARE, -np.log10(chance) + REPEATS * np.log10(np.maximum(window.count, 1)), 0.0)
        nothing = np.full(len(slot), np.nan)
        expected = np.where(ready, chance, np.nan)
        return Scores(state, np.where(ready, surprise, 0.0), expected, nothing, nothing.copy(), missing)

    def learn(self, window: Occurrences, surprise: NDArray[np.float64]) -> None:
        """Take the window in; what is new now is held afterwards."""
        del surprise  # one window counts once, however much is new in it
        seconds = window.start / SECOND
        while (self._used + 2 * len(window.slot)) * 2 > len(self._keys):
            self._make_room()
        strata = self.strata(window)
        for stratum in (COMMON, UNUSUAL, UNKNOWN):
            begun = self._scopes[window.slot, _FIRST] > 0.0  # in the first window everything is new
            self._scopes[np.unique(window.slot[(strata >= stratum) & begun]), stratum - 1] += 1.0
        here: NDArray[np.int32] = np.unique(window.slot)
        self._scopes[here, _WINDOWS] += 1.0
        self._scopes[here, _FIRST] = np.where(self._scopes[here, _FIRST] > 0.0, self._scopes[here, _FIRST], seconds)
        np.add.at(self._scopes[:, _ITEMS], window.slot[strata != HELD], 1.0)
        self._used += int(kernel.learn(seconds, window.slot, window.item, self._pool, self._keys, self._values))
        self._count()

    def _make_room(self) -> None:
        """Double the table, or evict what was seen longest ago once it has its full size."""
        full = self._used > 0 and len(self._keys) >= 2 * self._max_items
        since = -np.inf
        if full:
            times = self._values[kernel.WHEN, self._keys != 0]
            middle = float(np.median(times))
            since = middle if times.min() < middle else float(np.nextafter(middle, np.inf))
            gone = (self._keys != 0) & (self._values[kernel.WHEN] < since) & (self._values[kernel.OWNER] >= 0.0)
            owners = self._values[kernel.OWNER, gone].astype(np.int64)
            np.add.at(self._scopes[:, _LOST], owners, 1.0)
            np.add.at(self._scopes[:, _ITEMS], owners, -1.0)
        size = len(self._keys) * (1 if full else 2)
        keys, values = np.zeros(size, np.uint64), np.zeros((kernel.ITEM, size))
        kept = int(table.move(self._keys, self._values, keys, values, since))
        self.evicted += self._used - kept
        self._keys, self._values, self._used = keys, values, kept

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        taken = np.flatnonzero(self._keys)
        return {
            "version": VERSION,
            "scopes": self._scopes.copy(),
            "pool": self._pool.copy(),
            "pools": list(self._pools),
            "size": len(self._keys),
            "evicted": self.evicted,
            "keys": self._keys[taken],
            "values": np.ascontiguousarray(self._values[:, taken]),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"holders state: got version {tree.get('version')!r}, expected {VERSION}")
        size = int(tree["size"])
        self._keys, self._values = np.zeros(size, np.uint64), np.zeros((kernel.ITEM, size))
        self._scopes, self._pool = np.array(tree["scopes"]), np.array(tree["pool"])
        self._pools = {name: number for number, name in enumerate(tree["pools"])}
        self.evicted = int(tree["evicted"])
        self._used = int(table.move(tree["keys"], tree["values"], self._keys, self._values, float("-inf")))
        self._count()

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return self._scopes.nbytes + self._pool.nbytes + self._keys.nbytes + self._values.nbytes
