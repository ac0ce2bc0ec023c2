"""Group commit: what many senders hand in within a few milliseconds becomes one durable chunk."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, Queue
from threading import Lock, Thread
from time import monotonic
from typing import Final

from vedette.errors import Backpressure, VedetteError
from vedette.journal.log import Journal
from vedette.records.batch import SafeBatch

MAX_WAIT: Final = 0.01
MAX_BYTES: Final = 8 << 20
"""Bytes of columns from which a chunk is sealed without waiting longer."""

MAX_QUEUED: Final = 256 << 20
"""Bytes of columns that may wait for the disk before senders are told to come back."""


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
    `Backpressure` when it can't be. `close` seals what was submitted before it.
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
        self._thread = Thread(target=self._run, name="journal-commit", daemon=True)
        self._thread.start()

    def submit(self, batches: Sequence[SafeBatch], digest: bytes | None = None) -> Future[int]:
        """Queue batches; the future gives the number of the chunk that holds them.

        Raises
        ------
        Backpressure
            When too much waits for the disk already.
        """
        size = sum(batch.columns.nbytes for batch in batches)
        with self._lock:
            if self._queued > MAX_QUEUED:
                raise Backpressure("the journal is behind", 1.0)
            self._queued += size
        submission = Submission(batches, digest, size)
        self._queue.put(submission)
        return submission.done

    def close(self) -> None:
        """Seal what waits, then stop. Blocks."""
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
        """Append what is new as one chunk; retries of what is durable already get its number."""
        digests: dict[bytes, Submission] = {}
        fresh: list[Submission] = []
        known: list[tuple[Submission, int]] = []
        twins: list[tuple[Submission, Submission]] = []
        for submission in gathered:
            number = self._journal.seen(submission.digest) if submission.digest else None
            twin = digests.get(submission.digest) if submission.digest else None
            if number is not None:
                known.append((submission, number))
            elif twin is not None:
                twins.append((submission, twin))
            else:
                fresh.append(submission)
                if submission.digest:
                    digests[submission.digest] = submission
        self._append(fresh, list(digests))
        for submission, number in known:
            submission.done.set_result(number)
        for submission, twin in twins:
            _follow(submission.done, twin.done)

    def _append(self, fresh: list[Submission], digests: list[bytes]) -> None:
        batches = [batch for submission in fresh for batch in submission.batches if len(batch)]
        if not fresh:
            return
        try:
            number = self._journal.append(self._shard, batches, digests=digests) if batches else 0
        except VedetteError as error:
            for submission in fresh:
                submission.done.set_exception(error)
            return
        for submission in fresh:
            submission.done.set_result(number)


def _follow(done: Future[int], other: Future[int]) -> None:
    error = other.exception()
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(other.result())
