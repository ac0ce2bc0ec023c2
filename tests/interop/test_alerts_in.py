"""A real Alertmanager tells a real server of what fires and what is resolved, each once."""

import json
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.interop.alertmanager import running
from tests.interop.server import RunningServer
from tests.unit.decode.test_alerts import SSH

SETTINGS = """
route: {{receiver: vedette, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 2s}}
receivers: [{{name: vedette, webhook_configs: [{{url: "{url}/api/v1/ingest/alertmanager", send_resolved: true}}]}}]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    made = RunningServer(tmp_path_factory.mktemp("data"))
    made.start()
    yield made
    made.end()


@pytest.fixture
def manager(server: RunningServer, tmp_path: Path) -> Iterator[str]:
    with running(tmp_path, SETTINGS.format(url=server.url)) as address:
        yield address


def tell(manager: str, name: str, instance: str, ends: timedelta) -> None:
    now = datetime.now(UTC)
    alert = {
        "labels": {"alertname": name, "service": "shop", "severity": "critical", "instance": instance},
        "annotations": {"summary": "something"},
        "startsAt": (now - timedelta(seconds=30)).isoformat(),
        "endsAt": (now + ends).isoformat(),
    }
    headers = {"Content-Type": "application/json"}
    urllib.request.urlopen(
        urllib.request.Request(f"{manager}/api/v2/alerts", json.dumps([alert]).encode(), headers)
    ).close()


def received(server: RunningServer, source: str) -> int:
    return sum(int(one["events_total"]) for one in server.api("sources")["items"] if one["source"] == source)


def wait_for(server: RunningServer, count: int) -> None:
    """Wait until so many alerts have come."""
    until = time.monotonic() + 30
    while time.monotonic() < until and received(server, "alertmanager") < count:
        time.sleep(0.2)


def test_what_fires_and_what_is_resolved_comes_once_each(server: RunningServer, manager: str) -> None:
    tell(manager, "HighErrorRate", "web-1:9100", timedelta(hours=1))
    wait_for(server, 1)
    tell(manager, "HighErrorRate", "web-2:9100", timedelta(hours=1))  # the group comes again, with both
    wait_for(server, 2)
    time.sleep(5)  # repeat_interval passes twice
    assert received(server, "alertmanager") == 2
    tell(manager, "HighErrorRate", "web-2:9100", timedelta(seconds=-1))
    wait_for(server, 3)
    time.sleep(3)
    assert received(server, "alertmanager") == 3


def test_crowdsec_s_list_is_taken_and_told_what_was_wrong(server: RunningServer) -> None:
    status, body = server.ask("/api/v1/ingest/crowdsec", json.dumps([SSH, {"id": 3}]).encode())
    answer: dict[str, Any] = json.loads(body)
    assert (status, answer) == (200, {"accepted": 1, "rejected": 1, "reasons": {"no_alert_name": 1}, "repeated": 0})
    status, body = server.ask("/api/v1/ingest/crowdsec", b'{"scenario"')
    assert status == 400
    assert b"invalid_json" in body
