"""Whatever fails, the answer says what, and has an id that the log has too."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from vedette.api.app import build_app
from vedette.api.headers import HEADERS
from vedette.api.problems import MEDIA_TYPE
from vedette.errors import Backpressure, BadInput, ConfigError, Oversize, Unauthorized, VedetteError

FIELDS = {"type", "title", "status", "detail", "code", "hint", "request_id"}


@pytest.mark.parametrize("path", ["/api/v1/incidents/none", "/api/v1/nothing", "/api/v1/lanes?cells=0"])
def test_a_problem_has_every_field(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = answer.json()
    assert set(problem) == FIELDS
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["x-request-id"] != ""
    assert problem["hint"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadInput("bad_cursor", detail="got 'x'"), 400, "bad_cursor"),
        (Oversize("too_large"), 413, "too_large"),
        (Unauthorized("unknown_key"), 401, "unknown_key"),
        (Unauthorized("missing_scope"), 403, "missing_scope"),
        (Unauthorized("missing_header"), 403, "missing_header"),
        (Backpressure("journal is full", 2.4), 503, "journal is full"),
        (ConfigError(["a: b"]), 500, "internal"),
        (VedetteError("odd"), 500, "internal"),
    ],
)
def test_our_errors_say_whose_fault_it_is(
    client: TestClient, reader: Any, error: Exception, status: int, code: str
) -> None:
    reader.error = error
    answer = client.get("/api/v1/incidents")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(("after", "header"), [(0.1, "1"), (2.4, "2"), (30.0, "30")])
def test_overload_names_the_seconds_to_wait(client: TestClient, reader: Any, after: float, header: str) -> None:
    reader.error = Backpressure("busy", after)
    assert client.get("/api/v1/incidents").headers["retry-after"] == header


def test_a_bug_is_loud_in_the_log_and_silent_about_itself(
    client: TestClient, reader: Any, caplog: pytest.LogCaptureFixture
) -> None:
    reader.error = RuntimeError("password=hunter2")
    with caplog.at_level(logging.ERROR):
        answer = client.get("/api/v1/incidents")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json()["request_id"] in caplog.text
    assert "hunter2" in caplog.text


def test_a_bug_after_the_first_byte_ends_the_response(reader: Any) -> None:
    routes = APIRouter()

    @routes.get("/broken")
    def broken() -> StreamingResponse:
        def pieces() -> Any:
            yield b"one"
            raise RuntimeError("two")

        return StreamingResponse(pieces())

    client = TestClient(build_app(reader, ingest=routes))
    with pytest.raises(RuntimeError, match="two"):
        client.get("/broken")


@pytest.mark.parametrize(
    "path", ["/api/v1/status", "/api/v1/nothing", "/metrics", "/-/healthy", "/api/v1/openapi.json"]
)
def test_every_response_has_every_security_header(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    for name, value in HEADERS:
        assert headers[name.decode()] == value.decode()


def test_a_500_has_them_too(client: TestClient, reader: Any) -> None:
    reader.error = RuntimeError("bug")
    assert "content-security-policy" in client.get("/api/v1/incidents").headers


@pytest.mark.parametrize(("given", "kept"), [("abc-1.x", True), ("a" * 65, False), ("a b", False), ("<b>", False)])
def test_a_callers_request_id_is_kept_if_it_is_a_plain_word(client: TestClient, given: str, kept: bool) -> None:
    answer = client.get("/api/v1/status", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is kept


def test_telemetry_of_the_framework_stays_off(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exporter named in the environment would send Vedette its own requests, for ever."""
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    assert app._telemetry["auto_configure"] is False
    assert not app._native_telemetry.enabled()
