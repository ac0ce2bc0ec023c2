"""A replay of what the event store keeps, held against one of a journal that was never trimmed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from tests.interop.loopback import await_true
from tests.scenario.story import DAY, END, KEY, batches, shard

from vedette.assembly import make_entry
from vedette.cli.replay import replay
from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.engine.history import History
from vedette.engine.local import SHARD, LocalEngine, Shelves
from vedette.engine.silences import Matcher, Silence, Silences
from vedette.errors import BadInput
from vedette.journal.lock import DataLock
from vedette.journal.log import Chunk, Journal
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.records.context import EventKind, PlannedEvent, Withdrawal
from vedette.records.schema import METRIC_COLUMNS, Signal
from vedette.records.simulation import marked
from vedette.records.time import SECOND
from vedette.rehearsal import Rehearsal
from vedette.state.codec import encode
from vedette.state.snapshots import Snapshots
from vedette.store.database import open_database
from vedette.store.events import EventStore
from vedette.store.incidents import Incidents
from vedette.store.ledger import notices
from vedette.store.settings import Settings

SETTINGS = '[features]\nwindow = "60s"\nlateness = "5s"\n'
BEGIN = END - DAY // 4


def lines(first: int, count: int) -> SafeBatch:
    """Return log lines, of which every fifth is from an hour before the others."""
    rows = [
        {"time": first + at - 3600 * (at % 5 == 0), "service": "mail", "message": f"sent {at} of {first}"}
        for at in range(count)
    ]
    body = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return make_entry(load(None), KEY)(JsonLines("mail").decode(body, first * SECOND).batches[0])


def numbers(first: int) -> SafeBatch:
    """Return points of a gauge."""
    rows = [
        {schema.TIME: (first + at) * SECOND, schema.SERVICE: "mail", schema.METRIC_NAME: "queue.depth"} for at in (0, 9)
    ]
    more = {schema.METRIC_KIND: "gauge", schema.METRIC_UNIT: "1", schema.METRIC_COUNT: None, schema.ATTRIBUTES: ""}
    full = [{**row, **more, schema.METRIC_VALUE: 3.0 + at} for at, row in enumerate(rows)]
    names = list(full[0])
    arrays = [pa.array([row[name] for row in full]).cast(METRIC_COLUMNS[name]) for name in names]
    return SafeBatch(Signal.METRIC, pa.RecordBatch.from_arrays(arrays, names=names))


def chunks() -> Iterator[tuple[list[SafeBatch], dict[str, Any]]]:
    """Yield what a server journals: spans with an attack, lines, numbers, notices, ticks, a simulation."""
    sale = PlannedEvent("sale", EventKind.SALE, "Friday", (BEGIN + 900) * SECOND, (BEGIN + 1800) * SECOND)
    deploy = PlannedEvent("v2", EventKind.DEPLOY, "v2", (END - 600) * SECOND, (END - 600) * SECOND, ("shop",))
    for number, batch in enumerate(batches(0.25, 2.0, "sqli", END - 900.0)):
        at = int(pa.compute.max(batch.columns["time"]).cast(pa.int64()).as_py()) // SECOND
        more: dict[str, Any] = {"notices": [sale]} if number == 3 else {}
        if number == 5:
            more = {"notices": [deploy, Withdrawal("sale")]}
        yield [batch, *([lines(at, 20), numbers(at)] if number % 3 == 0 else [])], more
        if number == 7:
            trial = replace(lines(at, 50), columns=marked(lines(at, 50).columns, "trial"))
            yield [trial], {}
            yield [], {"tick": at * SECOND}
    yield [], {"tick": (END + 120) * SECOND}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ``whole``, whose journal has all, and ``trimmed``, which a server has run."""
    folder = tmp_path_factory.mktemp("stored")
    (folder / "a.toml").write_text(SETTINGS)
    kept = folder / "trimmed"
    journal, events = Journal(kept / "journal"), EventStore(kept / "events")
    database = open_database(f"sqlite:///{kept / 'vedette.db'}")
    shelves = Shelves(journal, Snapshots(kept / "state"), events, Incidents(database))
    engine = LocalEngine(shelves, shard, 0.02, lambda chunk, report, model: None)
    stop = Event()
    thread = Thread(target=engine.run, args=(stop,))
    thread.start()
    with Journal(folder / "whole" / "journal") as whole:
        for held, more in chunks():
            whole.append(SHARD, held, **more)
            journal.append(SHARD, held, **more)
    await_true(lambda: engine.next == journal.next(SHARD), 120.0)
    stop.set()
    thread.join()
    assert journal.first(SHARD) == journal.next(SHARD) - 1, "the journal was trimmed"
    for held, more in [([lines(END + 200, 30)], {}), ([], {"tick": (END + 400) * SECOND})]:  # only in the journals
        journal.append(SHARD, held, **more)
        with Journal(folder / "whole" / "journal") as whole:
            whole.append(SHARD, held, **more)
    journal.close()
    return folder


