from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from vedette.features import deeds as room
from vedette.features.deeds import DAY_NS, Deeds
from vedette.features.registry import Slots
from vedette.records import schema
from vedette.records.day import SCOPES, Roll
from vedette.records.segment import Segment
from vedette.records.time import SECOND

MONDAY = 1_767_571_200 * SECOND
HOUR = 3600 * SECOND


def columns(count: int, seed: int = 1) -> tuple[pa.RecordBatch, Any, Any]:
    """Return random events of five users over one day, their times, and numbers of two services."""
    rng = np.random.default_rng(seed)
    stamps = MONDAY + np.sort(rng.integers(0, DAY_NS, count))
    labels = {
        schema.USER: rng.choice(["ann", "bob", "cid", "dan", ""], count),
        schema.HOST: rng.choice(["h1", "h2"], count),
        schema.ACTION: rng.choice(["log_in", "read"], count),
        schema.RESOURCE: rng.choice([f"file {n}" for n in range(9)], count),
        schema.OUTCOME: rng.choice(["success", "denied"], count),
    }
    arrays = {name: pa.array(values).dictionary_encode() for name, values in labels.items()}
    arrays[schema.RESPONSE_SIZE] = pa.array(rng.integers(0, 5000, count), pa.int64())
    return pa.RecordBatch.from_pydict(arrays), stamps, rng.integers(0, 2, count)


def new(most: int = 100) -> Deeds:
    segments: Slots[Segment] = Slots(9)
    segments.load([Segment("", "files", ""), Segment("", "mail", "")])
    return Deeds(segments, most)


def taken(deeds: Deeds, size: int, given: tuple[pa.RecordBatch, Any, Any]) -> Deeds:
    batch, stamps, service = given
    for start in range(0, len(stamps), size):
        part = slice(start, start + size)
        deeds.take(batch.slice(start, size), stamps[part], service[part])
    return deeds


def facts(roll: Roll) -> list[Any]:
    day = roll.day
    numbers = {name: values.tolist() for name, values in day.numbers.items()}
    rows = [day.items.slot.tolist(), day.items.item.tolist(), day.items.count.tolist()]
    hours = [day.hours.slot.tolist(), day.hours.item.tolist(), day.hours.count.tolist(), day.hour_size.tolist()]
    words = [roll.text(item) for item in day.items.item.tolist()]
    return [day.start, list(roll.names), roll.places, words, numbers, rows, hours]


def test_a_day_does_not_depend_on_how_the_stream_was_cut() -> None:
    given = columns(3000)
    whole = facts(taken(new(), 3000, given).close(MONDAY + DAY_NS)[0])
    for size in (1, 7, 400):
        assert facts(taken(new(), size, given).close(MONDAY + DAY_NS)[0]) == whole


def test_numbers_are_those_of_the_events() -> None:
    batch, stamps, service = given = columns(2000)
    roll = taken(new(), 500, given).close(MONDAY + DAY_NS)[0]
    user = np.array(batch.column(schema.USER).to_pylist())
    for row, name in enumerate(roll.names):
        mine = user == name
        assert roll.day.numbers["events"][row] == mine.sum()
        assert roll.day.numbers["bytes"][row] == batch.column(schema.RESPONSE_SIZE).to_numpy()[mine].sum()
        denied = np.array(batch.column(schema.OUTCOME).to_pylist()) == "denied"
        assert roll.day.numbers["failures"][row] == (mine & denied).sum()
        assert roll.day.numbers["resources"][row] == 9
        assert roll.places[row] == Segment("", ["files", "mail"][int(np.bincount(service[mine]).argmax())], "")
    assert "" not in roll.names
    assert len(stamps) > roll.day.numbers["events"].sum()


def test_a_day_is_open_until_it_is_over_and_others_stay() -> None:
    deeds = new()
    batch, stamps, service = columns(10)
    deeds.take(batch, stamps, service)
    deeds.take(batch, stamps + DAY_NS, service)
    assert deeds.close(MONDAY + DAY_NS - 1) == []
    assert [roll.day.start for roll in deeds.close(MONDAY + DAY_NS)] == [MONDAY / SECOND]
    assert [roll.day.start for roll in deeds.close(MONDAY + 2 * DAY_NS)] == [MONDAY / SECOND + 86_400]


def test_restored_it_goes_on_as_if_nothing_had_happened() -> None:
    batch, stamps, service = given = columns(1000)
    once = taken(new(), 100, given)
    first = new()
    first.take(batch.slice(0, 600), stamps[:600], service[:600])
    again = new()
    again.restore(first.snapshot())
    again.take(batch.slice(600), stamps[600:], service[600:])
    assert facts(again.close(MONDAY + DAY_NS)[0]) == facts(once.close(MONDAY + DAY_NS)[0])


def test_users_beyond_the_limit_are_counted_not_watched() -> None:
    batch, _, _ = given = columns(1000)
    deeds = taken(new(most=2), 100, given)
    roll = deeds.close(MONDAY + DAY_NS)[0]
    named = sum(user != "" for user in batch.column(schema.USER).to_pylist())
    assert len(roll.names) == 2
    assert deeds.blind == named - int(roll.day.numbers["events"].sum()) > 0


def test_deeds_beyond_the_limit_are_counted_however_the_stream_was_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_ROWS", 50)
    given = columns(1000)
    one, other = taken(new(), 1000, given), taken(new(), 13, given)
    assert one.blind == other.blind > 0
    assert facts(one.close(MONDAY + DAY_NS)[0]) == facts(other.close(MONDAY + DAY_NS)[0])


def test_events_without_users_are_passed_over() -> None:
    batch, stamps, service = columns(20)
    deeds = new()
    deeds.take(batch.drop_columns([schema.USER]), stamps, service)
    deeds.take(batch, stamps, np.full(20, -1))
    assert deeds.close(MONDAY + 9 * DAY_NS) == []


def test_items_are_told_by_their_text() -> None:
    roll = taken(new(), 100, columns(500)).close(MONDAY + DAY_NS)[0]
    scope = roll.day.items.slot % len(SCOPES)
    hosts = {roll.text(item) for item in roll.day.items.item[scope == SCOPES.index("host")].tolist()}
    assert hosts == {"h1", "h2"}
