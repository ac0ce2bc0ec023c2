"""Atomic Red Team's own tests, carried out on this machine: how many the sensor sees, and how many are told of."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from tests.interop.loopback import await_true
from tests.interop.server import RunningServer

from vedette.records.time import SECOND, from_rfc3339
from vedette.store.events import EventStore

ATOMICS = Path(__file__).parents[1] / "unit/simulate/atomic/atomics.yaml"
MACHINERY = ("unshare", "setpriv", "prlimit")
"""What carries tests out, besides the shell of each."""


def carried_out() -> list[dict[str, object]]:
    """Carry out every test of the excerpt that is on the shipped list."""
    words = [sys.executable, "-m", "vedette.cli.main", "atomic", str(ATOMICS), "--execute", "--sandbox", "--json"]
    marked = {**os.environ, "VEDETTE_OWNED": platform.node()}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=marked, timeout=300)
    if not done.stdout:
        pytest.skip(f"no test can be carried out here: {done.stderr.strip()[-300:]}")
    return [one for one in json.loads(done.stdout)["tests"] if one["outcome"] == "ran"]


def test_the_sensor_sees_what_atomic_tests_start(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "data", "--processes")
    server.start()
    try:

        def watched() -> bool:
            subprocess.run(["sleep", "0.05"], check=True)
            return any(one["source"] == "processes" for one in server.api("sources")["items"])

        await_true(watched, 30.0)
        tests = carried_out()
        if len(tests) < 12:
            pytest.skip(f"only {len(tests)} tests can be carried out here: namespaces are forbidden")
        assert server.stop() in (0, 130)
    finally:
        server.end()
    rows = EventStore(tmp_path / "data" / "events").scan("log", 0, 1 << 62, ["time", "body"])
    seen = list(zip(rows["time"].cast("int64").to_pylist(), rows["body"].to_pylist(), strict=True))

    def is_seen(test: dict[str, object]) -> bool:
        start = from_rfc3339(str(test["started_at"]))
        end = start + round(float(str(test["seconds"])) * SECOND)
        programs = [body.rpartition("/")[2] for moment, body in seen if start <= moment <= end]
        return any(program not in MACHINERY for program in programs)

    found = [test for test in tests if is_seen(test)]
    assert len(found) >= 12, f"{len(found)} of {len(tests)} seen"
    assert len({test["technique"] for test in found}) >= 12


def test_most_techniques_are_told_of_in_one_incident() -> None:
    words = [sys.executable, "-m", "vedette.cli.main", "prove", "--atomics", str(ATOMICS), "--sandbox", "--json"]
    marked = {**os.environ, "VEDETTE_OWNED": platform.node()}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=marked, timeout=500)
    if not done.stdout:
        pytest.skip(f"no test can be carried out here: {done.stderr.strip()[-300:]}")
    account = json.loads(done.stdout)
    if account["tests"] < 12:
        pytest.skip(f"only {account['tests']} tests can be carried out here: namespaces are forbidden")
    told = [one for one in account["techniques"] if one["outcome"] != "missed"]
    assert len(told) >= 12, account
    assert max(one["incidents"] for one in told) == 1
    assert all(one["said"] != "the sensor saw nothing of it" for one in account["techniques"])
