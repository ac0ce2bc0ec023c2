"""``vedette bank`` against a real server: one incident of operations, and settled; without a server, a line."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.interop.server import RunningServer

BANK = [sys.executable, "-m", "vedette.cli.main", "bank"]
STORY = ["--days", "1.3", "--rate", "0.25", "--duration", "1"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    made = RunningServer(tmp_path / "data", VEDETTE_FEATURES_WINDOW="60s", VEDETTE_FEATURES_LATENESS="5s")
    made.start()
    yield made
    made.end()


def ended(server: RunningServer, seconds: float = 120.0) -> list[dict[str, Any]]:
    """Return all incidents that were told, once that of the release is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        items = server.api("incidents?state=all")["items"]
        if any("for everybody" in one["title"] and one["phase"] == "resolved" for one in items):
            return [one for one in items if one["phase"] != "pending"]
        time.sleep(0.5)
    raise AssertionError("no release was told of and over")


def test_a_release_in_the_history_is_one_incident_of_operations(server: RunningServer) -> None:
    played = subprocess.run([*BANK, "--endpoint", server.url, *STORY], capture_output=True, text=True, timeout=240)
    assert played.returncode == 0, played.stderr
    fired = ended(server)
    (release,) = server.api("status")["tiles"]["drift"]
    assert release["service"] == "demo/bank"
    assert release["share"] >= 0.1
    assert release["settled_at"] is not None
    began = [one for one in fired if release["since"] <= one["started_at"] < release["settled_at"]]
    (told,) = began
    assert told["kind"] == "operations"
    assert told["severity"] == "medium"
    assert told["techniques"] == []


def test_without_a_server_it_says_so_in_a_line() -> None:
    played = subprocess.run(
        [*BANK, "--endpoint", "http://127.0.0.1:1", *STORY], capture_output=True, text=True, timeout=60
    )
    assert played.returncode == 3
    assert "no Vedette answers at http://127.0.0.1:1" in played.stderr
    assert "Traceback" not in played.stderr
