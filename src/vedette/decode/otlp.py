"""OTLP logs, spans and metrics in protobuf to columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from vedette.decode.fold import ATTRIBUTES, HTTP_TARGET, RANKS, severity_of
from vedette.decode.metrics import decode_metrics
from vedette.decode.shapes import query_shapes, split_targets
from vedette.decode.texts import fitting, label_array, text_array
from vedette.errors import BadInput
from vedette.kernels import otlp as kernel
from vedette.kernels.bytes import PAD
from vedette.kernels.json_lines import ABSENT, FALSE, FLOAT, NESTED, TEXT, TRUE, WHOLE
from vedette.records import schema
from vedette.records.batch import Decoded, RawBatch
from vedette.records.schema import Signal

__all__ = ["decode_logs", "decode_metrics", "decode_spans"]

KINDS: Final = ("", "internal", "server", "client", "producer", "consumer")
ERROR: Final = 2
"""Span status code for an error."""

_COLUMNS: Final = list(dict.fromkeys(alias.column for alias in ATTRIBUTES.values()))
_NUMERIC: Final = {
    schema.STATUS: pa.int16(),
    schema.RESPONSE_SIZE: pa.int64(),
    schema.REQUEST_SIZE: pa.int64(),
}
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which field of a record is what: number → (action, place among its sort)."""

    fields: dict[int, tuple[int, int]]
    fixed: int
    numbers: int
    pieces: int

    def arrays(self) -> tuple[Ints, Ints]:
        """Return actions and places by field number."""
        actions, places = np.zeros(kernel.FIELDS, np.int64), np.zeros(kernel.FIELDS, np.int64)
        for field, (action, place) in self.fields.items():
            actions[field], places[field] = action, place
        return actions, places


LOGS: Final = Layout(
    {
        1: (kernel.FIXED, 0),  # time_unix_nano
        11: (kernel.FIXED, 1),  # observed_time_unix_nano
        2: (kernel.VARINT, 0),  # severity_number
        3: (kernel.PIECE, 0),  # severity_text
        5: (kernel.BODY, 2),  # body: fixed 2, number 2, piece 2
        6: (kernel.ATTRIBUTE, 0),
        9: (kernel.PIECE, 3),  # trace_id
        10: (kernel.PIECE, 4),  # span_id
    },
    fixed=3,
    numbers=3,
    pieces=5,
)

SPANS: Final = Layout(
    {
        7: (kernel.FIXED, 0),  # start_time_unix_nano
        8: (kernel.FIXED, 1),  # end_time_unix_nano
        6: (kernel.VARINT, 0),  # kind
        15: (kernel.STATUS, 1),  # status.code
        5: (kernel.PIECE, 0),  # name
        1: (kernel.PIECE, 1),  # trace_id
        2: (kernel.PIECE, 2),  # span_id
        4: (kernel.PIECE, 3),  # parent_span_id
        9: (kernel.ATTRIBUTE, 0),
    },
    fixed=2,
    numbers=2,
    pieces=4,
)


