"""Our own metrics of what was judged, brought up to date with each chunk."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Final

from vedette.engine.clock import LIVE_WITHIN
from vedette.journal.log import Chunk
from vedette.pipeline import Shard
from vedette.records.incident import Phase
from vedette.records.report import Report
from vedette.records.time import SECOND
from vedette.telemetry import metrics

RATE_OVER: Final = 10.0
"""Seconds over which events per second are averaged."""


class Gauges:
    """Counts chunks, and what came of them. Thread-safe.

    Parameters
    ----------
    width
        Of a window, ns.
    clock
        Returns the time, ns since the epoch.
    """

    def __init__(self, width: int, clock: Callable[[], int]) -> None:
        self._width = width
        self._clock = clock
        self._recent: deque[tuple[float, int]] = deque()
        self._lock = Lock()

    def note(self, chunk: Chunk, report: Report, shard: Shard) -> None:
        """Count a chunk that was judged, and look at what the shard holds since."""
        events = sum(len(batch) for batch in chunk.batches)
        metrics.CHUNKS.add()
        metrics.EVENTS.add(events)
        metrics.WINDOWS.add(report.windows)
        metrics.SEGMENTS.set(len(shard.extract.segments))
        metrics.SERIES.set(len(shard.extract.series))
        metrics.BLIND.set(shard.extract.series.refused + shard.extract.segments.refused)
        metrics.USERS_BLIND.set(shard.extract.deeds.blind)
        metrics.ALERTS_REFUSED.set(shard.extract.alerts.refused)
        metrics.ALERTS_FORGOTTEN.set(shard.alerts.forgotten)
        metrics.SPANS_UNJOINED.set(shard.extract.traces.unjoined)
        metrics.SPANS_THINNED.set(shard.extract.traces.thinned)
        metrics.COURSES_BLIND.set(shard.courses.blind)
        metrics.SPANS_BLIND.set(shard.extract.traces.blind)
        metrics.VALUES_BLIND.set(shard.extract.parameters.refused)
        metrics.SESSIONS_BLIND.set(shard.extract.sessions.blind)
        metrics.SESSIONS_UNLEARNED.set(shard.sessions.refused)
        metrics.LATE.set(shard.extract.watermark.late)
        metrics.SUPPRESSED.add(report.hidden)
        metrics.REALIZED.set(shard.decide.realized)
        for budget in shard.objectives.budgets() if report.windows else ():
            metrics.BUDGET_LEFT.set(budget.left, budget.objective.name, budget.segment.environment)
        settled = sum(change.settled > 0 for change in shard.releases.changes)
        metrics.DRIFTED.set(settled, "settled")
        metrics.DRIFTED.set(len(shard.releases.changes) - settled, "relearning")
        metrics.MISBEHAVING.set(len(shard.decide.misbehaving))
        for detector, failing in shard.decide.abstaining.items():
            metrics.ABSTAINING.set(len(failing), detector)
        for finding in report.findings:
            metrics.FINDINGS.add(1, finding.detector)
        age = self._clock() - shard.extract.watermark.latest
        metrics.LAG.set(max(age, 0) / SECOND if events and age < LIVE_WITHIN else 0.0)
        with self._lock:
            self._recent.append((time.monotonic(), events))
        for incident in report.incidents:
            if incident.phase is Phase.FIRING and incident.updated_at - incident.started_at <= 2 * self._width:
                metrics.INCIDENTS.add(1, incident.severity.value)

    def events_per_second(self) -> float:
        """Return the rate of the last seconds."""
        moment = time.monotonic()
        with self._lock:
            while self._recent and self._recent[0][0] < moment - RATE_OVER:
                self._recent.popleft()
            return sum(events for _, events in self._recent) / RATE_OVER

    def lag_seconds(self) -> float:
        """Return how old the newest live event was when it was judged; 0 during a backfill."""
        return metrics.LAG.value()
