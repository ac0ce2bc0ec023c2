"""JSON lines to columns: the kernel reads nearly all, orjson the rest, and what orjson refuses is a dead letter."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from vedette.decode.fold import HTTP_TARGET, JSON_ALIASES
from vedette.decode.shapes import query_shapes, split_targets
from vedette.decode.texts import fitting, label_array, text_array
from vedette.kernels import json_lines as kernel
from vedette.kernels import time as time_kernel
from vedette.kernels.bytes import PAD
from vedette.kernels.lines import lines_of
from vedette.records import schema
from vedette.records.batch import DeadLetter, Decoded, RawBatch
from vedette.records.schema import Signal

MAX_LINE: Final = 1 << 20
"""Bytes of a line beyond which it is a dead letter."""

SAMPLE: Final = 200

_COLUMNS: Final = list(dict.fromkeys(alias.column for alias in JSON_ALIASES))
_NUMERIC: Final = {
    schema.STATUS: pa.int16(),
    schema.RESPONSE_SIZE: pa.int64(),
    schema.REQUEST_SIZE: pa.int64(),
    schema.DURATION: pa.float64(),
}
_TEXT: Final = (schema.BODY, schema.TRACE_ID, schema.SPAN_ID)


class JsonLines:
    """Decodes one JSON object a line.

    Parameters
    ----------
    service
        ``service.name`` of lines that name none.
    """

    name = "JSON lines"

    def __init__(self, service: str = "") -> None:
        self._service = service

    def decode(self, data: bytes, observed: int) -> Decoded:
        """Read all lines; empty ones are passed over."""
        lines = Lines(data)
        lines.parse()
        dead = lines.reread()
        if not lines.good.any():
            return Decoded((), tuple(dead))
        return Decoded((RawBatch(Signal.LOG, lines.columns(observed, self._service)),), tuple(dead))


class Lines:
    """The lines of one payload, and their columns as pieces of the buffer."""

    def __init__(self, data: bytes) -> None:
        self._buffer = np.frombuffer(data + bytes(PAD), np.uint8)
        self._starts, self._ends = lines_of(data, self._buffer)
        count = len(self._starts)
        shape = (len(_COLUMNS), count)
        self.kind = np.zeros(shape, np.uint8)
        self.offset = np.zeros(shape, np.int32)
        self.length = np.full(shape, -1, np.int32)
        self.whole = np.zeros(shape, np.int64)
        self.real = np.zeros(shape, np.float64)
        self.good = np.zeros(count, np.bool_)
        self._utf8 = _is_utf8(data)

    def parse(self) -> None:
        """Let the kernel read what it can."""
        short = self._ends - self._starts <= MAX_LINE
        ends = np.where(short, self._ends, self._starts)
        kernel.parse(
            self._buffer,
            self._starts,
            ends,
            self._utf8,
            *table().arrays,
            self.kind,
            self.offset,
            self.length,
            self.whole,
            self.real,
            self.good,
        )

    def reread(self) -> list[DeadLetter]:
        """Read the other lines one by one; what they hold is appended to the buffer."""
        dead: list[DeadLetter] = []
        extra: list[bytes] = []
        at = len(self._buffer)
        for line in np.flatnonzero(~self.good).tolist():
            text = self._buffer[self._starts[line] : self._ends[line]].tobytes()
            if not text.strip(b" \t\r"):
                continue
            self.kind[:, line] = kernel.ABSENT
            self.length[:, line] = -1
            try:
                values = _strict(text)
            except ValueError as error:
                dead.append(DeadLetter(str(error), int(self._starts[line]), text[:SAMPLE]))
                continue
            self.good[line] = True
            for column, value in _chosen(values).items():
                piece = self._put(column, line, value, at)
                extra.append(piece)
                at += len(piece)
        self._buffer = np.concatenate([self._buffer, np.frombuffer(b"".join([*extra, bytes(PAD)]), np.uint8)])
        return dead

    def _put(self, column: int, line: int, value: Any, at: int) -> bytes:
        """Note a value of a line that orjson read; returns the bytes to append for its text."""
        if isinstance(value, bool):
            self.kind[column, line] = kernel.TRUE if value else kernel.FALSE
        elif isinstance(value, int) and abs(value) < 2**63:
            self.kind[column, line], self.whole[column, line] = kernel.WHOLE, value
            self.real[column, line] = float(value)
        elif isinstance(value, (int, float)):
            self.kind[column, line], self.real[column, line] = kernel.FLOAT, float(value)
        elif isinstance(value, str):
            self.kind[column, line] = kernel.TEXT
        else:
            self.kind[column, line] = kernel.NESTED
        piece = (
            value.encode() if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_PASSTHROUGH_DATETIME)
        )
        self.offset[column, line], self.length[column, line] = at, len(piece)
        return piece

    def columns(self, observed: int, service: str) -> pa.RecordBatch:
        """Return the canonical columns of the good lines."""
        rows = np.flatnonzero(self.good)
        arrays: dict[str, pa.Array] = {schema.TIME: self._times(rows, observed)}
        for number, name in enumerate(_COLUMNS):
            if name == schema.TIME or not (self.kind[number, rows] > 0).any():
                continue
            arrays[name] = self._array(number, name, rows)
        arrays = split_targets(arrays, HTTP_TARGET)
        arrays = query_shapes(arrays)
        arrays[schema.SERVICE] = _filled(arrays.get(schema.SERVICE), service, len(rows))
        arrays[schema.RAW] = text_array(
            self._buffer, self._starts[rows].astype(np.int32), (self._ends - self._starts)[rows].astype(np.int32)
        )
        order = [name for name in schema.EVENT_COLUMNS if name in arrays]
        return pa.RecordBatch.from_arrays([arrays[name] for name in order], names=order)

    def _array(self, number: int, name: str, rows: NDArray[np.intp]) -> pa.Array:
        kind = self.kind[number, rows]
        if name in _NUMERIC:
            return self._numbers(number, rows, kind, _NUMERIC[name], table().scale_of(name))
        usable = (kind > kernel.ABSENT) & (kind != kernel.NULL)
        if name != schema.BODY:
            usable &= kind != kernel.NESTED
        length = np.where(usable, self.length[number, rows], -1).astype(np.int32)
        make = text_array if name in _TEXT else label_array
        return make(self._buffer, self.offset[number, rows], length)

    def _numbers(
        self, number: int, rows: NDArray[np.intp], kind: NDArray[np.uint8], kept: pa.DataType, scale: float
    ) -> pa.Array:
        """Return numbers; a number written as text counts, what does not fit the type is null."""
        known = (kind == kernel.WHOLE) | (kind == kernel.FLOAT)
        values = np.where(known, self.real[number, rows], np.nan)
        quoted = np.flatnonzero(kind == kernel.TEXT)
        if len(quoted):
            texts = text_array(self._buffer, self.offset[number, rows[quoted]], self.length[number, rows[quoted]])
            values[quoted] = [_number(text) * scale for text in texts.to_pylist()]
        return fitting(values, kept)

    def _times(self, rows: NDArray[np.intp], observed: int) -> pa.Array:
        number = _COLUMNS.index(schema.TIME)
        kind = self.kind[number, rows]
        out = np.full(len(rows), time_kernel.INVALID)
        texts = np.where(kind == kernel.TEXT, self.length[number, rows], -1).astype(np.int32)
        time_kernel.rfc3339_column(self._buffer, self.offset[number, rows], texts, out)
        whole = kind == kernel.WHOLE
        out[whole] = epoch(self.whole[number, rows][whole])
        real = kind == kernel.FLOAT
        out[real] = epoch_float(self.real[number, rows][real])
        out[out == time_kernel.INVALID] = observed
        return pa.array(out).cast(schema.TIME_TYPE)


class Table:
    """The aliases as the arrays that the kernel looks paths up in."""

    def __init__(self) -> None:
        places = 1 << (4 * len(JSON_ALIASES)).bit_length()
        keys, entries = np.zeros(places, np.uint64), np.zeros(places, np.int32)
        for entry, alias in enumerate(JSON_ALIASES):
            key = _path_hash(alias.path)
            place = (key >> 40) & (places - 1)
            while keys[place] != 0 and int(keys[place]) != key:
                place = (place + 1) & (places - 1)
            if keys[place] == 0:
                keys[place], entries[place] = key, entry
        column = np.array([_COLUMNS.index(alias.column) for alias in JSON_ALIASES], np.int32)
        rank = np.arange(len(JSON_ALIASES)).astype(np.uint8)
        scale = np.array([alias.scale for alias in JSON_ALIASES])
        self.arrays = (keys, entries, column, rank, scale)

    def scale_of(self, name: str) -> float:
        """Return the scale of a column's first name: what a number written as text is taken to be in."""
        return next(alias.scale for alias in JSON_ALIASES if alias.column == name)


