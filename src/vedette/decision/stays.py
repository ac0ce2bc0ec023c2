"""How high the evidence of a series usually rises: what a bar owes to a restless one."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.decision.budget import SLOPE
from vedette.state.tree import Tree

Floats = NDArray[np.float64]
Slots = NDArray[np.int32]

FLOOR: Final = 1.0
"""Evidence from which on a stay counts: below it hardly anything is told apart."""

EXPECTED: Final = 2.0 / (SLOPE * np.log(10.0)) ** 2
"""Mean square of the height beyond the floor, for independent, uniform p-values: their tail is ``10^(-SLOPE h)``."""

IMAGINED: Final = 20.0
"""Stays of the expected height that each series begins with: a day's worth of them."""

MEMORY: Final = 2000.0
"""Stays after which an old one weighs 1/e."""


class Stays:
    """A bank of tails over the heights of stays, one a slot.

    A stay lasts from the rise of the evidence above nothing until it is back there. Where windows are independent
    its height is exponential with a known mean. Where unrest lasts for an hour, each window repeats the one before,
    stays are higher, and a bar for independent windows is passed by nothing unusual: it is raised by the measured
    scale over the expected one. The scale is that of the mean square, in which the high stays count most, as those are
    what passes the bar. The highest does not count, as one fault is no habit, and the others count up to the
    bar, so that faults make it deaf no sooner than they must.

    References
    ----------
    D. Siegmund, Sequential Analysis, 1985, chapter 2 (excursions of a CUSUM).
    """

    def __init__(self) -> None:
        self._peak = np.zeros(0)
        self._square = np.zeros(0)
        self._count = np.zeros(0)
        self._highest = np.zeros(0)

    def grow(self, count: int) -> None:
        """Make room for more slots."""
        self._peak = np.concatenate([self._peak, np.zeros(count)])
        self._square = np.concatenate([self._square, np.full(count, IMAGINED * EXPECTED)])
        self._count = np.concatenate([self._count, np.full(count, IMAGINED)])
        self._highest = np.concatenate([self._highest, np.zeros(count)])

    def strain(self, slot: Slots) -> Floats:
        """Return what the bar must be multiplied with, shape ``(n,)``, >= 1."""
        square = self._square[slot] - self._highest[slot] ** 2
        scale: Floats = np.sqrt(square / self._count[slot] / EXPECTED)
        return np.maximum(scale, 1.0)

    def note(self, slot: Slots, evidence: Floats, bar: float) -> None:
        """Take in the evidence after a window, shape ``(n,)``; slots are unique."""
        peak = np.maximum(self._peak[slot], evidence)
        ended = (evidence <= 0.0) & (peak >= FLOOR)
        over, keep = slot[ended], 1.0 - 1.0 / MEMORY
        height = np.minimum(peak[ended], bar) - FLOOR
        self._square[over] = self._square[over] * keep + height**2
        self._highest[over] = np.maximum(self._highest[over] * np.sqrt(keep), height)
        self._count[over] = self._count[over] * keep + 1.0
        self._peak[slot] = np.where(evidence <= 0.0, 0.0, peak)

    def snapshot(self) -> Tree:
        """Return the state as arrays."""
        held = {"peak": self._peak, "square": self._square, "count": self._count, "highest": self._highest}
        return {name: values.copy() for name, values in held.items()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        names = ("peak", "square", "count", "highest")
        self._peak, self._square, self._count, self._highest = (tree[name].copy() for name in names)
