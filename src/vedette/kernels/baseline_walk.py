"""One long series row by row: score, calibrate, decide, learn. For batch scoring, where rows are windows."""

from __future__ import annotations

from math import log10
from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels import baseline_layout as at
from vedette.kernels.baseline import learn_row, missing_of
from vedette.kernels.baseline_judge import score_row
from vedette.kernels.baseline_series import moment_of
from vedette.kernels.tail import learn_row as learn_tail
from vedette.kernels.tail import p_row

SURPRISE, P_VALUE, EXPECTED, LOWER, UPPER, MISSING, ALERT, DRIFT = 0, 1, 2, 3, 4, 5, 6, 7
COLUMNS: Final = 8

READY_AFTER, LEAST_EVENTS, BAR, SLOPE, HOLD, PRIOR_WEIGHT, TAIL_SHARE, PRIOR_SCALE, TAIL_MEMORY = range(9)
"""Places of the settings: seconds until ready; least change of a count; false alarms a day, and decades of their
chance per unit of evidence; seconds without evidence that end an episode; those of `vedette.stats.tail`."""
SETTINGS: Final = 9

HEADROOM: Final = 4.0
"""Evidence kept above the bar, so that an episode's end shows within a few ordinary rows."""


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
    evidence = 0.0
    odd_at = -np.inf
    for i in range(times.shape[0]):
        start, width, value = times[i], widths[i], values[i]
        moment = moment_of(start + 0.5 * width)
        out[:, i] = 0.0
        out[EXPECTED : UPPER + 1, i] = np.nan
        out[P_VALUE, i] = 1.0
        out[MISSING, i] = missing_of(number, width, settings[READY_AFTER])
        if out[MISSING, i] <= 0.0:
            surprise, out[EXPECTED, i], out[LOWER, i], out[UPPER, i] = score_row(
                quantity, 0, 0.0, settings[LEAST_EVENTS], number, season, memory, moment, start, width, value, 1.0
            )
            p_value = p_row(tail, surprise, settings[PRIOR_WEIGHT], settings[TAIL_SHARE], settings[PRIOR_SCALE])
            p_value = max(p_value, 10.0**-surprise)
            bar = -log10(min(settings[BAR] * width / at.DAY, 0.01)) / settings[SLOPE]
            gain = -log10(p_value) - 1.0
            evidence = max(0.0, min(evidence, bar + HEADROOM) + gain)
            if gain > 0.0 and evidence >= bar:
                out[ALERT, i] = 1.0 if start - odd_at > max(settings[HOLD], 3.0 * width) else 0.0
                odd_at = start
            learn_tail(tail, surprise, np.exp(-width / settings[TAIL_MEMORY]))
            out[SURPRISE, i] = surprise
            out[P_VALUE, i] = p_value
        learn_row(quantity, number, season, memory, moment, start, width, value, 1.0)
        out[DRIFT, i] = 1.0 if number[at.SHIFTED] == start else 0.0