def read(folder: Path) -> list[Chunk]:
    with History(folder) as history:
        return list(history.read())


def values(batch: SafeBatch) -> list[list[Any]]:
    times = batch.columns[schema.TIME].cast(pa.int64()).to_pylist()
    return [times, *(column.to_pylist() for column in batch.columns.drop_columns([schema.TIME]).columns)]


def told(place: Path, name: str, *words: str) -> dict[str, Any]:
    result = CliRunner().invoke(
        replay, [str(place / name), "--config", str(place / "a.toml"), "--json", *words], catch_exceptions=False
    )
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_chunks_are_those_of_the_journal(place: Path) -> None:
    stored, journaled = read(place / "trimmed"), read(place / "whole")
    assert len(list((place / "trimmed" / "events" / "chunks").rglob("*.parquet"))) > 1, "several flushes"
    assert [(one.number, one.tick, one.notices) for one in stored] == [
        (one.number, one.tick, one.notices) for one in journaled
    ]
    for mine, theirs in zip(stored, journaled, strict=True):
        assert [one.signal for one in mine.batches] == [one.signal for one in theirs.batches]
        for left, right in zip(mine.batches, theirs.batches, strict=True):
            assert left.columns.schema.equals(right.columns.schema)
            assert values(left) == values(right)


def test_state_and_findings_are_the_same_bytes(place: Path) -> None:
    ends = []
    for name in ("trimmed", "whole"):
        model, rehearsal = shard(), Rehearsal(shard)
        reports = [rehearsal.step(model, chunk) for chunk in read(place / name)]
        found = [repr((one.findings, one.incidents)) for one in reports if one.findings or one.incidents]
        ends.append((found, encode({**model.snapshot(), **rehearsal.snapshot()})))
    assert ends[0][0], "the attack is found"
    assert ends[0] == ends[1]


def test_replays_say_the_same(place: Path) -> None:
    stored = told(place, "trimmed")
    assert stored["incidents"]
    assert stored == told(place, "whole")


def test_a_period_counts_only_what_begins_in_it(place: Path) -> None:
    whole = told(place, "trimmed")
    day = "2026-09-21T"
    late = told(place, "trimmed", "--from", f"{day}13:44:00Z")
    early = told(place, "trimmed", "--to", f"{day}13:44:00Z")
    assert [one["id"] for one in late["incidents"]], "the attack begins at 13:45"
    assert late["summary"]["days"] < whole["summary"]["days"]
    assert {one["id"] for one in late["incidents"]} | {one["id"] for one in early["incidents"]} == {
        one["id"] for one in whole["incidents"]
    }
    assert told(place, "trimmed", "--days", "0.02")["incidents"] == late["incidents"]


