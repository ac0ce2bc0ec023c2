"""Columns of events as rules read them: texts, each distinct value once, numbered."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from secrets import randbits
from typing import Any, Final
from urllib.parse import unquote_plus

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.kernels.bytes import PAD
from vedette.kernels.distinct import number
from vedette.kernels.ints import distinct
from vedette.rules.model import KEYWORD
from vedette.rules.routes import Derived, Origin

SEED: Final = np.uint64(randbits(64))
"""Of the hash of values: unknown outside, so that nobody can send values that collide; numbers do not depend on it."""
BETWEEN: Final = "\n"
"""What stands between an event's values in its whole text, so that no keyword is found across two of them."""


@dataclass(slots=True)
class Coded:
    """A column by its distinct values: ``codes[row]`` numbers a value; the number of values stands for null.

    Value `c` is ``texts[first[c]]``. A list has several codes a row: ``spread`` holds one array of codes for each
    further place in it.
    """

    texts: pa.Array
    first: NDArray[np.int64]
    codes: NDArray[np.int32]
    spread: tuple[NDArray[np.int32], ...] = ()
    _bytes: tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]] | None = None

    @property
    def size(self) -> int:
        """How many values differ."""
        return len(self.first)

    @property
    def null(self) -> NDArray[np.bool_]:
        """Which rows have no value at all, shape ``(rows,)``."""
        missing: NDArray[np.bool_] = self.codes == self.size
        for codes in self.spread:
            missing &= codes == self.size
        return missing

    def text(self, code: int) -> str | None:
        """Return a value by its number."""
        return str(self.texts[int(self.first[code])].as_py()) if code < self.size else None

    def at(self, rows: NDArray[np.int64]) -> pa.Array:
        """Return the texts of some rows; null is empty."""
        codes = self.codes[rows]
        return pc.fill_null(self.texts.take(pa.array(np.append(self.first, 0)[codes], mask=codes == self.size)), "")

    def bytes(self) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """Return the bytes of all texts, and start and end of each distinct value."""
        if self._bytes is None:
            data, starts, stops = bytes_of(self.texts)
            self._bytes = data, starts[self.first], stops[self.first]
        return self._bytes

    def take(self, rows: NDArray[np.int64]) -> Coded:
        """Return the column of some rows; its values stay, also those that none of them has."""
        return Coded(self.texts, self.first, self.codes[rows], tuple(codes[rows] for codes in self.spread), self._bytes)


class Columns:
    """Some events' columns, coded when asked for.

    Parameters
    ----------
    table
        A column for each field.
    rows
        Those that are meant; all by default.
    whole
        The columns of all rows: what is coded there is not coded again.
    """

    def __init__(self, table: pa.Table, rows: NDArray[np.int64] | None = None, whole: Columns | None = None) -> None:
        self._table = table
        self._rows = rows
        self._whole = whole
        self._names = frozenset(table.column_names)
        self._coded: dict[Origin, Coded | None] = {}

    @classmethod
    def of(cls, columns: pa.Table | pa.RecordBatch | Columns) -> Columns:
        """Return a table's columns; what is some already stays."""
        if isinstance(columns, Columns):
            return columns
        return cls(pa.Table.from_batches([columns]) if isinstance(columns, pa.RecordBatch) else columns)

    def __len__(self) -> int:
        return int(self._table.num_rows) if self._rows is None else len(self._rows)

    @property
    def names(self) -> list[str]:
        """The names of the columns, in their order."""
        return list(self._table.column_names)

    def column(self, name: str) -> Any:
        """Return a column as it came."""
        column = self._table[name]
        return column if self._rows is None else column.take(pa.array(self._rows))

    def take(self, rows: NDArray[np.int64]) -> Columns:
        """Return the columns of some rows, each taken when it is asked for."""
        whole = self if self._whole is None else self._whole
        return Columns(self._table, rows if self._rows is None else self._rows[rows], whole)

    def coded(self, origin: Origin) -> Coded | None:
        """Return a column or what is made of several; null where none of them is there."""
        if origin not in self._coded:
            whole = self._whole._coded.get(origin) if self._whole is not None else None
            self._coded[origin] = self._made(origin) if whole is None or self._rows is None else whole.take(self._rows)
        return self._coded[origin]

    def _made(self, origin: Origin) -> Coded | None:
        if isinstance(origin, Derived):
            return self._derived(origin)
        if origin == KEYWORD:
            return encode(self._text())
        return encode(self.column(origin)) if origin in self._names else None

    def _derived(self, origin: Derived) -> Coded | None:
        parts = [self._single(part) if part in self._names else part for part in origin.parts]
        if all(isinstance(part, str) for part in parts):
            return None
        found = parts[0] if len(parts) == 1 and isinstance(parts[0], Coded) else self._joined(parts)
        if origin.find:
            return _found(found, origin.find)
        if not origin.decoded:
            return found
        decoded = [
            unquote_plus(text) if "%" in text or "+" in text else text
            for text in found.texts.take(pa.array(found.first)).to_pylist()
        ]
        return Coded(pa.array(decoded, pa.string()), np.arange(found.size), found.codes)

    def _single(self, name: str) -> Coded | None:
        """Return a column with one text a row: a list's items are joined."""
        found = self.coded(name)
        return encode(texts(self.column(name))) if found is not None and found.spread else found

    def _joined(self, parts: list[Coded | str | None]) -> Coded:
        """Return texts put together of columns and of what stands between them; null is empty."""
        coded = [part for part in parts if isinstance(part, Coded)]
        mixed = np.zeros(len(self), np.int64)
        for part in coded:
            rows, number = distinct(mixed)
            mixed = number * (part.size + 1) + part.codes
        rows, place = distinct(mixed)
        filled = [part.at(rows) if isinstance(part, Coded) else pa.scalar(part or "") for part in parts]
        found = numbered(pc.binary_join_element_wise(*filled, ""))
        return Coded(found.texts, found.first, found.codes[place], (), found.bytes())

    def _text(self) -> pa.Array:
        columns = [texts(self.column(name)) for name in self.names]
        if not columns:
            return pa.nulls(len(self), pa.string())
        return pc.binary_join_element_wise(*columns, BETWEEN, null_handling="skip")


