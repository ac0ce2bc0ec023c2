"""Series points → swim lanes: one row a segment, one cell a step of time, the highest score in each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.records.score import State
from vedette.records.segment import Segment
from vedette.records.time import SECOND, rfc3339

ALL: Final = "all segments"

LEARNING: Final = -1.0
"""A cell whose points have no score yet."""

EMPTY: Final = -2.0
"""A cell without points; null in the answer."""

STEPS: Final = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
"""Seconds that a cell may last, so that its edges fall on round times; days beyond."""


def fold(
    points: pa.Table, *, since: int, until: int, cells: int, limit: int, wanted: Collection[str] | None = None
) -> dict[str, Any]:
    """Return `vedette.api.models.Lanes` of the points within `since` to `until`.

    Parameters
    ----------
    points
        Columns as `vedette.records.report.POINTS`.
    since, until
        ns since the epoch; the edges are moved to round times, outwards.
    cells
        Most cells of a row, one more where the range begins within a cell.
    limit
        Most rows besides the one of all segments; the worst ones.
    wanted
        Names of the segments that are meant; None for all.
    """
    step = step_seconds(until - since, cells)
    start = since // (step * SECOND) * step * SECOND
    count = -(-(until - start) // (step * SECOND))
    names, rows = _segments(points)
    cell = (_column(points, "time", pa.int64()) - start) // (step * SECOND)
    state = _column(points, "state", pa.int8())
    score = np.where(state == State.READY, np.clip(_column(points, "score", pa.float64()), 0.0, 100.0), LEARNING)
    grid = np.full((len(names), count), EMPTY)
    meant = np.array([wanted is None or name in wanted for name in names], np.bool_)
    inside = (cell >= 0) & (cell < count) & meant[rows]
    np.maximum.at(grid, (rows[inside], cell[inside]), score[inside])
    order = [row for row in _worst_first(grid).tolist() if meant[row]][:limit]
    lanes = [_lane(ALL, grid.max(axis=0))] if meant.any() else []
    lanes += [_lane(names[row], grid[row]) for row in order]
    return {"start": rfc3339(start), "step_seconds": step, "cells": count, "rows": lanes}


def step_seconds(span: int, cells: int) -> int:
    """Return the shortest round step of which `cells` cover `span` ns.

    >>> step_seconds(86_400 * SECOND, 96), step_seconds(3600 * SECOND, 96)
    (900, 60)
    """
    wanted = span / SECOND / cells
    day = STEPS[-1]
    return next((step for step in STEPS if step >= wanted), -int(-wanted // day) * day)


def _segments(points: pa.Table) -> tuple[list[str], NDArray[np.int64]]:
    """Return the names of the segments, and each row's place among them."""
    codes = [_codes(points, name) for name in ("environment", "service", "operation")]
    key = np.zeros(points.num_rows, np.int64)
    for values, code in codes:
        key = key * max(1, len(values)) + code
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    names = [str(Segment(*(values[code[row]] for values, code in codes))) for row in first.tolist()]
    return names, place


def _codes(points: pa.Table, name: str) -> tuple[list[str], NDArray[np.int64]]:
    column = points[name].combine_chunks().cast(pa.string())
    encoded = pc.dictionary_encode(pc.fill_null(column, ""))
    whole = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    return whole.dictionary.to_pylist(), whole.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _column(points: pa.Table, name: str, kind: pa.DataType) -> NDArray[Any]:
    values: NDArray[Any] = points[name].cast(kind).to_numpy()
    return values


def _worst_first(grid: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return rows by highest score; among equals by the sum of scores, then by name."""
    total = np.maximum(grid, 0.0).sum(axis=1)
    return np.lexsort((np.arange(len(grid)), -total, -grid.max(axis=1, initial=EMPTY)))


def _lane(segment: str, cells: NDArray[np.float64]) -> dict[str, Any]:
    known = cells[cells > EMPTY]
    state = State.READY if len(known) and known[-1] >= 0 else State.LEARNING
    scores = [None if cell == EMPTY else round(cell, 1) + 0.0 for cell in cells.tolist()]
    return {"segment": segment, "state": state.name.lower(), "scores": scores}
