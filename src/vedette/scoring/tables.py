"""What every kind of scoring asks of its table: the columns it needs, in types that it can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.errors import BadInput
from vedette.records.score import State


def require(table: pa.Table, *names: str) -> None:
    """Raise `BadInput` unless the table has every column, naming those it lacks and those it has."""
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise BadInput("missing_column", detail=f"{', '.join(missing)}; got {', '.join(table.column_names)}")


def seconds(table: pa.Table, name: str) -> NDArray[np.float64]:
    """Return a column of times, epoch seconds or timestamps (UTC), as float64 seconds, shape ``(n_rows,)``.

    Raises
    ------
    BadInput
        For another type, or a null.
    """
    column = table[name]
    try:
        if pa.types.is_timestamp(column.type):
            column = pc.divide(pc.cast(pc.cast(column, pa.timestamp("us", tz=column.type.tz)), pa.int64()), 1e6)
        column = pc.cast(column, pa.float64())
    except pa.ArrowException as error:
        raise BadInput("bad_type", detail=f"{name}: expected epoch seconds or timestamps: {error}") from error
    if column.null_count:
        raise BadInput("null_key", detail=f"{name}: got a null, expected none")
    found: NDArray[np.float64] = column.to_numpy().astype(np.float64)
    return found


def numbers(table: pa.Table, name: str, expected: str = "numbers") -> NDArray[np.float64]:
    """Return a column of numbers as float64, shape ``(n_rows,)``; null is NaN. Raises `BadInput` for another type."""
    try:
        column = pc.cast(table[name], pa.float64())
    except pa.ArrowException as error:
        raise BadInput("bad_type", detail=f"{name}: expected {expected}: {error}") from error
    found: NDArray[np.float64] = pc.fill_null(column, float("nan")).to_numpy().astype(np.float64)
    return found


def texts(table: pa.Table, name: str) -> pa.Array:
    """Return a column as one array of texts; numbers are written out. Raises `BadInput` for another type."""
    column = table[name]
    try:
        column = pc.cast(column, pa.string())
    except pa.ArrowException as error:
        raise BadInput("bad_type", detail=f"{name}: expected text, got {column.type}: {error}") from error
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())


def trained(table: pa.Table) -> NDArray[np.bool_]:
    """Return which rows have 1 in the column ``train``, shape ``(n_rows,)``; none where there is no such column."""
    if "train" not in table.column_names:
        return np.zeros(table.num_rows, np.bool_)
    told: NDArray[np.bool_] = numbers(table, "train", "0 or 1") == 1.0
    return told


def states(ready: NDArray[np.bool_]) -> pa.Array:
    """Return ``ready`` or ``learning`` for each row."""
    words = pa.array([State.LEARNING.name.lower(), State.READY.name.lower()])
    return words.take(pa.array(ready.astype(np.int8)))


def codes(table: pa.Table, name: str) -> NDArray[np.int64]:
    """Return a key column as numbers in order of first occurrence, shape ``(n_rows,)``; `BadInput` for a null."""
    encoded = table[name].combine_chunks().dictionary_encode()
    indices = (encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded).indices
    if indices.null_count:
        raise BadInput("null_key", detail=f"{name}: got a null, expected none")
    found: NDArray[np.int64] = indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return found


def runs(keys: NDArray[np.int64], times: NDArray[np.float64]) -> Sequence[NDArray[np.int64]]:
    """Return the rows of each key, in order of key and within it of time; equal times keep their order."""
    order = np.lexsort((times, keys))
    edges = np.flatnonzero(np.diff(keys[order], prepend=-1, append=-1))
    return [order[first:last] for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)]


def with_columns(table: pa.Table, added: Mapping[str, Any], *dropped: str) -> pa.Table:
    """Return the table without the dropped columns, with the added ones at its end, replacing those of their name."""
    kept = table.drop_columns([name for name in {*dropped, *added} if name in table.column_names])
    for name, column in added.items():
        kept = kept.append_column(name, column)
    return kept
