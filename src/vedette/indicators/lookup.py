"""Raw events in, the same events out with the ids of the indicators that they hold: before the gate, as for rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_plus

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.indicators.index import Index
from vedette.indicators.model import Kind
from vedette.records import schema
from vedette.records.batch import RawBatch
from vedette.records.rule import with_marks
from vedette.records.schema import Signal
from vedette.records.texts import codes_of, padded

Ints = NDArray[np.int64]

VALUES: Final = (schema.CLIENT, schema.USER, schema.PATH, schema.QUERY, schema.USER_AGENT, schema.RESOURCE)
"""Columns whose distinct values are read once each."""
TEXTS: Final = (schema.BODY, schema.RAW)
"""Columns of which nearly every value is another."""
ENCODED: Final = (schema.PATH, schema.QUERY)
"""Columns that are read once more as they are meant, without percent signs."""
WHOLE: Final = {schema.USER_AGENT: Kind.AGENT, schema.PROCESS: Kind.PROCESS}
"""Columns whose whole value may be an indicator."""


class Lookup:
    """Marks events that hold what a list of indicators names.

    Notes
    -----
    Addresses, domains, URLs, hashes and e-mail addresses are found wherever they stand in an event: in its canonical
    columns, its message, and the source's own fields. It fails on what is encoded otherwise than by percent signs,
    on binary forms, and on what telemetry does not say, such as the destination of a connection that nobody logs.

    Parameters
    ----------
    index
        The indicators in force.

    Cost: a pass over the event's bytes and one look-up a token; the number of indicators hardly matters.
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._marks: dict[int, str] = {}

    def __call__(self, batch: RawBatch) -> RawBatch:
        """Return the batch with marks added to those that are there, or as it came where nothing is listed."""
        if batch.signal is Signal.METRIC or not len(batch):
            return batch
        parts = [*self._of_values(batch.columns), *self._of_texts(batch.columns)]
        rows, entries = (np.concatenate([np.zeros(0, np.int64), *(part[side] for part in parts)]) for side in (0, 1))
        if not len(rows):
            return batch
        times = batch.columns.column(schema.TIME).cast(pa.int64()).to_numpy()
        rows, entries = self._index.valid(rows, entries, times)
        marks: dict[int, list[str]] = {}
        for row, entry in zip(rows.tolist(), entries.tolist(), strict=True):
            marks.setdefault(row, []).append(self._mark(entry))
        if not marks:
            return batch
        return RawBatch(batch.signal, with_marks(batch.columns, {row: " ".join(ids) for row, ids in marks.items()}))

    def _of_values(self, columns: pa.RecordBatch) -> Iterator[tuple[Ints, Ints]]:
        """Yield ``(row, indicator)`` of columns that are read value by value."""
        for name in dict.fromkeys((*VALUES, *WHOLE)):
            if name not in columns.schema.names:
                continue
            column = columns.column(name)
            if not pa.types.is_dictionary(column.type):
                column = column.cast(pa.string()).dictionary_encode()
            values = pc.fill_null(column.dictionary.cast(pa.string()), "")
            found = [self._index.within(*_bytes(values))] if name in VALUES else []
            if name in ENCODED:
                found.append(self._decoded(values))
            if name in WHOLE:
                found.append(self._index.whole(*_bytes(_named(values, WHOLE[name])), WHOLE[name]))
            if any(len(places) for places, _ in found):
                numbers, entries = (np.concatenate([one[side] for one in found]) for side in (0, 1))
                yield _spread(codes_of(column), numbers, entries, len(values))

    def _decoded(self, values: pa.Array) -> tuple[Ints, Ints]:
        where = np.flatnonzero(pc.match_substring(values, "%").to_numpy(zero_copy_only=False))
        plain = pa.array([unquote_plus(text) for text in values.take(pa.array(where)).to_pylist()], pa.string())
        places, entries = self._index.within(*_bytes(plain))
        return where[places], entries

    def _of_texts(self, columns: pa.RecordBatch) -> Iterator[tuple[Ints, Ints]]:
        """Yield ``(row, indicator)`` of columns that are read row by row; the same text under two names once."""
        seen: list[pa.Array] = []
        for name in TEXTS:
            if name not in columns.schema.names:
                continue
            column = columns.column(name)
            if any(_same(column, other) for other in seen):
                continue
            seen.append(column)
            texts = pc.fill_null(column.cast(pa.string()), "")
            yield self._index.within(*_bytes(texts))

    def _mark(self, entry: int) -> str:
        known = self._marks.get(entry)
        if known is None:
            if len(self._marks) >= 1 << 16:
                self._marks.clear()
            known = self._marks[entry] = self._index.mark(entry)
        return known


def _bytes(texts: pa.Array) -> tuple[NDArray[np.uint8], Ints, Ints]:
    data, ends = padded(texts)
    places = ends.astype(np.int64)
    return data, places[:-1], places[1:]


def _named(values: pa.Array, kind: Kind) -> pa.Array:
    """Return user agents as they are, and executables without their folder."""
    return pc.replace_substring_regex(values, r"^.*[/\\]", "") if kind is Kind.PROCESS else values


def _same(left: pa.Array, right: pa.Array) -> bool:
    """Say whether two columns are the very same bytes."""
    pairs = zip(left.buffers(), right.buffers(), strict=False)
    return (
        left.type == right.type
        and left.offset == right.offset
        and all((a and a.address) == (b and b.address) for a, b in pairs)
    )


def _spread(codes: NDArray[np.int32], numbers: Ints, entries: Ints, size: int) -> tuple[Ints, Ints]:
    """Return ``(row, indicator)`` for all rows that have a value with a find."""
    order = np.argsort(numbers, kind="stable")
    each = np.bincount(numbers, minlength=size + 1)
    begins = np.concatenate([[0], np.cumsum(each)[:-1]])
    counts = np.where(codes >= 0, each[codes], 0)
    rows = np.repeat(np.arange(len(codes)), counts)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, entries[order][begins[codes][rows] + within]