def _path_hash(path: tuple[str, ...]) -> int:
    key = np.uint64(0)
    for name in path:
        data = np.frombuffer(name.encode() + bytes(PAD), np.uint8)
        key = np.uint64(kernel.path_hash(data, len(name.encode()), key))
    return int(key)


def _strict(text: bytes) -> dict[str, Any]:
    """Read a line with orjson; raises ValueError with the reason of the dead letter."""
    if len(text) > MAX_LINE:
        raise ValueError("line_too_long")
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(_reason(text, error)) from None
    if not isinstance(values, dict):
        raise ValueError("not_an_object")
    return values


def _reason(text: bytes, error: orjson.JSONDecodeError) -> str:
    if not _is_utf8(text):
        return "invalid_utf8"
    return "truncated_json" if "end of data" in error.msg or "EOF" in error.msg else "invalid_json"


def _chosen(values: dict[str, Any]) -> dict[int, Any]:
    """Return the value of each column by the first of its names that has one, scaled to its unit."""
    chosen: dict[int, Any] = {}
    for alias in JSON_ALIASES:
        number = _COLUMNS.index(alias.column)
        value: Any = values
        for name in alias.path:
            value = value.get(name) if isinstance(value, dict) else None
        if value is None or number in chosen:
            continue
        scaled = alias.scale != 1.0 and isinstance(value, (int, float)) and not isinstance(value, bool)
        chosen[number] = value * alias.scale if scaled else value
    return chosen