class Records:
    """The records of one export request, as pieces of its bytes."""

    def __init__(self, data: bytes, layout: Layout) -> None:
        self.buffer = np.frombuffer(data + bytes(PAD), np.uint8)
        count = int(kernel.count_records(self.buffer, len(data)))
        if count < 0:
            raise BadInput("truncated_protobuf", detail=f"{len(data)} bytes, a length in it does not fit")
        shape = (len(_COLUMNS), count + 1)
        self.count = count
        self.kind = np.zeros(shape, np.uint8)
        self.offset, self.length = np.zeros(shape, np.int32), np.full(shape, -1, np.int32)
        self.whole, self.real = np.zeros(shape, np.int64), np.zeros(shape)
        self.fixed = np.zeros((layout.fixed, count), np.int64)
        self.numbers = np.zeros((layout.numbers, count), np.int64)
        self.starts = np.zeros((layout.pieces, count), np.int32)
        self.sizes = np.full((layout.pieces, count), -1, np.int32)
        spare, found = np.zeros((len(data) // 4 + 1, 8), np.int64), np.zeros(1, np.int64)
        cells = (self.kind, self.offset, self.length, self.whole, self.real)
        done = kernel.parse(
            self.buffer,
            len(data),
            *layout.arrays(),
            _table(),
            cells,
            np.zeros(shape, np.uint8),
            self.fixed,
            self.numbers,
            self.starts,
            self.sizes,
            spare,
            found,
        )
        if done != count:
            raise BadInput(
                "truncated_protobuf", detail=f"{len(data)} bytes, record {max(int(done), 0)} of {count} is broken"
            )
        self.spare = spare[: int(found[0])]

    def attributes(self) -> dict[str, pa.Array]:
        """Return the columns that attributes fill."""
        arrays = {
            name: self._array(number, name)
            for number, name in enumerate(_COLUMNS)
            if (self.kind[number, : self.count] > ABSENT).any()
        }
        return query_shapes(split_targets(arrays, HTTP_TARGET))

    def _array(self, number: int, name: str) -> pa.Array:
        rows = slice(0, self.count)
        kind = self.kind[number, rows]
        if name in _NUMERIC:
            known = (kind == WHOLE) | (kind == FLOAT)
            return fitting(np.where(known, self.real[number, rows], np.nan), _NUMERIC[name])
        length = np.where(kind == TEXT, self.length[number, rows], -1).astype(np.int32)
        column = label_array(self.buffer, self.offset[number, rows], length)
        other = np.flatnonzero((kind != TEXT) & (kind != ABSENT) & (kind != NESTED))
        return column if not len(other) else self._with_numbers(number, column, other.tolist())

    def _with_numbers(self, number: int, column: pa.DictionaryArray, rows: list[int]) -> pa.DictionaryArray:
        """Return a label column with numbers and booleans written out, such as a numeric ``user.id``."""
        texts = column.cast(pa.string()).to_pylist()
        for row in rows:
            kind = self.kind[number, row]
            value = self.real[number, row] if kind == FLOAT else self.whole[number, row]
            texts[row] = str(kind == TRUE).lower() if kind in (TRUE, FALSE) else f"{value}"
        return pa.array(texts, pa.string()).dictionary_encode()

    def text(self, place: int) -> pa.Array:
        """Return a string field."""
        return text_array(self.buffer, self.starts[place], self.sizes[place])

    def label(self, place: int) -> pa.DictionaryArray:
        """Return a string field as labels; empty is null."""
        return label_array(self.buffer, self.starts[place], np.where(self.sizes[place] > 0, self.sizes[place], -1))

    def hexadecimal(self, place: int, size: int) -> pa.Array:
        """Return an id field as hexadecimal text; null where it is missing or not `size` bytes."""
        out, ok = np.zeros((self.count, 2 * size), np.uint8), np.zeros(self.count, np.bool_)
        kernel.hex_pieces(self.buffer, self.starts[place], self.sizes[place], size, out, ok)
        ends = np.concatenate([[0], np.cumsum(ok) * 2 * size]).astype(np.int32)
        validity = pa.py_buffer(np.packbits(ok, bitorder="little"))
        return pa.StringArray.from_buffers(self.count, pa.py_buffer(ends), pa.py_buffer(out[ok].tobytes()), validity)

    def raw(self) -> pa.Array:
        """Return the attributes that no column wants as JSON text, null for rows without any."""
        rows: dict[int, dict[str, object]] = {}
        for row, key, key_length, *value in self.spare.tolist():
            name = self._piece(key, key_length)
            rows.setdefault(row, {})[name] = self._value(*value)
        return pa.array([_json(rows[row]) if row in rows else None for row in range(self.count)], pa.string())

    def _value(self, kind: int, start: int, length: int, whole: int, bits: int) -> object:
        if kind == TEXT:
            return self._piece(start, length)
        if kind == WHOLE:
            return whole
        if kind in (TRUE, FALSE):
            return kind == TRUE
        return float(np.int64(bits).view(np.float64)) if kind == FLOAT else None

    def _piece(self, start: int, length: int) -> str:
        return self.buffer[start : start + length].tobytes().decode("utf-8", "replace")


def decode_logs(data: bytes, observed: int) -> Decoded:
    """Read an ExportLogsServiceRequest; raises `BadInput` for bytes that are none."""
    records = Records(data, LOGS)
    if not records.count:
        return Decoded(())
    arrays = records.attributes()
    time = np.where(records.fixed[0] > 0, records.fixed[0], records.fixed[1])
    arrays[schema.TIME] = _times(time, observed)
    arrays[schema.SEVERITY] = _severities(records)
    arrays[schema.BODY] = _bodies(records)
    arrays[schema.TRACE_ID], arrays[schema.SPAN_ID] = records.hexadecimal(3, 16), records.hexadecimal(4, 8)
    return _decoded(Signal.LOG, arrays, records)


def decode_spans(data: bytes, observed: int) -> Decoded:
    """Read an ExportTraceServiceRequest; raises `BadInput` for bytes that are none."""
    records = Records(data, SPANS)
    if not records.count:
        return Decoded(())
    arrays = records.attributes()
    start, end = records.fixed
    length = (end - start) / 1e9
    arrays[schema.TIME] = _times(start, observed)
    arrays[schema.DURATION] = fitting(np.where((end >= start) & (start > 0), length, np.nan), pa.float64())
    arrays[schema.SPAN_NAME] = records.label(0)
    arrays[schema.SPAN_KIND] = _named(records.numbers[0], KINDS)
    arrays[schema.TRACE_ID], arrays[schema.SPAN_ID] = records.hexadecimal(1, 16), records.hexadecimal(2, 8)
    arrays[schema.PARENT_SPAN_ID] = records.hexadecimal(3, 8)
    arrays[schema.ERROR_TYPE] = _errors(arrays.get(schema.ERROR_TYPE), records.numbers[1] == ERROR)
    return _decoded(Signal.SPAN, arrays, records)


def _decoded(signal: Signal, arrays: dict[str, pa.Array], records: Records) -> Decoded:
    if schema.SERVICE not in arrays:
        arrays[schema.SERVICE] = pa.DictionaryArray.from_arrays(
            np.zeros(records.count, np.int32), pa.array(["unknown_service"])
        )
    arrays[schema.RAW] = records.raw()
    order = [name for name in schema.EVENT_COLUMNS if name in arrays and arrays[name].null_count < records.count]
    return Decoded((RawBatch(signal, pa.RecordBatch.from_arrays([arrays[name] for name in order], names=order)),))


def _times(values: Ints, observed: int) -> pa.Array:
    return pa.array(np.where(values > 0, values, observed)).cast(schema.TIME_TYPE)


def _named(numbers: Ints, names: tuple[str, ...]) -> pa.DictionaryArray:
    """Return numbers as labels; 0 and what is out of range are null."""
    good = (numbers > 0) & (numbers < len(names))
    codes = np.where(good, numbers, 0).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=~good), pa.array(list(names)))


