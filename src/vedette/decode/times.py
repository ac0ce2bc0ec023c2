"""Times as numbers: epoch s, ms, us or ns; which one is told by the size of the number."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.time import INVALID

_UNITS: Final = ((1, 10**11, 10**9), (10**11, 10**14, 10**6), (10**14, 10**17, 10**3), (10**17, 2**63 - 1, 1))
"""From, below, ns per unit. Seconds below 10^11 last to the year 5138; ms from 10^11 on start in 1973."""


def epoch(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return whole epoch times as ns, `INVALID` for what is out of range.

    >>> epoch(np.array([1_700_000_000, 1_700_000_000_000])).tolist()
    [1700000000000000000, 1700000000000000000]
    """
    out = np.full(len(values), INVALID)
    for low, high, factor in _UNITS:
        mine = (values >= low) & (values < high) & (values <= (2**63 - 1) // factor)
        out[mine] = values[mine] * factor
    return out


def epoch_float(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return epoch times with a fraction as ns, to the microsecond; `INVALID` for what is out of range."""
    out = np.full(len(values), INVALID)
    for low, high, factor in _UNITS:
        mine = (values >= low) & (values < min(high, 9.2e18 / factor))
        whole = np.floor(values[mine])
        fraction = np.rint((values[mine] - whole) * factor / 1e3).astype(np.int64) * 1000
        out[mine] = whole.astype(np.int64) * factor + fraction
    return out
