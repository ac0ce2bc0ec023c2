"""Strangers' names and sites: DNS rebinding and cross-site requests."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import Depends, Request
from starlette.testclient import TestClient

from vedette.api.app import build_app
from vedette.api.hosts import is_trusted
from vedette.errors import Unauthorized

TRUSTED = [
    "127.0.0.1",
    "127.0.0.1:4318",
    "[::1]:4318",
    "192.168.1.5",
    "localhost:4318",
    "vedette:4318",
    "box.local",
    "watch.internal.",
    "nas.home.arpa:80",
]
STRANGERS = [
    "evil.example",
    "127.0.0.1.evil.example:4318",
    "localhost.evil.example",
    "evil.example.",
    "[::1",
    "local.evil",
]


@pytest.mark.parametrize("host", TRUSTED)
def test_names_that_nobody_can_register_are_trusted(host: str) -> None:
    assert is_trusted(host, frozenset())


@pytest.mark.parametrize("host", STRANGERS)
def test_names_that_anybody_can_register_are_not(host: str) -> None:
    assert not is_trusted(host, frozenset())


def test_an_allowed_name_is_trusted_on_every_port() -> None:
    assert is_trusted("watch.example:8443", frozenset({"watch.example"}))
    assert not is_trusted("watch.example.evil", frozenset({"watch.example"}))


def test_a_rebound_name_reads_nothing(reader: Any) -> None:
    client = TestClient(build_app(reader), base_url="http://evil.example:4318")
    answer = client.get("/api/v1/incidents")
    assert answer.status_code == 403
    assert "evil.example" in answer.json()["detail"]
    assert reader.calls == []


def test_an_allowed_name_reads(reader: Any) -> None:
    client = TestClient(build_app(reader, hosts=["watch.example"]), base_url="http://watch.example")
    assert client.get("/api/v1/status").status_code == 200


def test_probes_answer_under_any_name(reader: Any) -> None:
    client = TestClient(build_app(reader), base_url="http://probe.example")
    assert client.get("/-/healthy").status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/stream", "/metrics"])
def test_auth_guards_api_and_metrics(reader: Any, path: str) -> None:
    def refuse(request: Request) -> None:
        raise Unauthorized("missing_key", detail=request.url.path)

    client = TestClient(build_app(reader, auth=refuse), base_url="http://127.0.0.1")
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (401, "missing_key")
    assert client.get("/-/healthy").status_code == 200
    assert client.get("/-/ready").status_code == 200


def test_auth_may_have_dependencies_of_its_own(reader: Any) -> None:
    def name(request: Request) -> str:
        return request.headers.get("x-name", "")

    def check(given: str = Depends(name)) -> None:
        if given != "friend":
            raise Unauthorized("unknown_key")

    client = TestClient(build_app(reader, auth=check), base_url="http://127.0.0.1")
    assert client.get("/api/v1/status").status_code == 401
    assert client.get("/api/v1/status", headers={"X-Name": "friend"}).status_code == 200
