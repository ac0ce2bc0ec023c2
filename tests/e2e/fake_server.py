"""A real server with seeded data, run as a process of its own: ``python -m tests.e2e.fake_server --scene full``.

Prints its address as its first line.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.e2e import seeded
from tests.e2e.seeded import Document

from vedette.api.app import build_app
from vedette.api.reader import Event
from vedette.api.server import Server
from vedette.engine.claims import claims
from vedette.errors import BadInput
from vedette.notify.navigator import layer
from vedette.records.attack import Table, builtin
from vedette.rules.load import own_rules
from vedette.ui.page import page_app


@dataclass
class Page:
    """A part of a list."""

    items: list[Document]
    next: str | None


class SeededReader:
    """`vedette.api.reader.Reader` over seeded data; events repeat at a rate."""

    def __init__(self, scene: str, rate: float) -> None:
        self.scene, self.rate = scene, rate
        self.rows = seeded.segments() if scene not in ("first", "calm", "starting") else []
        self.known = {one["id"]: one for one in (seeded.incidents(self.rows) if self.rows else [])}
        self.board = seeded.lanes([row["segment"] for row in self.rows])
        self.began = time.monotonic()

    def ready(self) -> bool:
        """Return True."""
        return True

    def status(self) -> Document:
        """Return a status whose numbers move."""
        passed = int((time.monotonic() - self.began) * 1e9)
        events = 0 if self.scene in ("first", "starting") else 1_005_557 + passed // 10_000_000
        state = {"first": "learning", "calm": "watching", "full": "watching", "broken": "watching"}.get(
            self.scene, self.scene
        )
        document = seeded.status(state, seeded.NOW + passed, events)
        if not self.known:
            document["tiles"]["incidents"] = dict.fromkeys(("open", "critical", "high", "medium", "low"), 0)
        return document

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
        """Return incidents that fit."""
        del since, until
        fits = [
            one
            for one in self.known.values()
            if (phases is None or one["phase"] in phases)
            and (severities is None or one["severity"] in severities)
            and (segment is None or one["segment"] == segment)
            and (tiers is None or one["tier"] in tiers)
        ]
        start = int(cursor or 0)
        more = str(start + limit) if start + limit < len(fits) else None
        return Page(fits[start : start + limit], more)

    def incident(self, incident_id: str) -> Document | None:
        """Return one incident."""
        found = self.known.get(incident_id)
        return found and {**found, "findings": seeded.findings(found), "similar": seeded.similar(found)}

    def findings(self, incident_id: str, *, limit: int, cursor: str | None) -> Page | None:
        """Return all findings of an incident at once."""
        del limit, cursor
        found = self.known.get(incident_id)
        return None if found is None else Page(seeded.findings(found), None)

    def attack_table(self) -> Table:
        """Return the shipped table."""
        return builtin()

    def judge(self, incident_id: str, verdict: str | None, *, note: str, preview: bool, force: bool) -> Document | None:
        """Store a verdict, or say what it would do; incidents whose id ends in 6 would hide what is real."""
        del note
        found = self.known.get(incident_id)
        if found is None:
            return None
        effect = seeded.effect(found) if verdict in ("expected", "noise") else None
        if preview:
            return {**found, "effect": effect}
        if effect and effect["real"] and not force:
            raise BadInput("hides_real", detail=f"would hide what was judged real: {', '.join(effect['real'])}")
        self.known[incident_id] = {**found, "verdict": verdict}
        return {**self.known[incident_id], "effect": effect}

    def planned(self) -> list[Document]:
        """Return nothing."""
        return []

    def plan(self, events: Sequence[Document]) -> Document:
        """Announce nothing."""
        del events
        return {"items": [], "explains": []}

    def withdraw(self, event_id: str) -> bool:
        """Say that there is none."""
        del event_id
        return False

    def silences(self) -> list[Document]:
        """Return nothing."""
        return []

    def silence(self, wanted: Document) -> str:
        """Return an id, and forget it."""
        del wanted
        return "s1"

    def end_silence(self, silence_id: str) -> bool:
        """Say that there is none."""
        del silence_id
        return False

    def segments(self) -> list[Document]:
        """Return the segments."""
        return self.rows

    def lanes(self, *, since: int, until: int, cells: int, limit: int, tiers: Sequence[str] | None) -> Document:
        """Return all lanes, whatever is asked for."""
        del since, until, cells, limit, tiers
        if self.scene == "broken":
            raise RuntimeError("the disk of this scene is broken")
        return self.board if self.rows else {**self.board, "rows": []}

    def series(self, *, segment: str, feature: str, since: int, until: int, points: int) -> Document:
        """Return a day."""
        del since, until
        return seeded.series(segment, feature, min(points, 240))

    def sources(self) -> list[Document]:
        """Return one source, or none before the first event."""
        if self.scene == "first":
            return []
        source = {"source": "otlp/traces", "signal": "traces", "events_total": 1_005_557, "events_per_second": 12.4}
        return [{**source, "last_event_at": self.status()["now"], "unreadable_total": 37}]

    def matrix(self) -> Document:
        """Return the matrix; nothing but rules before the first event."""
        return seeded.matrix(empty=self.scene == "first")

    def layer(self) -> Document:
        """Return the layer of the seeded proofs."""
        return layer(builtin(), claims(own_rules(), [], seeded.proofs()))

    def channels(self) -> list[Document]:
        """Return no channels."""
        return []

    def try_channel(self, name: str) -> bool:
        """Return False: there is none."""
        del name
        return False

    def metrics_text(self) -> str:
        """Return one metric."""
        return "vedette_up 1\n"

    async def subscribe(self, after: int | None) -> AsyncIterator[Event]:
        """Change one of the newest incidents at each beat."""
        number = after or 0
        while True:
            await asyncio.sleep(1 / self.rate if self.rate else 3600)
            number += 1
            identity = f"{number % 40:024x}"
            if identity in self.known:
                changed = {**self.known[identity], "event_count": 1000 + number}
                self.known[identity] = changed
                yield number, "incident", changed
            if number % 10 == 0:
                yield number, "lanes", {}


def main() -> None:
    """Serve a scene until stopped."""
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--scene", choices=("full", "starting", "first", "learning", "calm", "broken", "trouble"), default="full"
    )
    parser.add_argument("--rate", type=float, default=1.0, help="changes a second")
    parser.add_argument("--tick", type=float, default=1.0, help="seconds between ticks")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", arguments.port), reuse_port=False)
    reader: Any = SeededReader(arguments.scene, arguments.rate)
    app = build_app(reader, page=page_app(), tick_seconds=arguments.tick)
    sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    asyncio.run(Server(app).serve(sockets=[listening]))


if __name__ == "__main__":
    main()
