from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event, inspect
from tests.unit.decision.test_lifecycle import CHECKOUT, finding, run
from tests.unit.journal.test_journal import batch

from vedette.errors import Backpressure, BadInput
from vedette.records import schema
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.incident import Incident
from vedette.records.time import SECOND
from vedette.store import database
from vedette.store.database import migrate, open_database
from vedette.store.events import HOUR, EventStore
from vedette.store.incidents import Incidents
from vedette.store.ledger import AFTER, notices
from vedette.store.outbox import Outbox, Waiting
from vedette.store.settings import Settings

FOREVER = 1 << 62


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'v.db'}")


def incident(minute: int = 3) -> Incident:
    return run({minute: [finding(minute)]}, minute + 1)[0]


def stored(store: EventStore) -> list[str]:
    return store.scan("log", 0, FOREVER, [schema.BODY]).column(schema.BODY).to_pylist()


def test_events_come_back_from_files_and_buffer(tmp_path: Path) -> None:
    store = EventStore(tmp_path)
    store.append(1, [batch("a", "b")])
    store.flush()
    store.append(2, [batch("c")])
    assert sorted(stored(store)) == ["a", "b", "c"]
    assert store.scan("log", 1, 2, [schema.BODY]).column(schema.BODY).to_pylist() == ["b"]
    assert store.scan("span", 0, FOREVER).num_rows == 0


def test_each_record_is_stored_once_whatever_is_run_again(tmp_path: Path) -> None:
    store = EventStore(tmp_path)
    store.append(1, [batch("a")])
    assert store.flush() == 1
    store.append(2, [batch("lost with the buffer")])
    again = EventStore(tmp_path)
    for chunk, text in ((1, "a"), (2, "b"), (3, "c")):
        again.append(chunk, [batch(text)])
    again.flush()
    assert sorted(stored(EventStore(tmp_path))) == ["a", "b", "c"]


def test_left_overs_of_a_kill_between_file_and_manifest_are_removed(tmp_path: Path) -> None:
    store = EventStore(tmp_path)
    store.append(1, [batch("a")])
    store.flush()
    manifest = (tmp_path / "manifest.json").read_bytes()
    store.append(2, [batch("b")])
    store.flush()
    (tmp_path / "manifest.json").write_bytes(manifest)
    again = EventStore(tmp_path)
    assert stored(again) == ["a"]
    again.append(2, [batch("b")])
    again.flush()
    assert sorted(stored(again)) == ["a", "b"]


