"""Score whole tables of metrics by the product's own baseline and calibration, row by row, causally."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.detectors.baseline import DAY, memory
from vedette.detectors.ensemble import BEFORE_BAR, Ensemble, Episodes
from vedette.drift.days import changes
from vedette.kernels import baseline_layout as at
from vedette.kernels import baseline_walk as kernel
from vedette.kernels.tail import BINS
from vedette.records.observation import Quantity
from vedette.scoring.tables import codes, numbers, require, runs, seconds, states, with_columns
from vedette.stats import tail

READY_AFTER: Final = DAY
"""Seconds before a series is judged: one daily rhythm, seen once."""

HALF: Final = 12.0
"""Decades of all models beyond the first, over the most telling length, that make half of a score below `BEGINS`."""

BEGINS: Final = 0.9
"""Scores from here on mark rows where an episode begins or gets worse; what lasts scores below."""

REQUIRED: Final = ("series", "t", "value")


def score_metrics(table: pa.Table) -> pa.Table:
    """Return the table with verdicts on every row, in the order of its rows.

    Each series is judged alone and in order of its times, by a row's past only. Its sampling interval is the
    median of the gaps so far. Every series is taken for a gauge: on Microsoft's and NAB's integer series
    count likelihoods were 2–12 % worse in average precision, as most of them are sums of bursts.

    Parameters
    ----------
    table
        Columns ``series`` (any type), ``t`` (epoch seconds or timestamp) and ``value`` (a number; null and NaN
        are not judged); others are kept.

    Returns
    -------
    pa.Table
        The input's columns without ``value``, and: ``score`` in [0, 1), from 0.9 on where an episode begins or gets
        worse, below for what lasts; ``p_value`` of the row beside its season and level; ``expected, lower, upper``
        (null while learning); ``state`` (``learning`` or ``ready``); ``alert``, 1 at the first row of an episode;
        ``drift``, 1 at the row where a lasting change is announced.

    Raises
    ------
    BadInput
        If a column is missing or is of another type.
    """
    require(table, *REQUIRED)
    series, times, values = codes(table, "series"), seconds(table, "t"), numbers(table, "value")
    out = np.empty((kernel.COLUMNS, len(times)))
    score = np.zeros(len(times))
    alert, drift = np.zeros(len(times), np.int8), np.zeros(len(times), np.int8)
    for rows in runs(series, times):
        out[:, rows] = _walk(times[rows], values[rows])
        drift[rows] = _drifts(times[rows], values[rows])
        score[rows], alert[rows] = _judge(times[rows], values[rows], out[kernel.MISSING, rows] <= 0.0)
    return _table(table, out, score, alert, drift)


def _drifts(times: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.int8]:
    """Return 1 at the rows of one series where a lasting change is announced."""
    drift = np.zeros(len(times), np.int8)
    given = np.flatnonzero(np.isfinite(values))
    drift[given[changes(times[given], np.clip(values[given], -1e100, 1e100))]] = 1
    return drift


def _judge(
    times: NDArray[np.float64], values: NDArray[np.float64], ready: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return score and alert of the rows of one series; rows without a number have neither."""
    score, alert = np.zeros(len(times)), np.zeros(len(times), np.int8)
    given = np.isfinite(values)
    time, value = times[given], np.clip(values[given], -1e100, 1e100)
    width = intervals(time)
    evidence, peak = Ensemble().judge(time, value, width)
    begins, above = Episodes.alone(time, peak, width)
    told = begins > 0
    lasting = BEGINS * (1.0 - 2.0 ** (-evidence / HALF))
    beginning = BEGINS + (1.0 - BEGINS) * (1.0 - 2.0 ** (-np.maximum(above + BEFORE_BAR, 0.0)))
    score[given] = np.where(told, np.minimum(beginning, 1.0 - 1e-9), lasting) * ready[given]
    alert[given] = told & (above >= 0.0) & ready[given]
    return score, alert


def _walk(times: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    settings = np.empty(kernel.SETTINGS)
    settings[kernel.READY_AFTER] = READY_AFTER
    settings[kernel.LEAST_EVENTS] = 0.0
    settings[kernel.PRIOR_WEIGHT] = tail.PRIOR_WEIGHT
    settings[kernel.TAIL_SHARE] = tail.TAIL_SHARE
    settings[kernel.PRIOR_SCALE] = tail.PRIOR_SCALE
    settings[kernel.TAIL_MEMORY] = tail.MEMORY
    out = np.empty((kernel.COLUMNS, len(times)))
    kernel.walk(
        times,
        intervals(times),
        values,
        int(Quantity.GAUGE),
        np.zeros(at.NUMBERS),
        np.full(at.BUCKETS, np.nan, np.float32),
        memory(),
        np.zeros(BINS, np.float32),
        settings,
        out,
    )
    return out


def intervals(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sampling interval as known at each row, in seconds: the median of the first 2^k gaps before it.

    >>> intervals(np.array([0.0, 60.0, 120.0, 180.0, 600.0])).tolist()
    [60.0, 60.0, 60.0, 60.0, 60.0]
    """
    widths = np.full(len(times), 60.0)
    gaps = np.diff(times)
    known = 1
    while known < len(times):
        seen = gaps[:known][gaps[:known] > 0.0]
        widths[known:] = np.median(seen) if len(seen) else 60.0
        known *= 2
    return widths


def _table(
    table: pa.Table,
    out: NDArray[np.float64],
    score: NDArray[np.float64],
    alert: NDArray[np.int8],
    drift: NDArray[np.int8],
) -> pa.Table:
    columns = {
        "score": pa.array(score),
        "p_value": pa.array(out[kernel.P_VALUE]),
        "expected": pa.array(out[kernel.EXPECTED], from_pandas=True),
        "lower": pa.array(out[kernel.LOWER], from_pandas=True),
        "upper": pa.array(out[kernel.UPPER], from_pandas=True),
        "state": states(out[kernel.MISSING] <= 0.0),
        "alert": pa.array(alert),
        "drift": pa.array(drift),
    }
    return with_columns(table, columns, "value")
