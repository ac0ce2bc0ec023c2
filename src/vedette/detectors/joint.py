"""`joint`: do these numbers go together as they usually do, whatever each of them is?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.forest import laplace_surprise
from vedette.detectors.peaks import Peaks
from vedette.errors import StateCorrupt
from vedette.records.observation import Space, Vectors
from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree
from vedette.stats.regression import correlations, residuals

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

VERSION: Final = 1

DAY: Final = 86_400.0
MEMORY: Final = 3 * DAY
"""What numbers do together changes with releases, not with hours; a tenth of it is learned anew in a working day."""

LEAST_VECTORS: Final = 50
"""A feature is used from then on, as in `vedette.detectors.forest`: an honest correlation of twelve needs some."""

REACH: Final = 3.0
"""Spreads from its forecast that a value teaches at most, as in `vedette.detectors.baseline`."""

MILD: Final = 0.05
"""Least that a row teaches, however far it was from the forecast; what lasts is taken in after `LASTS`."""

BEST: Final = 0.1
"""Least spread of what a feature is away from the others' forecast, as a share of what its correlations promise."""

EXPLAINED: Final = 0.5
"""Largest share of a feature's spread that the forecast may leave: three quarters of the variance are the others'."""

LASTS: Final = 4 * 3600.0
"""A deviation to one side for so long is the new way of going together, as in `vedette.detectors.baseline`."""

APART: Final = 2.0
"""Spreads from which on a feature deviates, for that."""

RECENT: Final = 3600.0
"""Memory of the deviation that is then taken in."""

MOST_SURPRISE: Final = 300.0


@dataclass(frozen=True, slots=True)
class Parts:
    """What each feature should be, given the others; all of shape ``(n, n_features)``, NaN where unused.

    ``away`` is the distance from it in spreads, ``spread`` such a spread in the terms of the values.
    """

    expected: Floats
    spread: Floats
    away: Floats