def _severities(records: Records) -> pa.DictionaryArray:
    """Return the severity text; where it is missing, the number's name."""
    given = records.label(0)
    names = tuple(severity_of(number) for number in range(25))
    texts = given.fill_null("") if given.null_count < records.count else None
    named = _named(records.numbers[0], names)
    if texts is None:
        return named
    merged = [text or name for text, name in zip(given.to_pylist(), named.to_pylist(), strict=True)]
    return pa.array(merged, pa.string()).dictionary_encode() if given.null_count else given


def _bodies(records: Records) -> pa.Array:
    """Return bodies as text: strings as they are, others written out."""
    kind = records.numbers[2]
    if (kind == TEXT).all():
        return records.text(2)
    texts = text_array(records.buffer, records.starts[2], np.where(kind == TEXT, records.sizes[2], -1).astype(np.int32))
    values = texts.to_pylist()
    for row in np.flatnonzero((kind != TEXT) & (kind != ABSENT)).tolist():
        value = records.fixed[2, row]
        values[row] = {
            WHOLE: f"{value}",
            FLOAT: f"{np.int64(value).view(np.float64)}",
            TRUE: "true",
            FALSE: "false",
        }.get(int(kind[row]), "(structured)")
    return pa.array(values, pa.string())


def _errors(given: pa.DictionaryArray | None, failed: NDArray[np.bool_]) -> pa.DictionaryArray:
    """Return error types; ``error`` where the span's status says so and no type is given."""
    if given is None:
        return pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(len(failed), np.int32), mask=~failed), pa.array(["error"])
        )
    texts = given.to_pylist()
    merged = [text or ("error" if bad else None) for text, bad in zip(texts, failed.tolist(), strict=True)]
    return pa.array(merged, pa.string()).dictionary_encode()


def _json(values: dict[str, object]) -> str:
    return orjson.dumps(values).decode()


@cache
def _table() -> tuple[NDArray[np.uint64], NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8], NDArray[np.float64]]:
    """Return the attribute names as the arrays that the kernel looks them up in."""
    from vedette.kernels.json_lines import path_hash

    names = list(ATTRIBUTES)
    places = 1 << (4 * len(names)).bit_length()
    keys, entries = np.zeros(places, np.uint64), np.zeros(places, np.int32)
    for entry, name in enumerate(names):
        key = int(path_hash(np.frombuffer(name.encode() + bytes(PAD), np.uint8), len(name), np.uint64(0)))
        place = (key >> 40) & (places - 1)
        while keys[place] != 0:
            place = (place + 1) & (places - 1)
        keys[place], entries[place] = key, entry
    column = np.array([_COLUMNS.index(ATTRIBUTES[name].column) for name in names], np.int32)
    rank = np.array([len(names) - RANKS[name] for name in names], np.uint8)
    return keys, entries, column, rank, np.array([ATTRIBUTES[name].scale for name in names])
