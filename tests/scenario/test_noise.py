"""The noise story: ten thousand findings of one cause are one incident, one notification, and all evidence is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import numpy as np
import pytest
from bench.ordinary import MINUTE, START, Nothing
from tests.scenario.replayed import Played
from tests.scenario.story import shard

from vedette.engine.postman import Postman
from vedette.journal.log import Chunk
from vedette.notify.post import Door
from vedette.notify.webhook import Webhook
from vedette.records.document import to_document
from vedette.records.feature import feature_of
from vedette.records.observation import Measures, Occurrences
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.store.database import open_database
from vedette.store.incidents import Incidents
from vedette.store.outbox import Outbox
from vedette.store.settings import Settings

ROUTES = [Segment("prod", "shop", f"GET /{number}") for number in range(100)]
SERIES = [feature_of(f"latency_{rank}_seconds").series(one) for one in ROUTES for rank in ("p50", "p95")]
LEARNED, SLOW, AFTER = 1500, 52, 60
"""Minutes of ordinary traffic, of a slow database behind all routes, and after it."""


def windows() -> Iterator[Window]:
    """Yield the latency of a hundred routes that share a database."""
    rng = np.random.default_rng(3)
    usual, none = rng.uniform(0.02, 0.4, len(SERIES)), np.zeros(0, np.int64)
    for minute in range(LEARNED + SLOW + AFTER):
        start, slow = START + minute * MINUTE, LEARNED <= minute < LEARNED + SLOW
        value = usual * rng.lognormal(0.0, 0.08, len(SERIES)) * (6.0 if slow else 1.0)
        yield Window(
            start,
            MINUTE,
            SERIES if minute == 0 else (),
            (),
            Measures(start, MINUTE, np.arange(len(SERIES), dtype=np.int32), value, np.full(len(SERIES), 50.0)),
            Occurrences(start, MINUTE, none.astype(np.int32), none.astype(np.uint64), none),
            Nothing(),
        )


class Keys:
    keys = SERIES


class Tiers:
    """No service is known to be of a tier."""

    @staticmethod
    def of(segment: Segment) -> str:
        del segment
        return ""

    @staticmethod
    def is_inferred(service: Segment) -> bool:
        del service
        return False


@dataclass
class Extracted:
    """What a shard asks of an extractor besides windows."""

    series: type[Keys] = Keys
    tiers: type[Tiers] = Tiers


@dataclass
class Desk:
    """A person's end of a webhook."""

    got: list[dict[str, Any]] = field(default_factory=list)

    def serve(self) -> ThreadingHTTPServer:
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *words: object) -> None:
                del words

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        return server


@dataclass
class Told:
    desk: Desk
    incidents: Incidents
    ids: set[str]
    findings: int
    largest: int
    """Bytes of the largest incident, as a document."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Run the windows through the shard, keep what it reports, and let the postman tell of it."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('noise') / 'v.db'}")
    desk, incidents, model = Desk(), Incidents(database), shard()
    server = desk.serve()
    webhook = Webhook("desk", Door(f"http://127.0.0.1:{server.server_port}/"))
    postman = Postman(Outbox(database), [webhook], Settings(database), [])
    told = Told(desk, incidents, set(), 0, 0)
    for number, window in enumerate(windows()):
        model.extract = Played(Extracted(), [window])  # type: ignore[assignment, arg-type]
        report = model.step(Chunk(number, None, ()))
        incidents.save(report.incidents, report.findings)
        told.findings += len(report.findings)
        told.ids |= {one.id for one in report.incidents}
        for document in map(to_document, report.incidents):
            told.largest = max(told.largest, len(json.dumps(document)))
            postman.tell(document, window.end)
        postman.deliver("desk", window.end)
    server.shutdown()
    server.server_close()
    return told


def test_ten_thousand_findings_are_one_incident(told: Told) -> None:
    assert told.findings >= 10_000
    assert len(told.ids) == 1


def test_one_notification_says_that_it_began_and_one_that_it_is_over(told: Told) -> None:
    assert [one["phase"] for one in told.desk.got] == ["firing", "resolved"]


def test_the_evidence_is_complete_and_the_incident_small(told: Told) -> None:
    (name,) = told.ids
    found, cursor = [], None
    while page := told.incidents.findings_page(name, 1000, cursor):
        found += page.items
        if (cursor := page.next) is None:
            break
    assert len({one["id"] for one in found}) == len(found) == told.findings
    assert found == sorted(found, key=lambda one: (one["start"], one["id"]))
    assert {one["segment"] for one in found} == {str(one) for one in ROUTES}
    incident = told.incidents.get(name)
    assert incident is not None
    assert incident["finding_count"] == told.findings
    assert sum(part["share"] for part in incident["explanation"]["contributions"]) == pytest.approx(100.0)
    assert told.largest < 100_000
