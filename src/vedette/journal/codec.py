"""A sealed chunk as bytes: version, checksum, tick, and each batch as Arrow IPC."""

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

MAGIC: Final = b"VDJ1"
_HEAD: Final = struct.Struct("<4sQqI")
_PART: Final = struct.Struct("<BQ")
_SIGNALS: Final = (Signal.LOG, Signal.SPAN, Signal.METRIC)
_NO_TICK: Final = -1
_OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="lz4")


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
    parts = []
    for batch in batches:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.columns.schema, options=_OPTIONS) as writer:
            writer.write_batch(batch.columns)
        body = sink.getvalue().to_pybytes()
        parts += [_PART.pack(_SIGNALS.index(batch.signal), len(body)), body]
    payload = b"".join(parts)
    head = _HEAD.pack(MAGIC, xxhash.xxh3_64_intdigest(payload), _NO_TICK if tick is None else tick, len(batches))
    return head + payload


def decode(number: int, data: bytes) -> Chunk:
    """Return the chunk; raises `StateCorrupt` where bytes are not what was sealed."""
    if len(data) < _HEAD.size:
        raise StateCorrupt(f"journal chunk {number}: {len(data)} bytes, expected at least {_HEAD.size}")
    magic, checksum, tick, count = _HEAD.unpack_from(data)
    payload = memoryview(data)[_HEAD.size :]
    if magic != MAGIC or xxhash.xxh3_64_intdigest(payload) != checksum:
        raise StateCorrupt(f"journal chunk {number}: checksum or version is wrong")
    batches, at = [], 0
    for _ in range(count):
        signal, size = _PART.unpack_from(payload, at)
        at += _PART.size
        table = pa.ipc.open_stream(pa.py_buffer(payload[at : at + size])).read_next_batch()
        batches.append(SafeBatch(_SIGNALS[signal], table))
        at += size
    return Chunk(number, None if tick == _NO_TICK else tick, tuple(batches))
