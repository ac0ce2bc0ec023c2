"""Probes and our own metrics."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient


def test_it_is_healthy_as_long_as_it_answers(client: TestClient) -> None:
    answer = client.get("/-/healthy")
    assert (answer.status_code, answer.json()) == (200, {"status": "healthy"})


def test_it_is_ready_when_the_reader_is(client: TestClient) -> None:
    assert client.get("/-/ready").json() == {"status": "ready"}


def test_it_is_not_ready_while_it_recovers(client: TestClient, reader: Any) -> None:
    reader.is_ready = False
    answer = client.get("/-/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "starting"})
    assert answer.headers["retry-after"] == "1"


def test_metrics_are_in_the_format_of_prometheus(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.text == "vedette_up 1\n"
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
