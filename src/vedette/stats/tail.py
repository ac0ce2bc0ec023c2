"""Surprise to calibrated p-values, from each slot's own past."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels import tail as kernel
from vedette.state.tree import Tree

PRIOR_WEIGHT: Final = 200.0
"""Imagined observations that a slot starts with, so that a young slot is judged by the model, cautiously."""

PRIOR_MEAN: Final = 0.65
"""Mean surprise of the imagined ones: 1.5 times that of a perfect model (1 / ln 10 = 0.43)."""

TAIL_SHARE: Final = 0.02
"""Share of the observations that the tail is fitted to."""

MOST: Final = 20_000.0
"""Observations after which a slot's past fades to half: two weeks of minutes."""


def _prior() -> NDArray[np.float64]:
    edges = np.arange(kernel.BINS + 1) * kernel.STEP
    edges[-1] = np.inf
    beyond = np.exp(-edges / PRIOR_MEAN)
    prior: NDArray[np.float64] = PRIOR_WEIGHT * (beyond[:-1] - beyond[1:])
    return prior


class TailBank:
    """The empirical distribution of surprise of every slot.

    Notes
    -----
    ``p_value`` is the conformal rank of a surprise among the slot's past and 200 imagined values of a
    model that overstates its surprise by half; beyond the top 2 % it is a generalized Pareto tail fitted
    by moments. On exchangeable data P(p ≤ a) ≤ about a; it fails, on the safe side or not, when surprise
    in ordinary times changes within the two weeks that are remembered.

    References
    ----------
    V. Vovk et al., Algorithmic Learning in a Random World, 2005, section 2.2. J. Hosking, J. Wallis,
    Technometrics 29, 1987, section 3 (moments of the generalized Pareto distribution).
    """

    def __init__(self) -> None:
        self._counts = np.zeros((0, kernel.BINS), np.float32)
        self._prior = _prior()

    def grow(self, count: int) -> None:
        """Make room for `count` more slots: 160 bytes each."""
        self._counts = np.concatenate([self._counts, np.zeros((count, kernel.BINS), np.float32)])

    def p_value(self, slot: NDArray[np.int32], surprise: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the chance, in (0, 1], of a surprise at least as large in the slot's ordinary times."""
        out = np.empty(len(slot))
        kernel.p_values(slot, surprise, self._counts, self._prior, TAIL_SHARE, out)
        return out

    def learn(self, slot: NDArray[np.int32], surprise: NDArray[np.float64]) -> None:
        """Take in surprises of ordinary times."""
        kernel.learn(slot, surprise, self._counts, MOST)

    def snapshot(self) -> Tree:
        """Return the counts."""
        return {"counts": self._counts.copy()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._counts = tree["counts"].copy()
