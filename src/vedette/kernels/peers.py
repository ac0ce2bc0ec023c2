"""How unlikely a number is beside what was expected; the meaning is in `vedette.detectors.peers`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.likelihood import log_count_cdf, log_count_sf, log_student_sf

_LN10: Final = 2.302585092994046
_MOST: Final = 300.0


@njit(cache=True, nogil=True)
def surprises(value: Any, mean: Any, spread: Any, is_count: Any, direction: Any, out: Any) -> None:
    """Write ``-log10`` of the chance of a value so far to the side that matters, or to either, doubled.

    ``spread`` is the dispersion of a negative binomial for counts (0: Poisson), else Student's scale.
    """
    for i in range(value.shape[0]):
        if is_count[i]:
            above = log_count_sf(value[i], mean[i], spread[i])
            below = log_count_cdf(value[i], mean[i], spread[i])
        else:
            t = (value[i] - mean[i]) / spread[i]
            above, below = log_student_sf(t), log_student_sf(-t)
        logarithm = min(above, below) + _LN10 * 0.3010299956639812
        if direction[i] > 0:
            logarithm = above
        elif direction[i] < 0:
            logarithm = below
        out[i] = min(max(-logarithm / _LN10, 0.0), _MOST) if not np.isnan(logarithm) else 0.0
