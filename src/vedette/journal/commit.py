"""Group commit: what many senders hand in within a few milliseconds becomes one durable chunk."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Lock, Thread
from time import monotonic
from typing import Final

from vedette.errors import Backpressure
from vedette.journal.log import Journal
from vedette.records.batch import SafeBatch

MAX_WAIT: Final = 0.01
MAX_BYTES: Final = 8 << 20
"""Bytes of columns from which a chunk is sealed without waiting longer."""

MAX_QUEUED: Final = 256 << 20
"""Bytes of columns that may wait for the disk before senders are told to come back."""

MAX_DIGEST: Final = 64
"""Bytes of a payload's digest, as long as the longest of the common hashes."""

RETRY: Final = 1.0


@dataclass(slots=True)
class Submission:
    """What one sender handed in."""

    batches: Sequence[SafeBatch]
    digest: bytes | None
    size: int
    done: Future[int] = field(default_factory=Future)


class GroupCommit:
    """Seals submissions in the order in which they came, from one thread of its own.

    Duties: `submit` never blocks; its future is done once the chunk is durable, and fails with
    `Backpressure` when it can't be. A sender that stops waiting changes nothing: the future can't be
    canceled, and what was submitted is sealed. `close` seals what was submitted before it.

    Parameters
    ----------
    journal
        Where chunks go; the caller closes it, after this.
    shard
        Of the journal.
    max_wait
        Seconds that a submission waits for others to share its chunk.
    max_bytes
        Bytes of columns from which a chunk is sealed without waiting longer.
    """

    def __init__(
        self, journal: Journal, shard: int = 0, max_wait: float = MAX_WAIT, max_bytes: int = MAX_BYTES
    ) -> None:
        self._journal = journal
        self._shard = shard
        self._max_wait = max_wait
        self._max_bytes = max_bytes
        self._queue: Queue[Submission | None] = Queue()
        self._lock = Lock()
        self._queued = 0
        self._closed = False
        self._thread = Thread(target=self._run, name="journal-commit", daemon=True)
        self._thread.start()

    def submit(self, batches: Sequence[SafeBatch], digest: bytes | None = None) -> Future[int]:
        """Queue batches; the future gives the number of the chunk that holds them.

        Raises
        ------
        Backpressure
            When too much waits for the disk already, or after `close`.
        ValueError
            For a digest that is empty or longer than `MAX_DIGEST`.
        """
        if digest is not None and not 0 < len(digest) <= MAX_DIGEST:
            raise ValueError(f"digest of {len(digest)} bytes, expected 1 to {MAX_DIGEST}")
        submission = Submission(batches, digest, sum(batch.columns.nbytes for batch in batches))
        submission.done.set_running_or_notify_cancel()
        with self._lock:
            if self._closed:
                raise Backpressure("the journal is closing", RETRY)
            if self._queued > MAX_QUEUED:
                raise Backpressure("the journal is behind", RETRY)
            self._queued += submission.size
            self._queue.put(submission)
        return submission.done

    def close(self) -> None:
        """Seal what waits, then stop. Blocks; again does nothing."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            gathered, more = self._gather(first)
            self._seal(gathered)
            with self._lock:
                self._queued -= sum(submission.size for submission in gathered)
            if not more:
                return

    def _gather(self, first: Submission) -> tuple[list[Submission], bool]:
        """Return what comes within the time and size of one chunk, and False at the end of work."""
        gathered, size, until = [first], first.size, monotonic() + self._max_wait
        while size < self._max_bytes:
            try:
                submission = self._queue.get(timeout=max(until - monotonic(), 0.0))
            except Empty:
                break
            if submission is None:
                return gathered, False
            gathered.append(submission)
            size += submission.size
        return gathered, True

    def _seal(self, gathered: list[Submission]) -> None:
        """Tell every sender how it went; whatever fails, the thread lives on for the next ones."""
        try:
            numbers = self._append(gathered)
        except Exception as error:  # noqa: BLE001 - told to whoever waits, loud there
            for submission in gathered:
                submission.done.set_exception(error)
            return
        for submission, number in zip(gathered, numbers, strict=True):
            submission.done.set_result(number)

    def _append(self, gathered: list[Submission]) -> list[int]:
        """Append what is new as one chunk; return each submission's, for a retry the one that has it already."""
        known = [None if one.digest is None else self._journal.seen(one.digest) for one in gathered]
        digests, batches = dict[bytes, None](), list[SafeBatch]()
        for submission, number in zip(gathered, known, strict=True):
            if number is not None or submission.digest in digests:
                continue
            held = [batch for batch in submission.batches if len(batch)]
            batches += held
            if submission.digest is not None and held:
                digests[submission.digest] = None
        fresh = self._journal.append(self._shard, batches, digests=list(digests)) if batches else 0
        return [fresh if number is None else number for number in known]
