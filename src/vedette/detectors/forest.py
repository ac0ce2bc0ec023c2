"""`forest`: is this combination of numbers odd?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import forest as kernel
from vedette.records.observation import Space, Vectors
from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree
from vedette.stats.cuts import draw_cuts
from vedette.stats.decay import fade

VERSION: Final = 1

DAY: Final = 86_400.0
MEMORY: Final = 14 * DAY
"""Seconds in which what was seen fades to 1/e: two of the longest usual rhythm, as in `novelty`."""
STEPS: Final = 32
"""Steps in which a memory fades: masses are touched so often, not at every window."""
SCALE_SHARE: Final = 0.25
"""Part of the time until READY that teaches the scale of the features only: cells must not move under their mass."""
LEAST_VECTORS: Final = 50.0
"""Vectors that a space must have had before it is judged: fewer fill no cells."""
REACH: Final = 2.0
"""Standard deviations from the mean to the middle of a half of the unit interval, in which cuts are drawn."""
MILD: Final = 0.2
"""Least weight of an odd vector: a state that lasts is learned five times more slowly than usual ones, never not."""
LEAST_SPREAD: Final = 0.25
"""Spread of rarity, in bits, at least: rounding of logarithms is 0.09."""
TREES: Final = 50
DEPTH: Final = 8

RARITY_MEMORY: Final = 2 * DAY
"""Memory of what rarity is usual: it grows with the mass at first."""

FIRST, FADED, COUNT, WHOLE, JUDGED, RARITY, VARIANCE = range(7)
SPACE: Final = 7
"""Numbers of a space: times of its first window and of the last fading, seconds; vectors, mass and judged vectors,
faded; mean and variance of rarity, in bits."""


class Forest:
    """Half-space trees with one question a level, for all spaces of a shard.

    Notes
    -----
    Trees are the same for all spaces; the masses of their leaves, and the mean and spread that put a feature into the
    unit interval, are a space's own and fade with time. A vector's rarity is log2 of all mass over that of its leaf,
    mean over trees. Surprise is how far that lies above the space's usual rarity, by a Laplace distribution of the
    same spread, whose tail claims little; `vedette.stats.tail` calibrates it.

    It works for up to some 60 features that matter together, on any distribution with dense and empty regions.
    **It fails** where oddity is in one of hundreds of features (few trees ask of it), where features wander without
    bound, and where what is odd lies amid of what is usual along every axis (a broken ratio within the usual range:
    whitened distances see that, as `vedette.scoring.views` has them). Missing numbers count as the mean.

    Parameters
    ----------
    features
        Numbers in a vector, the same for all spaces of the bank.
    trees, depth
        More trees give smoother scores; depth 8 tells 256 cells apart, 50 trees of it cost 51 kB a space.
    ready_after
        Seconds from a space's first window until it may be judged, with at least 50 vectors.
    seed
        Of the cuts.

    Cost: 6 million vectors a CPU-second to score with 100 trees of depth 10, 3 million to learn
    (``python -m bench forest``); ``4 · trees · 2^depth + 16 · features + 56`` bytes a space.

    References
    ----------
    S. C. Tan, K. M. Ting, T. F. Liu: Fast anomaly detection for streaming data, IJCAI 2011. We depart in one
    question a level, fading instead of two windows, and rarity as a logarithm.
    """

    name = "forest"

    def __init__(
        self, features: int, trees: int = TREES, depth: int = DEPTH, ready_after: float = DAY, seed: int = 1
    ) -> None:
        self._ready_after = ready_after
        self._feature, self._cut = draw_cuts(trees, depth, features, seed)
        self._spaces = np.zeros((0, SPACE))
        self._scale = np.zeros((0, 2, features))
        self._mass = np.ones((0, trees, 2**depth), np.float32)

    def grow(self, keys: Sequence[Space]) -> None:
        """Make room for new spaces."""
        new = len(keys)
        self._spaces = np.concatenate([self._spaces, np.zeros((new, SPACE))])
        self._scale = np.concatenate([self._scale, np.zeros((new, *self._scale.shape[1:]))])
        self._mass = np.concatenate([self._mass, np.ones((new, *self._mass.shape[1:]), np.float32)])

    def score(self, window: Vectors) -> Scores:
        """Judge each row by what was learned before it."""
        rarity = self._rarity(window.slot, self._points(window))
        space = self._spaces[window.slot]
        missing = self._missing(window)
        ready = missing <= 0.0
        spread = np.maximum(np.sqrt(space[:, VARIANCE]), LEAST_SPREAD)
        surprise = laplace_surprise((rarity - space[:, RARITY]) / spread)
        nothing = np.full(len(rarity), np.nan)
        return Scores(
            np.where(ready, State.READY, State.LEARNING).astype(np.int8),
            np.where(ready, surprise, 0.0),
            np.where(ready, space[:, RARITY], np.nan),
            nothing,
            nothing.copy(),
            missing,
        )

    def learn(self, window: Vectors, surprise: NDArray[np.float64]) -> None:
        """Take the window in; a vector teaches less the more surprising it was, a fifth at least."""
        self._begin(window)
        slot, weight = window.slot, np.maximum(1.0 / (1.0 + np.maximum(surprise - 1.0, 0.0)), MILD)
        points = self._points(window)
        settled = np.where(self._age(window) >= SCALE_SHARE * self._ready_after, weight, 0.0)
        rarity = self._rarity(slot, points)
        spaces = self._spaces
        usual = spaces[:, RARITY : RARITY + 1], spaces[:, VARIANCE : VARIANCE + 1]
        kernel.follow(rarity[:, None], slot, settled, spaces[:, JUDGED], *usual)
        kernel.add(points, slot, self._feature, self._cut, settled, self._mass)
        kernel.add_up(slot, settled, spaces[:, WHOLE])
        kernel.follow(window.values, slot, weight, spaces[:, COUNT], self._scale[:, 0], self._scale[:, 1])

    def contributions(self, window: Vectors) -> NDArray[np.float64]:
        """Return how many bits of each row's rarity each feature brings, shape ``(n, n_features)``; exact."""
        out = np.empty(window.values.shape)
        points = self._points(window)
        leaves = np.empty((len(self._feature), len(window.slot)), np.int16)
        kernel.place(points, self._feature, self._cut, leaves)
        kernel.shares(leaves, window.slot, self._mass, self._feature, out)
        return out

    def _points(self, window: Vectors) -> NDArray[np.int16]:
        points = np.empty(window.values.shape[::-1], np.int16)
        kernel.into_unit(window.values, window.slot, self._scale, REACH, points)
        return points

    def _rarity(self, slot: NDArray[np.int32], points: NDArray[np.int16]) -> NDArray[np.float64]:
        usual = np.empty(len(slot))
        kernel.mean_log2(points, slot, self._feature, self._cut, self._mass, usual)
        rarity: NDArray[np.float64] = np.log2(self._spaces[slot, WHOLE] + 1.0) - usual
        return rarity

    def _age(self, window: Vectors) -> NDArray[np.float64]:
        first = self._spaces[window.slot, FIRST]
        end = (window.start + window.width) / SECOND
        return np.where(first > 0.0, end - first, 0.0)

    def _missing(self, window: Vectors) -> NDArray[np.float64]:
        missing = np.maximum(self._ready_after - self._age(window), 0.0)
        # how soon the vectors come is not known; a window at least
        few = self._spaces[window.slot, COUNT] < LEAST_VECTORS
        return np.where(few, np.maximum(missing, window.width / SECOND), missing)

    def _begin(self, window: Vectors) -> None:
        """Note the first window of new spaces; let what is old fade, a 32nd of the memory at a time."""
        seconds = window.start / SECOND
        slots = np.unique(window.slot)
        new = slots[self._spaces[slots, FIRST] == 0.0]
        self._spaces[np.ix_(new, [FIRST, FADED])] = seconds
        for slot in slots[seconds - self._spaces[slots, FADED] >= MEMORY / STEPS].tolist():
            elapsed = seconds - self._spaces[slot, FADED]
            left = fade(elapsed, MEMORY)
            self._mass[slot] = 1.0 + np.float32(left) * (self._mass[slot] - 1.0)
            self._spaces[slot, [COUNT, WHOLE]] *= left
            self._spaces[slot, JUDGED] *= fade(elapsed, RARITY_MEMORY)
            self._spaces[slot, FADED] = seconds

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        return {"version": VERSION, **{name: getattr(self, f"_{name}").copy() for name in _STATE}}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"forest state: got version {tree.get('version')!r}, expected {VERSION}")
        for name in _STATE:
            setattr(self, f"_{name}", np.array(tree[name]))

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return sum(int(getattr(self, f"_{name}").nbytes) for name in _STATE)


def laplace_surprise(spreads: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``-log10`` of the chance of more, by a Laplace distribution of mean 0 and standard deviation 1.

    >>> laplace_surprise(np.array([-50.0, 0.0, 5.0])).round(2).tolist()
    [0.0, 0.3, 3.37]
    """
    tail = 0.5 * np.exp(-np.sqrt(2.0) * np.abs(spreads))
    above = (np.log(2.0) + np.sqrt(2.0) * np.maximum(spreads, 0.0)) / np.log(10.0)
    surprise: NDArray[np.float64] = np.where(spreads > 0.0, above, np.abs(np.log10(1.0 - tail)))
    return surprise


_STATE: Final = ("spaces", "scale", "mass", "feature", "cut")
