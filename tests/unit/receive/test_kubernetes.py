"""Following a cluster: lists by pages, watches that go on where they ended, and what fails is tried again."""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
import yaml

from vedette.errors import BadInput, ConfigError
from vedette.receive import kubernetes
from vedette.receive.kubeconfig import Cluster, reached
from vedette.receive.kubernetes import FIRST, LONGEST, Gone, Watch, lines

RECORDED = Path(__file__).with_name("kubernetes_watch.jsonl").read_bytes()
EXPIRED = {
    "type": "ERROR",
    "object": {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "too old resource version: 1 (239)",
        "reason": "Expired",
        "code": 410,
    },
}
CLUSTER = Cluster("https://api", ssl.create_default_context(), "secret")


class Api:
    """An API server of answers that were written down."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.client = httpx.Client(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Taken:
    """What a watch handed in."""

    def __init__(self) -> None:
        self.lists: list[list[Any]] = []
        self.changes: list[tuple[str, str]] = []

    def listed(self, objects: list[Any]) -> None:
        self.lists.append(objects)

    def changed(self, kind: str, one: Any) -> None:
        self.changes.append((kind, one["metadata"]["resourceVersion"]))


def page(version: str, *names: str, more: str = "") -> httpx.Response:
    about = {"resourceVersion": version, **({"continue": more} if more else {})}
    return httpx.Response(200, json={"metadata": about, "items": [{"metadata": {"uid": name}} for name in names]})


def stream(body: bytes) -> httpx.Response:
    return httpx.Response(200, content=body)


def watching(namespace: str = "") -> tuple[Watch, Taken]:
    taken = Taken()
    return Watch(CLUSTER, "deployments", namespace, taken), taken


def test_it_lists_by_pages_and_watches_on_from_there_by_bookmarks() -> None:
    watch, taken = watching("demo")
    api = Api(page("7", "a", more="next"), page("7", "b"), stream(RECORDED), stream(b""))
    for _ in range(3):
        watch.step(api.client)
    assert [[one["metadata"]["uid"] for one in found] for found in taken.lists] == [["a", "b"]]
    assert [kind for kind, _ in taken.changes] == ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"]
    assert api.asked[0].url.path == "/apis/apps/v1/namespaces/demo/deployments"
    assert api.asked[1].url.params["continue"] == "next"
    assert api.asked[2].url.params["resourceVersion"] == "7"
    last = json.loads(RECORDED.splitlines()[-1])
    assert last["type"] == "BOOKMARK"
    assert api.asked[3].url.params["resourceVersion"] == last["object"]["metadata"]["resourceVersion"]
    assert all(one.method == "GET" and one.headers["authorization"] == "Bearer secret" for one in api.asked)


def test_a_stream_that_breaks_off_in_a_line_goes_on_where_it_was_whole() -> None:
    watch, taken = watching()
    whole = RECORDED.splitlines(keepends=True)
    api = Api(page("7"), stream(b"".join(whole[:3]) + whole[3][:80]), stream(whole[3]))
    for _ in range(3):
        watch.step(api.client)
    assert api.asked[2].url.params["resourceVersion"] == taken.changes[1][1]
    assert len(taken.changes) == 3


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_lines_are_the_same_however_the_stream_is_cut(size: int) -> None:
    cut = (RECORDED[start : start + size] for start in range(0, len(RECORDED), size))
    assert list(lines(cut)) == RECORDED.splitlines()


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "LARGEST", 100)

    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 60

    with pytest.raises(BadInput, match="line_too_long"):
        list(lines(endless()))


@pytest.mark.parametrize(
    "answer", [httpx.Response(410, json=EXPIRED["object"]), stream(json.dumps(EXPIRED).encode() + b"\n")]
)
def test_a_version_that_is_too_old_is_gone(answer: httpx.Response) -> None:
    watch, _ = watching()
    api = Api(page("1"), answer)
    watch.step(api.client)
    with pytest.raises(Gone):
        watch.step(api.client)


def run(monkeypatch: pytest.MonkeyPatch, *answers: httpx.Response | Exception) -> tuple[Api, Taken, list[float]]:
    """Run a watch until its answers are used up."""
    stop, waits, api = Event(), list[float](), Api(*answers)
    watch, taken = watching()

    def until_used_up(watch: Watch, client: httpx.Client, step: Any = Watch.step) -> None:
        if not api.answers:
            stop.set()
            return
        step(watch, api.client)

    monkeypatch.setattr(Watch, "step", until_used_up)
    watch.run(stop, waits.append)
    return api, taken, waits


def test_after_410_everything_is_listed_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = httpx.Response(410, json=EXPIRED["object"])
    api, taken, waits = run(monkeypatch, page("1", "a"), gone, page("9", "b"), stream(b""))
    assert [[one["metadata"]["uid"] for one in found] for found in taken.lists] == [["a"], ["b"]]
    assert api.asked[-1].url.params["resourceVersion"] == "9"
    assert waits == []


def test_what_fails_is_tried_again_after_a_while_that_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = httpx.Response(403, json={"message": "deployments.apps is forbidden"})
    failures = [httpx.ConnectError("no route"), refused, *(httpx.ReadTimeout("slow") for _ in range(6))]
    api, taken, waits = run(monkeypatch, *failures, page("1", "a"), httpx.ConnectError("no route"))
    assert waits == [FIRST, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST, LONGEST, FIRST]
    assert len(taken.lists) == 1
    assert len(api.asked) == 10


def test_no_json_is_a_failure_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    _, taken, waits = run(monkeypatch, httpx.Response(200, content=b"<html>"), page("1"), stream(b'{"a": 1}\n'))
    assert (len(taken.lists), len(waits)) == (1, 2)


def written(folder: Path, **user: Any) -> str:
    path = folder / "config"
    config = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": user.pop("server", "https://api:6443/")}}],
        "users": [{"name": "u", "user": user}],
    }
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_a_kubeconfig_says_where_and_who(tmp_path: Path) -> None:
    cluster = reached(written(tmp_path, token="t"))
    assert (cluster.url, cluster.authorization()) == ("https://api:6443", {"Authorization": "Bearer t"})
    (tmp_path / "token").write_text("one\n")
    cluster = reached(written(tmp_path, tokenFile="token"))
    assert cluster.authorization() == {"Authorization": "Bearer one"}
    (tmp_path / "token").write_text("two\n")
    assert cluster.authorization() == {"Authorization": "Bearer two"}


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ({"exec": {"command": "aws"}}, "plugin of 'exec'"),
        ({"token": "t", "server": "http://api.example"}, "in the clear"),
        ({"client-certificate-data": b64encode(b"no").decode(), "client-key-data": b64encode(b"no").decode()}, "SSL"),
    ],
)
def test_what_is_not_supported_is_refused_in_words(tmp_path: Path, user: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        reached(written(tmp_path, **user))


def test_outside_of_a_cluster_and_without_a_file_it_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(ConfigError, match="KUBERNETES_SERVICE_HOST is not set"):
        reached("", tmp_path)
    with pytest.raises(ConfigError, match="none"):
        reached(str(tmp_path / "none"))
    (tmp_path / "odd").write_text("[]")
    with pytest.raises(ConfigError, match="kubeconfig = a file"):
        reached(str(tmp_path / "odd"))
