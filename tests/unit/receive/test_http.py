"""The routes with decoders and intakes made for the case; the wire is tested in tests/interop."""

import ast
import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, MutableMapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

import pyarrow as pa
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from tests.interop.loopback import await_true

from vedette.errors import Backpressure
from vedette.receive.base import Decoders
from vedette.receive.http import Door, ingest_routes
from vedette.receive.keys import Keys
from vedette.records.batch import DeadLetter, Decoded, RawBatch
from vedette.records.schema import Signal
from vedette.telemetry import metrics

PROTOBUF = {"content-type": "application/x-protobuf"}


def decode(data: bytes, observed: int) -> Decoded:
    """Take each byte for a record; ``!`` is one that can't be read."""
    good = [chr(byte) for byte in data if byte != ord("!")]
    columns = pa.record_batch({"body": pa.array(good, pa.string()), "observed": pa.array([observed] * len(good))})
    dead = tuple(DeadLetter("bang", at, b"!") for at, byte in enumerate(data) if byte == ord("!"))
    return Decoded((RawBatch(Signal.SPAN, columns),) if good else (), dead)


class Slow:
    """Makes things durable later, or fails to."""

    def __init__(self, error: Exception | None = None, after: float = 0.0) -> None:
        self.error, self.after = error, after
        self.taken: list[Decoded] = []
        self.finished = self.broken = False

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        done: Future[int] = Future()
        Timer(self.after, self._finish, (decoded, done)).start()
        return done

    def _finish(self, decoded: Decoded, done: Future[int]) -> None:
        try:
            if self.error:
                done.set_exception(self.error)
            else:
                self.taken.append(decoded)
                done.set_result(1)
        except InvalidStateError:  # would end the journal's thread
            self.broken = True
        self.finished = True


def client(intake: Slow, folder: Path) -> TestClient:
    each = dict.fromkeys(("logs", "traces", "metrics"), decode)
    app = FastAPI()
    door = Door(intake, Keys(folder / "keys.json"), Decoders(each, each, lambda service: decode), 1000, lambda: 77)
    app.include_router(ingest_routes(door))
    return TestClient(app)


def test_answers_only_once_the_intake_is_done(tmp_path: Path) -> None:
    intake = Slow(after=0.3)
    answer = client(intake, tmp_path).post("/v1/traces", content=b"ab", headers=PROTOBUF)
    assert answer.status_code == 200
    assert [decoded.accepted for decoded in intake.taken] == [2]


def test_records_get_the_time_of_arrival(tmp_path: Path) -> None:
    intake = Slow()
    client(intake, tmp_path).post("/v1/traces", content=b"a", headers=PROTOBUF)
    assert intake.taken[0].batches[0].columns.column("observed").to_pylist() == [77]


def test_what_was_rejected_is_told_with_its_reason(tmp_path: Path) -> None:
    answer = client(Slow(), tmp_path).post("/v1/traces", content=b"a!b!!", headers=PROTOBUF)
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert (answer.status_code, partial.rejected_spans, partial.error_message) == (200, 3, "3 bang")


def test_trouble_with_the_journal_is_503_even_after_the_hand_in(tmp_path: Path) -> None:
    failing = client(Slow(Backpressure("disk full", 2.4)), tmp_path)
    for path in ("/v1/traces", "/api/v1/ingest"):
        answer = failing.post(path, content=b"a", headers=PROTOBUF)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "3")
        assert b"disk full" in answer.content


def test_received_bytes_and_refusals_are_counted(tmp_path: Path) -> None:
    path = "/v1/metrics"
    bytes_before, refused_before = metrics.RECEIVED.value(path), metrics.REQUESTS.value(path, "415")
    door = client(Slow(), tmp_path)
    door.post(path, content=b"abc", headers=PROTOBUF)
    door.post(path, content=b"abc", headers={"content-type": "text/html"})
    assert metrics.RECEIVED.value(path) - bytes_before == 3
    assert metrics.REQUESTS.value(path, "415") - refused_before == 1


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_s_page_can_not_send_lines(tmp_path: Path, site: str) -> None:
    intake = Slow()
    answer = client(intake, tmp_path).post("/api/v1/ingest", content=b"a", headers={"sec-fetch-site": site})
    assert (answer.status_code, intake.taken) == (403, [])


