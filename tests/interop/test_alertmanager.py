"""A real Alertmanager takes an incident, keeps it while it lasts, and sees it resolved."""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.alertmanager import running
from tests.unit.decision.test_lifecycle import finding, run

from vedette.notify.alertmanager import Alertmanager
from vedette.notify.base import DeliveryFailed
from vedette.notify.post import Door
from vedette.records.document import Document, to_document
from vedette.records.time import SECOND, rfc3339

SETTINGS = "route: {receiver: none}\nreceivers: [{name: none}]\n"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with running(tmp_path, SETTINGS) as address:
        yield address


def alertmanager(url: str) -> Alertmanager:
    return Alertmanager("manager", Door(url))


def active(url: str) -> list[Document]:
    with urllib.request.urlopen(f"{url}/api/v2/alerts?active=true") as answer:
        found: list[Document] = json.load(answer)
        return found


def document(now: int) -> Document:
    one = to_document(run({3: [finding(3)]}, 4)[0])
    return {**one, "started_at": rfc3339(now - 60 * SECOND)}


def test_fire_send_again_and_resolve(url: str) -> None:
    now = time.time_ns()
    notifier, incident = alertmanager(url), document(now)
    notifier.send(incident, now)
    (alert,) = active(url)
    assert alert["labels"]["incident"] == incident["id"]
    assert alert["annotations"]["summary"] == incident["title"]
    notifier.send(incident, now + 60 * SECOND)
    assert [one["fingerprint"] for one in active(url)] == [alert["fingerprint"]]
    notifier.send({**incident, "phase": "resolved", "ended_at": rfc3339(now - SECOND)}, now)
    assert active(url) == []


def test_a_rise_in_severity_resolves_the_old_alert(url: str) -> None:
    now = time.time_ns()
    notifier, incident = alertmanager(url), document(now)
    notifier.send({**incident, "severity": "medium"}, now)
    notifier.send({**incident, "severity": "critical"}, time.time_ns())
    assert [one["labels"]["severity"] for one in active(url)] == ["critical"]


def test_nobody_there_is_a_failed_delivery() -> None:
    with pytest.raises(DeliveryFailed):
        alertmanager("http://127.0.0.1:9").send(document(time.time_ns()), time.time_ns())
