"""The lines of a payload, shared by all decoders of text."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.decode.texts import Bytes, Ints, buffer_of, is_utf8, view_array
from vedette.kernels.lines import lines_of
from vedette.records.batch import DeadLetter

MAX_LINE: Final = 1 << 20
"""Bytes of a line beyond which it is a dead letter."""

SAMPLE: Final = 200
"""Bytes of a bad line that its dead letter carries."""

SPARE: Final = 64
"""Bytes behind the buffer, so that fixed-width fields at its end are read safely."""


class Lines:
    """Where the lines are: ``starts`` and ``ends`` (int32, shape ``(n,)``), without their line ends.

    Parameters
    ----------
    data
        Any bytes; raises `vedette.errors.Oversize` beyond `vedette.decode.texts.MAX_PAYLOAD`.
    """

    def __init__(self, data: bytes) -> None:
        self.buffer: Bytes = buffer_of(data, SPARE)
        self.starts, self.ends, ascii_only = lines_of(self.buffer, len(data))
        self.is_utf8 = ascii_only or is_utf8(self.buffer[: len(data)])

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, line: int) -> bytes:
        """Return one line."""
        return self.buffer[self.starts[line] : self.ends[line]].tobytes()

    def long(self) -> NDArray[np.bool_]:
        """Say which lines are beyond `MAX_LINE`."""
        return self.ends - self.starts > MAX_LINE

    def readable(self) -> NDArray[np.bool_]:
        """Say which lines are UTF-8."""
        if self.is_utf8:
            return np.ones(len(self), np.bool_)
        pieces = zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        return np.array([is_utf8(self.buffer[at:end]) for at, end in pieces], np.bool_)

    def is_blank(self, line: int) -> bool:
        """Say whether a line holds nothing but white space."""
        return not self.buffer[self.starts[line] : self.ends[line]][:SAMPLE].tobytes().strip(b" \t\r")

    def dead(self, line: int, reason: str) -> DeadLetter:
        """Return the dead letter of a line."""
        start = int(self.starts[line])
        return DeadLetter(reason, start, self.buffer[start : min(int(self.ends[line]), start + SAMPLE)].tobytes())

    def piece(self, rows: NDArray[np.intp]) -> tuple[Ints, Ints]:
        """Return whole lines as pieces of the buffer."""
        return self.starts[rows], (self.ends - self.starts)[rows]

    def raw(self, rows: NDArray[np.intp]) -> pa.Array:
        """Return whole lines as string views into the buffer; they must be UTF-8."""
        return view_array(self.buffer, *self.piece(rows))
