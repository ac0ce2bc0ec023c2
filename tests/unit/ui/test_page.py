"""Serving the page: files, the fallback, caching, and errors that are not the page."""

from __future__ import annotations

import gzip
from typing import Any, cast

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from vedette.api.app import build_app
from vedette.api.reader import Reader
from vedette.ui.assets import Asset
from vedette.ui.page import page_app

SCRIPT = b"const vedette = 1;\n" * 100
ASSETS = {
    asset.path: asset
    for asset in (
        Asset("index.html", b"<!doctype html><title>Vedette</title>"),
        Asset("assets/index-1.js", SCRIPT),
        Asset("icon.svg", b"<svg/>"),
    )
}


@pytest.fixture
def client() -> TestClient:
    return _client(ASSETS)


def _client(assets: dict[str, Asset]) -> TestClient:
    app = build_app(cast(Reader, None), page=page_app(assets))
    return TestClient(app, base_url="http://127.0.0.1:4318", headers={"Accept-Encoding": "identity"})


@pytest.mark.parametrize("path", ["/", "/incidents", "/incidents/0123", "/not/a/screen", "/index.html"])
def test_paths_of_screens_are_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, ASSETS["index.html"].body)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


def test_hashed_files_are_kept_for_ever(client: TestClient) -> None:
    answer = client.get("/assets/index-1.js")
    assert answer.content == SCRIPT
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


def test_files_go_compressed_to_those_who_can_read_that(client: TestClient) -> None:
    with client.stream("GET", "/assets/index-1.js", headers={"Accept-Encoding": "gzip"}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(raw) == SCRIPT


def test_what_would_grow_is_not_compressed(client: TestClient) -> None:
    assert "content-encoding" not in client.get("/icon.svg", headers={"Accept-Encoding": "gzip"}).headers


def test_a_file_that_the_browser_has_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/icon.svg").headers["etag"]
    answer = client.get("/icon.svg", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == tag


@pytest.mark.parametrize("path", ["/assets/none.js", "/favicon.ico", "/..%2f..%2fetc%2fpasswd.txt", "/.env"])
def test_files_that_are_not_there_are_not_found(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


@pytest.mark.parametrize("path", ["/api/v1/none", "/api/v2/status", "/v1/logs", "/-/none", "/prometheus/api/v1/query"])
def test_programs_get_an_error_not_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_page_can_only_be_read(client: TestClient) -> None:
    answer = client.post("/incidents")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert client.head("/incidents").status_code == 200


@pytest.mark.parametrize("path", ["/", "/incidents/0123"])
def test_without_a_build_a_plain_page_says_so(path: str) -> None:
    answer = _client({}).get(path)
    assert answer.status_code == 200
    assert "make page" in answer.text
    assert "/api/v1/status" in answer.text
    assert "<script" not in answer.text
    assert "style" not in answer.text


def test_the_page_carries_the_policy(client: TestClient) -> None:
    assert "frame-ancestors 'none'" in client.get("/").headers["content-security-policy"]


def test_a_web_socket_is_closed(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/anything") as link:
        cast(Any, link).receive_text()
