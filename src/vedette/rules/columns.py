"""Columns of events as rules read them: texts, each distinct value once, numbered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.rules.model import KEYWORD
from vedette.rules.routes import Derived, Origin

BETWEEN: Final = "\n"
"""What stands between an event's values in its whole text, so that no keyword is found across two of them."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column by its distinct values: ``codes[row]`` numbers a value; the number of values stands for null.

    A list has several codes a row: ``spread`` holds one array of codes for each place in it.
    """

    values: pa.Array
    codes: NDArray[np.int32]
    spread: tuple[NDArray[np.int32], ...] = ()

    @property
    def null(self) -> NDArray[np.bool_]:
        """Which rows have no value at all, shape ``(rows,)``."""
        missing = self.codes == len(self.values)
        for codes in self.spread:
            missing &= codes == len(self.values)
        return missing


class Columns:
    """Some events' columns, coded when asked for."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self._names = set(table.column_names)
        self._coded: dict[Origin, Coded | None] = {}

    def take(self, rows: NDArray[np.int64]) -> Columns:
        """Return the columns of some rows."""
        return Columns(self.table.take(pa.array(rows)))

    def coded(self, origin: Origin) -> Coded | None:
        """Return a column or what is made of several; null where none of them is there."""
        if origin not in self._coded:
            self._coded[origin] = self._made(origin)
        return self._coded[origin]

    def _made(self, origin: Origin) -> Coded | None:
        if isinstance(origin, Derived):
            return self._derived(origin)
        if origin == KEYWORD:
            return encode(self._whole())
        return encode(self.table[origin]) if origin in self._names else None

    def _derived(self, origin: Derived) -> Coded | None:
        columns = [texts(self.table[part]) if part in self._names else part for part in origin.parts]
        if not any(part in self._names for part in origin.parts):
            return None
        if len(columns) == 1:
            joined = columns[0]
        else:
            filled = [pa.scalar(one) if isinstance(one, str) else pc.fill_null(one, "") for one in columns]
            joined = pc.binary_join_element_wise(*filled, "")
        found = encode(joined)
        if not origin.decoded:
            return found
        decoded = pa.array([unquote_plus(text) for text in found.values.to_pylist()], pa.string())
        return Coded(decoded, found.codes)

    def _whole(self) -> pa.Array:
        columns = [texts(self.table[name]) for name in self.table.column_names]
        if not columns:
            return pa.nulls(self.table.num_rows, pa.string())
        return pc.binary_join_element_wise(*columns, BETWEEN, null_handling="skip")


def texts(column: Any) -> pa.Array:
    """Return a column as texts, shape ``(rows,)``; items of a list are joined by a line feed."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        column = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(column.type):
        return texts(column.dictionary).take(column.indices)
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return pc.binary_join(column.cast(pa.list_(pa.string())), BETWEEN)
    if pa.types.is_binary(column.type) or pa.types.is_fixed_size_binary(column.type):
        return pa.array([None if one is None else one.hex() for one in column.to_pylist()], pa.string())
    return column if column.type == pa.string() else column.cast(pa.string())


def encode(column: Any) -> Coded:
    """Return a column's distinct values and which each row has."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
        column = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return _lists(column)
    if pa.types.is_dictionary(column.type):
        values, indices = texts(column.dictionary), column.indices
        if values.null_count:
            indices, values = values.dictionary_encode().indices.take(indices), values.dictionary_encode().dictionary
    else:
        encoded = texts(column).dictionary_encode()
        values, indices = encoded.dictionary, encoded.indices
    codes = pc.fill_null(indices.cast(pa.int32()), len(values)).to_numpy(zero_copy_only=False)
    return Coded(values, np.ascontiguousarray(codes))


def _lists(column: Any) -> Coded:
    flat = encode(column.flatten())
    sizes = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    rows = len(column)
    places = []
    for place in range(max(int(sizes.max(initial=0)), 1)):
        codes = np.full(rows, len(flat.values), np.int32)
        there = sizes > place
        codes[there] = flat.codes[starts[there] + place]
        places.append(codes)
    return Coded(flat.values, places[0], tuple(places[1:]))


def combined(columns: Iterable[Coded]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a number for each row that differs where any column does, and a first row of each number."""
    mixed: NDArray[np.int64] | None = None
    for column in columns:
        codes = column.codes.astype(np.int64)
        mixed = codes if mixed is None else mixed * (len(column.values) + 1) + codes
        _, first, mixed = np.unique(mixed, return_index=True, return_inverse=True)
    if mixed is None:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return mixed, first


def flat(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's values by dotted name; lists keep what is in them, by the names of what they hold.

    Blanks in names are left out (``Threat Name`` is ``ThreatName``), as Sigma's rules expect of Windows events.
    """
    found: dict[str, Any] = {}
    _flatten(event, "", found)
    return found


def _flatten(value: Any, name: str, found: dict[str, Any]) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _flatten(inner, f"{name}.{key}" if name else str(key), found)
    elif isinstance(value, list):
        for inner in value:
            _flatten(inner, name, found)
    elif value is not None:
        text = value if isinstance(value, str) else _word(value)
        name = name.replace(" ", "") if " " in name else name
        before = found.get(name)
        if before is None:
            found[name] = text
        elif isinstance(before, list):
            before.append(text)
        else:
            found[name] = [before, text]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


PREFIXES: Final = ("winlog.event_data.", "Event.EventData.", "Event.System.", "EventData.", "System.", "event_data.")
"""Where shippers nest the fields of Windows events."""


def table_of(events: Sequence[Mapping[str, Any] | None]) -> pa.Table:
    """Return flat columns of events; null is an event without any field."""
    columns: dict[str, list[Any]] = {}
    rows = len(events)
    for row, event in enumerate(events):
        for name, value in flat(event).items() if event else ():
            column = columns.get(name)
            if column is None:
                column = columns[name] = [None] * rows
            column[row] = value
    made = {name: _column(values) for name, values in columns.items()}
    for name in list(made):
        for prefix in PREFIXES:
            short = name.removeprefix(prefix)
            if short != name and short not in made:
                made[short] = made[name]
    return pa.table(made) if made else pa.table({"": pa.nulls(rows, pa.string())})


def _column(values: list[Any]) -> pa.Array:
    if any(isinstance(value, list) for value in values):
        lists = [value if value is None or isinstance(value, list) else [value] for value in values]
        return pa.array(lists, pa.list_(pa.string()))
    return pa.array(values, pa.string())
