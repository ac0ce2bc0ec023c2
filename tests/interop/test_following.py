"""The server follows a log file: its past first, then what comes, through rotation and restarts, each line once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.interop.loopback import await_true
from tests.interop.server import RunningServer

from vedette.store.events import EventStore

LINE = '192.0.2.7 - - [10/Oct/2026:13:%02d:%02d +0000] "GET /item/%d HTTP/1.1" 200 12 "-" "x"\n'


def lines(first: int, last: int) -> str:
    return "".join(LINE % (number // 60, number % 60, number) for number in range(first, last))


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that follows ``shop access.log``, not started yet; killed if the test leaves it behind."""
    follow = f"shop={tmp_path / 'shop access.log'}"
    made = RunningServer(tmp_path / "data", "--file", follow, VEDETTE_STORE_RETENTION="3650d")
    yield made
    made.end()


def test_a_file_is_followed_over_rotation_and_restart(tmp_path: Path, server: RunningServer) -> None:
    log, data = tmp_path / "shop access.log", tmp_path / "data"
    log.write_text(lines(0, 300))

    def taken(count: int) -> None:
        """Wait until at least so many lines came since the start; after a kill some may come again."""
        await_true(lambda: sum(one["events_total"] for one in server.api("sources")["items"]) >= count, 60.0)

    server.start()
    taken(300)
    append(log, lines(300, 400) + "no access line at all\n")
    taken(400)
    log.rename(log.with_suffix(".1"))
    log.write_text(lines(400, 450))
    taken(450)
    server.kill()
    append(log, lines(450, 500))
    server.start()
    taken(50)
    await_true(lambda: b"vedette_journal_backlog_chunks 0\n" in server.ask("/metrics")[1])
    assert {item["segment_parts"]["service"] for item in server.api("segments")["items"]} == {"shop"}
    assert server.stop() in (0, 130)
    paths = EventStore(data / "events").scan("log", 0, 1 << 62, ["url.path"]).column("url.path").to_pylist()
    assert paths == [f"/item/{number}" for number in range(500)]
    (letter,) = map(json.loads, (data / "dead-letters.jsonl").read_text().splitlines())
    assert (letter["source"], letter["sample"]) == ("file", "no access line at all")
