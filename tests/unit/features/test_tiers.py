"""Tiers of services: what the operator says, then what telemetry says, then what spans look like."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from vedette.features import tiers
from vedette.features.extract import Extractor
from vedette.features.overrides import Overrides
from vedette.features.registry import Slots
from vedette.features.tiers import Tiers
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.records.call import Call, way
from vedette.records.override import Override
from vedette.records.schema import LABEL, SPAN, Signal
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.codec import decode, encode

WIDTH = 60 * SECOND
SHOP = Segment("prod", "shop", "")

Row = tuple[str, bool, str] | tuple[str, bool, str, str]
"""Kind of the span, whether another began it, tier that it says, system that it names."""
BROKERS = ("kafka",)


def empty(*overrides: Override) -> Tiers:
    segments = Slots[Segment](10)
    segments.slot(SHOP)
    return Tiers(segments, Overrides(overrides))


def system(row: Row) -> str | None:
    return row[3] if len(row) == 4 else None


def columns(rows: Sequence[Row]) -> pa.RecordBatch:
    made = {
        schema.SPAN_KIND: pa.array([row[0] or None for row in rows]).cast(LABEL),
        schema.PARENT_SPAN_ID: pa.array([b"p" * 8 if row[1] else None for row in rows], SPAN),
        schema.TIER: pa.array([row[2] or None for row in rows]).cast(LABEL),
        schema.DATABASE: pa.array([one if one not in BROKERS else None for one in map(system, rows)]).cast(LABEL),
        schema.BROKER: pa.array([one if one in BROKERS else None for one in map(system, rows)]).cast(LABEL),
    }
    return pa.RecordBatch.from_pydict(made)


def take(model: Tiers, rows: Sequence[Row], minute: int = 0) -> None:
    model.take(columns(rows), np.full(len(rows), minute * WIDTH), np.zeros(len(rows), np.int64))


def tier(*rows: Row, overrides: Sequence[Override] = ()) -> str:
    model = empty(*overrides)
    take(model, rows)
    model.close(0)
    return model.of(SHOP)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("server", False, "")] * 3 + [("server", True, "")], "frontend"),
        ([("server", False, "")] + [("server", True, "")] * 3, "backend"),
        ([("consumer", True, ""), ("client", True, "")], "worker"),
        ([("consumer", True, ""), ("server", True, "")], "backend"),
        ([("client", True, ""), ("internal", False, ""), ("producer", True, "")], ""),
        ([("server", False, ""), ("client", True, "Database ")], "database"),
        ([("", False, "cache"), ("", False, "queue"), ("", False, "queue")], "queue"),
        ([("", False, "two\nlines")], ""),
        ([("server", True, "", "postgresql")] * 3 + [("server", True, "")], "database"),
        ([("server", True, "", "redis")] * 2 + [("server", True, "", "mysql")], "cache"),
        ([("server", True, "", "kafka")], "queue"),
        ([("server", True, "", "postgresql"), ("server", True, "")], "backend"),
        ([("client", True, "", "postgresql"), ("internal", True, "", "sqlite")], ""),
        ([("consumer", True, "", "kafka")], "worker"),
    ],
)
def test_what_is_said_goes_before_what_spans_look_like(rows: list[Row], expected: str) -> None:
    assert tier(*rows) == expected


def test_the_operator_goes_before_telemetry_and_routes_have_the_tier_of_their_service() -> None:
    said = Override("shop*", "prod", tier="legacy"), Override("s*", tier="other")
    model = empty(*said)
    take(model, [("server", False, "web")])
    model.close(0)
    assert model.of(Segment("prod", "shop", "GET /")) == "legacy"
    assert model.of(Segment("test", "shop", "")) == "other"
    assert model.of(Segment("prod", "cart", "")) == ""


def test_a_tier_is_that_of_the_windows_that_are_closed() -> None:
    model = empty()
    take(model, [("", False, "old")], 0)
    take(model, [("", False, "new")], 1)
    model.close(0)
    assert model.of(SHOP) == "old"
    model.close(WIDTH)
    assert model.of(SHOP) == "new"


def test_a_service_whose_part_changes_is_told_so_before_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "MEMORY", 64)
    model = empty()
    for minute in range(100):
        take(model, [("server", minute >= 90, "")] * 20, minute)
        model.close(minute * WIDTH)
    assert model.of(SHOP) == "backend"


def test_one_who_says_something_else_each_time_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "MOST_SAID", 10)
    model = empty()
    take(model, [("", False, f"word{number}") for number in range(50)])
    assert len(model.snapshot()["waiting"][0][1]) == 10


def test_cuts_and_restarts_change_nothing() -> None:
    rng = np.random.default_rng(3)
    kinds, words = ["server", "client", "consumer", ""], ["", "", "", "web", "db"]
    rows = [(kinds[rng.integers(4)], bool(rng.integers(2)), words[rng.integers(5)]) for _ in range(200)]
    whole, parts = empty(), empty()
    take(whole, rows)
    for start in range(0, len(rows), 7):
        take(parts, rows[start : start + 7])
        fresh = empty()
        fresh.restore(decode(encode(parts.snapshot())))
        parts = fresh
    whole.close(0)
    parts.close(0)
    assert whole.of(SHOP) == parts.of(SHOP) != ""
    assert whole.snapshot() == parts.snapshot()


@pytest.mark.parametrize("signal", [Signal.LOG, Signal.METRIC])
def test_lines_and_metrics_say_it_too(signal: Signal) -> None:
    named = {
        schema.TIME: pa.array([10 * SECOND]).cast(schema.TIME_TYPE),
        schema.SERVICE: pa.array(["orders-db"]).cast(LABEL),
        schema.TIER: pa.array(["database"]).cast(LABEL),
    }
    what = (
        {schema.BODY: pa.array(["checkpoint complete"])}
        if signal is Signal.LOG
        else {schema.METRIC_NAME: pa.array(["rows"]).cast(LABEL), schema.METRIC_VALUE: pa.array([3.0])}
    )
    model = Extractor(WIDTH, 5 * SECOND, 100, 100)
    list(model.step([SafeBatch(signal, pa.RecordBatch.from_pydict({**named, **what}))]))
    list(model.flush())
    assert model.tiers.of(Segment("", "orders-db", "")) == "database"
    model.restore(decode(encode(model.snapshot())))
    assert model.tiers.of(Segment("", "orders-db", "")) == "database"


def test_callers_tell_what_an_inferred_service_is_until_it_speaks_for_itself() -> None:
    model, cart = empty(), Segment("prod", "cart", "")
    assert not model.is_inferred(SHOP)
    model.infer({SHOP: "external"})
    model.infer({SHOP: "database"})
    model.infer({SHOP: "external"})
    assert (model.of(SHOP), model.of(way(Call(cart, SHOP))), model.is_inferred(SHOP)) == ("database", "database", True)
    take(model, [("server", True, "")])
    model.close(0)
    assert (model.of(SHOP), model.of(way(Call(cart, SHOP))), model.is_inferred(SHOP)) == ("backend", "", False)


def test_the_operator_goes_before_callers() -> None:
    model = empty(Override("shop", tier="legacy"))
    model.infer({SHOP: "database"})
    assert model.of(way(Call(Segment("prod", "cart", ""), SHOP))) == "legacy"


@pytest.mark.parametrize("parts", [None, [[0, "", [1, 3, 0]]]])
def test_states_of_earlier_releases_are_read(parts: list[list[object]] | None) -> None:
    model = empty()
    model.restore({} if parts is None else {"parts": parts})
    assert model.of(SHOP) == ("" if parts is None else "backend")
    model.infer({SHOP: "queue"})
    take(model, [("server", True, "", "mysql")] * 9)
    model.close(0)
    assert model.of(SHOP) == "database"
