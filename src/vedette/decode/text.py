"""Plain text lines: each line is a body, and its time is when it was seen unless it starts with one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from vedette.decode.lines import Lines
from vedette.decode.texts import constant, text_array
from vedette.kernels import time as time_kernel
from vedette.records import schema
from vedette.records.batch import Decoded, RawBatch
from vedette.records.schema import Signal


class TextLines:
    """Decodes lines of free text; a leading RFC 3339 time is taken as the line's own.

    Parameters
    ----------
    service
        ``service.name`` of all lines.
    """

    name = "text lines"

    def __init__(self, service: str = "") -> None:
        self._service = service

    def decode(self, data: bytes, observed: int) -> Decoded:
        """Read all lines; empty ones are passed over, what is no UTF-8 is replaced."""
        lines = Lines(data)
        if not lines.is_utf8:
            lines = Lines(data.decode("utf-8", "replace").encode())
        long = lines.long()
        dead = tuple(lines.dead(line, "line_too_long") for line in np.flatnonzero(long).tolist())
        rows = np.flatnonzero((lines.ends > lines.starts) & ~long)
        if not len(rows):
            return Decoded((), dead)
        times = np.empty(len(rows), np.int64)
        time_kernel.leading_column(lines.buffer, lines.starts[rows], lines.ends[rows], times)
        times[times == time_kernel.INVALID] = observed
        body = text_array(lines.buffer, *lines.piece(rows))
        arrays = [pa.array(times).cast(schema.TIME_TYPE), constant(self._service, len(rows)), body, body]
        names = [schema.TIME, schema.SERVICE, schema.BODY, schema.RAW]
        return Decoded((RawBatch(Signal.LOG, pa.RecordBatch.from_arrays(arrays, names=names)),), dead)