def _found(coded: Coded, pattern: str) -> Coded:
    """Return what a pattern's first group matches of each value; null where it matches nothing."""
    search = re.compile(pattern).search
    matches = [search(text) for text in coded.texts.take(pa.array(coded.first)).to_pylist()]
    inner = numbered(pa.array([match[1] if match else None for match in matches], pa.string()))
    return Coded(inner.texts, inner.first, np.append(inner.codes, np.int32(inner.size))[coded.codes])


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
    if not pa.types.is_dictionary(column.type) and column.type != pa.string():
        column = column.dictionary_encode()
    if not pa.types.is_dictionary(column.type):
        return numbered(column)
    values = numbered(texts(column.dictionary))
    indices = pc.fill_null(column.indices.cast(pa.int32()), len(values.codes)).to_numpy(zero_copy_only=False)
    return Coded(values.texts, values.first, np.append(values.codes, np.int32(values.size))[indices])


def numbered(column: pa.Array) -> Coded:
    """Return the distinct texts of a column of texts."""
    data, starts, stops = bytes_of(column)
    count = len(column)
    ends = np.append(starts[:1], stops)
    valid = column.is_valid().to_numpy(zero_copy_only=False) if column.null_count else np.zeros(0, np.bool_)
    table = np.full(1 << max(2 * count, 2).bit_length(), -1, np.int32)
    codes, first = np.empty(count, np.int32), np.empty(count, np.int64)
    size = number(data, ends, valid, SEED, table, np.empty(count, np.uint64), codes, first)
    first = first[:size].copy()
    return Coded(column, first, codes, (), (data, starts[first], stops[first]))


def bytes_of(column: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Return the bytes of texts, `PAD` more behind them, and start and end of each."""
    if not len(column):
        return np.zeros(PAD, np.uint8), np.zeros(0, np.int64), np.zeros(0, np.int64)
    _, ends, data = column.buffers()
    places = np.frombuffer(ends, np.int32)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    size = int(places[-1] - places[0])
    padded = np.zeros(size + PAD, np.uint8)
    if size:
        padded[:size] = np.frombuffer(data, np.uint8)[places[0] : places[-1]]
    places -= places[0]
    return padded, places[:-1], places[1:]


def _lists(column: Any) -> Coded:
    flat = encode(column.flatten())
    sizes = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    rows = len(column)
    places = []
    for place in range(max(int(sizes.max(initial=0)), 1)):
        codes = np.full(rows, flat.size, np.int32)
        there = sizes > place
        codes[there] = flat.codes[starts[there] + place]
        places.append(codes)
    return Coded(flat.texts, flat.first, places[0], tuple(places[1:]))


def combined(columns: Iterable[Coded]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a number for each row that differs where any column does, and the first row of each number."""
    mixed = first = np.zeros(0, np.int64)
    for place, column in enumerate(columns):
        first, mixed = distinct(mixed * (column.size + 1) + column.codes if place else column.codes.astype(np.int64))
    return mixed, first
