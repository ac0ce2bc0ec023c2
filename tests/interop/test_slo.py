"""A real server with an objective in its file: an incident, a metric, and both after a restart."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.server import RunningServer

TOML = """
[features]
window = "10s"
lateness = "5s"

[[slo]]
name = "works"
service = "web"
objective = 99.9
"""
LEFT = re.compile(r'^vedette_slo_budget_left_ratio\{slo="works",environment=""\} (\S+)$', re.MULTILINE)
SECONDS, FAILING_FROM = 7200, 7000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    path = tmp_path / "vedette.toml"
    path.write_text(TOML)
    made = RunningServer(tmp_path / "data", "--config", str(path))
    made.start()
    yield made
    made.end()


def lines(since: float, until: float, failing_from: float) -> bytes:
    """Return a request a second, of which every third fails from some time on."""
    seconds = range(round(since), round(until))
    rows = [
        {
            "time": t,
            "service": "web",
            "method": "GET",
            "path": "/",
            "status": 500 if t > failing_from and not t % 3 else 200,
        }
        for t in seconds
    ]
    return "\n".join(map(json.dumps, rows)).encode()


def left(server: RunningServer, seconds: float = 60.0) -> float:
    """Return what the metric says, once it says something."""
    until = time.monotonic() + seconds
    while (found := LEFT.search(server.ask("/metrics")[1].decode())) is None and time.monotonic() < until:
        time.sleep(0.2)
    assert found is not None
    return float(found[1])


def test_a_burning_budget_is_an_incident_and_a_metric_and_outlives_a_restart(server: RunningServer) -> None:
    begin = time.time() - SECONDS
    assert server.ask("/api/v1/ingest", lines(begin, begin + SECONDS - 20, begin + FAILING_FROM))[0] == 200
    until, critical = time.monotonic() + 60, []
    while not critical and time.monotonic() < until:
        time.sleep(0.5)
        found = server.api("incidents?state=all")["items"]
        critical = [one for one in found if "burns its error budget" in one["title"]]
    assert [one["severity"] for one in critical] == ["critical"]
    before = left(server)
    assert 0.97 < before < 0.98  # some 60 failures; 30 days at this traffic may have 2592
    server.stop()
    server.start()
    assert server.ask("/api/v1/ingest", lines(time.time() - 2, time.time(), time.time()))[0] == 200
    assert left(server) == pytest.approx(before, abs=0.002)
