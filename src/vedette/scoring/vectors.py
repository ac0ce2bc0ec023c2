"""Score tables of vectors: in order of time where there is one, else each row by all the others."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.errors import BadInput
from vedette.scoring import ordered, unordered
from vedette.scoring.tables import codes, numbers, runs, seconds, states, trained, with_columns

Numbers = NDArray[np.float64]

NAMED: Final = r"^m\d+$"
KEYS: Final = ("entity", "t", "train")
LEAST_UNNAMED: Final = 2
"""Columns of numbers under other names that make a vector: a single one may be anything."""
LEAST_ROWS: Final = 20
"""Rows of a table without times before any is judged: a crowd."""
SHOWN: Final = 3
"""Contributions written out; the others are one."""


def score_vectors(table: pa.Table) -> pa.Table:
    """Return one row of verdicts for each row of the table, in its order.

    With ``t``, each entity is judged alone, in order of time, by a row's past only (`vedette.scoring.ordered`).
    Without, order is not time: every row is judged by all rows, whatever their entity
    (`vedette.scoring.unordered`). No label is used.

    Parameters
    ----------
    table
        The features are the columns ``m00, m01 …``, where there are such, else all columns of numbers but the
        following, two at least (so drop labels and numbers of rows, or name the features). Optional: ``entity``
        (any type), ``t`` (epoch seconds or timestamp) and, with it, ``train`` (1: the row only teaches). Null and
        NaN are missing. Other columns are kept.

    Returns
    -------
    pa.Table
        The input's columns without the features, and: ``score`` in [0, 1); ``alert`` (with ``t``, 1 at the
        first row of an episode); ``state`` (``learning``, with score 0, or ``ready``); ``contributions``, as
        ``m03 41 %, m11 22 %, m02 10 %, others 27 %``, 100 % in all, empty where nothing was odd.

    Raises
    ------
    BadInput
        If there are no features, or one holds text or an infinite number.
    """
    names = _features(table)
    values = np.empty((table.num_rows, len(names)))
    for place, name in enumerate(names):
        values[:, place] = _finite(name, numbers(table, name))
    if "t" in table.column_names:
        score, alert, ready, shares = _in_time(table, values)
    else:
        score, alert, ready, shares = _at_once(values)
    columns = {
        "score": pa.array(score),
        "alert": pa.array(alert.astype(np.int8)),
        "state": states(ready),
        "contributions": _told(names, np.where(ready[:, None], shares, 0.0)),
    }
    return with_columns(table, columns, *names)


def _features(table: pa.Table) -> list[str]:
    names = [name for name, named in zip(table.column_names, _match(table.column_names), strict=True) if named]
    if not names:
        types = {field.name: field.type for field in table.schema if field.name not in KEYS}
        names = [name for name, kind in types.items() if pa.types.is_integer(kind) or pa.types.is_floating(kind)]
        names = names if len(names) >= LEAST_UNNAMED else []
    if not names:
        raise BadInput("no_features", detail=f"got {', '.join(table.column_names)}; expected columns m00, m01 …")
    return names


def _match(names: list[str]) -> list[bool]:
    found: list[bool] = pc.match_substring_regex(pa.array(names, pa.string()), NAMED).to_pylist()
    return found


def _finite(name: str, column: Numbers) -> Numbers:
    wrong = np.flatnonzero(np.isinf(column))
    if len(wrong):
        detail = f"{name}: got {column[wrong[0]]} in row {wrong[0]}, expected a finite number or null"
        raise BadInput("infinite_value", detail=detail)
    return column


def _in_time(table: pa.Table, values: Numbers) -> tuple[Numbers, Any, Any, Numbers]:
    times = seconds(table, "t")
    entity = codes(table, "entity") if "entity" in table.column_names else np.zeros(len(times), np.int64)
    train = trained(table) if "train" in table.column_names else None
    score, shares = np.zeros(len(times)), np.zeros(values.shape)
    alert, ready = np.zeros(len(times), np.bool_), np.zeros(len(times), np.bool_)
    for rows in runs(entity, times):
        found = ordered.judge(times[rows], values[rows], None if train is None else train[rows])
        score[rows], alert[rows], ready[rows], shares[rows] = found.score, found.alert, found.ready, found.shares
    return score, alert, ready, shares


def _at_once(values: Numbers) -> tuple[Numbers, Any, Any, Numbers]:
    count = len(values)
    if count < LEAST_ROWS:
        nothing = np.zeros(count, np.bool_)
        return np.zeros(count), nothing, nothing, np.zeros(values.shape)
    found = unordered.judge(values)
    return found.score, found.alert, np.ones(count, np.bool_), found.shares


def _told(names: list[str], shares: Numbers) -> pa.Array:
    """Return the largest shares of each row in words and whole percents, adding up to 100."""
    whole = shares.sum(1)
    odd = whole > 0.0
    percent = np.floor(100.0 * shares / np.where(odd, whole, 1.0)[:, None] + 0.5).astype(np.int64)
    shown = min(SHOWN, len(names))
    order = np.argsort(-shares, axis=1, kind="stable")[:, :shown]
    top = np.take_along_axis(percent, order, 1)
    top = np.minimum(top, np.maximum(100 - (np.cumsum(top, 1) - top), 0))
    if shown == len(names):
        top[:, 0] += 100 - top.sum(1)
    labels = pa.array(names)
    words: list[Any] = []
    for rank in range(shown):
        words += [labels.take(pa.array(order[:, rank])), " ", pc.cast(pa.array(top[:, rank]), pa.string()), " %, "]
    rest = pc.cast(pa.array(100 - top.sum(1)), pa.string())
    text = pc.binary_join_element_wise(*words, "others ", rest, " %", "")
    text = pc.replace_substring_regex(text, r", others 0 %$", "")
    return pc.if_else(pa.array(odd), text, "")
