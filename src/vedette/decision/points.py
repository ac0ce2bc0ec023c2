"""Every series' number against its band, window by window, as columns for charts and swim lanes."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.records.observation import Series
from vedette.records.report import POINTS
from vedette.records.score import Scores
from vedette.records.window import Window

HALF: Final = 3.0
"""Decades beyond the threshold that halve the distance of a score to 100."""

CALLS: Final = 3.2
"""Decades beyond the threshold at which lies what is decided already, not measured, and is to call at once: `HALF` of
them make the score from which one window is enough, and a little more keeps clear of rounding."""


def scores_of(p_value: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    """Return 0–100: 50 where the p-value is the threshold, towards 100 beyond it, 0 at p = 1.

    >>> scores_of(np.array([1.0, 1e-6, 1e-9]), 1e-6).round(1).tolist()
    [0.0, 50.0, 75.0]
    """
    decades, bar = -np.log10(np.maximum(p_value, 1e-300)), -log10(threshold)
    below = 50.0 * decades / bar
    beyond: NDArray[np.float64] = 100.0 * (1.0 - 0.5 * 2.0 ** (-np.maximum(decades - bar, 0.0) / HALF))
    return np.where(decades < bar, below, beyond)


class Points:
    """Gathers the points of the windows of one step."""

    def __init__(self, series: Sequence[Series]) -> None:
        self._series = series
        self._rows: list[tuple[int, NDArray[np.int32], Scores, NDArray[np.float64], NDArray[np.float64]]] = []

    def add(self, window: Window, scores: Scores, p_value: NDArray[np.float64], threshold: float) -> None:
        """Take in one window."""
        self._rows.append(
            (window.start, window.measures.slot, scores, window.measures.value, scores_of(p_value, threshold))
        )

    def table(self) -> pa.Table:
        """Return all rows, in order of time and series."""
        if not self._rows:
            return POINTS.empty_table()
        starts = np.concatenate([np.full(len(slot), start) for start, slot, *_ in self._rows])
        slots, place = np.unique(np.concatenate([slot for _, slot, *_ in self._rows]), return_inverse=True)
        series = [self._series[slot] for slot in slots.tolist()]
        scores = [row[2] for row in self._rows]
        columns = [
            pa.array(starts).cast(POINTS.field("time").type),
            _labels([one.segment.environment for one in series], place),
            _labels([one.segment.service for one in series], place),
            _labels([one.segment.operation for one in series], place),
            _labels([one.feature for one in series], place),
            pa.array(np.concatenate([row[3] for row in self._rows])),
            pa.array(np.concatenate([score.expected for score in scores])),
            pa.array(np.concatenate([score.lower for score in scores])),
            pa.array(np.concatenate([score.upper for score in scores])),
            pa.array(np.concatenate([row[4] for row in self._rows]).astype(np.float32)),
            pa.array(np.concatenate([score.state for score in scores]).astype(np.int8)),
        ]
        return pa.Table.from_arrays(columns, schema=POINTS)


def _labels(texts: list[str], place: NDArray[np.intp]) -> pa.DictionaryArray:
    values = sorted(set(texts))
    number = {text: code for code, text in enumerate(values)}
    codes = np.array([number[text] for text in texts], np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes[place]), pa.array(values, pa.string()))
