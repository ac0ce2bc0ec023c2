"""The way in of a running product: sets records from the future right, counts, and hands on to the gateway."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from vedette.engine.deadletter import DeadLetters
from vedette.pipeline import Gateway
from vedette.records.batch import Decoded, RawBatch
from vedette.records.schema import TIME, TIME_TYPE
from vedette.records.time import SECOND
from vedette.telemetry import metrics

MAX_AHEAD: Final = 60 * SECOND
"""A record further in the future than clocks differ would close the windows of all others."""


@dataclass(slots=True)
class Source:
    """What came through one way in."""

    signal: str
    events: int = 0
    unreadable: int = 0
    last: int = 0
    first: int = 0


@dataclass(slots=True)
class CountingIntake:
    """Implements `vedette.receive.base.Intake` in front of a gateway. Thread-safe."""

    gateway: Gateway
    clock: Callable[[], int]
    letters: DeadLetters
    sources: dict[str, Source] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        """Hand in decoded telemetry; the future is done once it is durable."""
        moment = self.clock()
        future = self.gateway.accept(
            replace(decoded, batches=tuple(map(self._timely, decoded.batches))), source, digest
        )
        for batch in decoded.batches:
            metrics.RECORDS.add(len(batch), batch.signal.value, source)
        for letter in decoded.dead:
            metrics.REJECTED.add(1, source, letter.reason)
        self.letters.keep(decoded.dead, source, moment)
        self._note(decoded, source, moment)
        return future

    def _timely(self, batch: RawBatch) -> RawBatch:
        """Return the batch with records from the future set to now."""
        moment = self.clock()
        limit = pa.scalar(moment + MAX_AHEAD, pa.int64())
        times = batch.columns.column(TIME).cast(pa.int64())
        ahead = pc.greater(times, limit)
        skewed = pc.sum(ahead).as_py() or 0
        if not skewed:
            return batch
        metrics.SKEWED.add(skewed)
        fixed = pc.if_else(ahead, pa.scalar(moment, pa.int64()), times).cast(TIME_TYPE)
        place = batch.columns.schema.get_field_index(TIME)
        return RawBatch(batch.signal, batch.columns.set_column(place, TIME, fixed))

    def _note(self, decoded: Decoded, name: str, moment: int) -> None:
        signal = decoded.batches[0].signal.value if decoded.batches else "log"
        with self._lock:
            source = self.sources.setdefault(name, Source(signal, first=moment))
            source.events += decoded.accepted
            source.unreadable += len(decoded.dead)
            source.last = moment
