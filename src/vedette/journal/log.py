"""The journal: sealed, numbered chunks per shard in one lmdb environment.

A chunk is durable when `Journal.append` returns. The number of a chunk never changes, so everything
downstream can be named by it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Condition
from types import TracebackType
from typing import Any, Final

import lmdb

from vedette.errors import Backpressure
from vedette.journal.codec import Chunk, decode, encode
from vedette.records.batch import SafeBatch

__all__ = ["Chunk", "Journal"]

FIRST_SIZE: Final = 1 << 28
"""Bytes of address space to begin with; doubled when full."""

DIGESTS: Final = 100_000
"""Payload digests remembered, oldest forgotten first: retries come within minutes."""

RETRY: Final = 30.0
"""Seconds after which a sender may try again when the disk is full."""

_KEY: Final = struct.Struct(">IQ")
_NUMBER: Final = struct.Struct(">Q")


class Journal:
    """Appends and reads chunks. Thread-safe; one process at a time.

    Parameters
    ----------
    path
        Folder of the lmdb environment, made if missing.
    shards
        Number of shards.

    Raises
    ------
    Backpressure
        By `append`, when the disk is full; nothing was written then.
    """

    def __init__(self, path: Path, shards: int = 1) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(str(path), map_size=FIRST_SIZE, max_dbs=4, metasync=True, sync=True, lock=True)
        self._chunks = self._env.open_db(b"chunks")
        self._digests = self._env.open_db(b"digests")
        self._order = self._env.open_db(b"digest-order")
        self._grown = Condition()
        self._next = [self._last(shard) + 1 for shard in range(shards)]

    def append(
        self, shard: int, batches: Sequence[SafeBatch], *, tick: int | None = None, digests: Sequence[bytes] = ()
    ) -> int:
        """Seal batches as one chunk; durable when it returns its number.

        ``digests`` name the payloads that are in it, so that a retry is recognized by `seen`.
        """
        data = encode(batches, tick)
        with self._grown:
            number = self._next[shard]
            self._write(shard, number, data, digests)
            self._next[shard] = number + 1
            self._grown.notify_all()
            return number

    def _write(self, shard: int, number: int, data: bytes, digests: Sequence[bytes]) -> None:
        while True:
            try:
                with self._env.begin(write=True) as txn:
                    txn.put(_KEY.pack(shard, number), data, db=self._chunks)
                    self._remember(txn, number, digests)
                return
            except lmdb.MapFullError:
                self._env.set_mapsize(self._env.info()["map_size"] * 2)
            except (lmdb.DiskError, lmdb.Error, OSError) as error:
                raise Backpressure(f"the journal can't be written: {error}", RETRY) from error

    def _remember(self, txn: Any, number: int, digests: Sequence[bytes]) -> None:
        last = txn.cursor(self._order)
        order = _NUMBER.unpack(last.key())[0] + 1 if last.last() else 0
        for place, digest in enumerate(digests, order):
            txn.put(digest, _NUMBER.pack(number), db=self._digests)
            txn.put(_NUMBER.pack(place), digest, db=self._order)
        held = txn.stat(self._order)["entries"]
        cursor = txn.cursor(self._order)
        for _ in range(max(held - DIGESTS, 0)):
            cursor.first()
            txn.delete(cursor.value(), db=self._digests)
            cursor.delete()

    def seen(self, digest: bytes) -> int | None:
        """Return the number of the chunk that holds the payload with this digest, or None."""
        with self._env.begin() as txn:
            found = txn.get(digest, db=self._digests)
            return None if found is None else int(_NUMBER.unpack(found)[0])

    def read(self, shard: int, lo: int, hi: int) -> Iterator[Chunk]:
        """Yield chunks ``lo`` to ``hi`` (exclusive) in order; raises `StateCorrupt` on a damaged one."""
        for number in range(max(lo, self.first(shard)), hi):
            with self._env.begin(buffers=False) as txn:
                data = txn.get(_KEY.pack(shard, number), db=self._chunks)
            if data is not None:
                yield decode(number, data)

    def first(self, shard: int) -> int:
        """Return the number of the oldest chunk that is kept; `next` when there is none."""
        with self._env.begin() as txn:
            cursor = txn.cursor(self._chunks)
            if cursor.set_range(_KEY.pack(shard, 0)):
                owner, number = _KEY.unpack(cursor.key())
                if owner == shard:
                    return int(number)
        return self._next[shard]

    def next(self, shard: int) -> int:
        """Return the number that the next chunk will get."""
        with self._grown:
            return self._next[shard]

    def wait(self, shard: int, number: int, timeout: float) -> bool:
        """Block until chunk `number` exists, at most `timeout` seconds; say whether it does."""
        with self._grown:
            return self._grown.wait_for(lambda: self._next[shard] > number, timeout)

    def trim(self, shard: int, below: int) -> None:
        """Let go of the chunks below a number, all but the newest: it holds the count."""
        below = min(below, self.next(shard) - 1)
        with self._env.begin(write=True) as txn:
            cursor = txn.cursor(self._chunks)
            found = cursor.set_range(_KEY.pack(shard, 0))
            while found and _KEY.unpack(cursor.key())[0] == shard and _KEY.unpack(cursor.key())[1] < below:
                found = cursor.delete() and bool(cursor.key())

    def _last(self, shard: int) -> int:
        """Return the number of the newest chunk, 0 for none."""
        with self._env.begin() as txn:
            cursor = txn.cursor(self._chunks)
            if not ((cursor.set_range(_KEY.pack(shard + 1, 0)) and cursor.prev()) or cursor.last()):
                return 0
            owner, number = _KEY.unpack(cursor.key())
            return int(number) if owner == shard else 0

    def close(self) -> None:
        """Close the environment."""
        self._env.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
