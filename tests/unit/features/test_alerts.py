"""Alerts of a window: one a kind and host, bounded, whatever the order and cuts."""

import numpy as np
import pyarrow as pa
import pytest

from vedette.features import alerts as room
from vedette.features.alerts import Alerts
from vedette.features.registry import Slots
from vedette.records import schema
from vedette.records.alert import Alert
from vedette.records.segment import Segment
from vedette.state.codec import decode, encode

NAMES = ["scan", "escape", "shell"]
ROWS = [
    (5, 0, "web", "low", None),
    (3, 0, "web", "high", "u_1"),
    (4, 1, None, "medium", None),
    (6, 0, "db", "odd", None),
    (7, 2, "db", None, None),
]
"""Time, kind, host, urgency, user."""


def kept() -> Alerts:
    segments: Slots[Segment] = Slots(10)
    segments.slot(Segment("", "falco", ""))
    return Alerts(segments)


def take(held: Alerts, rows: list[tuple[int, int, str | None, str | None, str | None]]) -> None:
    times, names, *columns = zip(*rows, strict=True)
    arrays = [pa.array(column, pa.string()).dictionary_encode() for column in columns]
    batch = pa.RecordBatch.from_arrays(arrays, names=[schema.HOST, schema.ALERT, schema.USER])
    zeros, stamps = np.zeros(len(rows), np.int64), np.array(times, np.int64)
    held.take(batch, zeros, zeros, stamps, np.array(names, np.int64), NAMES.__getitem__)


def seen(held: Alerts) -> list[tuple[int, str, str, str, int, tuple[str, ...]]]:
    (alerts,) = held.close(1).values()
    return [(one.time, one.name, one.host, schema.URGENCIES[one.urgency], one.count, one.entities) for one in alerts]


def test_a_kind_on_a_host_is_one_with_its_first_time_worst_urgency_and_count() -> None:
    held = kept()
    take(held, ROWS)
    assert seen(held) == [
        (3, "scan", "web", "high", 2, ("user u_1",)),
        (4, "escape", "", "medium", 1, ()),
        (6, "scan", "db", "medium", 1, ()),
    ]


@pytest.mark.parametrize("cut", range(1, len(ROWS)))
def test_cuts_and_restarts_change_nothing(cut: int) -> None:
    whole, first, second = kept(), kept(), kept()
    take(whole, ROWS)
    take(first, ROWS[:cut])
    second.restore(decode(encode(first.snapshot())))
    take(second, ROWS[cut:])
    assert seen(second) == seen(whole)


def test_kinds_beyond_the_bound_are_counted_and_the_count_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 2)
    held, other = kept(), kept()
    take(held, ROWS)
    other.restore(decode(encode(held.snapshot())))
    assert (held.refused, other.refused, len(seen(other))) == (1, 1, 2)


def test_an_alert_comes_back_from_its_row() -> None:
    alert = Alert(5, Segment("prod", "falco", ""), "web", "scan", 2, 7, ("user u_1",))
    assert Alert.of(alert.row()) == alert
