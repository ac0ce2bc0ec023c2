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
from vedette.journal.log import Chunk, Journal
from vedette.pipeline import Shard
from vedette.records.report import Report
from vedette.state.snapshots import Snapshots
from vedette.store.events import EventStore
from vedette.store.incidents import Incidents
from vedette.telemetry import metrics

SHARD: Final = 0
"""The local engine runs a single shard."""

FORGET_EVERY: Final = 3600.0
"""Seconds between looks for days that are older than the retention."""

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
        Called with each chunk's report, after it is stored.
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
        self.next = 1
        """Number of the next chunk to run."""
        self.retention = 0
        """Time that events and chart points are kept, ns; 0 for ever."""
        self._saved = 0
        self._forgot = float("-inf")

    def recover(self) -> None:
        """Take up the newest valid snapshot; the chunks after it are run again."""
        found = self._shelves.snapshots.latest(SHARD)
        if found is None:
            self.next = max(1, self._shelves.journal.first(SHARD))
            return
        chunk, tree = found
        self.shard.restore(tree)
        self.next = chunk + 1

    def run(self, stop: Event, ticker: Ticker | None = None) -> None:
        """Run chunks as they come until `stop` is set, then snapshot. Blocks."""
        due = time.monotonic() + self._snapshot_every
        while not stop.is_set():
            if self._shelves.journal.wait(SHARD, self.next, WAIT):
                self._catch_up(stop)
                if ticker is not None:
                    ticker.saw(self.shard.extract.watermark.latest)
            if time.monotonic() >= due:
                self.snapshot()
                due = time.monotonic() + self._snapshot_every
        self.snapshot()

    def _catch_up(self, stop: Event) -> None:
        for chunk in self._shelves.journal.read(SHARD, self.next, self._shelves.journal.next(SHARD)):
            if stop.is_set():
                return
            self._step(chunk)

    def _step(self, chunk: Chunk) -> None:
        report = self.shard.step(chunk)
        self._shelves.events.append(chunk.number, chunk.batches)
        self._shelves.events.append_table(chunk.number, "series", report.points)
        if report.incidents or report.findings:
            self._shelves.incidents.save(report.incidents, report.findings)
        self.next = chunk.number + 1
        self._told(chunk, report, self.shard)

    def snapshot(self) -> None:
        """Make the work so far durable, then let go of the chunks that it covers."""
        done = self.next - 1
        if done <= self._saved:
            return
        began = time.monotonic()
        self._shelves.events.flush()
        self._shelves.snapshots.save(SHARD, done, self.shard.snapshot())
        self._shelves.journal.trim(SHARD, min(done, self._shelves.events.stored_through) + 1)
        self._saved = done
        metrics.SNAPSHOT_SECONDS.set(time.monotonic() - began)
        if self.retention and began - self._forgot >= FORGET_EVERY:
            self._forgot = began
            self._shelves.events.forget(now() - self.retention)
