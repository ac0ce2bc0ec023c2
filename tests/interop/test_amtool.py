"""Alertmanager's own client adds, lists and ends silences."""

import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest
from tests.interop.server import RunningServer

AMTOOL = shutil.which("amtool")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    server = RunningServer(tmp_path_factory.mktemp("amtool") / "data")
    server.start()
    yield server
    assert server.stop() in (0, 130)


def amtool(server: RunningServer, *words: str) -> str:
    assert AMTOOL is not None
    command = [AMTOOL, f"--alertmanager.url={server.url}", "silence", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout


@pytest.mark.skipif(AMTOOL is None, reason="amtool is not installed")
def test_amtool_adds_lists_and_ends_a_silence(running: RunningServer) -> None:
    words = ("service=shop", "severity!=critical", "--duration=2h", "--comment=moving", "--author=ann")
    name = amtool(running, "add", *words).strip()
    (listed,) = json.loads(amtool(running, "query", "-o", "json"))
    assert (listed["id"], listed["status"]["state"]) == (name, "active")
    assert {(one["name"], one["isEqual"]) for one in listed["matchers"]} == {("service", True), ("severity", False)}
    amtool(running, "expire", name)
    assert json.loads(amtool(running, "query", "-o", "json")) == []
