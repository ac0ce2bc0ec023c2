"""What each of several numbers is beside what a linear regression on all the others says."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RIDGE: Final = 0.02
"""Share of each number that is nobody else's, at least: numbers that are the same thing twice would else be told apart
by their rounding. A seventh of a spread is then the least that counts."""


def correlations(products: Floats, scale: Floats) -> Floats:
    """Return the correlations of products of deviations, ``(n, k, k)``, with spreads, ``(n, k)``; -1 to 1.

    >>> correlations(np.array([[[4.0, 3.0], [3.0, 9.0]]]), np.array([[2.0, 3.0]])).tolist()
    [[[1.0, 0.5], [0.5, 1.0]]]
    """
    close: Floats = np.clip(products / (scale[:, :, None] * scale[:, None, :]), -1.0, 1.0)
    return close


def residuals(off: Floats, products: Floats, scale: Floats, used: Bools) -> tuple[Floats, Floats]:
    """Return what the others leave of each number, and the spread of that which the correlations promise.

    Notes
    -----
    With *P* the inverse of the correlations and *u* the deviations in spreads, what is left of a regression on all
    others is ``(P u)_j / P_jj``, and its spread ``1 / sqrt(P_jj)``.

    Parameters
    ----------
    off
        Deviations from the means, shape ``(n, k)``, 0 where not used.
    products, scale
        Products of deviations, ``(n, k, k)``, and spreads, ``(n, k)``.
    used
        Which numbers take part, ``(n, k)``; the others are nobody's.

    Returns
    -------
    Both of shape ``(n, k)``, in the terms of `off`.
    """
    both = used[:, :, None] & used[:, None, :]
    share = np.where(both, (1.0 - RIDGE) * correlations(products, scale), 0.0)
    diagonal = np.arange(off.shape[1])
    share[:, diagonal, diagonal] = 1.0
    inverse = np.linalg.inv(share)
    own = np.maximum(inverse[:, diagonal, diagonal], 1.0)
    left = (inverse @ (off / scale)[:, :, None])[:, :, 0] / own
    return left * scale, scale / np.sqrt(own)
