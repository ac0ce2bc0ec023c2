"""Plain text lines: each line is a body, and its time is when it was seen unless it starts with one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from vedette.decode.texts import text_array
from vedette.kernels import time as time_kernel
from vedette.kernels.lines import lines_of
from vedette.records import schema
from vedette.records.batch import DeadLetter, Decoded, RawBatch
from vedette.records.schema import Signal

MAX_LINE = 1 << 20
STAMP = 40
"""Bytes at the start of a line that may hold its time."""


class TextLines:
    """Decodes lines of free text; a leading RFC 3339 time is taken as the line's own."""

    name = "text lines"

    def __init__(self, service: str = "") -> None:
        self._service = service

    def decode(self, data: bytes, observed: int) -> Decoded:
        """Read all lines; empty ones are passed over, what is no UTF-8 is replaced."""
        data = data.decode("utf-8", "replace").encode()
        buffer = np.frombuffer(data + bytes(64), np.uint8)
        starts, ends = lines_of(data, buffer)
        long = ends - starts > MAX_LINE
        dead = tuple(DeadLetter("line_too_long", int(at), data[at : at + 200]) for at in starts[long])
        rows = np.flatnonzero((ends > starts) & ~long)
        if not len(rows):
            return Decoded((), dead)
        offset, length = starts[rows].astype(np.int32), (ends - starts)[rows].astype(np.int32)
        body = text_array(buffer, offset, length)
        columns = pa.RecordBatch.from_arrays(
            [
                _times(buffer, offset, length, observed),
                pa.DictionaryArray.from_arrays(np.zeros(len(rows), np.int32), pa.array([self._service])),
                body,
                body,
            ],
            names=[schema.TIME, schema.SERVICE, schema.BODY, schema.RAW],
        )
        return Decoded((RawBatch(Signal.LOG, columns),), dead)


def _times(
    buffer: np.ndarray[tuple[int], np.dtype[np.uint8]],
    offset: np.ndarray[tuple[int], np.dtype[np.int32]],
    length: np.ndarray[tuple[int], np.dtype[np.int32]],
    observed: int,
) -> pa.Array:
    """Read the first word (or two, joined by a space) of each line as a time."""
    ends = np.empty_like(length)
    for row, (start, size) in enumerate(zip(offset.tolist(), length.tolist(), strict=True)):
        ends[row] = len(buffer[start : start + min(size, STAMP)].tobytes().split(b" ", 1)[0])
    out = np.full(len(offset), time_kernel.INVALID)
    time_kernel.rfc3339_column(buffer, offset, ends, out)
    out[out == time_kernel.INVALID] = observed
    return pa.array(out).cast(schema.TIME_TYPE)