class Joint:
    """Means, spreads and correlations of the features of every space, as a bank.

    Notes
    -----
    Each feature is forecast from the others of its vector, linearly (`vedette.stats.regression`); ``away`` is what they
    leave of it, in spreads. How far that usually is, is learned too, so that neither heavy tails nor the regression's
    ridge make it bold or shy. Surprise is that of the feature that is furthest away, by a Laplace distribution, for as
    many tries as there are features.

    It works where numbers depend on each other in one way: load and what it costs. **It fails** where the way has two
    branches or bends (a cache that is cold or warm), which widens the spread; and it cannot say which of two numbers is
    the odd one.

    A forest of half-spaces, which bends, sees less of it in 250 times the memory
    (docs/decisions/0020-joint-deviations.md).

    Parameters
    ----------
    features
        In each vector.
    ready_after
        Seconds of history before a feature is used.

    Cost: 1 ms a window and 12 µs a space of twelve features; ``8 · features · (features + 30)`` bytes a space.

    References
    ----------
    A. P. Dempster: Covariance selection, Biometrics 28, 1972. We depart in that the spread of what is left is learned.
    """

    name = "joint"

    def __init__(self, features: int, ready_after: float = DAY) -> None:
        self._ready_after = ready_after
        self._features = features
        self._peaks = Peaks(features)
        self._begin(0)

    def _begin(self, count: int) -> None:
        """Become a bank of `count` empty spaces."""
        shape = (count, self._features)
        self._first, self._seen, self._mean = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self._usual = np.ones(shape)
        self._run, self._recent = np.zeros(shape), np.zeros(shape)
        self._products = np.zeros((*shape, self._features))

    def grow(self, keys: Sequence[Space]) -> None:
        """Make room for new spaces."""
        fresh = Joint(self._features)
        fresh._begin(len(keys))
        for name in _STATE:
            setattr(self, f"_{name}", np.concatenate([getattr(self, f"_{name}"), getattr(fresh, f"_{name}")]))
        self._peaks.grow(len(keys))

    def score(self, window: Vectors) -> Scores:
        """Judge each row by what was learned before it."""
        return self.weigh(window, self.fresh(window, self.parts(window).away))

    def fresh(self, window: Vectors, away: Floats) -> Floats:
        """Return distances without those, now NaN, that other days had at this time."""
        with np.errstate(invalid="ignore"):
            return np.where(np.abs(away) > self._peaks.known(window.slot, window.start), away, np.nan)

    def weigh(self, window: Vectors, away: Floats) -> Scores:
        """Return the verdicts on rows whose features are so many spreads away, NaN for those that do not count."""
        tries = np.maximum(np.isfinite(away).sum(axis=1), 1)
        worst = _furthest(away)
        # both sides of the distribution, as many tries as features
        surprise = laplace_surprise(worst) - np.log10(2.0 * tries)
        missing = self._missing(window)
        ready = missing <= 0.0
        nothing = np.full(len(worst), np.nan)
        return Scores(
            np.where(ready, State.READY, State.LEARNING).astype(np.int8),
            np.where(ready, np.clip(surprise, 0.0, MOST_SURPRISE), 0.0),
            np.zeros(len(worst)),
            nothing,
            nothing.copy(),
            missing,
        )

    def parts(self, window: Vectors) -> Parts:
        """Return what each feature of each row should be, given the others."""
        slot, used = window.slot, self._used(window)
        mean, scale = self._mean[slot], self._scale(slot)
        off = np.where(used, window.values - mean, 0.0)
        left, promised = residuals(off, self._products[slot], scale, used)
        spread = promised * np.sqrt(self._usual[slot])
        return Parts(
            np.where(used, mean + (off - left), np.nan),
            np.where(used, spread, np.nan),
            np.where(used & (spread <= EXPLAINED * scale), left / spread, np.nan),
        )

    def _scale(self, slot: NDArray[np.int32]) -> Floats:
        variance = np.einsum("ijj->ij", self._products[slot])
        floor = np.maximum(1e-3 * np.abs(self._mean[slot]), 1e-9)
        scale: Floats = np.sqrt(np.maximum(variance, floor**2))
        return scale

    def correlations(self, space: int) -> Floats:
        """Return how closely the features of one space go together, shape ``(n_features, n_features)``, -1 to 1."""
        one = np.array([space], np.int32)
        close: Floats = correlations(self._products[one], self._scale(one))[0]
        return close

    def learn(self, window: Vectors, surprise: NDArray[np.float64]) -> None:
        """Take the window into the models; slots are unique in it.

        `surprise` is not needed, as it leaves out what does not matter.
        """
        del surprise
        self.absorb(window, self.parts(window))

    def absorb(self, window: Vectors, parts: Parts) -> None:
        """Learn the window, of which `parts` says what it should be.

        A row teaches less the further it was from the forecast, and each value `REACH` spreads at most.
        """
        slot, present = window.slot, np.isfinite(window.values)
        worst = laplace_surprise(_furthest(parts.away))
        weight = np.where(present, np.maximum(1.0 / (1.0 + np.maximum(worst - 1.0, 0.0)), MILD)[:, None], 0.0)
        start = window.start / SECOND
        self._first[slot] = np.where(present & (self._first[slot] == 0.0), start, self._first[slot])
        most = MEMORY / (window.width / SECOND)
        seen = np.minimum(self._seen[slot] + weight, most)
        self._seen[slot] = seen
        pace = np.where(present, weight / np.maximum(seen, 1.0), 0.0)
        used = np.isfinite(parts.spread)
        bound = REACH * parts.spread
        near = np.where(used, np.clip(window.values, parts.expected - bound, parts.expected + bound), window.values)
        off = np.where(present, near - self._mean[slot], 0.0)
        self._mean[slot] += pace * off
        both = np.sqrt(pace[:, :, None] * pace[:, None, :])
        kept = off * np.sqrt(1.0 - pace)
        self._products[slot] += both * (kept[:, :, None] * kept[:, None, :] - self._products[slot])
        self._settle(window, parts, pace)

    def _settle(self, window: Vectors, parts: Parts, pace: Floats) -> None:
        """Learn how far features usually are from the forecast, and take in what has lasted."""
        slot, used, width = window.slot, np.isfinite(parts.spread), window.width / SECOND
        left = np.where(used, window.values - parts.expected, 0.0)
        far = left / np.where(used, parts.spread, 1.0)
        usual = self._usual[slot]
        usual += np.where(used, pace, 0.0) * usual * (np.minimum(far**2, REACH**2) - 1.0)
        self._usual[slot] = np.maximum(usual, BEST**2)
        side = np.where(np.abs(far) >= APART, np.sign(far), 0.0)
        self._peaks.note(slot, window.start, np.abs(far))
        run = np.where(np.sign(self._run[slot]) == -side, 0.0, self._run[slot]) * (side != 0.0) + side * width
        run = np.where(used, run, self._run[slot])
        recent = self._recent[slot] + min(width / RECENT, 1.0) * (left - self._recent[slot])
        lasted = np.abs(run) >= LASTS
        self._mean[slot] += np.where(lasted, recent, 0.0)
        self._run[slot], self._recent[slot] = np.where(lasted, 0.0, run), np.where(lasted, 0.0, recent)

    def _used(self, window: Vectors) -> Bools:
        """Say which features of which rows are there and known for long enough."""
        used: Bools = np.isfinite(window.values) & (self._seen[window.slot] >= LEAST_VECTORS)
        return used

    def _waits(self, window: Vectors) -> Floats:
        """Return the seconds until each feature of each row may be used."""
        first, seen = self._first[window.slot], self._seen[window.slot]
        width = window.width / SECOND
        age = np.where(first > 0.0, window.start / SECOND + width - first, 0.0)
        few = np.maximum(LEAST_VECTORS - seen, 0.0) * width
        waits: Floats = np.maximum(self._ready_after - age, few)
        return np.where(np.isfinite(window.values), np.maximum(waits, 0.0), np.inf)

    def _missing(self, window: Vectors) -> Floats:
        """Return the seconds until two features of each row may be used: one alone goes with nothing."""
        second = np.sort(self._waits(window), axis=1)[:, 1]
        return np.where(np.isfinite(second), second, self._ready_after)

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        arrays = {name: getattr(self, f"_{name}").copy() for name in _STATE}
        return {"version": VERSION, **arrays, **self._peaks.snapshot()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"joint state: got version {tree.get('version')!r}, expected {VERSION}")
        for name in _STATE:
            setattr(self, f"_{name}", np.array(tree[name]))
        self._peaks.restore(tree)

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return sum(int(getattr(self, f"_{name}").nbytes) for name in _STATE) + self._peaks.nbytes


def _furthest(away: Floats) -> Floats:
    """Return the largest distance of each row, shape ``(n,)``; 0 where none counts."""
    furthest: Floats = np.fmax.reduce(np.abs(away), axis=1, initial=0.0)
    return furthest


_STATE: Final = ("first", "seen", "mean", "usual", "run", "recent", "products")