def test_a_bug_is_answered_as_a_status_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    answer = client(Slow(ZeroDivisionError("ours")), tmp_path).post("/v1/traces", content=b"a", headers=PROTOBUF)
    assert (answer.status_code, Status.FromString(answer.content).code) == (500, 13)
    assert "ZeroDivisionError" in caplog.text
    assert b"ours" not in answer.content


async def _events(*events: dict[str, object]) -> AsyncIterator[dict[str, object]]:
    for event in events:
        yield event
    await asyncio.sleep(60)


def call(intake: Slow, folder: Path, events: AsyncIterator[dict[str, object]], deadline: float) -> list[int]:
    """Run one request against the bare application, cancelled after a deadline; returns the statuses sent."""
    sent: list[int] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        if "status" in message:
            sent.append(message["status"])

    async def run() -> None:
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/traces",
            "query_string": b"",
            "headers": [(b"content-type", b"application/x-protobuf")],
        }
        with suppress(TimeoutError):
            await asyncio.wait_for(client(intake, folder).app(scope, events.__anext__, send), deadline)

    asyncio.run(run())
    return sent


def test_a_cancelled_request_does_not_cancel_the_journal_s_future(tmp_path: Path) -> None:
    intake = Slow(after=0.6)
    body = {"type": "http.request", "body": b"a", "more_body": False}
    assert call(intake, tmp_path, _events(body), deadline=0.3) == []
    await_true(lambda: intake.finished)
    assert intake.taken
    assert not intake.broken


def test_a_client_that_goes_away_midway_is_nobody_s_bug(tmp_path: Path) -> None:
    intake = Slow()
    first = {"type": "http.request", "body": b"a", "more_body": True}
    assert call(intake, tmp_path, _events(first, {"type": "http.disconnect"}), deadline=5) == [400]
    assert intake.taken == []


@pytest.mark.parametrize("heavy", ["numba", "polars", "opentelemetry.proto", "google.protobuf", "httpx", "sqlalchemy"])
def test_importing_the_receiver_stays_light(heavy: str) -> None:
    code = f"import sys, vedette.receive.http; print({heavy!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) is False


def test_what_is_sent_as_simulated_is_handed_in_as_that_and_a_name_that_is_none_is_refused(tmp_path: Path) -> None:
    intake = Slow()
    door = client(intake, tmp_path)
    assert door.post("/api/v1/ingest", content=b"a", headers={"Vedette-Simulation": "drill-1"}).status_code == 200
    assert door.post("/v1/logs", content=b"a", headers=PROTOBUF).status_code == 200
    assert [decoded.simulation for decoded in intake.taken] == ["drill-1", ""]
    for name in ("", "a b", "x" * 65):
        answer = door.post("/api/v1/ingest", content=b"a", headers={"Vedette-Simulation": name})
        assert answer.status_code == 400
        assert "1 to 64 letters" in answer.text


def test_a_key_that_may_only_send_cannot_hide_behind_a_simulation(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "keys.json")
    sender, drill = keys.create("app", ("ingest",)), keys.create("drill", ("simulate",))
    door = client(Slow(), tmp_path)

    def answer(key: str, **more: str) -> int:
        headers = {"Authorization": f"Bearer {key}", **more}
        return int(door.post("/api/v1/ingest", content=b"a", headers=headers).status_code)

    mark = {"Vedette-Simulation": "drill-1"}
    assert [answer(sender), answer(sender, **mark), answer(drill, **mark), answer(drill)] == [200, 403, 200, 403]
