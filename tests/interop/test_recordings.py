"""``vedette simulate replay``: a recorded attack through the real door, caught as its manifest expects, or missed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.interop.server import RunningServer
from tests.unit.simulate.test_recording import recorded

SHELL = [
    {
        "@timestamp": f"2024-03-01T10:00:{second:02}Z",
        "Computer": "web-9",
        "User": "www-data",
        "Image": image,
        "CommandLine": command,
        "ParentImage": "/usr/sbin/nginx",
    }
    for second, (image, command) in enumerate([("/usr/bin/dash", "sh -c id"), ("/usr/bin/id", "id")])
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path / "data", VEDETTE_FEATURES_WINDOW="10s", VEDETTE_FEATURES_LATENESS="1s")
    running.start()
    yield running
    running.end()


def replayed(server: RunningServer, manifest: Path, *words: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "vedette.cli.main", "simulate", "replay", str(manifest), *words]
    words = (*command, "--url", server.url, "--json")
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)["recordings"][0]


def test_a_recorded_shell_is_caught_marked_and_under_the_names_of_this_place(
    server: RunningServer, tmp_path: Path
) -> None:
    manifest = recorded(tmp_path, SHELL, technique="T1059.004", service="hosts", expect={"severity": "high"})
    code, outcome = replayed(server, manifest, "--map", "web-9=db-1")
    assert (code, outcome["caught"]) == (0, True)
    found = server.api(f"incidents/{outcome['incident']}")
    assert found["simulated"].startswith("replay-")
    assert found["segment_parts"]["service"] == "hosts"
    assert "web-9" not in json.dumps(found)


def test_what_is_not_found_as_expected_is_missed(server: RunningServer, tmp_path: Path) -> None:
    manifest = recorded(tmp_path, SHELL, technique="T1496", service="hosts")
    code, outcome = replayed(server, manifest, "--wait", "15")
    assert (code, outcome["caught"]) == (1, False)
    assert "T1496" in outcome["said"]
