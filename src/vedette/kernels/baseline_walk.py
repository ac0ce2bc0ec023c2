"""One long series row by row: score, calibrate, learn. For batch scoring, where rows are windows."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.baseline import learn_row, missing_of
from vedette.kernels.baseline_judge import score_row
from vedette.kernels.baseline_series import moment_of
from vedette.kernels.tail import learn_row as learn_tail
from vedette.kernels.tail import p_row

P_VALUE, EXPECTED, LOWER, UPPER, MISSING = range(5)
COLUMNS: Final = 5

READY_AFTER, LEAST_EVENTS, PRIOR_WEIGHT, TAIL_SHARE, PRIOR_SCALE, TAIL_MEMORY = range(6)
"""Places of the settings: seconds until ready; least change of a count; those of `vedette.stats.tail`."""
SETTINGS: Final = 6


@njit(cache=True, nogil=True, error_model="numpy")
def walk(
    times: Any,
    widths: Any,
    values: Any,
    quantity: int,
    number: Any,
    season: Any,
    memory: Any,
    tail: Any,
    settings: Any,
    out: Any,
) -> None:
    """Judge and learn each row of one series in order of time.

    Parameters
    ----------
    times, widths, values
        Seconds, seconds, the number; float64, shape ``(n,)``.
    number, season, tail
        An empty model (`vedette.kernels.baseline_layout`) and empty bins (`vedette.kernels.tail`).
    memory, settings
        Lengths of memory, and the settings above.
    out
        Float64, shape ``(COLUMNS, n)``.
    """
    for i in range(times.shape[0]):
        start, width, value = times[i], widths[i], values[i]
        moment = moment_of(start + 0.5 * width)
        out[:, i] = 0.0
        out[EXPECTED : UPPER + 1, i] = np.nan
        out[P_VALUE, i] = 1.0
        out[MISSING, i] = missing_of(number, width, settings[READY_AFTER])
        if out[MISSING, i] <= 0.0:
            surprise, out[EXPECTED, i], out[LOWER, i], out[UPPER, i], _ = score_row(
                quantity, 0, 0.0, settings[LEAST_EVENTS], number, season, memory, moment, start, width, value, 1.0
            )
            p_value = p_row(tail, surprise, settings[PRIOR_WEIGHT], settings[TAIL_SHARE], settings[PRIOR_SCALE])
            p_value = max(p_value, 10.0**-surprise)
            learn_tail(tail, surprise, np.exp(-width / settings[TAIL_MEMORY]))
            out[P_VALUE, i] = p_value
        learn_row(quantity, number, season, memory, moment, start, width, value, 1.0)
