"""The questions of oblivious half-space trees: seeded, the same for all who ask for the same size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def draw_cuts(trees: int, depth: int, features: int, seed: int) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
    """Return the feature and the cut of each level, in 32767ths of the unit interval; shape ``(trees, depth)``.

    Features are dealt like cards, all before any comes again, so that none is left out where ``trees × depth``
    is at least their number.

    Raises
    ------
    ValueError
        For a depth above 15, whose leaves int16 can't number, or no features.

    >>> feature, cut = draw_cuts(2, 3, 6, seed=1)
    >>> sorted(feature.ravel().tolist())
    [0, 1, 2, 3, 4, 5]
    """
    if not 1 <= depth <= 15 or features < 1:
        raise ValueError(f"got depth {depth} and {features} features, expected a depth of 1 to 15 and a feature")
    rng = np.random.default_rng(seed)
    rounds = -(-trees * depth // features)
    dealt = np.concatenate([rng.permutation(features) for _ in range(rounds)])[: trees * depth]
    cut = rng.integers(1, (1 << 15) - 1, (trees, depth), dtype=np.int16, endpoint=True)
    return dealt.reshape(trees, depth).astype(np.int32), cut
