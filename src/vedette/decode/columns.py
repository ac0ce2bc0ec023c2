"""Cells to canonical columns: labels, texts, numbers in their units, targets split, structures told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.decode.fold import HTTP_TARGET
from vedette.decode.shapes import query_shapes
from vedette.decode.texts import Bytes, Ints, fitting, id_array, label_array, text_array
from vedette.decode.times import epoch, epoch_float
from vedette.kernels import cells as kinds
from vedette.kernels import json_lines, targets
from vedette.kernels import time as time_kernel
from vedette.kernels.bytes import PAD
from vedette.kernels.cells import Cells
from vedette.records import schema

NUMERIC = {
    name: kind for name, kind in schema.EVENT_COLUMNS.items() if pa.types.is_primitive(kind) and name != schema.TIME
}
Piece = tuple[Ints, Ints]

_NUMBER = re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class Columns:
    """The cells of some records and the buffer that they point to.

    Parameters
    ----------
    buffer
        uint8, with `vedette.kernels.bytes.PAD` bytes to spare; grows as texts are written out.
    cells
        One row a column of `names`.
    names
        Canonical columns, and `HTTP_TARGET`.
    scales
        What numbers are multiplied by, by the rank of the name they came under.
    checked
        Whether all texts are known to be UTF-8.
    """

    buffer: Bytes
    cells: Cells
    names: Sequence[str]
    scales: NDArray[np.float64]
    checked: bool

    def __len__(self) -> int:
        return int(self.cells.kind.shape[1])

    def append(self, content: Bytes) -> int:
        """Put bytes behind the buffer; returns where they are."""
        at = len(self.buffer) - PAD
        if len(content):
            self.buffer = np.concatenate([self.buffer[:at], content, np.zeros(PAD, np.uint8)])
        return at

    def events(self, names: Sequence[str]) -> dict[str, pa.Array]:
        """Return those of some columns of logs or spans that have a value anywhere; the time is none of them."""
        pieces = self._split({name: self.piece(name) for name in names if name not in NUMERIC})
        if schema.SESSION in pieces:  # no id is no session, not one that all lines share
            pieces[schema.SESSION] = some(pieces[schema.SESSION])
        arrays = {name: self._array(name, *piece) for name, piece in pieces.items() if (piece[1] >= 0).any()}
        for name, kept in NUMERIC.items():
            if name in names and self.kind(name).any():
                arrays[name] = self.numbers(name, kept)
        return query_shapes(arrays)

    def kind(self, name: str) -> NDArray[np.uint8]:
        """Return the kinds of a column."""
        row: NDArray[np.uint8] = self.cells.kind[self.names.index(name)]
        return row

    def piece(self, name: str) -> Piece:
        """Return a column's texts as pieces; a length of -1 is null. Objects and arrays are texts where kept."""
        number = self.names.index(name)
        kind, offset, length = (self.cells[part][number] for part in (0, 2, 3))
        escaped = kind == kinds.ESCAPED
        if escaped.any():
            out = np.empty(int(length[escaped].sum()), np.uint8)
            at = len(self.buffer) - PAD
            written = json_lines.unescape(self.buffer, kind, offset, length, at, out)
            self.append(out[:written])
        return offset, np.where(kind == kinds.ABSENT, -1, length).astype(np.int32)

    def _split(self, pieces: dict[str, Piece]) -> dict[str, Piece]:
        """Split targets, and paths that hold more than a path, where path or query is missing."""
        path = _either(pieces.get(schema.PATH), pieces.pop(HTTP_TARGET))
        if not (path[1] >= 0).any():
            return pieces
        method, path, query = targets.split_targets(self.buffer, *path)
        return {
            **pieces,
            schema.METHOD: _either(pieces.get(schema.METHOD), method),
            schema.PATH: self._rooted(*path),
            schema.QUERY: _either(pieces.get(schema.QUERY), some(query)),
        }

    def _rooted(self, offset: Ints, length: Ints) -> Piece:
        """Return paths with ``/`` for empty ones: that of ``http://host``."""
        empty = length == 0
        if not empty.any():
            return offset, length
        at = self.append(np.frombuffer(b"/", np.uint8))
        return np.where(empty, at, offset).astype(np.int32), np.where(empty, 1, length).astype(np.int32)

    def _array(self, name: str, offset: Ints, length: Ints) -> pa.Array:
        kind = schema.EVENT_COLUMNS[name]
        if pa.types.is_fixed_size_binary(kind):
            return id_array(self.buffer, offset, length, kind)
        make = text_array if kind == schema.TEXT else label_array
        return make(self.buffer, offset, length, checked=self.checked)

    def numbers(self, name: str, kept: pa.DataType) -> pa.Array:
        """Return a number column; a number written as text counts, what does not fit the type is null."""
        number = self.names.index(name)
        values = self._real(number)
        scales = self.scales[np.where(self.cells.kind[number] == kinds.ABSENT, 0, self.cells.rank[number])]
        return fitting(values * scales, kept)

    def _real(self, number: int) -> NDArray[np.float64]:
        kind, value = self.cells.kind[number], self.cells.value[number]
        values = np.full(len(kind), np.nan)
        whole, real = kind == kinds.WHOLE, kind == kinds.FLOAT
        values[whole] = value[whole]
        values[real] = value[real].view(np.float64)
        texts = np.flatnonzero((kind == kinds.TEXT) | (kind == kinds.WIDE))
        if len(texts):
            offset, length = self.cells.offset[number, texts], self.cells.length[number, texts]
            written = text_array(self.buffer, offset, length, checked=self.checked)
            values[texts] = _read(written)
        return values

    def times(self, observed: int) -> pa.Array:
        """Return the time column: RFC 3339, or numbers since the epoch; `observed` where there is none."""
        number = self.names.index(schema.TIME)
        kind = self.cells.kind[number]
        out = np.full(len(kind), time_kernel.INVALID)
        texts = np.where(kind == kinds.TEXT, self.cells.length[number], -1).astype(np.int32)
        time_kernel.rfc3339_column(self.buffer, self.cells.offset[number], texts, out)
        whole = kind == kinds.WHOLE
        out[whole] = epoch(self.cells.value[number][whole])
        other = np.flatnonzero((out == time_kernel.INVALID) & (kind != kinds.ABSENT) & ~whole)
        if len(other):
            out[other] = epoch_float(self._real(number)[other])
        out[out == time_kernel.INVALID] = observed
        return pa.array(out).cast(schema.TIME_TYPE)


def _read(texts: pa.Array) -> NDArray[np.float64]:
    """Return numbers written as text, correctly rounded; NaN for what is none."""
    try:
        read: NDArray[np.float64] = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        return np.array([_number(text) for text in texts.to_pylist()])
    return read


def _number(text: str) -> float:
    """Return a number as JSON could have it, NaN for what is none."""
    try:
        return float(text) if _NUMBER.fullmatch(text) else np.nan
    except ValueError:
        return np.nan


def _either(first: Piece | None, second: Piece) -> Piece:
    """Return the first pieces, the second ones where those are null."""
    if first is None:
        return second
    missing = first[1] < 0
    return (
        np.where(missing, second[0], first[0]).astype(np.int32),
        np.where(missing, second[1], first[1]).astype(np.int32),
    )


def some(piece: Piece) -> Piece:
    """Return pieces with empty ones null."""
    return piece[0], np.where(piece[1] > 0, piece[1], -1).astype(np.int32)


def in_order(arrays: dict[str, pa.Array]) -> pa.RecordBatch:
    """Return columns as a batch, in the order of the schema."""
    order = [name for name in schema.EVENT_COLUMNS if name in arrays]
    return pa.RecordBatch.from_arrays([arrays[name] for name in order], names=order)
