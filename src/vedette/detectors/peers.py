"""`peers`: is this number unlike this entity's own past, and unlike its peers'?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import peers as kernel
from vedette.records.observation import LOGARITHMIC, Measures, Quantity, Series
from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree

VERSION: Final = 1

DAY: Final = 86_400.0
MEMORY: Final = 28 * DAY
"""Seconds in which a window fades to 1/e: four weeks, so that what comes monthly is not forgotten at once."""
LEAST_PRIOR, MOST_PRIOR = 0.3, 10.0
"""Bounds of the windows of its own after which an entity's mean counts as much as its peers'. Within them it is
learned: the spread within entities over that between them, as in the normal and in the gamma-Poisson model."""
LEAST_WINDOWS: Final = 2.5
"""Windows from which an entity's own mean says something of how far apart peers are."""
PRIOR_SPREAD: Final = 10.0
"""The same for the spread, which takes longer to know: two working weeks."""
CLIP: Final = 4.0
"""Spreads beyond which a value teaches no more than one there: an outlier must not become usual at once."""
LEAST_SPREAD: Final = 0.02
"""Least spread, of the mean: no quantity of an entity is steadier than 2 %."""
COUNTS: Final = (Quantity.COUNT, Quantity.DISTINCT)

Floats = NDArray[np.float64]


