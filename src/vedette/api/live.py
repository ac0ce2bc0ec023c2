"""The running product as the API's reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vedette import __version__
from vedette.api import lanes, plans, series
from vedette.api.reader import Document, Event, Page
from vedette.engine.clock import now
from vedette.engine.hub import Message
from vedette.errors import Backpressure
from vedette.records.attack import Table
from vedette.records.batch import Decoded
from vedette.records.feature import feature_of
from vedette.records.observation import Series
from vedette.records.report import POINTS
from vedette.records.score import State
from vedette.records.segment import Segment
from vedette.records.time import SECOND, rfc3339
from vedette.telemetry import metrics

if TYPE_CHECKING:
    from vedette.decision.decide import Decider
    from vedette.engine.product import Product  # heavy to import; the server listens before it is

DAY = 86_400 * SECOND


@dataclass(frozen=True, slots=True)
class Nothing:
    """The page of a list that has nothing yet."""

    items: Sequence[Document] = ()
    next: str | None = None


class LiveReader:
    """Answers from the product; before it is open there is nothing to show, and the status says why."""

    def __init__(self) -> None:
        self.product: Product | None = None
        self.message = "starting"
        self._started = now()

    @property
    def _open(self) -> Product:
        if self.product is None:
            raise Backpressure(f"Vedette is starting: {self.message}", 1.0)
        return self.product

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        """Hand telemetry in, as `vedette.receive.base.Intake`; while starting, senders are asked to come back."""
        return self._open.intake.accept(decoded, source, digest)

    def ready(self) -> bool:
        """Return whether recovery is over and events are taken in."""
        return self.product is not None and self.product.recovered and not self.product.failed

    def status(self) -> Document:
        """Return the status; it is always there."""
        product = self.product
        segments = self.segments()
        ready = sum(item["state"] == "ready" for item in segments)
        state = "starting" if not self.ready() else "watching" if ready else "learning"
        span = product.events.span() if product else None
        latest = product.engine.shard.extract.watermark.latest if product else 0
        counts = (
            product.incidents.count_by_severity()
            if product
            else dict.fromkeys(("low", "medium", "high", "critical"), 0)
        )
        total, bad = metrics.RECORDS.total(), metrics.REJECTED.total()
        return {
            "version": __version__,
            "state": state,
            "message": self.message or (product.trouble if product else ""),
            "started_at": rfc3339(self._started),
            "now": rfc3339(now()),
            "data_from": rfc3339(span[0]) if span else None,
            "data_to": rfc3339(latest) if latest else None,
            "tiles": {
                "incidents": {"open": sum(counts.values()), **counts},
                "events_per_second": product.events_per_second() if product else 0.0,
                "events_total": int(metrics.EVENTS.total()),
                "lag_seconds": product.lag_seconds() if product else 0.0,
                "segments": {"ready": ready, "learning": len(segments) - ready, "total": len(segments)},
                "budget": {
                    "used": product.incidents.opened_since(now() - now() % DAY) if product else 0,
                    "limit": product.config.decision.budget_per_day if product else 0.0,
                },
                "calibration": _calibration(product.engine.shard.decide if product else None),
                "unreadable": {"total": int(bad), "share": bad / (total + bad) if total + bad else 0.0},
                "notifications": _notifications(product.channels() if product else []),
            },
        }

    def incidents(
        self,
        *,
        phases: Sequence[str] | None,
        severities: Sequence[str] | None,
        segment: str | None,
        since: int | None,
        until: int | None,
        limit: int,
        cursor: str | None,
    ) -> Page:
        """Return incidents that fit every filter."""
        if self.product is None:
            return Nothing()
        return self.product.incidents.list(
            phases=phases, severities=severities, segment=segment, since=since, until=until, limit=limit, cursor=cursor
        )

    def incident(self, incident_id: str) -> Document | None:
        """Return an incident with its findings and past ones like it."""
        found = self._open.incidents.get(incident_id)
        if found is None:
            return None
        return {**self._open.recall.recalled(found), "findings": self._open.incidents.findings(found["id"])}

    def findings(self, incident_id: str, *, limit: int, cursor: str | None) -> Page | None:
        """Return a part of an incident's findings."""
        found = self._open.incidents.get(incident_id)
        return None if found is None else self._open.incidents.findings_page(str(found["id"]), limit, cursor)

    def attack_table(self) -> Table:
        """Return the table of the data folder, as it was when the product opened."""
        return self._open.attack_table

    def judge(self, incident_id: str, verdict: str | None, *, note: str, preview: bool, force: bool) -> Document | None:
        """Take in a verdict, or say what it would do."""
        return self._open.announcer.judge(incident_id, verdict, note, preview=preview, force=force)

    def planned(self) -> list[Document]:
        """Return the planned events."""
        return [plans.shown(event, now()) for event in self._open.announcer.events()]

    def plan(self, events: Sequence[Document]) -> Document:
        """Announce events."""
        wanted = [plans.event_of(document) for document in events]
        explains = self._open.announcer.plan(wanted)
        return {"items": [plans.shown(event, now()) for event in wanted], "explains": explains}

    def withdraw(self, event_id: str) -> bool:
        """Take an event back."""
        return self._open.announcer.withdraw(event_id)

    def rules(self) -> Document:
        """Return the rules in force."""
        return self._open.rules.shown()

    def reload_rules(self) -> Document:
        """Read the rules again."""
        return self._open.rules.reload()

    def jobs(self) -> list[Document]:
        """Return the jobs that were found."""
        return [plans.offered(one) for one in self._open.offers()]

    def adopt(self, job_id: str, title: str, days: int) -> Document | None:
        """Plan a job that was found."""
        offer = next((one for one in self._open.offers() if one.id == job_id), None)
        if offer is None:
            return None
        events = offer.planned(title, now(), now() + days * DAY)
        return {"items": [plans.shown(one, now()) for one in events], "explains": self._open.announcer.plan(events)}

    def silences(self) -> list[Document]:
        """Return all silences."""
        return self._open.silences.all()

    def silence(self, wanted: Document) -> str:
        """Add a silence."""
        return self._open.silences.add(plans.silence_of(wanted))

    def end_silence(self, silence_id: str) -> bool:
        """End a silence."""
        return self._open.silences.end(silence_id)

    def segments(self) -> list[Document]:
        """Return all segments, and what those that learn still miss."""
        if self.product is None:
            return []
        shard = self.product.engine.shard
        by_segment: dict[Segment, list[tuple[Series, int]]] = {}
        for slot, one in enumerate(list(shard.extract.series.keys)):
            by_segment.setdefault(one.segment, []).append((one, slot))
        states = shard.states
        return [_segment(segment, rows, states) for segment, rows in sorted(by_segment.items())]

    def lanes(self, *, since: int, until: int, cells: int, limit: int) -> Document:
        """Return swim lanes."""
        columns = ["environment", "service", "operation", "score", "state"]
        points = self._points(since, until, columns)
        return lanes.fold(points, since=since, until=until, cells=cells, limit=limit)

    def series(self, *, segment: str, feature: str, since: int, until: int, points: int) -> Document:
        """Return one number against its band."""
        table = self._points(since, until, None)
        return series.fold(table, segment=segment, feature=feature, since=since, until=until, most=points)

    def _points(self, since: int, until: int, columns: Sequence[str] | None) -> pa.Table:
        if self.product is None:
            return POINTS.empty_table()
        return self.product.events.scan("series", since, until, columns)

    def sources(self) -> list[Document]:
        """Return all ways in that were used so far."""
        if self.product is None:
            return []
        return [
            {
                "source": name,
                "signal": source.signal,
                "events_total": source.events,
                "events_per_second": source.events * SECOND / max(now() - source.first, SECOND),
                "last_event_at": rfc3339(source.last) if source.last else None,
                "unreadable_total": source.unreadable,
            }
            for name, source in sorted(self.product.intake.sources.items())
        ]

    def coverage(self) -> Document:
        """Return what was proved."""
        return self._open.proofs.coverage()

    def matrix(self) -> Document:
        """Return the ATT&CK matrix with what stands for each technique."""
        return self._open.standing.matrix()

    def layer(self) -> Document:
        """Return what stands for each technique as a layer of the Navigator."""
        return self._open.standing.layer()

    def keep_proof(self, account: Document) -> int:
        """Keep an account of what was proved."""
        return self._open.proofs.keep(account)

    def channels(self) -> list[Document]:
        """Return all channels of notifications."""
        return self.product.channels() if self.product else []

    def try_channel(self, name: str) -> bool:
        """Send a test message."""
        return self._open.try_channel(name)

    def metrics_text(self) -> str:
        """Return our own metrics."""
        if self.product is not None:
            self.product.note_waiting()
            metrics.BACKLOG.set(self.product.backlog())
        return metrics.exposition()

    async def subscribe(self, after: int | None) -> AsyncIterator[Event]:
        """Yield what happens, first what was missed since `after`."""
        while self.product is None:
            await asyncio.sleep(0.2)
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[Message]()

        def pass_on(message: Message) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, message)

        ticket, missed = self.product.hub.join(pass_on, after)
        try:
            for message in missed:
                yield message.number, message.topic, message.data
            while True:
                message = await queue.get()
                yield message.number, message.topic, message.data
        finally:
            self.product.hub.leave(ticket)


