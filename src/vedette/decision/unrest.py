"""How much the windows of a series repeat one another: what evidence that is gathered over several of them is worth."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.baseline_layout import Z_BAND
from vedette.records.score import Scores
from vedette.state.tree import Tree

Floats = NDArray[np.float64]
Slots = NDArray[np.int32]

SHARE: Final = 0.1
"""What a window weighs in the moving mean: about the length of a fault's first ten windows."""

INDEPENDENT: Final = SHARE / (2.0 - SHARE)
"""Variance of the moving mean of independent windows, beside that of one window."""

CHANCE: Final = 1.3
"""Inflation that is not told from none: a fault or two in a week inflate by as much."""

FAR: Final = 3.0
"""Standard deviations beyond which a window counts as this far: one fault must not pass for unrest."""

IMAGINED: Final = 200.0
"""Windows without any unrest that each series begins with."""

MEMORY: Final = 10_000.0
"""Windows after which an old one weighs 1/e: a week of minutes."""


def away(value: Floats, scores: Scores) -> Floats:
    """Return how far each value lies from what was expected, in standard deviations of its side; NaN while learning."""
    change = value - scores.expected
    reach = np.where(change >= 0.0, scores.upper - scores.expected, scores.expected - scores.lower)
    return Z_BAND * change / np.maximum(reach, 1e-12)


class Unrest:
    """A bank of variance inflations, one a slot.

    A sum over n independent windows varies n times as much as one; where unrest lasts for an hour, each window repeats
    the one before, and it varies *inflation* × n times as much: n windows tell no more than n / inflation do. The
    inflation is measured as the variance of an exponentially weighted mean of ten windows over what it were for
    independent ones, around the series' own mean. The largest excursion of that mean does not count: one fault is no
    habit. **It fails** for unrest that lasts much longer than the mean's memory, which is measured too low.

    Cost: 0.2 µs a row and 0.1 ms a window, 56 bytes a slot.

    References
    ----------
    G. Bayley, J. Hammersley, The effective number of independent observations, Suppl. J. R. Statist. Soc. 8, 1946.
    """

    def __init__(self) -> None:
        self._numbers = np.zeros((_FIELDS, 0))

    def grow(self, count: int) -> None:
        """Make room for more slots."""
        new = np.zeros((_FIELDS, count))
        new[_WINDOWS] = new[_SQUARE] = IMAGINED
        new[_MOVED] = IMAGINED * INDEPENDENT
        self._numbers = np.concatenate([self._numbers, new], axis=1)

    def inflation(self, slot: Slots) -> Floats:
        """Return of how many windows each tells as much as an independent one, shape ``(n,)``, >= 1."""
        square, moved, largest = (self._numbers[place, slot] for place in (_SQUARE, _MOVED, _LARGEST))
        measured: Floats = (moved - largest) / np.maximum(square, 1e-9) / INDEPENDENT
        return np.maximum(measured / CHANCE, 1.0)

    def note(self, slot: Slots, deviation: Floats) -> None:
        """Take in ordinary windows by their `away`, shape ``(n,)``; slots are unique, NaN is left out."""
        finite = np.isfinite(deviation)
        slot, held = slot[finite], self._numbers[:, slot[finite]]
        windows, mean, moving, square, moved, run, largest = held
        seen = np.clip(deviation[finite], -FAR, FAR)
        mean = mean + (seen - mean) / np.minimum(windows - IMAGINED + 1.0, MEMORY)
        spread, keep = np.sqrt(square / windows), 1.0 - 1.0 / MEMORY
        seen = np.clip(seen - mean, -FAR * spread, FAR * spread)
        moving = (1.0 - SHARE) * moving + SHARE * seen
        run = np.where(np.abs(moving) > spread * np.sqrt(INDEPENDENT), run + moving**2, 0.0)
        self._numbers[:, slot] = (
            keep * windows + 1.0,
            mean,
            moving,
            keep * square + seen**2,
            keep * moved + moving**2,
            run,
            np.maximum(keep * largest, run),
        )

    def snapshot(self) -> Tree:
        """Return the state as an array."""
        return {"numbers": self._numbers.copy()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._numbers = tree["numbers"].copy()


_WINDOWS, _MEAN, _MOVING, _SQUARE, _MOVED, _RUN, _LARGEST = range(7)
_FIELDS: Final = 7
