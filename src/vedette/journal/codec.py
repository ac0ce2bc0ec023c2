"""A sealed chunk as bytes: version, checksum, tick, and each batch as Arrow IPC.

Notes
-----
Nothing is compressed: lz4 costs 0.27 µs of CPU per event to write and 0.08 to read and saves a third of the
bytes of a journal that is trimmed at every snapshot. Every stream begins at a multiple
of eight bytes, so that the columns that are read back point into the chunk's own bytes and are aligned.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import xxhash

from vedette.errors import StateCorrupt
from vedette.records.batch import SafeBatch
from vedette.records.schema import Signal

MAGIC: Final = b"VDJ2"
_HEAD: Final = struct.Struct("<4sIQq")
"""Magic with version, number of batches, checksum, tick. The checksum covers all but the magic and itself."""

_COVERED: Final = struct.Struct("<Iq")
_PART: Final = struct.Struct("<QQ")
"""Place of the signal in `_SIGNALS`, bytes of the stream that follows."""

_SIGNALS: Final = (Signal.LOG, Signal.SPAN, Signal.METRIC)
_NO_TICK: Final = -(1 << 63)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A sealed, numbered part of a shard's journal.

    Parameters
    ----------
    number
        From 1, without holes.
    tick
        Time that passed without data, ns since the epoch; None for data.
    batches
        In the order in which they were submitted.
    """

    number: int
    tick: int | None
    batches: tuple[SafeBatch, ...]


def encode(batches: Sequence[SafeBatch], tick: int | None) -> bytes:
    """Return a chunk's bytes; its number is the journal's to give."""
    parts: list[bytes | pa.Buffer] = []
    for batch in batches:
        stream = _stream(batch.columns)
        parts += [_PART.pack(_SIGNALS.index(batch.signal), stream.size), stream]
    moment = _NO_TICK if tick is None else tick
    head = _HEAD.pack(MAGIC, len(batches), _checksum(len(batches), moment, parts), moment)
    return b"".join([head, *parts])


def decode(number: int, data: bytes | memoryview) -> Chunk:
    """Return the chunk; raises `StateCorrupt` where bytes are not what was sealed."""
    if len(data) < _HEAD.size:
        raise StateCorrupt(f"journal chunk {number}: {len(data)} bytes, expected at least {_HEAD.size}")
    magic, count, checksum, tick = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise StateCorrupt(f"journal chunk {number}: version {magic!r}, expected {MAGIC!r}")
    payload = memoryview(data)[_HEAD.size :]
    if _checksum(count, tick, [payload]) != checksum:
        raise StateCorrupt(f"journal chunk {number}: its checksum is wrong")
    batches, at = [], 0
    for _ in range(count):
        signal, size = _PART.unpack_from(payload, at)
        at += _PART.size
        columns = pa.ipc.open_stream(pa.py_buffer(payload[at : at + size])).read_next_batch()
        batches.append(SafeBatch(_SIGNALS[signal], columns))
        at += size
    return Chunk(number, None if tick == _NO_TICK else tick, tuple(batches))


def _stream(columns: pa.RecordBatch) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, columns.schema) as writer:
        writer.write_batch(columns)
    return sink.getvalue()


def _checksum(count: int, tick: int, parts: Sequence[bytes | memoryview | pa.Buffer]) -> int:
    state = xxhash.xxh3_64(_COVERED.pack(count, tick))
    for part in parts:
        state.update(part)
    return state.intdigest()
