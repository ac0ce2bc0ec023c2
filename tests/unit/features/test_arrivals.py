from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from vedette.features.arrivals import CROWD, Arrivals
from vedette.features.closed import Items
from vedette.features.registry import Slots
from vedette.records import schema
from vedette.records.observation import Scope
from vedette.records.schema import LABEL
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash

SSH = Segment("", "ssh", "")
WEB = Segment("", "web", "")
Row = tuple[int, int, str | None, str | None]
"""Window, service's number, user, address."""


def arrivals() -> tuple[Arrivals, Slots[Scope]]:
    segments: Slots[Segment] = Slots(10)
    for segment in (SSH, WEB):
        segments.slot(segment)
    scopes: Slots[Scope] = Slots(10)
    return Arrivals(segments, scopes), scopes


def take(model: Arrivals, rows: Sequence[Row]) -> None:
    window, service, user, client = zip(*rows, strict=True)
    columns = pa.RecordBatch.from_arrays(
        [pa.array(user, pa.string()).cast(LABEL), pa.array(client, pa.string()).cast(LABEL)],
        names=[schema.USER, schema.CLIENT],
    )
    model.take(columns, np.array(window, np.int64), np.array(service, np.int64))


def seen(items: Items, scopes: Slots[Scope]) -> list[tuple[int, str, str, int, int]]:
    columns = zip(*(part.tolist() for part in (items.window, items.slot, items.item, items.count)), strict=True)
    return [
        (window, scopes.keys[slot].segment.service, scopes.keys[slot].attribute, item, count)
        for window, slot, item, count in columns
    ]


def test_a_log_in_is_a_user_an_address_and_a_pair() -> None:
    model, scopes = arrivals()
    take(model, [(0, 0, "u_a", "c_1"), (0, 0, "u_a", "c_1")])
    assert sorted(seen(model.close(1), scopes)) == sorted(
        [
            (0, "ssh", "user", stable_hash("u_a"), 2),
            (0, "ssh", "client", stable_hash("c_1"), 2),
            (0, "ssh", "user_client", stable_hash("u_a from c_1"), 2),
        ]
    )
    assert sorted(model.texts) == ["c_1", "u_a", "u_a from c_1"]


def test_without_user_or_address_there_is_no_pair() -> None:
    model, scopes = arrivals()
    take(model, [(0, 0, "u_a", None), (0, 0, None, "c_1"), (0, 0, None, None)])
    assert sorted(one[2] for one in seen(model.close(1), scopes)) == ["client", "user"]


def test_windows_and_services_are_kept_apart_and_open_ones_stay() -> None:
    model, scopes = arrivals()
    take(model, [(0, 0, "u_a", None), (0, 1, "u_a", None), (60, 0, "u_b", None), (0, -1, "u_c", None)])
    assert [(one[0], one[1]) for one in seen(model.close(1), scopes)] == [(0, "ssh"), (0, "web")]
    assert model.starts().tolist() == [60]


@pytest.mark.parametrize("cut", [1, 7, 50, 200])
def test_a_crowd_gives_no_items_however_the_stream_is_cut(cut: int) -> None:
    model, scopes = arrivals()
    rows: list[Row] = [(0, 1, f"u_{number}", None) for number in range(CROWD + 1)] * 2 + [(0, 0, "u_a", None)]
    for start in range(0, len(rows), cut):
        take(model, rows[start : start + cut])
    assert [one[1] for one in seen(model.close(1), scopes)] == ["ssh"]


def test_what_is_open_outlives_a_snapshot() -> None:
    model, scopes = arrivals()
    take(model, [(0, 0, "u_a", "c_1")] + [(0, 1, f"u_{number}", None) for number in range(CROWD + 1)])
    other, others = arrivals()
    other.restore(model.snapshot())
    take(model, [(0, 0, "u_a", "c_2"), (0, 1, "u_x", None)])
    take(other, [(0, 0, "u_a", "c_2"), (0, 1, "u_x", None)])
    assert seen(model.close(1), scopes) == seen(other.close(1), others)
