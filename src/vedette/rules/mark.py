"""The gateway's half of rules: raw events in, the same events out with the ids of the rules that they match.

Correlations are the shard's business; what they ask of an event goes with it, as text that the privacy gate turns
into tokens.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from vedette.records import schema
from vedette.records.batch import RawBatch
from vedette.records.schema import Signal
from vedette.records.texts import labels_at
from vedette.rules.columns import Columns
from vedette.rules.correlate import Correlator
from vedette.rules.flat import table_of
from vedette.rules.match import Hits, Matcher
from vedette.rules.model import RuleSet, mark_of

_HIDDEN: Final = frozenset(
    {schema.RAW, schema.TIME, schema.TRACE_ID, schema.SPAN_ID, schema.PARENT_SPAN_ID, schema.BODY_SHAPE}
)
"""Columns of no rule's: the native text is read field by field."""

_COMPUTED: Final = ("value_sum", "value_avg", "value_percentile", "value_median")


class Marker:
    """Marks what single-event rules match.

    Notes
    -----
    Requests are matched by their canonical columns. Other log lines that are JSON objects are read again, so that
    rules find the source's own names: about 5 µs a line, which only such lines cost.

    Parameters
    ----------
    rules
        Those in force; none: nothing is marked.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._matcher = Matcher(rules)
        self._ids = [mark_of(rule.head) for rule in rules.rules]
        correlator = Correlator(rules)
        self._wanted, self._fields = correlator.wanted, sorted(correlator.fields)
        self._numbers = {name for one in rules.correlations if one.type in _COMPUTED for name in one.fields}

    def __call__(self, batch: RawBatch) -> RawBatch:
        """Return the batch with the columns of its matches, or as it came where nothing matches."""
        if batch.signal is Signal.METRIC or not self._rules.rules or not len(batch):
            return batch
        marks: dict[int, list[str]] = defaultdict(list)
        fields: dict[int, str] = {}
        for rows, table in self._tables(batch):
            events = Columns(table)
            self._note(rows, events, self._matcher.match(events), marks, fields)
        if not marks:
            return batch
        columns = batch.columns
        for name, found in ((schema.RULES, {row: " ".join(ids) for row, ids in marks.items()}), (schema.ASKED, fields)):
            columns = columns.append_column(name, labels_at(found, len(batch)))
        return RawBatch(batch.signal, columns)

    def _tables(self, batch: RawBatch) -> list[tuple[NDArray[np.int64], pa.Table]]:
        """Return rows with their fields: requests by canonical columns, JSON lines by their own, too."""
        shown = [name for name in batch.columns.schema.names if name not in _HIDDEN]
        plain = pa.Table.from_batches([batch.columns.select(shown)])
        native = _native(batch)
        parts = []
        if not native.all():
            rows = np.flatnonzero(~native)
            parts.append((rows, plain if len(rows) == len(batch) else plain.take(pa.array(rows))))
        if native.any():
            rows = np.flatnonzero(native)
            table, canonical = table_of([_event(text) for text in _lines(batch, rows)]), plain.take(pa.array(rows))
            for name in canonical.column_names:
                if name not in table.column_names:
                    table = table.append_column(name, canonical.column(name))
            parts.append((rows, table))
        return parts

    def _note(
        self,
        rows: NDArray[np.int64],
        events: Columns,
        hits: Hits,
        marks: dict[int, list[str]],
        fields: dict[int, str],
    ) -> None:
        """Write down which rows matched which rules, and what correlations ask of them."""
        if not len(hits.rows):
            return
        numbers = hits.rules.tolist()
        heads = [self._rules.rules[rule].head for rule in numbers]
        for row, rule, head in zip(hits.rows.tolist(), numbers, heads, strict=True):
            if head.told or head.id in self._wanted:
                marks[int(rows[row])].append(self._ids[rule])
        asked = sorted({row for row, head in zip(hits.rows.tolist(), heads, strict=True) if head.id in self._wanted})
        if not asked or not self._fields:
            return
        chosen = np.array(asked, np.int64)
        found = self._matcher.labels(events.take(chosen), self._fields)
        told = [
            np.array([self._member(name, value) for value in values], object)[codes]
            for name, (codes, values) in found.items()
        ]
        for row, *members in zip(rows[chosen].tolist(), *told, strict=True):
            fields[row] = f"{{{','.join(filter(None, members))}}}"

    def _member(self, name: str, value: str | None) -> str:
        """Return a field as it stands in a JSON object, nothing for null."""
        return "" if value is None else orjson.dumps({name: self._typed(name, value)})[1:-1].decode()

    def _typed(self, name: str, value: str) -> str | float:
        """Return a number where a correlation computes with the field; the gate lets numbers pass as they are."""
        if name not in self._numbers:
            return value
        try:
            return float(value)
        except ValueError:
            return value


def _native(batch: RawBatch) -> NDArray[np.bool_]:
    """Say which rows are JSON lines that are no requests."""
    names = batch.columns.schema.names
    if batch.signal is not Signal.LOG or schema.RAW not in names:
        return np.zeros(len(batch), np.bool_)
    request = np.zeros(len(batch), np.bool_)
    for name in (schema.PATH, schema.ROUTE, schema.STATUS):
        if name in names:
            request |= batch.columns.column(name).is_valid().to_numpy(zero_copy_only=False)
    found: NDArray[np.bool_] = ~request
    if found.any():
        rows = np.flatnonzero(found)
        found[rows] = [text.startswith("{") for text in _lines(batch, rows)]
    return found


def _lines(batch: RawBatch, rows: NDArray[np.int64]) -> list[str]:
    """Return the native text of some rows."""
    lines = batch.columns.column(schema.RAW).cast(pa.string()).take(pa.array(rows)).to_pylist()
    return [line or "" for line in lines]


def _event(text: str) -> Mapping[str, Any] | None:
    try:
        event = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) else None
