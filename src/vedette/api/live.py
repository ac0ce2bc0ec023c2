"""The running product as the API's reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from vedette.api import lanes, plans, series, state
from vedette.api.reader import Document, Event, Page
from vedette.engine.clock import now
from vedette.engine.hub import Message
from vedette.errors import Backpressure
from vedette.records.attack import Table
from vedette.records.batch import Decoded
from vedette.records.report import POINTS
from vedette.records.time import SECOND
from vedette.telemetry import metrics

if TYPE_CHECKING:
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
        return self.product is not None and state.is_ready(self.product)

    def status(self) -> Document:
        """Return the status; it is always there."""
        return state.status_of(self.product, self.message, self._started)

    def incidents(
        self,
        *,
        phases: Sequence[str] | None,
        severities: Sequence[str] | None,
        segment: str | None,
        tiers: Sequence[str] | None,
        since: int | None,
        until: int | None,
        limit: int,
        cursor: str | None,
    ) -> Page:
        """Return incidents that fit every filter."""
        if self.product is None:
            return Nothing()
        return self.product.incidents.list(
            phases=phases,
            severities=severities,
            segment=segment,
            tiers=tiers,
            since=since,
            until=until,
            limit=limit,
            cursor=cursor,
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
        return state.segments_of(self.product)

    def lanes(self, *, since: int, until: int, cells: int, limit: int, tiers: Sequence[str] | None) -> Document:
        """Return swim lanes."""
        columns = ["environment", "service", "operation", "score", "state"]
        points = self._points(since, until, columns)
        wanted = None if tiers is None else {one["segment"] for one in self.segments() if one["tier"] in tiers}
        return lanes.fold(points, since=since, until=until, cells=cells, limit=limit, wanted=wanted)

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
        return state.sources_of(self.product)

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
