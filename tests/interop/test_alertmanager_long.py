"""A real Alertmanager is told of an incident for minutes: one alert, one page, and one word that it is over.

`ALERTMANAGER_MINUTES=10` runs it as the product sends by default, every minute, for as long as is asked; otherwise it
lasts for some seconds, with everything that much shorter.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.contract.receiving import Inbox, http
from tests.interop.alertmanager import running
from tests.interop.loopback import await_true
from tests.interop.test_alertmanager import active, alertmanager, document

from vedette.engine import postman
from vedette.engine.postman import Postman
from vedette.notify import alertmanager as channel
from vedette.notify.alertmanager import Alertmanager
from vedette.records.time import SECOND, rfc3339
from vedette.store.database import open_database
from vedette.store.outbox import Outbox
from vedette.store.settings import Settings

MINUTES = float(os.environ.get("ALERTMANAGER_MINUTES", "0.2"))
SHORTER = min(MINUTES / 10.0, 1.0)
"""Share of the product's own times in which everything happens."""

PAGES = """
route: {{receiver: pager, group_wait: 0s, group_interval: 1s, repeat_interval: 4h}}
receivers: [{{name: pager, webhook_configs: [{{url: "http://127.0.0.1:{port}/", send_resolved: true}}]}}]
"""


@pytest.fixture
def pager() -> Iterator[Inbox]:
    with http() as inbox:
        yield inbox


@pytest.mark.timeout(MINUTES * 60 + 120)
def test_it_fires_once_stays_for_as_long_as_it_lasts_and_is_resolved_once(
    tmp_path: Path, pager: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "ENDS_AFTER", round(channel.ENDS_AFTER * SHORTER))
    monkeypatch.setattr(postman, "POLL", postman.POLL * SHORTER)
    monkeypatch.setattr(Alertmanager, "repeat_after", Alertmanager.repeat_after * SHORTER)
    database = open_database(f"sqlite:///{tmp_path / 'v.db'}")
    with running(tmp_path, PAGES.format(port=pager.port)) as url:
        notifier = alertmanager(url)
        office, stop = Postman(Outbox(database), [notifier], Settings(database), []), Event()
        sender = Thread(target=office.run, args=(notifier.name, stop))
        sender.start()
        try:
            incident = document(time.time_ns())
            office.tell(incident, time.time_ns())
            await_true(lambda: active(url))
            seen = watched(url, MINUTES * 60.0)
            office.tell({**incident, "phase": "resolved", "ended_at": rfc3339(time.time_ns() - SECOND)}, time.time_ns())
            await_true(lambda: not active(url))
            await_true(lambda: len(pager.got) >= 2)
        finally:
            stop.set()
            sender.join()
    pages = [json.loads(body) for body in pager.got]
    figures = {
        "minutes": MINUTES,
        "looks": len(seen),
        "looks_without_exactly_one": sum(len(alerts) != 1 for alerts in seen),
        "alerts": len({(one["fingerprint"], one["startsAt"]) for alerts in seen for one in alerts}),
        "sent_again": len({one["endsAt"] for alerts in seen for one in alerts}) - 1,
        "pages": [page["status"] for page in pages],
    }
    sys.stdout.write(json.dumps(figures) + "\n")  # seen with pytest -s
    assert figures["looks_without_exactly_one"] == 0
    assert figures["alerts"] == 1
    assert figures["sent_again"] >= 6, "it would have been forgotten"
    assert figures["pages"] == ["firing", "resolved"]
    assert pages[0]["alerts"][0]["labels"]["incident"] == incident["id"]


def watched(url: str, seconds: float) -> list[list[dict[str, str]]]:
    """Return what was active at each look, thirty in a minute of the product's own time."""
    seen, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        seen.append(active(url))
        time.sleep(2.0 * SHORTER)
    return seen