def _number(text: str) -> float:
    """Return a number written as text, NaN for what is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _filled(column: pa.Array | None, service: str, count: int) -> pa.Array:
    """Return the service column; where a line names none, the given name."""
    if column is None:
        return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int32)), pa.array([service]))
    if column.null_count == 0:
        return column
    codes = column.indices.fill_null(len(column.dictionary))
    return pa.DictionaryArray.from_arrays(codes, pa.concat_arrays([column.dictionary, pa.array([service])]))


def epoch(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return whole epoch times in s, ms, us or ns as ns; which one is told by the size of the number."""
    out = np.full(len(values), time_kernel.INVALID)
    for low, high, factor in (
        (1, 10**11, 10**9),
        (10**11, 10**14, 10**6),
        (10**14, 10**17, 10**3),
        (10**17, 2**63 - 1, 1),
    ):
        mine = (values >= low) & (values < high) & (values < (2**63 - 1) // factor)
        out[mine] = values[mine] * factor
    return out


def epoch_float(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return epoch times with a fraction as ns, to the microsecond."""
    out = np.full(len(values), time_kernel.INVALID)
    for low, high, factor in ((1.0, 1e11, 1e9), (1e11, 1e14, 1e6), (1e14, 1e17, 1e3)):
        mine = (values >= low) & (values < high) & (values * factor < 9.2e18)
        seconds = np.floor(values[mine])
        out[mine] = (seconds * factor).astype(np.int64) + np.rint((values[mine] - seconds) * factor / 1e3).astype(
            np.int64
        ) * 1000
    return out


@cache
def table() -> Table:
    """Return the table of aliases, made at the first use since it needs a kernel."""
    return Table()


def warm() -> None:
    """Compile the kernels."""
    JsonLines().decode(b'{"a": 1, "time": "2000-01-01T00:00:00Z"}\n{\n', 0)
