"""`hours`: is this entity ever active at this hour?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.records.observation import Occurrences, Scope
from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree

VERSION: Final = 1

DAY: Final = 86_400.0
MEMORY: Final = 28 * DAY
"""Seconds in which an hour's use fades to 1/e: four weeks, so that a turn of shifts comes round."""
PRIOR: Final = 2.0
"""Days of its own after which an entity's hours count as much as its peers'."""
NEAR: Final = 0.5
"""Share of an hour's use that counts for the hours before and after it, half of that for those beyond: people are
not punctual."""
ODD, ODD_TEACHES = 1.0, 0.25
"""Decades from which an hour is odd, and what it then teaches: every night becomes usual within two weeks."""
REPEATS: Final = 0.5
"""Decades that ten times as many events in the hour add."""
BUCKETS: Final = 48
"""The hours of a working day, then those of the weekend."""

Floats = NDArray[np.float64]


class Hours:
    """The hours, of working days and of weekends, at which every scope is active.

    Notes
    -----
    An item is an hour of the week: 0 for Monday 0:00 UTC up to 167. Surprise is the chance that the scope is active
    in it: ``(days it was, in that hour or less in its neighbors + 2 · peers' share) / (days + 2)``, where days pass
    also without the scope. Peers are the scopes of the same environment, service and attribute, or group.

    It works for people with habits and for accounts with schedules. **It fails** for those who work at all hours,
    where nothing is odd, and at changes of shift, which are odd for some days; daylight saving moves all by an hour.

    Parameters
    ----------
    ready_after
        Seconds from a scope's first window until it may be judged.

    Cost: 0.2 µs a row; 400 bytes a scope.
    """

    name = "hours"

    def __init__(self, ready_after: float = 7 * DAY) -> None:
        self._ready_after = ready_after
        self._use = np.zeros((0, BUCKETS))
        self._days = np.zeros((0, 2))
        self._first = np.zeros(0)
        self._pool = np.zeros(0, np.int64)
        self._pools: dict[str, int] = {}
        self._wide = 0
        self._last = 0.0
        self._total = np.zeros((0, BUCKETS))
        self._passed = np.zeros((0, 2))

    def grow(self, keys: Sequence[Scope]) -> None:
        """Make room for new scopes."""
        names = [f"{key.segment.environment}\n{key.segment.service}\n{key.attribute}" for key in keys]
        numbers = [self._pools.setdefault(name, len(self._pools)) for name in names]
        self._pool = np.concatenate([self._pool, np.array(numbers, np.int64)])
        self._use = np.concatenate([self._use, np.zeros((len(keys), BUCKETS))])
        self._days = np.concatenate([self._days, np.zeros((len(keys), 2))])
        self._first = np.concatenate([self._first, np.zeros(len(keys))])
        self._count()

    def _count(self) -> None:
        wide = max(self._wide, len(self._pools))
        self._total, self._passed = np.zeros((wide, BUCKETS)), np.zeros((wide, 2))
        np.add.at(self._total, self._pool, self._use)
        np.add.at(self._passed, self._pool, self._days)

    def regroup(self, slot: NDArray[np.int32], group: NDArray[np.int64]) -> None:
        """Count each slot as a peer of those of the same group number from now on, within its kind."""
        self._pool[slot] = group
        self._wide = max(self._wide, int(group.max(initial=-1)) + 1)
        self._count()

    def score(self, window: Occurrences) -> Scores:
        """Judge each row by what was learned before it."""
        slot, hour = window.slot, window.item % np.uint64(168)
        weekend = (hour >= 120).astype(np.int64)
        base, at = weekend * 24, (hour % np.uint64(24)).astype(np.int64)
        own, peers = np.zeros(len(slot)), np.zeros(len(slot))
        pool = self._pool[slot]
        for step, part in ((-2, NEAR / 2.0), (-1, NEAR), (0, 1.0), (1, NEAR), (2, NEAR / 2.0)):
            bucket = base + (at + step) % 24
            own += part * self._use[slot, bucket]
            peers += part * (self._total[pool, bucket] - self._use[slot, bucket])
        days = self._days[slot, weekend]
        peer_days = np.maximum(self._passed[pool, weekend] - days, 0.0)
        share = (peers + 0.1) / (peer_days + 1.0)
        chance = np.clip((own + PRIOR * np.minimum(share, 1.0)) / (days + PRIOR), 1e-12, 1.0)
        first = np.where(self._first[slot] > 0.0, self._first[slot], window.start / SECOND + 1.0)
        missing = np.maximum(first + self._ready_after - (window.start + window.width) / SECOND, 0.0)
        missing = np.where(self._first[slot] > 0.0, missing, np.maximum(missing, window.width / SECOND))
        ready = missing <= 0.0
        surprise = np.where(chance < 0.5, -np.log10(chance) + REPEATS * np.log10(np.maximum(window.count, 1)), 0.0)
        nothing = np.full(len(slot), np.nan)
        state = np.where(ready, State.READY, State.LEARNING).astype(np.int8)
        expected = np.where(ready, chance, np.nan)
        return Scores(state, np.where(ready, surprise, 0.0), expected, nothing, nothing.copy(), missing)

    def learn(self, window: Occurrences, surprise: NDArray[np.float64]) -> None:
        """Take the window in: each hour once, an odd one by a quarter, so that a few nights don't make nights usual."""
        seconds = window.start / SECOND
        passed = max(seconds - self._last, 0.0) / DAY if self._last else window.width / SECOND / DAY
        if passed > 0.0:
            left = np.exp(-passed * DAY / MEMORY)
            self._use *= left
            self._days *= left
            known = self._first > 0.0
            weekend = int((seconds // DAY + 3) % 7 >= 5)
            self._days[known, weekend] += min(passed, 1.0)
            self._last = seconds
        new = np.unique(window.slot[self._first[window.slot] == 0.0])
        self._first[new] = seconds
        self._days[new, int((seconds // DAY + 3) % 7 >= 5)] += window.width / SECOND / DAY
        hour = window.item % np.uint64(168)
        bucket = np.where(hour >= 120, 24, 0) + (hour % np.uint64(24)).astype(np.int64)
        teaches = np.where(surprise > ODD, ODD_TEACHES, 1.0) * window.width / SECOND / DAY
        np.add.at(self._use, (window.slot, bucket), teaches)
        self._count()

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        arrays = {name: getattr(self, f"_{name}").copy() for name in ("use", "days", "first", "pool")}
        return {"version": VERSION, "last": self._last, "pools": list(self._pools), "wide": self._wide, **arrays}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"hours state: got version {tree.get('version')!r}, expected {VERSION}")
        for name in ("use", "days", "first", "pool"):
            setattr(self, f"_{name}", np.array(tree[name]))
        self._last, self._wide = float(tree["last"]), int(tree["wide"])
        self._pools = {name: number for number, name in enumerate(tree["pools"])}
        self._count()

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return self._use.nbytes + self._days.nbytes + self._first.nbytes + self._pool.nbytes + self._total.nbytes
