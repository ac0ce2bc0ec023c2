"""Surprise to calibrated p-values, from each slot's own past."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import tail as kernel
from vedette.stats.decay import fade

VERSION: Final = 2

MEMORY: Final = 28 * 86_400.0
"""Seconds of observations after which the past has faded to 1/e: four of the longest usual rhythm, the week."""

PRIOR_WEIGHT: Final = 100.0
"""Imagined observations that a slot starts with: after as many of its own, both count the same."""

PRIOR_SCALE: Final = 0.65
"""Mean surprise of the imagined ones, at least: 1.5 times that of a perfect model, 1 / ln 10."""

TAIL_SHARE: Final = 0.02
"""Share of the observations that the tail is fitted to: the top 2 %, some 30 in a day of minutes."""


class TailBank:
    """The empirical distribution of surprise of every slot.

    Notes
    -----
    A p-value is the chance that an ordinary window of this slot has at least this surprise:

    - at least ten like it were seen: their share, counting its whole bin (the conformal rank);
    - fewer: a generalized Pareto tail (shape ≥ 0, by moments) beyond the top 2 %, or the model's own
      ``10 ** -surprise``, whichever is larger; and never more than the rank. So a p-value below
      1 / (n + 1) needs the model *and* the tail of its own past to support it.

    A young slot has 100 imagined observations, exponential with half as much surprise again as a
    perfect model's, or as its own so far if that is larger: a model that overstates is found out within
    some ten windows.

    On independent data P(p ≤ a) is below 1.1 a down to a = 1e-3, and below 1.3 a at 1e-4 where the tail
    is exponential, as it is for residuals of any power law; a lognormal tail reaches 2 a. Ties count
    against the alarm, so that gated and count-like surprises come out below a. It fails, on either
    side, when surprise of ordinary times changes within the month that is remembered.

    Parameters
    ----------
    memory
        Seconds of observations after which a slot's past has faded to 1/e.

    Cost: 110 ns a row, 12 ns to learn; 256 bytes a slot.

    References
    ----------
    V. Vovk, A. Gammerman, G. Shafer: Algorithmic Learning in a Random World, 2005, section 2.2.
    J. Hosking, J. Wallis: Technometrics 29, 1987, section 3 (moments); we keep the shape in [0, 0.45]
    and widen the scale by half its standard error.
    """

    def __init__(self, memory: float = MEMORY) -> None:
        self._memory = memory
        self._counts = np.zeros((0, kernel.BINS), np.float32)

    def grow(self, count: int) -> None:
        """Make room for `count` more slots."""
        self._counts = np.concatenate([self._counts, np.zeros((count, kernel.BINS), np.float32)])

    def p_value(self, slot: NDArray[np.int32], surprise: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chance, in [1e-300, 1], of a surprise at least as large in the slot's ordinary times.

        Parameters
        ----------
        slot
            Below the number of slots made room for, shape ``(n,)``.
        surprise
            ``-log10`` of the model's own probability, ≥ 0, shape ``(n,)``. At 0 the p-value is 1.
        """
        out = np.empty(len(slot))
        kernel.p_values(slot, surprise, self._counts, PRIOR_WEIGHT, TAIL_SHARE, PRIOR_SCALE, out)
        return out

    def learn(self, slot: NDArray[np.int32], surprise: NDArray[np.float64], seconds: float = 60.0) -> None:
        """Take in surprises of ordinary times; each stands for `seconds`, the width of its window."""
        kernel.learn(slot, surprise, self._counts, fade(seconds, self._memory))

    def snapshot(self) -> dict[str, Any]:
        """Return the whole state as arrays; later learning does not change it."""
        return {"version": VERSION, "counts": self._counts.copy()}

    def restore(self, tree: dict[str, Any]) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"tail state: got version {tree.get('version')!r}, expected {VERSION}")
        self._counts = np.array(tree["counts"], np.float32)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self._counts.nbytes
