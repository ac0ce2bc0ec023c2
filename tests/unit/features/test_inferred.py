"""Inferred services: whom calls say that they call, measured where nobody's span tells of it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from vedette.features import inferred
from vedette.features.names import Names
from vedette.features.overrides import Overrides
from vedette.features.registry import Slots
from vedette.features.spans import SpanRows
from vedette.features.systems import called, systems_of
from vedette.features.traces import Traces
from vedette.records import schema
from vedette.records.call import Call
from vedette.records.observation import Scope, Series
from vedette.records.override import Override
from vedette.records.schema import LABEL
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.codec import decode, encode

WIDTH = 60 * SECOND
WEB, CART, STOCK = 0, 1, 2
DB, CACHE, MAIL, QUEUE = "database postgresql shop", "cache redis", "external mail.example", "queue kafka"
Span = tuple[int, int, int, str, float, float, bool, str]
"""Key, key of the parent, service, name, start and end in seconds, failed, what it says that it calls."""


class Shop:
    """Three services with spans, and what they call."""

    def __init__(self, room: int = 100, *overrides: Override) -> None:
        self.segments: Slots[Segment] = Slots(1000)
        for name in ("web", "cart", "stock"):
            self.segments.slot(Segment("", name, ""))
        self.series: Slots[Series] = Slots(1000)
        scopes: Slots[Scope] = Slots(1000)
        self.traces = Traces(self.segments, self.series, scopes, WIDTH, room, overrides=Overrides(overrides))
        self.tiers: dict[Segment, str] = {}
        self.calls: dict[Call, int] = {}
        self.items = 0

    def take(self, *spans: Span) -> None:
        key, above, service, name, start, end, failed, said = zip(*spans, strict=True)
        systems = self.traces.inferred.systems
        rows = SpanRows(
            np.ones(len(spans), np.uint64),
            np.array(key, np.uint64),
            np.array(above, np.uint64),
            np.rint(np.array(start) * SECOND).astype(np.int64),
            np.rint(np.array(end) * SECOND).astype(np.int64),
            np.array(service, np.int64),
            np.array([self.traces.names.number(one, 100) for one in name], np.int64),
            np.array(failed, np.bool_),
            np.array([bool(one) for one in said], np.bool_),
            np.array([systems.number(one, 100) if one else -1 for one in said], np.int64),
        )
        self.traces.take(rows.end - rows.end % WIDTH, rows)

    def close(self, until: float) -> dict[tuple[str, str], float]:
        numbers, items, closed = self.traces.close(round(until * SECOND))
        for tiers in closed.inferred.values():
            self.tiers |= tiers
        for calls in closed.calls.values():
            self.calls |= calls
        self.items += len(items.slot)
        keys = [self.series.keys[slot] for slot in numbers.slot.tolist()]
        values = zip(keys, numbers.value.tolist(), strict=True)
        return {(str(key.segment), key.feature): round(value, 4) for key, value in values}


def query(key: int = 10, said: str = DB, failed: bool = False, at: float = 10.0, service: int = CART) -> list[Span]:
    """Return a request of 0.5 s that waits for 0.4 s."""
    return [
        (key, 0, service, "GET /carts", at, at + 0.5, failed, ""),
        (key + 1, key, service, "SELECT carts", at + 0.1, at + 0.5, failed, said),
    ]


def test_a_way_to_what_sends_nothing_is_measured_by_its_callers_spans() -> None:
    shop = Shop()
    shop.take(*query(), *query(20, failed=True), *query(30, failed=True, service=STOCK))
    found = shop.close(60.0)
    place = "cart → postgresql shop"
    assert {feature: value for (segment, feature), value in found.items() if segment == place} == {
        "calls": 2.0,
        "failed_calls_ratio": 0.5,
        "call_p50_seconds": 0.4,
        "call_p95_seconds": 0.4,
    }
    assert found["stock → postgresql shop", "failed_calls_ratio"] == 1.0
    assert found["cart GET /carts", "own_time_p50_seconds"] == 0.1
    assert found["cart GET /carts", "own_error_ratio"] == 0.0
    assert not any(segment == "cart SELECT carts" for segment, _ in found)
    below = Segment("", "postgresql shop", "")
    assert shop.tiers == {below: "database"}
    assert shop.calls == {Call(Segment("", name, ""), below): count for name, count in (("cart", 2), ("stock", 1))}
    assert shop.items == 0


def test_what_answers_with_a_span_is_measured_by_that_now_and_later() -> None:
    shop = Shop()
    answered = [*query(said="external stock"), (12, 11, STOCK, "GET /stock", 10.2, 10.4, False, "")]
    shop.take(*answered, *query(20, said=MAIL))
    found = shop.close(60.0)
    assert found["cart → stock", "way_p50_seconds"] == 0.2
    assert ("cart → stock", "call_p50_seconds") not in found
    assert found["cart → mail.example", "calls"] == 1.0
    shop.take(
        *query(30, said="external stock", at=70.0), (40, 0, WEB, "POST /other", 70.0, 71.0, True, "external stock")
    )
    later = shop.close(120.0)
    assert later["cart → stock", "unanswered_ratio"] == 1.0
    assert not any(feature.startswith("call_") for _, feature in later)


def test_of_calls_within_one_another_the_outermost_counts_whole() -> None:
    shop = Shop()
    request, search = query(said="database elasticsearch")
    shop.take(
        request, search, (12, 11, CART, "POST", 10.2, 10.4, False, MAIL), (13, 12, CART, "dns", 10.2, 10.3, False, "")
    )
    found = shop.close(60.0)
    assert found["cart → elasticsearch", "call_p50_seconds"] == 0.4
    assert {segment for segment, _ in found} == {"cart → elasticsearch", "cart GET /carts"}


def test_a_wrapper_of_an_answered_call_is_none() -> None:
    shop = Shop()
    shop.take(
        *query(said="external stock"),
        (12, 11, CART, "GET", 10.2, 10.5, False, "external proxy"),
        (13, 12, STOCK, "GET /stock", 10.3, 10.4, False, ""),
    )
    found = shop.close(60.0)
    assert not any(feature.startswith("call_") for _, feature in found)
    assert found["cart → stock", "calls"] == 1.0


def test_what_is_sent_to_a_queue_counts_whoever_takes_it_out() -> None:
    shop = Shop()
    shop.take(*query(said=QUEUE), (12, 11, STOCK, "work", 10.4, 10.6, False, ""))
    found = shop.close(60.0)
    assert found["cart → kafka", "calls"] == 1.0
    assert found["cart → stock", "calls"] == 1.0
    assert shop.tiers == {Segment("", "kafka", ""): "queue"}


def test_the_operator_names_inferred_services_or_leaves_them_out() -> None:
    merged = Override("*.example", name="partners"), Override("redis", ignore=True)
    shop = Shop(100, *merged)
    shop.take(*query(said=MAIL), *query(20, said="external cards.example"), *query(30, said=CACHE))
    found = shop.close(60.0)
    assert found["cart → partners", "calls"] == 2.0
    assert found["cart SELECT carts", "own_time_p50_seconds"] == 0.4
    assert "redis" not in str(shop.segments.keys)


def test_a_system_goes_before_a_mere_name() -> None:
    shop = Shop()
    shop.take(*query(said="cache sessions"), *query(20, said="external sessions"))
    shop.close(60.0)
    assert shop.tiers == {Segment("", "sessions", ""): "cache"}


def test_one_that_calls_everybody_and_a_full_shard_open_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inferred, "MOST_CALLED", 3)
    shop = Shop()
    shop.take(*[span for number in range(9) for span in query(10 * number + 10, said=f"external host{9 - number}")])
    found = shop.close(60.0)
    ways = sorted(segment for segment, feature in found if feature == "call_p50_seconds")
    assert ways == ["cart → host1", "cart → host2", "cart → host3"]
    assert found["cart SELECT carts", "own_time_p50_seconds"] == 0.4
    full = Shop(room=6)
    full.take(*query(said=DB), *query(20, said=MAIL), *query(30, said=QUEUE))
    full.close(60.0)
    assert [str(one) for one in full.segments.keys[3:]] == ["kafka", "cart → kafka", "cart GET /carts"]


def test_cuts_and_restarts_change_nothing() -> None:
    spans = [
        span
        for number in range(40)
        for span in query(10 * number + 10, said=(DB, CACHE, MAIL, QUEUE)[number % 4], at=3.0 * number)
    ]
    whole, parts = Shop(), Shop()
    whole.take(*spans)
    expected = whole.close(60.0), whole.close(120.0)
    for start in range(0, len(spans), 7):
        parts.take(*spans[start : start + 7])
        tree = decode(encode(parts.traces.snapshot()))
        parts.traces.restore(tree)
    assert (parts.close(60.0), parts.close(120.0)) == expected
    assert parts.segments.keys == whole.segments.keys


def test_spans_held_by_an_earlier_release_call_nobody() -> None:
    shop = Shop()
    shop.take(*query())
    tree = shop.traces.snapshot()
    del tree["inferred"]
    for rows in (*tree["held"]["rows"].values(), tree["waiting"]):
        del rows["system"]
    again = Shop()
    again.traces.restore(tree)
    assert again.close(60.0)["cart SELECT carts", "own_time_p50_seconds"] == 0.4


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({schema.DATABASE: "mysql", schema.NAMESPACE: "orders", schema.SERVER: "db.local"}, "database mysql orders"),
        ({schema.DATABASE: "Memcached", schema.SERVER: "a_0123456789ab"}, "cache Memcached a_0123456789ab"),
        ({schema.DATABASE: "mysql", schema.SERVER: "localhost"}, "database mysql"),
        ({schema.DATABASE: "redis", schema.PEER: "sessions"}, "cache sessions"),
        ({schema.PEER: "billing", schema.SERVER: "10.proxy"}, "external billing"),
        ({schema.SERVER: "a_0123456789ab"}, ""),
        ({schema.SERVER: "localhost"}, ""),
        ({schema.BROKER: "rabbitmq"}, ""),
        ({}, ""),
    ],
)
def test_a_call_is_named_by_what_it_says(said: dict[str, str], expected: str) -> None:
    parts = (schema.PEER, schema.DATABASE, schema.BROKER, schema.NAMESPACE, schema.SERVER)
    assert called(*(said.get(part, "") for part in parts), sends=False) == expected


def test_only_calls_say_whom_they_call() -> None:
    kinds = ["server", "client", "producer", "client", "internal", "client"]
    databases = ["mysql", "mysql", None, None, "mysql", "mysql"]
    brokers = [None, None, "kafka", "kafka", None, None]
    columns = pa.RecordBatch.from_pydict(
        {
            schema.SPAN_KIND: pa.array(kinds).cast(LABEL),
            schema.DATABASE: pa.array(databases).cast(LABEL),
            schema.BROKER: pa.array(brokers).cast(LABEL),
        }
    )
    systems = Names()
    calling = np.array([kind in ("client", "producer") for kind in kinds])
    assert systems_of(columns, calling, systems, 10).tolist() == [-1, 0, 1, -1, -1, 0]
    assert systems.texts == ["database mysql", "queue kafka"]
    assert systems_of(columns, calling, Names(), 1).tolist() == [-1, 0, -1, -1, -1, 0]