class Peers:
    """Level and spread of every series, with its peers' as prior.

    Notes
    -----
    Peers are the series of the same environment, service (the type of entity, or its group) and feature, each
    judged by the others (leave-one-out). A series' expected value is ``(sum + k · peers' mean) / (windows + k)``, with
    *k* learned from how alike peers are; so a newcomer is judged by its peers, someone of long standing by its own
    past. Counts follow a negative binomial, durations and sizes a Student's t of their logarithm, others one of
    themselves.

    It works for windows as long as the entity's rhythm, such as days. **It fails** on rhythms within the window's
    sequence (weekends are odd for those who come on few), and where peers have little in common.

    Parameters
    ----------
    ready_after
        Seconds from a series' first window until it may be judged.

    Cost: 0.3 µs a row to score, 50 ns a series to learn; 50 bytes a series.

    References
    ----------
    A. Gelman, Bayesian Data Analysis, 3rd ed., chapter 5 (partial pooling). The prior's weight
    is estimated by moments.
    """

    name = "peers"

    def __init__(self, ready_after: float = 7 * DAY) -> None:
        self._ready_after = ready_after
        self._group = np.zeros(0, np.int64)
        self._kind = np.zeros((0, 2), np.int8)
        self._least = np.zeros(0)
        self._sums = np.zeros((0, 3))
        self._first = np.zeros(0)
        self._last = 0.0
        self._groups: dict[str, int] = {}
        self._wide = 0
        self._total = np.zeros((0, 7))

    def grow(self, keys: Sequence[Series]) -> None:
        """Make room for new series: ``keys[i]`` gets the next slot but *i*."""
        names = [f"{key.segment.environment}\n{key.segment.service}\n{key.feature}" for key in keys]
        numbers = [self._groups.setdefault(name, len(self._groups)) for name in names]
        self._group = np.concatenate([self._group, np.array(numbers, np.int64)])
        kinds = np.array([[key.quantity, key.direction] for key in keys], np.int8).reshape(-1, 2)
        self._kind = np.concatenate([self._kind, kinds])
        self._least = np.concatenate([self._least, np.array([key.min_effect for key in keys], np.float64)])
        self._sums = np.concatenate([self._sums, np.zeros((len(keys), 3))])
        self._first = np.concatenate([self._first, np.zeros(len(keys))])
        self._pool()

    def _pool(self) -> None:
        """Sum up the groups: what was seen, and how far their members' means lie apart."""
        wide = max(self._wide, len(self._groups))
        total = [np.bincount(self._group, self._sums[:, k], wide) for k in range(3)]
        known = self._sums[:, 0] > LEAST_WINDOWS
        own = self._sums[known, 1] / self._sums[known, 0]
        noise = self._sums[known, 2] / self._sums[known, 0] ** 2
        group = self._group[known]
        total += [np.bincount(group, column, wide) for column in (np.ones(len(own)), own, own**2, noise)]
        self._total = np.stack(total, axis=1)

    def regroup(self, slot: NDArray[np.int32], group: NDArray[np.int64]) -> None:
        """Count each slot as a peer of those of the same group number from now on, within its kind."""
        self._group[slot] = group
        self._wide = max(self._wide, int(group.max(initial=-1)) + 1)
        self._pool()

    def score(self, window: Measures) -> Scores:
        """Judge each row by what was learned before it; NaN has no surprise."""
        slot = window.slot
        value, mean, spread, count = self._expected(window)
        out = np.empty(len(slot))
        kernel.surprises(value, mean, spread, count, self._kind[slot, 1], out)
        small = np.abs(value - mean) < self._least[slot] * np.abs(mean) * count
        first = np.where(self._first[slot] > 0.0, self._first[slot], window.start / SECOND + 1.0)
        missing = np.maximum(first + self._ready_after - (window.start + window.width) / SECOND, 0.0)
        missing = np.where(self._first[slot] > 0.0, missing, np.maximum(missing, window.width / SECOND))
        ready = missing <= 0.0
        scale = np.where(count, np.sqrt(mean + spread * mean**2), spread)
        state = np.where(ready, State.READY, State.LEARNING).astype(np.int8)
        back = self._back(slot, np.stack([mean, mean - 2.0 * scale, mean + 2.0 * scale]))
        return Scores(state, np.where(ready & ~small, out, 0.0), back[0], back[1], back[2], missing)

    def _expected(self, window: Measures) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
        """Return the rows' values as modeled, what was expected of them, its spread, and which are counts."""
        slot = window.slot
        kind = self._kind[slot, 0]
        value = np.where(np.isin(kind, LOGARITHMIC), np.log1p(np.maximum(window.value, 0.0)), window.value)
        count = np.isin(kind, COUNTS)
        own, total = self._sums[slot], self._total[self._group[slot]]
        peers = np.maximum(total[:, :3] - own, 0.0)
        peers = np.where(peers[:, :1] < 0.5, own, peers)
        peer_mean = peers[:, 1] / np.maximum(peers[:, 0], 1e-9)
        peer_within = peers[:, 2] / np.maximum(peers[:, 0], 1e-9)
        prior = _prior(total, peer_within)
        mean = (own[:, 1] + prior * peer_mean) / (own[:, 0] + prior)
        mean = np.where(count, np.maximum(mean, 1e-3), mean)
        ratio = np.where(count, mean / np.maximum(peer_mean, 1e-3), 1.0)
        wide = np.maximum(peer_within - peer_mean, 0.0) * ratio**2
        guess = np.where(count, mean + wide, peer_within)
        within = (own[:, 2] + PRIOR_SPREAD * guess) / (own[:, 0] + PRIOR_SPREAD)
        unsure = 1.0 + 1.0 / (own[:, 0] + 1.0)
        dispersion = np.maximum(within - mean, 0.0) / np.maximum(mean, 1e-3) ** 2
        floor = LEAST_SPREAD * np.maximum(np.abs(mean), 0.1)
        spread = np.where(count, np.minimum(dispersion, 50.0) * unsure + 0.02, np.sqrt(within * unsure + floor**2))
        return value, mean, spread, count

    def _back(self, slot: NDArray[np.int32], numbers: Floats) -> Floats:
        logarithmic = np.isin(self._kind[slot, 0], LOGARITHMIC)
        return np.where(logarithmic[None, :], np.expm1(np.minimum(numbers, 80.0)), numbers)

    def learn(self, window: Measures, surprise: NDArray[np.float64]) -> None:
        """Take the window in; what lies beyond four spreads teaches as one at four."""
        del surprise
        slot = window.slot
        value, mean, spread, count = self._expected(window)
        scale = np.where(count, np.sqrt(mean + spread * mean**2), spread)
        known = self._sums[slot, 0] > 0.0
        bounded = np.where(known, np.clip(value, mean - CLIP * scale, mean + CLIP * scale), value)
        good = np.isfinite(bounded)
        slot, bounded = slot[good], bounded[good]
        seconds = window.start / SECOND
        self._sums *= np.exp(-max(seconds - self._last, 0.0) / MEMORY) if self._last else 1.0
        self._last = seconds
        before = self._sums[slot]
        own = np.where(before[:, 0] > 0.0, before[:, 1] / np.maximum(before[:, 0], 1e-9), bounded)
        after = (before[:, 1] + bounded) / (before[:, 0] + 1.0)
        self._sums[slot, 0] += 1.0
        self._sums[slot, 1] += bounded
        self._sums[slot, 2] += (bounded - own) * (bounded - after)
        self._first[slot] = np.where(self._first[slot] > 0.0, self._first[slot], seconds)
        self._pool()

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        arrays = {name: getattr(self, f"_{name}").copy() for name in _STATE}
        return {"version": VERSION, "last": self._last, "groups": list(self._groups), "wide": self._wide, **arrays}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"peers state: got version {tree.get('version')!r}, expected {VERSION}")
        for name in _STATE:
            setattr(self, f"_{name}", np.array(tree[name]))
        self._last, self._wide = float(tree["last"]), int(tree["wide"])
        self._groups = {name: number for number, name in enumerate(tree["groups"])}
        self._pool()

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return sum(int(getattr(self, f"_{name}").nbytes) for name in _STATE) + self._total.nbytes


_STATE: Final = ("group", "kind", "least", "sums", "first")


def _prior(total: Floats, within: Floats) -> Floats:
    """Return how many windows the peers' mean is worth, by moments of the members' means."""
    members = np.maximum(total[:, 3], 1.0)
    between = total[:, 5] / members - (total[:, 4] / members) ** 2 - total[:, 6] / members
    learned = within / np.maximum(between, 1e-9)
    return np.where(total[:, 3] < 5.0, 4.0, np.clip(learned, LEAST_PRIOR, MOST_PRIOR))
