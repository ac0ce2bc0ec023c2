"""OTLP values that are no text, written out as JSON: numbers and booleans by the column, structures one by one."""

from __future__ import annotations

import math
import struct
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from vedette.errors import BadInput
from vedette.kernels import cells as kinds
from vedette.kernels.otlp import piece, skip, varint

if TYPE_CHECKING:
    from vedette.decode.columns import Columns

MAX_DEPTH: Final = 32
"""Arrays in arrays beyond which a request is refused."""

ARRAY, OBJECT, BYTES = 5, 6, 7
"""Fields of an AnyValue."""


def write_out(columns: Columns, kind: Any, offset: Any, length: Any, value: Any) -> None:
    """Append what is no text as JSON text to the buffer, and let its pieces point there.

    ``kind``, ``offset``, ``length`` and ``value`` are views of one column's cells, changed in place.
    """
    for sort, numbers in ((kinds.WHOLE, value), (kinds.FLOAT, value.copy().view(np.float64))):
        rows = np.flatnonzero(kind == sort)
        if len(rows):
            _point(columns, rows, offset, length, *_written(numbers[rows]))
    for sort, text in ((kinds.TRUE, b"true"), (kinds.FALSE, b"false")):
        rows = np.flatnonzero(kind == sort)
        if len(rows):
            ends = np.full(len(rows), len(text))
            _point(columns, rows, offset, length, np.frombuffer(text, np.uint8), np.zeros(len(rows), np.int64), ends)
    rows = np.flatnonzero(kind == kinds.NESTED)
    if len(rows):
        places = zip(value[rows].tolist(), offset[rows].tolist(), length[rows].tolist(), strict=True)
        texts = [any_json(columns.buffer, field, at, at + size) for field, at, size in places]
        ends = np.cumsum([len(text) for text in texts])
        _point(
            columns,
            rows,
            offset,
            length,
            np.frombuffer(b"".join(texts), np.uint8),
            ends - [len(t) for t in texts],
            ends,
        )


def _point(
    columns: Columns, rows: NDArray[np.intp], offset: Any, length: Any, content: Any, starts: Any, ends: Any
) -> None:
    at = columns.append(content)
    offset[rows], length[rows] = at + starts, ends - starts


def _written(numbers: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Return numbers as JSON, with starts and ends; what is not finite is ``null``."""
    content = np.frombuffer(orjson.dumps(np.ascontiguousarray(numbers), option=orjson.OPT_SERIALIZE_NUMPY), np.uint8)
    ends = np.append(np.flatnonzero(content == ord(",")), len(content) - 1)
    return content, np.concatenate([[1], ends[:-1] + 1]), ends


def any_json(buffer: NDArray[np.uint8], field: int, at: int, end: int) -> bytes:
    """Return an array, object or bytes value as JSON; raises `BadInput` where its lengths do not fit."""
    return orjson.dumps(_structure(buffer, field, at, end, 0))


def _structure(buffer: NDArray[np.uint8], field: int, at: int, end: int, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise BadInput("nested_too_deep", detail=f"more than {MAX_DEPTH} values in values")
    if field == BYTES:
        return b64encode(buffer[at:end].tobytes()).decode()
    inner = _messages(buffer, at, end)
    if field == ARRAY:
        return [_value(buffer, first, last, depth + 1) for number, first, last in inner if number == 1]
    return dict(_pair(buffer, first, last, depth + 1) for number, first, last in inner if number == 1)


def _pair(buffer: NDArray[np.uint8], at: int, end: int, depth: int) -> tuple[str, Any]:
    key, value = "", None
    for number, first, last in _messages(buffer, at, end):
        if number == 1:
            key = _text(buffer, first, last)
        elif number == 2:
            value = _value(buffer, first, last, depth)
    return key, value


def _value(buffer: NDArray[np.uint8], at: int, end: int, depth: int) -> Any:
    value: Any = None
    for field, first, last in _fields(buffer, at, end):
        if last is None:
            value = _scalar(field, first)
        elif field == 1:
            value = _text(buffer, first, last)
        elif field in (ARRAY, OBJECT, BYTES):
            value = _structure(buffer, field, first, last, depth)
    return value


def _scalar(field: int, number: int) -> Any:
    if field == 2:
        return number != 0
    if field == 3:
        return number - (1 << 64) if number >> 63 else number
    real = struct.unpack("<d", struct.pack("<Q", number))[0]
    return real if math.isfinite(real) else None


def _text(buffer: NDArray[np.uint8], at: int, end: int) -> str:
    return buffer[at:end].tobytes().decode("utf-8", "replace")


def _messages(buffer: NDArray[np.uint8], at: int, end: int) -> list[tuple[int, int, int]]:
    return [(field, first, last) for field, first, last in _fields(buffer, at, end) if last is not None]


def _fields(buffer: NDArray[np.uint8], at: int, end: int) -> list[tuple[int, int, int | None]]:
    """Return field number with start and end of what is length-delimited, or with a number and None."""
    found: list[tuple[int, int, int | None]] = []
    while at < end:
        tag, at = varint(buffer, at, end)
        field, wire = int(tag) >> 3, int(tag) & 7
        begin = at
        if at < 0:
            break
        if wire == 2:
            first, at = piece(buffer, begin, end)
            found.append((field, int(first), int(at)))
        elif wire == 0 and field in (2, 3):
            number, at = varint(buffer, begin, end)
            found.append((field, int(number), None))
        else:
            at = skip(buffer, begin, end, wire)
            if wire == 1 and field == 4 and at >= 0:
                found.append((field, int.from_bytes(buffer[begin:at].tobytes(), "little"), None))
        if at < 0:
            break
    if at < 0:
        raise BadInput("truncated_protobuf", detail="a length inside a value does not fit")
    return found
