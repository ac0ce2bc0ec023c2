"""The embedded engine: one process runs the shard, keeps its snapshots and stores what it reports.

Everything that it writes is named by chunk number or by a finding's own id, so a kill at any moment
is followed by doing the same work again with the same outcome.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Final

from vedette.engine.clock import Ticker, now
from vedette.errors import Backpressure, StateCorrupt
from vedette.journal.log import Chunk, Journal
from vedette.pipeline import Shard
from vedette.records.report import Report
from vedette.rehearsal import Rehearsal
from vedette.state.snapshots import Snapshots
from vedette.store.events import EventStore
from vedette.store.incidents import Incidents
from vedette.telemetry import metrics

SHARD: Final = 0
"""The local engine runs a single shard."""

FORGET_EVERY: Final = 3600.0
"""Seconds between looks for days that are older than the retention."""

MAX_RETRY: Final = 5.0
"""Seconds at most between tries to store what could not be stored."""

WAIT: Final = 0.25
"""Seconds between looks at the stop flag while the journal is silent."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the engine puts things."""

    journal: Journal
    snapshots: Snapshots
    events: EventStore
    incidents: Incidents


class LocalEngine:
    """Follows the journal with one shard.

    Parameters
    ----------
    shelves
        Journal, snapshots and stores.
    make
        Makes an empty shard of the configuration in force.
    snapshot_every
        Seconds between snapshots; a restart repeats at most the work of that long.
    told
        Called with each chunk's report, after it is stored; again if it raises `Backpressure`.
    """

    def __init__(
        self,
        shelves: Shelves,
        make: Callable[[], Shard],
        snapshot_every: float,
        told: Callable[[Chunk, Report, Shard], None],
    ) -> None:
        self._shelves = shelves
        self._make = make
        self._snapshot_every = snapshot_every
        self._told = told
        self.shard = make()
        self._rehearsal = Rehearsal(make)
        self.next = 1
        """Number of the next chunk to run."""
        self.retention = 0
        """Event time that events and chart points are kept, ns; 0 for ever. A clock that is ahead ages nothing."""
        self.trouble = ""
        """What can't be stored right now, and why; judging waits for it, and nothing is lost."""
        self._held: tuple[Chunk, Report] | None = None
        """A chunk that was judged and whose report is still to be stored: it must not be judged twice."""
        self._saved = 0
        self._forgot = float("-inf")

    def recover(self) -> bool:
        """Take up the newest valid snapshot; the chunks after it are run again. Says whether there was one.

        One that another release wrote is set aside, and what the journal still has is learned anew.
        """
        while (found := self._shelves.snapshots.latest(SHARD)) is not None:
            chunk, tree = found
            try:
                self.shard.restore(tree)
                self._rehearsal.restore(tree)
            except StateCorrupt:
                self._shelves.snapshots.set_aside(SHARD, chunk)
                self.shard = self._make()
            else:
                self.next = chunk + 1
                return True
        self.next = max(1, self._shelves.journal.first(SHARD))
        return False

    def run(self, stop: Event, ticker: Ticker | None = None) -> None:
        """Run chunks as they come until `stop` is set, then snapshot. Blocks.

        What can't be stored, as while the disk is full, is tried again until it can; `trouble` says so.
        """
        due = time.monotonic() + self._snapshot_every
        while not stop.is_set():
            try:
                self._catch_up(stop)
                if ticker is not None:
                    ticker.saw(max(self.shard.extract.watermark.latest, self._rehearsal.latest))
                if time.monotonic() >= due:
                    self.snapshot()
                    due = time.monotonic() + self._snapshot_every
                self.trouble = ""
            except Backpressure as error:
                self._wait_out(error, stop)
        try:
            self.snapshot()
        except Backpressure as error:
            self._wait_out(error, stop)  # the next start runs the chunks since the last snapshot again

    def _wait_out(self, error: Backpressure, stop: Event) -> None:
        self.trouble = error.reason
        metrics.STORE_FAILED.add()
        stop.wait(min(error.retry_after, MAX_RETRY))

    def _catch_up(self, stop: Event) -> None:
        self._put_away()
        if not self._shelves.journal.wait(SHARD, self.next, WAIT):
            return
        for chunk in self._shelves.journal.read(SHARD, self.next, self._shelves.journal.next(SHARD)):
            if stop.is_set():
                return
            self._held = chunk, self._rehearsal.step(self.shard, chunk)
            self._put_away()

    def _put_away(self) -> None:
        """Store what was judged last, if that is still to be done."""
        if self._held is None:
            return
        chunk, report = self._held
        self._shelves.events.append(chunk.number, chunk.batches, report.points, tick=chunk.tick, notices=chunk.notices)
        if report.incidents or report.findings:
            self._shelves.incidents.save(report.incidents, report.findings)
        self._told(chunk, report, self.shard)
        self._held = None
        self.next = chunk.number + 1

    def snapshot(self) -> None:
        """Make the work so far durable, then let go of the chunks that it covers; not while a report is held."""
        done = self.next - 1
        if done <= self._saved or self._held is not None:
            return
        began = time.monotonic()
        self._shelves.events.flush()
        self._shelves.snapshots.save(SHARD, done, {**self.shard.snapshot(), **self._rehearsal.snapshot()})
        self._shelves.journal.trim(SHARD, min(done, self._shelves.events.stored_through) + 1)
        self._saved = done
        metrics.SNAPSHOT_SECONDS.set(time.monotonic() - began)
        if self.retention and began - self._forgot >= FORGET_EVERY:
            self._forgot = began
            self._shelves.events.forget(min(self.shard.extract.watermark.latest, now()) - self.retention)
