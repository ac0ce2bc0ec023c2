"""Tables of spans as arrays: identifiers to rows of parents, words to outcomes, doubles left out."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.errors import BadInput
from vedette.features.calls import Spans
from vedette.scoring.tables import codes, numbers, require, seconds

Ints = NDArray[np.int64]

REQUIRED: Final = ("trace_id", "span_id", "parent_span_id", "service", "name", "t", "duration_ms")

FAILED: Final = ("error", "status_code_error", "2", "true", "failed")
"""What a failed span's ``status`` is, in any case: OpenTelemetry's name and number, and what exporters make of it."""


def read_spans(table: pa.Table) -> tuple[Spans, Ints]:
    """Return the spans of a table, each once, and the row that each stands in.

    A parent that is not in the table, or null, is none. Of spans with the identifiers and service of another, that
    with the earliest time is kept: exporters repeat spans.

    Raises
    ------
    BadInput
        If a column is missing or is of another type, or a time is not finite.
    """
    require(table, *REQUIRED)
    trace, service, name = (codes(table, column) for column in ("trace_id", "service", "name"))
    start, duration = seconds(table, "t"), numbers(table, "duration_ms") / 1e3
    if not np.isfinite(start).all():
        raise BadInput("bad_value", detail=f"t: got {start[~np.isfinite(start)][0]}, expected finite times")
    span, above = _identifiers(table)
    kept = _first_of(start, service, span, trace)
    parent = _parents(trace[kept], span[kept], above[kept])
    return Spans(parent, service[kept], name[kept], start[kept], duration[kept], _failed(table)[kept]), kept


def _identifiers(table: pa.Table) -> tuple[Ints, Ints]:
    """Return numbers of the spans' and of their parents' identifiers; -1 for null."""
    columns = [pc.cast(table[name], pa.string()).combine_chunks() for name in ("span_id", "parent_span_id")]
    columns = [
        part for column in columns for part in (column.chunks if isinstance(column, pa.ChunkedArray) else [column])
    ]
    indices = pa.concat_arrays(columns).dictionary_encode().indices
    both: Ints = pc.fill_null(indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    if (both[: table.num_rows] < 0).any():
        raise BadInput("null_key", detail="span_id: got a null, expected none")
    return both[: table.num_rows], both[table.num_rows :]


def _first_of(start: NDArray[np.float64], service: Ints, span: Ints, trace: Ints) -> Ints:
    """Return the rows of distinct spans, in order of trace and span."""
    order = np.lexsort((start, service, span, trace))
    fresh = np.zeros(len(order), np.bool_)
    fresh[:1] = True
    for key in (service, span, trace):
        fresh[1:] |= np.diff(key[order]) != 0
    first: Ints = order[fresh]
    return first


def _parents(trace: Ints, span: Ints, above: Ints) -> Ints:
    """Return the row of each span's parent in its trace; -1 for none. Rows are in order of trace and span."""
    size = int(max(span.max(initial=0), above.max(initial=0))) + 1
    keys, wanted = trace * size + span, trace * size + above
    place = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    found: Ints = np.where((above >= 0) & (keys[place] == wanted), place, -1)
    return found


def _failed(table: pa.Table) -> NDArray[np.bool_]:
    if "status" not in table.column_names:
        return np.zeros(table.num_rows, np.bool_)
    word = pc.utf8_lower(pc.cast(table["status"], pa.string()))
    said: NDArray[np.bool_] = pc.fill_null(pc.is_in(word, pa.array(FAILED)), False).to_numpy().astype(np.bool_)
    return said