def test_a_flush_that_fails_half_way_stores_nothing_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = EventStore(tmp_path)
    store.append(1, [batch("a")])
    with monkeypatch.context() as full:

        def fail(path: Path, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        full.setattr("vedette.store.events.write_durably", fail)
        with pytest.raises(Backpressure):
            store.flush()
    store.append(2, [batch("b")])
    store.flush()
    assert sorted(stored(store)) == ["a", "b"]
    assert sorted(stored(EventStore(tmp_path))) == ["a", "b"]


def test_files_are_by_hour(tmp_path: Path) -> None:
    store = EventStore(tmp_path)
    one = batch("a", "b", "c")
    times = pa.array([0, HOUR, 30 * HOUR]).cast(schema.TIME_TYPE)
    columns = one.columns.set_column(0, schema.TIME, times)
    store.append(1, [replace(one, columns=columns)])
    store.flush()
    folders = sorted(str(path.parent.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet"))
    assert folders == ["chunks/1970-01-02/06", "log/1970-01-01/00", "log/1970-01-01/01", "log/1970-01-02/06"]
    assert store.forget(25 * HOUR) == 2
    assert stored(store) == ["c"]


def test_a_full_disk_defers_forgetting_what_was_announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = PlannedEvent("sale", EventKind.SALE, "sale", 0, HOUR)
    store = EventStore(tmp_path)
    store.append(1, [batch("a")], notices=[sale])
    store.flush()
    store.append(2, (), tick=HOUR + 2 * AFTER)
    store.flush()
    with monkeypatch.context() as full:

        def fail(path: Path, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        full.setattr("vedette.store.ledger.write_durably", fail)
        with pytest.raises(Backpressure, match="No space left"):
            store.forget(HOUR + 2 * AFTER)
    assert notices(tmp_path) == {1: (sale,)}
    store.forget(HOUR + 2 * AFTER)
    assert notices(tmp_path) == {}


def test_many_rows_are_written_without_being_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.store.events.ROWS", 3)
    store = EventStore(tmp_path)
    for chunk in range(1, 6):
        store.append(chunk, [batch("a", "b")])
    assert store.stored_through >= 2
    assert len(stored(store)) == 10


def test_an_incident_is_overwritten_not_doubled(engine: Engine) -> None:
    shelf = Incidents(engine)
    one = incident()
    shelf.save([one], [finding(3)])
    shelf.set_verdict(one.id, "real")
    shelf.save([replace(one, score=99.0)], [finding(3)])
    page = shelf.list()
    assert [(item["id"], item["score"], item["verdict"]) for item in page.items] == [(one.id, 99.0, "real")]
    assert len(shelf.findings(one.id)) == 1


def test_incidents_are_found_by_prefix_and_filters(engine: Engine) -> None:
    shelf = Incidents(engine)
    first, second = incident(3), incident(90)
    shelf.save([first, second], [])
    assert shelf.get(first.id[:6]) is not None
    assert shelf.get("") is None
    assert shelf.get("%") is None
    assert [item["id"] for item in shelf.list(limit=1).items] == [second.id]
    rest = shelf.list(limit=1, cursor=shelf.list(limit=1).next)
    assert [item["id"] for item in rest.items] == [first.id]
    assert rest.next is None
    assert shelf.list(segment=str(CHECKOUT), severities=["low"]).items == []
    shelf.save([replace(first, tier="database")], [])
    assert [item["id"] for item in shelf.list(tiers=["cache", "database"]).items] == [first.id]
    assert shelf.list(tiers=["cache"]).items == []
    assert shelf.count_by_severity()["high"] == 2
    assert shelf.opened_since(80 * 60 * SECOND) == 1


@pytest.mark.parametrize("cursor", ["", "zzz", "MTI=", "*"])
def test_a_bad_cursor_is_refused(engine: Engine, cursor: str) -> None:
    with pytest.raises(BadInput):
        Incidents(engine).list(cursor=cursor)


def test_a_bad_verdict_is_refused(engine: Engine) -> None:
    with pytest.raises(BadInput, match="maybe"):
        Incidents(engine).set_verdict("a", "maybe")


def test_migrations_go_both_ways(engine: Engine) -> None:
    tables = set(inspect(engine).get_table_names())
    migrate(engine, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    migrate(engine, "head")
    assert set(inspect(engine).get_table_names()) == tables


def test_the_latest_revision_is_named() -> None:
    versions = Path(database.__file__).parent / "migrations" / "versions"
    assert max(path.name.partition("_")[0] for path in versions.glob("0*.py")) == database.LATEST


def test_a_database_that_cannot_write_is_no_bug(engine: Engine) -> None:
    engine.dispose()
    event.listen(engine, "connect", lambda connection, record: connection.execute("pragma query_only = on"))
    with pytest.raises(Backpressure, match="the database can't be written: attempt to write a readonly database"):
        Incidents(engine).save([], [finding(3)])


def test_settings(engine: Engine) -> None:
    settings = Settings(engine)
    assert settings.get("a", 5) == 5
    settings.set("a", {"b": [1]})
    settings.set("a", {"b": [2]})
    assert settings.get("a") == {"b": [2]}


def test_a_letter_is_queued_once_and_comes_due(engine: Engine) -> None:
    outbox = Outbox(engine)
    assert outbox.put("1", "hook", "i", {"x": 1}, 10)
    assert not outbox.put("1", "hook", "i", {"x": 1}, 10)
    assert outbox.due("hook", 9) == []
    outbox.retry("1", 20)
    (letter,) = outbox.due("hook", 20)
    assert (letter.attempts, letter.payload) == (1, {"x": 1})
    assert outbox.waiting() == {"hook": Waiting(1, 10)}
    outbox.done("1", 21)
    assert outbox.waiting() == {}
    assert not outbox.put("1", "hook", "i", {"x": 1}, 22)
    assert outbox.due("hook", 30) == []


def test_letters_of_one_incident_keep_their_order_and_hold_up_no_other(engine: Engine) -> None:
    outbox = Outbox(engine)
    for name, subject in (("b", "one"), ("a", "one"), ("c", "two")):
        outbox.put(name, "hook", subject, {}, 10)
    outbox.put("d", "mail", "one", {}, 10)
    outbox.retry("b", 50)
    assert [letter.id for letter in outbox.due("hook", 20)] == ["c"]
    assert [letter.id for letter in outbox.due("mail", 20)] == ["d"]
    assert [letter.id for letter in outbox.due("hook", 50)] == ["b", "c"]
    outbox.done("b", 51)
    assert [letter.id for letter in outbox.due("hook", 52)] == ["a", "c"]


def test_what_is_too_old_or_for_nobody_is_dropped_and_counted(engine: Engine) -> None:
    outbox = Outbox(engine)
    for number, name in enumerate(("old", "sent", "new")):
        outbox.put(name, "hook", name, {}, 10 * (number + 1))
    outbox.done("sent", 25)
    assert outbox.forget(25) == 1
    assert outbox.waiting() == {"hook": Waiting(1, 30)}
    outbox.keep(["mail"])
    assert outbox.waiting() == {}


def test_letters_that_wait_outlive_a_migration(engine: Engine) -> None:
    migrate(engine, "base")
    migrate(engine, "0001")
    row = {"id": "1", "notifier": "hook", "payload": '{"x": 1}', "due": 10, "attempts": 3}
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    with engine.begin() as connection:
        connection.execute(sa.text(f"insert into outbox ({names}) values ({values})"), row)
    migrate(engine, "head")
    assert Outbox(engine).waiting() == {"hook": Waiting(1, 10)}
    assert Outbox(engine).due("hook", 10)[0].payload == {"x": 1}


def test_a_scan_of_points_keeps_their_types(tmp_path: Path) -> None:
    from vedette.records.report import POINTS

    store = EventStore(tmp_path)
    labels = pa.DictionaryArray.from_arrays(np.zeros(1, np.int32), pa.array(["a"]))
    floats = pa.array([1.0])
    columns = [
        pa.array([5 * HOUR]).cast(POINTS.field("time").type),
        labels,
        labels,
        labels,
        labels,
        *[floats] * 4,
        pa.array([1.0], pa.float32()),
        pa.array([1], pa.int8()),
    ]
    store.append(1, [], pa.Table.from_arrays(columns, schema=POINTS))
    store.flush()
    assert store.scan("series", 0, FOREVER).schema == POINTS
    assert store.span() == (5 * HOUR, 5 * HOUR)


def test_the_findings_of_all_windows_are_linked_and_come_in_order(engine: Engine) -> None:
    kept, told = Incidents(engine), run({minute: [finding(minute)] for minute in range(3, 8)}, 8)
    findings = [finding(minute) for minute in range(3, 8)]
    assert [len(one.finding_ids) for one in told] == [1] * 5
    kept.save(told[:3], findings[:3])
    kept.save(told[2:], findings[2:])
    first = kept.findings_page(told[0].id, 3, None)
    rest = kept.findings_page(told[0].id, 3, first.next)
    assert [one["id"] for one in (*first.items, *rest.items)] == [one.id for one in findings]
    assert rest.next is None
    assert kept.findings(told[0].id) == [*first.items, *rest.items]
    assert kept.incidents_with([findings[4].id, "none"]) == {told[0].id}
    with pytest.raises(BadInput, match="expected one that a list gave"):
        kept.findings_page(told[0].id, 3, "?")