def test_silences_of_the_folder_keep_pages_back(place: Path) -> None:
    settings = Settings(open_database(f"sqlite:///{place / 'trimmed' / 'vedette.db'}"))
    before = told(place, "trimmed")["summary"]
    silences = Silences(settings, lambda: BEGIN * SECOND)
    everything = Matcher("severity", ".+", isRegex=True)
    name = silences.add(Silence("", (everything,), BEGIN * SECOND, (END + 3600) * SECOND, "ann", "moving"))
    after = told(place, "trimmed")["summary"]
    silences.end(name)
    assert (before["pages"], before["silenced"]) == (before["pages"], 0)
    assert before["pages"] > 0
    assert (after["pages"], after["silenced"]) == (0, before["pages"])


def test_beside_a_server_the_store_is_read(place: Path) -> None:
    lock = DataLock(place / "trimmed")
    try:
        stored = read(place / "trimmed")
    finally:
        lock.release()
    assert [one.number for one in stored] == [one.number for one in read(place / "whole")[:-2]]


def test_forgotten_rows_are_left_out_and_counted(place: Path, tmp_path: Path) -> None:
    store = EventStore(tmp_path / "events")
    early = PlannedEvent("old", EventKind.SALE, "old", 0, 3600 * SECOND)
    ahead = PlannedEvent("ahead", EventKind.SALE, "ahead", END * SECOND, (END + DAY) * SECOND)
    Journal(tmp_path / "journal").close()
    store.append(1, [lines(BEGIN - 5 * DAY, 10)], notices=[early, ahead])
    store.flush()
    late = lines(BEGIN + DAY, 10)
    both = pa.concat_tables(map(pa.Table.from_batches, [[lines(BEGIN, 10).columns], [late.columns]]))
    mixed = replace(late, columns=both.unify_dictionaries().combine_chunks().to_batches()[0])
    store.append(2, [mixed, late])
    store.flush()
    store.forget((BEGIN - BEGIN % DAY + DAY) * SECOND)
    with History(tmp_path) as history:
        found = list(history.read())
        assert history.forgotten == 10
    assert [(one.number, one.notices) for one in found] == [(1, (ahead,)), (2, ())], "what holds on is said first"
    assert [len(batch) for batch in found[1].batches] == [10, 10]
    assert values(found[1].batches[0]) == values(late)


def test_a_left_over_of_a_kill_is_not_read(tmp_path: Path) -> None:
    store = EventStore(tmp_path / "events")
    store.append(1, [lines(BEGIN, 10)])
    store.flush()
    manifest = tmp_path / "events" / "manifest.json"
    before = manifest.read_bytes()
    store.append(2, [lines(BEGIN, 10)], notices=[Withdrawal("gone")])
    store.flush()
    manifest.write_bytes(before)
    again = EventStore(tmp_path / "events")
    again.append(2, [lines(BEGIN, 4)])
    again.flush()
    assert 2 not in notices(tmp_path / "events")
    Journal(tmp_path / "journal").close()
    assert [len(one.batches[0]) for one in read(tmp_path)] == [10, 4]


def test_a_folder_without_anything_stored_is_refused(tmp_path: Path) -> None:
    Journal(tmp_path / "journal").close()
    with pytest.raises(BadInput, match="got no stored chunk, expected some to replay"):
        History(tmp_path)


def test_a_period_that_ends_before_it_begins_is_refused(place: Path) -> None:
    words = [str(place / "whole"), "--from", "2026-09-21T14:00Z", "--to", "2026-09-21T13:00Z"]
    with pytest.raises(BadInput, match="expected an end after the beginning"):
        CliRunner().invoke(replay, words, catch_exceptions=False)


def test_flushes_follow_on_one_another(place: Path) -> None:
    names = sorted(path.stem for path in (place / "trimmed" / "events" / "chunks").rglob("*.parquet"))
    edges = [tuple(map(int, name.split("-"))) for name in names]
    assert all(later[0] == earlier[1] + 1 for earlier, later in pairwise(edges))
