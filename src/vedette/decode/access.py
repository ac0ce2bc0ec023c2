"""Access logs of nginx and Apache, common and combined, to columns."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.decode.fold import HTTP_TARGET
from vedette.decode.shapes import query_shapes, relabeled, split_targets
from vedette.decode.texts import fitting, label_array, text_array
from vedette.kernels import access as kernel
from vedette.kernels.lines import lines_of
from vedette.records import schema
from vedette.records.batch import DeadLetter, Decoded, RawBatch
from vedette.records.schema import Signal

MAX_LINE: Final = 1 << 20
SAMPLE: Final = 200
SPARE: Final = 64
"""Bytes behind the buffer, so that fixed-width fields at its end are read safely."""

_ESCAPE = re.compile(r"\\x([0-9a-fA-F]{2})|\\(.)")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "v": "\v"}


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
        buffer = np.frombuffer(data + bytes(SPARE), np.uint8)
        starts, ends = lines_of(data, buffer)
        count = len(starts)
        offset, length = np.zeros((kernel.PIECES, count), np.int32), np.full((kernel.PIECES, count), -1, np.int32)
        number, duration = np.zeros((kernel.NUMBERS, count), np.int64), np.zeros(count)
        good = np.zeros(count, np.bool_)
        kernel.parse(buffer, starts, ends, offset, length, number, duration, good)
        good &= ends - starts <= MAX_LINE
        text = _valid_text(data, buffer, starts, ends)
        dead = _dead(buffer, starts, ends, good, text)
        rows = np.flatnonzero(good & text)
        if not len(rows):
            return Decoded((), dead)
        pieces = (buffer, offset[:, rows], length[:, rows])
        raw = text_array(buffer, starts[rows].astype(np.int32), (ends - starts)[rows].astype(np.int32))
        return Decoded((RawBatch(Signal.LOG, self._columns(pieces, number[:, rows], duration[rows], raw)),), dead)

    def _columns(
        self,
        pieces: tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]],
        number: NDArray[np.int64],
        duration: NDArray[np.float64],
        raw: pa.Array,
    ) -> pa.RecordBatch:
        buffer, offset, length = pieces
        count = number.shape[1]
        arrays: dict[str, pa.Array] = {
            name: unescaped(label_array(buffer, offset[piece], length[piece]))
            for piece, name in (
                (kernel.CLIENT, schema.CLIENT),
                (kernel.USER, schema.USER),
                (kernel.METHOD, schema.METHOD),
                (kernel.TARGET, HTTP_TARGET),
                (kernel.AGENT, schema.USER_AGENT),
            )
            if (length[piece] >= 0).any()
        }
        arrays = query_shapes(split_targets(arrays, HTTP_TARGET))
        status = number[kernel.STATUS].astype(np.float64)
        size = number[kernel.SIZE].astype(np.float64)
        arrays[schema.TIME] = pa.array(number[kernel.TIME]).cast(schema.TIME_TYPE)
        arrays[schema.SERVICE] = pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([self._service]))
        arrays[schema.STATUS] = fitting(np.where(status < 0, np.nan, status), pa.int16())
        arrays[schema.RESPONSE_SIZE] = fitting(np.where(size < 0, np.nan, size), pa.int64())
        if np.isfinite(duration).any():
            arrays[schema.DURATION] = fitting(duration, pa.float64())
        arrays[schema.RAW] = raw
        order = [name for name in schema.EVENT_COLUMNS if name in arrays]
        return pa.RecordBatch.from_arrays([arrays[name] for name in order], names=order)


def unescaped(column: pa.DictionaryArray) -> pa.DictionaryArray:
    r"""Return a label column with ``\x22`` and ``\"`` undone, as nginx and Apache write them."""
    values = column.dictionary.to_pylist()
    if not any("\\" in value for value in values):
        return column
    return relabeled(column, [_ESCAPE.sub(_character, value) for value in values])


def _character(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return _PLAIN.get(match[2], match[2])


def _valid_text(
    data: bytes, buffer: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say which lines are UTF-8."""
    valid = np.ones(len(starts), np.bool_)
    try:
        data.decode()
    except UnicodeDecodeError:
        for line in range(len(starts)):
            valid[line] = _decodes(buffer[starts[line] : ends[line]].tobytes())
    return valid


def _decodes(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _dead(
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    good: NDArray[np.bool_],
    text: NDArray[np.bool_],
) -> tuple[DeadLetter, ...]:
    letters = []
    for line in np.flatnonzero(~(good & text)).tolist():
        start, end = int(starts[line]), int(ends[line])
        sample = buffer[start : min(end, start + SAMPLE)].tobytes()
        if sample.strip():
            reason = (
                "line_too_long" if end - start > MAX_LINE else "not_an_access_line" if text[line] else "invalid_utf8"
            )
            letters.append(DeadLetter(reason, start, sample))
    return tuple(letters)


def warm() -> None:
    """Compile the kernels."""
    AccessLog().decode(b'1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1\n', 0)
