"""The server is killed at random moments while a client sends: what was acknowledged is stored once."""

import os
import random
import threading
import time
from pathlib import Path

from tests.interop.loopback import await_true
from tests.interop.server import RunningServer
from tests.scenario.story import END, KEY

from vedette.simulate.dataset import payloads, shop_visits
from vedette.store.events import EventStore

KILLS = int(os.environ.get("CRASH_KILLS", "6"))
"""The full proof is 50 kills; a few show the same faults in a tenth of the time."""


def send(server: RunningServer, bodies: list[bytes], acknowledged: list[int], stop: threading.Event) -> None:
    """Send every payload until it is acknowledged, as an OpenTelemetry exporter does."""
    for number, body in enumerate(bodies):
        while not stop.is_set():
            status, _ = server.ask("/v1/traces", body, Content_Type="application/x-protobuf")
            if status == 200:
                acknowledged.append(number)
                break
            time.sleep(0.05)


def story(folder: Path, bodies: list[bytes], kills: int) -> tuple[list[str], list[str], int]:
    """Send all payloads while the server is killed; returns span ids stored, finding ids and records acknowledged."""
    # Two servers name the same client alike only if they share the key of pseudonyms, and what is estimated
    # of names (how many clients, which are rare) is equal only then.
    folder.mkdir()
    (folder / "pseudonym.key").write_bytes(KEY)
    # the story is set in the past: nothing of it may be too old to be kept
    server = RunningServer(folder, VEDETTE_STORE_RETENTION="3650d")
    acknowledged, stop = list[int](), threading.Event()
    server.start()
    client = threading.Thread(target=send, args=(server, bodies, acknowledged, stop))
    client.start()
    rng = random.Random(3)
    for _ in range(kills):
        time.sleep(rng.uniform(0.05, 0.6))
        server.kill()
        server.start()
    client.join(timeout=280)
    stop.set()
    assert len(acknowledged) == len(bodies)
    await_true(lambda: b"vedette_journal_backlog_chunks 0\n" in server.ask("/metrics")[1], 120.0)
    incidents = server.api("incidents?state=all&limit=500")["items"]
    findings = sorted(one["id"] for item in incidents for one in server.api(f"incidents/{item['id']}")["findings"])
    assert server.stop() in (0, 130)
    table = EventStore(folder / "events").scan("span", 0, 1 << 62, ["span_id"])
    return sorted(table.column("span_id").to_pylist()), findings, len(acknowledged)


def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    visits = list(shop_visits(0.2, 1.0, 7, float(END), "login_guessing", END - 900.0))
    parts = [visits[at : at + 150] for at in range(0, len(visits), 150)]
    bodies = [body for part in parts for body in payloads(iter(part), seed=int(part[0].time))]
    calm_ids, calm_findings, _ = story(tmp_path / "calm", bodies, kills=0)
    ids, findings, _ = story(tmp_path / "killed", bodies, kills=KILLS)
    assert len(ids) == len(set(ids)) == len(visits)
    assert ids == calm_ids
    assert calm_findings
    assert findings == calm_findings
