"""Access logs of nginx and Apache, common and combined, to columns."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.decode.columns import in_order
from vedette.decode.lines import Lines
from vedette.decode.shapes import query_shapes
from vedette.decode.texts import constant, fitting, label_array, relabeled
from vedette.kernels import access as kernel
from vedette.kernels.targets import split_targets
from vedette.records import schema
from vedette.records.batch import Decoded, RawBatch
from vedette.records.schema import Signal

_ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})|\\(.)", re.DOTALL)
_PLAIN: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"v": b"\v"}


class AccessLog:
    """Decodes common and combined log format, with or without a virtual host in front.

    Parameters
    ----------
    service
        ``service.name`` of all lines.

    Notes
    -----
    A trailing number is the request's duration: with a point in seconds (nginx ``$request_time``),
    a lone whole number in microseconds (Apache ``%D``).
    """

    name = "access log"

    def __init__(self, service: str = "") -> None:
        self._service = service

    def decode(self, data: bytes, observed: int) -> Decoded:
        """Read all lines; empty ones are passed over."""
        del observed  # every access-log line has its own time
        lines = Lines(data)
        count = len(lines)
        offset, length = np.empty((kernel.PIECES, count), np.int32), np.full((kernel.PIECES, count), -1, np.int32)
        number, duration = np.empty((kernel.NUMBERS, count), np.int64), np.empty(count)
        parsed = np.zeros(count, np.bool_)
        kernel.parse(lines.buffer, lines.starts, lines.ends, offset, length, number, duration, parsed)
        long, readable = lines.long(), lines.readable()
        good = parsed & readable & ~long
        dead = tuple(
            lines.dead(
                line, "line_too_long" if long[line] else "not_an_access_line" if readable[line] else "invalid_utf8"
            )
            for line in np.flatnonzero(~good).tolist()
            if not lines.is_blank(line)
        )
        rows = np.flatnonzero(good)
        if not len(rows):
            return Decoded((), dead)
        if len(rows) < count:
            offset, length, number, duration = offset[:, rows], length[:, rows], number[:, rows], duration[rows]
        arrays = {**_labels(lines, offset, length), **_numbers(number, duration), schema.RAW: lines.raw(rows)}
        arrays[schema.SERVICE] = constant(self._service, len(rows))
        return Decoded((RawBatch(Signal.LOG, in_order(arrays)),), dead)


def _labels(lines: Lines, offset: NDArray[np.int32], length: NDArray[np.int32]) -> dict[str, pa.Array]:
    """Return the columns of text."""
    buffer = lines.buffer
    _, path, query = split_targets(buffer, offset[kernel.TARGET], length[kernel.TARGET])
    pieces = {
        schema.CLIENT: (offset[kernel.CLIENT], length[kernel.CLIENT]),
        schema.USER: (offset[kernel.USER], length[kernel.USER]),
        schema.METHOD: (offset[kernel.METHOD], length[kernel.METHOD]),
        schema.PATH: path,
        schema.QUERY: query,
        schema.USER_AGENT: (offset[kernel.AGENT], length[kernel.AGENT]),
    }
    return query_shapes(
        {name: unescaped(label_array(buffer, *piece)) for name, piece in pieces.items() if (piece[1] >= 0).any()}
    )


def _numbers(number: NDArray[np.int64], duration: NDArray[np.float64]) -> dict[str, pa.Array]:
    """Return the columns of numbers."""
    status, size = (np.where(row < 0, np.nan, row) for row in number[: kernel.TIME])
    arrays = {
        schema.TIME: pa.array(number[kernel.TIME]).cast(schema.TIME_TYPE),
        schema.STATUS: fitting(status, pa.int16()),
        schema.RESPONSE_SIZE: fitting(size, pa.int64()),
    }
    return {**arrays, schema.DURATION: fitting(duration, pa.float64())} if np.isfinite(duration).any() else arrays


def unescaped(column: pa.DictionaryArray) -> pa.DictionaryArray:
    r"""Return a label column with ``\x22`` and ``\"`` undone, as nginx and Apache write them; empty is null.

    >>> unescaped(pa.array([r"a\x22b\"", r"\xC3\xA9"]).dictionary_encode()).to_pylist()
    ['a"b"', 'é']
    """
    values = column.dictionary.to_pylist()
    if not any("\\" in value or not value for value in values):
        return column
    return relabeled(column, [_ESCAPE.sub(_byte, value.encode()).decode("utf-8", "replace") for value in values])


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)]) if match[1] else _PLAIN.get(match[2], match[2])


def warm() -> None:
    """Compile the kernels."""
    AccessLog().decode(b'1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1\n', 0)