def _notifications(channels: list[Document]) -> Document:
    return {
        "waiting": sum(one["waiting"] for one in channels),
        "lag_seconds": max((one["lag_seconds"] for one in channels), default=0.0),
        "failing": [one["name"] for one in channels if one["trouble"]],
    }


def _calibration(decide: Decider | None) -> Document:
    if decide is None:
        return {"failing": [], "incidents_per_day": 0.0}
    failing = [f"{detector}: {group}" for detector, groups in decide.abstaining.items() for group in groups]
    return {"failing": failing, "incidents_per_day": decide.realized}


def _segment(segment: Segment, rows: list[tuple[Series, int]], states: Any) -> Document:
    known = [(states.state[slot], states.missing[slot]) for _, slot in rows if slot < len(states.state)]
    ready = any(state == State.READY for state, _ in known)
    abstains = not ready and any(state == State.ABSTAIN for state, _ in known)
    missing = 0.0 if ready or abstains else min((float(wait) for _, wait in known), default=0.0)
    return {
        "segment": str(segment),
        "segment_parts": asdict(segment),
        "state": "ready" if ready else "abstain" if abstains else "learning",
        "missing_seconds": missing,
        "missing": _missing(missing, ready=ready, abstains=abstains),
        "features": [
            {"feature": one.feature, "unit": feature_of(one.feature).unit, "quantity": one.quantity.name.lower()}
            for one, _ in rows
        ],
    }


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _missing(seconds: float, *, ready: bool, abstains: bool) -> str:
    if abstains:
        return "abstains: its p-values fail the test of their calibration"
    return "" if ready else f"needs {_length(seconds)} more of history"
