"""An API over a reader that remembers what it was asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from tests.e2e import seeded

from vedette.api.app import build_app
from vedette.api.reader import Document, Event
from vedette.notify.navigator import layer
from vedette.records.attack import Table, builtin

PROOF = {
    "key": "T1190",
    "technique": "T1190",
    "title": "Exploit Public-Facing Application",
    "service": "shop",
    "outcome": "both",
    "seconds": 30.0,
    "incidents": 1,
    "named": True,
    "said": "shop: SQL injection",
}

EVENT: Document = {
    "id": "e1",
    "kind": "sale",
    "title": "Summer",
    "start": "2026-11-24T10:00:00.000Z",
    "end": "2026-11-24T12:00:00.000Z",
    "segments": ["shop"],
    "lift": 6.0,
    "state": "ahead",
}


@dataclass
class Part:
    items: list[Document]
    next: str | None


@dataclass
class Remembering:
    """`vedette.api.reader.Reader` that keeps the arguments of its calls."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    data_to: str | None = "2026-11-24T10:00:00.000Z"
    is_ready: bool = True
    events: Sequence[Event] = ()
    error: Exception | None = None

    def _called(self, name: str, **arguments: Any) -> None:
        self.calls.append((name, arguments))
        if self.error is not None:
            raise self.error

    def last(self, name: str) -> dict[str, Any]:
        return next(arguments for called, arguments in reversed(self.calls) if called == name)

    def ready(self) -> bool:
        return self.is_ready

    def status(self) -> Document:
        return {**seeded.status("watching", seeded.NOW, 5), "data_to": self.data_to}

    def incidents(self, **filters: Any) -> Part:
        self._called("incidents", **filters)
        return Part(seeded.incidents(seeded.segments(), 2), "more")

    def incident(self, incident_id: str) -> Document | None:
        self._called("incident", incident_id=incident_id)
        found = seeded.incidents(seeded.segments(), 1)[0]
        whole = {**found, "findings": seeded.findings(found), "similar": seeded.similar(found)}
        return whole if incident_id == found["id"] else None

    def findings(self, incident_id: str, **part: Any) -> Part | None:
        self._called("findings", incident_id=incident_id, **part)
        found = seeded.incidents(seeded.segments(), 1)[0]
        return Part(seeded.findings(found), "more") if incident_id == found["id"] else None

    def attack_table(self) -> Table:
        return builtin()

    def judge(self, incident_id: str, verdict: str | None, **how: Any) -> Document | None:
        self._called("judge", incident_id=incident_id, verdict=verdict, **how)
        found = seeded.incidents(seeded.segments(), 1)[0]
        return {**found, "verdict": verdict} if incident_id == found["id"] else None

    def planned(self) -> list[Document]:
        return [EVENT]

    def plan(self, events: Sequence[Document]) -> Document:
        self._called("plan", events=events)
        return {"items": [EVENT], "explains": []}

    def withdraw(self, event_id: str) -> bool:
        self._called("withdraw", event_id=event_id)
        return event_id == EVENT["id"]

    def silences(self) -> list[Document]:
        return []

    def silence(self, wanted: Document) -> str:
        self._called("silence", wanted=wanted)
        return "s1"

    def end_silence(self, silence_id: str) -> bool:
        self._called("end_silence", silence_id=silence_id)
        return silence_id == "s1"

    def segments(self) -> list[Document]:
        return seeded.segments()[:2]

    def lanes(self, **arguments: Any) -> Document:
        self._called("lanes", **arguments)
        return seeded.lanes(["a", "b"])

    def series(self, **arguments: Any) -> Document:
        self._called("series", **arguments)
        return seeded.series("a", arguments["feature"], 10)

    def sources(self) -> list[Document]:
        return [
            {
                "source": "otlp/logs",
                "signal": "log",
                "events_total": 3,
                "events_per_second": 0.5,
                "last_event_at": None,
                "unreadable_total": 0,
            }
        ]

    def coverage(self) -> Document:
        proof = {**PROOF, "date": "2026-11-01T00:00:00Z", "vedette": "0", "stale": "older than 90 days"}
        counts = {"played": 1, "proved": 0, "missed": 0, "stale": 1, "coverage": 0.0}
        return {"techniques": [proof], **counts, "canary": None}

    def matrix(self) -> Document:
        return seeded.matrix()

    def layer(self) -> Document:
        return layer(builtin(), [])

    def keep_proof(self, account: Document) -> int:
        self._called("keep_proof", account=account)
        return len(account["techniques"])

    def channels(self) -> list[Document]:
        row = {"name": "mail", "type": "email", "target": "oncall@example.com", "trouble": ""}
        return [{**row, "waiting": 1, "lag_seconds": 2.5, "secret": "hunter2"}]

    def try_channel(self, name: str) -> bool:
        self._called("try_channel", channel=name)
        return name == "mail"

    def metrics_text(self) -> str:
        return "vedette_up 1\n"

    async def subscribe(self, after: int | None) -> AsyncIterator[Event]:
        self._called("subscribe", after=after)
        for event in self.events:
            yield event


@pytest.fixture
def reader() -> Remembering:
    return Remembering()


@pytest.fixture
def app(reader: Remembering) -> FastAPI:
    return build_app(reader)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:4318", raise_server_exceptions=False)
