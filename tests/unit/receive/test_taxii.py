"""A TAXII 2.1 client against a real HTTP server that speaks the specification, and against ones that do not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from vedette.errors import BadInput
from vedette.receive import taxii
from vedette.receive.taxii import ACCEPT, PAGE, TYPES, collection, is_address

Answer = tuple[int, dict[str, str], object]
Answers = Callable[[str, dict[str, list[str]], dict[str, str]], Answer]
COLLECTION = "/api1/collections/1/"
KIND = {"Content-Type": ACCEPT}


@contextmanager
def served(answers: Answers) -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """Yield the address of a collection, and what was asked, with headers."""
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, dict(self.headers)))
            parts = urlsplit(self.path)
            status, headers, body = answers(parts.path, parse_qs(parts.query), dict(self.headers))
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{COLLECTION}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def three_pages(path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
    if path == COLLECTION:
        return 200, KIND, {"id": "1", "title": "t", "can_read": True, "can_write": False}
    assert path == COLLECTION + "objects/"
    page = int(query.get("next", ["0"])[0])
    more = {"more": True, "next": str(page + 1)} if page < 2 else {}
    return 200, KIND, {"objects": [{"id": f"indicator--{page}"}], **more}


def test_all_pages_are_read_and_only_what_is_needed_is_asked_for() -> None:
    with served(three_pages) as (url, asked):
        for address in (url, url.rstrip("/"), url + "objects/"):
            assert [one["id"] for one in collection(address)] == [f"indicator--{page}" for page in range(3)]
    assert parse_qs(urlsplit(asked[1][0]).query) == {"match[type]": [TYPES], "limit": [PAGE]}
    assert all(headers["Accept"] == ACCEPT for _, headers in asked)
    assert not any("Authorization" in headers for _, headers in asked)


def test_a_user_or_a_token_is_sent_with_every_request() -> None:
    with served(three_pages) as (url, asked):
        collection(url, user="ana", password="pw")
        collection(url, token="tok")
    sent = [headers["Authorization"].split()[0] for _, headers in asked]
    assert sent == ["Basic"] * 4 + ["Bearer"] * 4


def test_a_secret_goes_over_no_network_in_the_clear() -> None:
    with pytest.raises(BadInput, match=r"got http://192\.0\.2\.1/c/, expected https"):
        collection("http://192.0.2.1/c/", user="ana", password="pw")


def objects(answer: Answer) -> Answers:
    return lambda path, query, headers: three_pages(path, query, headers) if path == COLLECTION else answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, KIND, {"title": "Unauthorized", "description": "no such user"}), "401 Unauthorized, Unauthorized, no"),
        ((503, {**KIND, "Retry-After": "30"}, b""), "come back after 30 s"),
        ((302, {"Location": "https://evil.example/"}, b""), "points to https://evil.example/, which was not followed"),
        ((200, {"Content-Type": "text/html"}, b"<html>"), "got 'text/html', expected application/taxii"),
        ((200, KIND, b'{"objects": [\n}'), ":2: "),
        ((200, KIND, [1]), "expected a JSON object"),
        ((200, KIND, {"objects": 5}), "expected a list"),
        ((200, KIND, {"objects": [{}], "more": True}), "with 1 objects and next '', expected both"),
        ((200, KIND, {"objects": [], "more": True, "next": "1"}), "with 0 objects and next '1', expected both"),
    ],
)
def test_what_a_server_does_wrong_is_said_in_words(answer: Answer, said: str) -> None:
    with served(objects(answer)) as (url, _), pytest.raises(BadInput) as refused:
        collection(url)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"id": "1", "can_read": False}, "does not let this user read"),
        ({"title": "d", "api_roots": ["https://x.example/api1/"]}, "discovery of https://x.example/api1/"),
        ({"collections": [{"id": "1", "title": "Feed"}]}, "lists the collections 1 (Feed)"),
        ({}, "expected the address of a collection"),
    ],
)
def test_what_is_no_readable_collection_is_said_with_what_it_is(about: object, said: str) -> None:
    with served(lambda *_: (200, KIND, about)) as (url, _), pytest.raises(BadInput) as refused:
        collection(url)
    assert said in str(refused.value)


def test_a_server_that_is_not_there_and_one_that_sends_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(three_pages) as (url, _):
        monkeypatch.setattr(taxii, "LARGEST", 100)
        with pytest.raises(BadInput, match="more than 100 bytes"):
            collection(url)
    with pytest.raises(BadInput, match="unreachable"):
        collection(url)


def test_only_addresses_are_fetched() -> None:
    assert is_address("https://x.example/c/")
    assert not is_address("feed.csv")
    assert not is_address("/data/https.csv")
