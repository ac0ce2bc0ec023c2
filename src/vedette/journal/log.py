"""The journal: sealed, numbered chunks per shard in one lmdb environment.

A chunk is durable when `Journal.append` returns. The number of a chunk never changes, so everything
downstream can be named by it.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, Lock
from types import TracebackType
from typing import Final

import lmdb

from vedette.errors import Backpressure
from vedette.journal.codec import Chunk, decode, encode
from vedette.records.batch import SafeBatch
from vedette.records.context import Notice

__all__ = ["Chunk", "Journal"]

FIRST_SIZE: Final = 1 << 28
"""Bytes of address space to begin with; doubled when full."""

DIGESTS: Final = 100_000
"""Payload digests remembered, oldest forgotten first: retries come within minutes."""

RETRY: Final = 30.0
"""Seconds after which a sender may try again when the disk is full."""

_OF_THE_DISK: Final = (lmdb.Error, lmdb.DiskError, lmdb.PanicError)
"""What lmdb raises, by exact type, when the disk is full or fails; its other errors are bugs of ours.

A full disk shows as a short write, which lmdb reports as an input/output error of the plain type.
"""

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
        By `append` and `trim`, when the disk is full or fails; nothing was written then.
    """

    def __init__(self, path: Path, shards: int = 1) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(str(path), map_size=FIRST_SIZE, max_dbs=4, metasync=True, sync=True, lock=True)
        self._chunks = self._env.open_db(b"chunks")
        self._digests = self._env.open_db(b"digests")
        self._order = self._env.open_db(b"digest-order")
        self._writing = Lock()
        self._mapped = Lock()
        """Held while reading and while the map moves: lmdb forbids the one during the other."""
        self._grown = Condition()
        self._next = [self._last(shard) + 1 for shard in range(shards)]

    def append(
        self,
        shard: int,
        batches: Sequence[SafeBatch],
        *,
        tick: int | None = None,
        digests: Sequence[bytes] = (),
        notices: Sequence[Notice] = (),
    ) -> int:
        """Seal batches and notices as one chunk; durable when it returns its number.

        ``digests`` name the payloads that are in it, so that a retry is recognized by `seen`.
        """
        data = encode(batches, tick, notices)
        with self._writing:
            number = self._next[shard]

            def seal(txn: lmdb.Transaction) -> None:
                txn.put(_KEY.pack(shard, number), data, db=self._chunks)
                self._remember(txn, number, digests)

            self._change(seal)
            with self._grown:
                self._next[shard] = number + 1
                self._grown.notify_all()
            return number

    def _change(self, change: Callable[[lmdb.Transaction], None]) -> None:
        """Make a change durable, in a larger map if need be. Call with `_writing` held."""
        while True:
            try:
                with self._env.begin(write=True) as txn:
                    change(txn)
                return
            except lmdb.MapFullError:
                with self._mapped:
                    self._env.set_mapsize(self._env.info()["map_size"] * 2)
            except lmdb.Error as error:
                if type(error) not in _OF_THE_DISK:
                    raise
                raise Backpressure(f"disk full under the data directory, or failing: {error}", RETRY) from error

    def _remember(self, txn: lmdb.Transaction, number: int, digests: Sequence[bytes]) -> None:
        cursor = txn.cursor(self._order)
        place = _NUMBER.unpack(cursor.key())[0] + 1 if cursor.last() else 0
        for at, digest in enumerate(digests, place):
            txn.put(digest, _NUMBER.pack(number), db=self._digests)
            txn.put(_NUMBER.pack(at), digest, db=self._order)
        for _ in range(max(txn.stat(self._order)["entries"] - DIGESTS, 0)):
            cursor.first()
            txn.delete(cursor.value(), db=self._digests)
            cursor.delete()

    def seen(self, digest: bytes) -> int | None:
        """Return the number of the chunk that holds the payload with this digest, or None."""
        with self._reading() as txn:
            found = txn.get(digest, db=self._digests)
        return None if found is None else int(_NUMBER.unpack(found)[0])

    def read(self, shard: int, lo: int, hi: int) -> Iterator[Chunk]:
        """Yield chunks ``lo`` to ``hi`` (exclusive) in order; raises `StateCorrupt` on a damaged one."""
        for number in range(max(lo, self.first(shard)), hi):
            with self._reading() as txn:
                data = txn.get(_KEY.pack(shard, number), db=self._chunks)
            if data is not None:
                yield decode(number, data)

    def first(self, shard: int) -> int:
        """Return the number of the oldest chunk that is kept; `next` when there is none."""
        with self._reading() as txn:
            cursor = txn.cursor(self._chunks)
            if cursor.set_range(_KEY.pack(shard, 0)):
                owner, number = _KEY.unpack(cursor.key())
                if owner == shard:
                    return int(number)
        return self.next(shard)

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
        with self._writing:
            last = min(below, self.next(shard) - 1)

            def drop(txn: lmdb.Transaction) -> None:
                cursor = txn.cursor(self._chunks)
                found = cursor.set_range(_KEY.pack(shard, 0))
                while found and bytes(cursor.key()) < _KEY.pack(shard, last):
                    found = cursor.delete() and bool(cursor.key())

            self._change(drop)

    def _last(self, shard: int) -> int:
        """Return the number of the newest chunk, 0 for none."""
        with self._reading() as txn:
            cursor = txn.cursor(self._chunks)
            beyond = cursor.set_range(_KEY.pack(shard + 1, 0))
            if not (cursor.prev() if beyond else cursor.last()):
                return 0
            owner, number = _KEY.unpack(cursor.key())
            return int(number) if owner == shard else 0

    @contextmanager
    def _reading(self) -> Iterator[lmdb.Transaction]:
        with self._mapped, self._env.begin() as txn:
            yield txn

    def close(self) -> None:
        """Close the environment, after what is being read or written."""
        with self._writing, self._mapped:
            self._env.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
