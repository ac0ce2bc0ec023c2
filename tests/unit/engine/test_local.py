"""The local engine: what can't be stored waits, is judged once, and is stored once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from tests.interop.loopback import await_true
from tests.scenario.story import batches, shard

from vedette.engine import clock
from vedette.engine.local import SHARD, LocalEngine, Shelves
from vedette.engine.step import step_range
from vedette.errors import Backpressure
from vedette.journal.log import Journal
from vedette.records.batch import SafeBatch
from vedette.state.codec import encode
from vedette.state.snapshots import Snapshots
from vedette.store.database import open_database
from vedette.store.events import EventStore
from vedette.store.incidents import Incidents


@pytest.fixture(scope="module")
def stream() -> list[SafeBatch]:
    return list(batches(days=0.1, rate=0.5))


class Room:
    """An engine on a folder."""

    def __init__(self, folder: Path) -> None:
        self.journal = Journal(folder / "journal")
        self.events = EventStore(folder / "events")
        self.incidents = Incidents(open_database(f"sqlite:///{folder / 'vedette.db'}"))
        self.snapshots = Snapshots(folder / "state")
        self.told: list[int] = []
        shelves = Shelves(self.journal, self.snapshots, self.events, self.incidents)
        self.engine = LocalEngine(shelves, shard, 0.05, lambda chunk, report, model: self.told.append(chunk.number))

    def run(self, until: Callable[[], bool]) -> None:
        self.engine.recover()
        stop = Event()
        thread = Thread(target=self.engine.run, args=(stop,))
        thread.start()
        try:
            await_true(until, 60.0)
        finally:
            stop.set()
            thread.join()


def failing(times: int, real: Callable[..., Any], then: Callable[[], None] = lambda: None) -> Callable[..., Any]:
    """Return a function that fails some times before it does what it should."""
    left = [times]

    def function(*args: Any, **more: Any) -> Any:
        if left[0]:
            left[0] -= 1
            then()
            raise Backpressure("disk full", 0.01)
        return real(*args, **more)

    return function


@pytest.mark.parametrize("part", ["events", "snapshots"])
def test_what_cannot_be_stored_waits_and_is_stored_once(
    tmp_path: Path, stream: list[SafeBatch], part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(tmp_path)
    last = [room.journal.append(SHARD, [batch]) for batch in stream][-1]
    seen: list[str] = []
    thing, name = (room.events, "append") if part == "events" else (room.snapshots, "save")
    monkeypatch.setattr(thing, name, failing(3, getattr(thing, name), lambda: seen.append(room.engine.trouble)))
    room.run(lambda: len(seen) == 3 and room.engine.next > last and not room.engine.trouble)
    assert seen[1:] == ["disk full", "disk full"], "the trouble is told while it lasts"
    assert room.told == list(range(1, last + 1))
    stored = room.events.scan("span", 0, 1 << 62, ["span_id"]).column("span_id").to_pylist()
    assert len(stored) == len(set(stored)) == sum(map(len, stream))


def test_a_report_that_cannot_be_told_is_told_again(tmp_path: Path, stream: list[SafeBatch]) -> None:
    room = Room(tmp_path)
    last = [room.journal.append(SHARD, [batch]) for batch in stream[:5]][-1]
    room.engine._told = failing(2, room.engine._told)
    room.run(lambda: room.engine.next > last)
    assert room.told == list(range(1, last + 1))


def test_a_full_disk_does_not_end_the_ticks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(clock, "TICK_EVERY", 0.01)
    journal = Journal(tmp_path / "journal")
    monkeypatch.setattr(journal, "append", failing(2, journal.append))
    ticker, stop = clock.Ticker(journal, SHARD, 0), Event()
    ticker._latest = clock.now()  # live data was seen, and none since
    thread = Thread(target=ticker.run, args=(stop,))
    thread.start()
    await_true(lambda: journal.next(SHARD) > 1)
    stop.set()
    thread.join()


def test_a_range_of_steps_is_what_the_engine_does(tmp_path: Path, stream: list[SafeBatch]) -> None:
    room = Room(tmp_path)
    last = [room.journal.append(SHARD, [batch]) for batch in stream][-1]
    room.run(lambda: room.engine.next > last)
    whole = room.engine.shard.snapshot()
    room = Room(tmp_path / "again")
    for batch in stream:
        room.journal.append(SHARD, [batch])
    half = step_range(room.journal, SHARD, 1, last // 2, None, shard)
    rest = step_range(room.journal, SHARD, last // 2, last + 1, half.state, shard)
    assert encode(rest.state) == encode(whole)


def test_a_chunk_whose_report_is_held_is_not_in_a_snapshot(
    tmp_path: Path, stream: list[SafeBatch], monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Room(tmp_path)
    for batch in stream[:4]:
        room.journal.append(SHARD, [batch])
    real = room.events.append

    def fails_on_the_third(chunk: int, *rest: Any, **more: Any) -> None:
        if chunk == 3:
            raise Backpressure("disk full", 0.01)
        real(chunk, *rest, **more)

    monkeypatch.setattr(room.events, "append", fails_on_the_third)
    room.run(lambda: room.engine.trouble == "disk full" and room.told == [1, 2])
    found = room.snapshots.latest(SHARD)
    assert found is None or found[0] <= 2


def test_a_snapshot_of_another_release_is_set_aside_and_the_journal_is_learned_anew(
    tmp_path: Path, stream: list[SafeBatch]
) -> None:
    room = Room(tmp_path)
    room.snapshots.save(SHARD, 1, {"extract": {"version": -1}})
    for batch in stream[:3]:
        room.journal.append(SHARD, (batch,))
    room.run(lambda: len(room.told) == 3)
    assert room.told == [1, 2, 3]
    assert room.snapshots.quarantined == 1
    assert len(list((tmp_path / "state" / "quarantine").iterdir())) == 1
