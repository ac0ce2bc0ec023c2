"""Spans to numbers of operations and ways, whatever the order in which they come."""

from __future__ import annotations

import numpy as np
import pytest

from vedette.features.registry import Slots
from vedette.features.spans import Held, SpanRows
from vedette.features.traces import LONGEST, Traces
from vedette.records.observation import Scope, Series
from vedette.records.segment import Segment
from vedette.records.time import SECOND

WIDTH = 60 * SECOND
WEB, CART, STOCK = 0, 1, 2
Span = tuple[int, int, int, str, float, float, bool, bool]
"""Key, key of the parent, service, name, start and end in seconds, failed, calling."""


class Shop:
    """Three services, and the part of the features room that is tested."""

    def __init__(self, most: int = 1000, room: int = 100) -> None:
        self.segments: Slots[Segment] = Slots(1000)
        for name in ("web", "cart", "stock"):
            self.segments.slot(Segment("", name, ""))
        self.series: Slots[Series] = Slots(1000)
        self.scopes: Slots[Scope] = Slots(1000)
        self.traces = Traces(self.segments, self.series, self.scopes, WIDTH, room, most)

    def take(self, *spans: Span) -> None:
        rows = self.rows(*spans)
        self.traces.take(rows.end - rows.end % WIDTH, rows)

    def rows(self, *spans: Span) -> SpanRows:
        key, above, service, name, start, end, failed, calling = zip(*spans, strict=True)
        return SpanRows(
            np.array(key, np.uint64) // np.uint64(100) * np.uint64(0x9E3779B97F4A7C15),
            np.array(key, np.uint64),
            np.array(above, np.uint64),
            np.rint(np.array(start) * SECOND).astype(np.int64),
            np.rint(np.array(end) * SECOND).astype(np.int64),
            np.array(service, np.int64),
            np.array([self.traces.names.number(one, 100) for one in name], np.int64),
            np.array(failed, np.bool_),
            np.array(calling, np.bool_),
            np.full(len(spans), -1),
        )

    def close(self, until: float) -> dict[tuple[str, str], list[float]]:
        numbers, _, _ = self.traces.close(round(until * SECOND))
        found: dict[tuple[str, str], list[float]] = {}
        for slot, value in zip(numbers.slot.tolist(), numbers.value.tolist(), strict=True):
            key = self.series.keys[slot]
            found.setdefault((str(key.segment), key.feature), []).append(round(value, 4))
        return found


def request(key: int = 100, at: float = 10.0, failed: bool = False, answered: bool = True) -> list[Span]:
    """Return web → cart → a query: 1 s by itself, 0.2 s on the way, 0.5 s in cart of which the query takes 0.4 s."""
    spans: list[Span] = [
        (key, 0, WEB, "GET /cart", at, at + 1.7, failed, False),
        (key + 1, key, WEB, "GET /carts", at + 0.5, at + 1.2, failed, True),
        (key + 2, key + 1, CART, "GET /carts", at + 0.6, at + 1.1, failed, False),
        (key + 3, key + 2, CART, "SELECT carts", at + 0.6, at + 1.0, failed, False),
    ]
    return spans if answered else spans[:2]


def test_each_operation_has_its_own_time_and_each_way_its_own() -> None:
    shop = Shop()
    shop.take(*request())
    found = shop.close(60.0)
    assert found["web GET /cart", "own_time_p50_seconds"] == [1.0]
    assert found["cart GET /carts", "own_time_p50_seconds"] == [0.1]
    assert found["cart SELECT carts", "own_time_p95_seconds"] == [0.4]
    assert found["web → cart", "way_p50_seconds"] == [0.2]
    assert found["web → cart", "calls"] == [1.0]
    assert found["web → cart", "unanswered_ratio"] == [0.0]
    assert found["web GET /cart", "calls_mean"] == [1.0]
    assert ("cart SELECT carts", "calls_mean") not in found
    assert ("web GET /carts", "own_time_p50_seconds") not in found


def test_only_the_span_in_which_a_failure_began_failed_by_itself() -> None:
    shop = Shop()
    shop.take(*request(failed=True))
    found = shop.close(60.0)
    shares = {place: value for (place, feature), value in found.items() if feature == "own_error_ratio"}
    assert shares == {"web GET /cart": [0.0], "cart GET /carts": [0.0], "cart SELECT carts": [1.0]}
    assert found["web → cart", "unanswered_ratio"] == [0.0]


def test_a_call_that_nobody_answers_is_of_the_way_that_it_usually_takes() -> None:
    shop = Shop()
    shop.take(*request())
    shop.close(60.0)
    shop.take(*request(200, 70.0), *request(300, 80.0, failed=True, answered=False))
    found = shop.close(120.0)
    assert found["web → cart", "calls"] == [2.0]
    assert found["web → cart", "unanswered_ratio"] == [0.5]


def test_an_operation_that_calls_several_services_has_no_usual_one() -> None:
    shop = Shop()
    other = [
        (key + 100, above and above + 100, STOCK if place > 1 else WEB, name, *rest)
        for place, (key, above, _, name, *rest) in enumerate(request())
    ]
    shop.take(*request(), *other)
    shop.close(60.0)
    shop.take(*request(300, 70.0, failed=True, answered=False))
    found = shop.close(120.0)
    assert ("web → cart", "calls") not in found
    assert found["web GET /carts", "own_error_ratio"] == [1.0]


def test_a_child_waits_for_a_parent_that_ends_in_a_later_window() -> None:
    shop = Shop()
    root, call, *below = request(at=58.85)
    shop.take(*below)
    first = shop.close(60.0)
    assert ("web → cart", "calls") not in first
    assert first["cart SELECT carts", "own_time_p50_seconds"] == [0.4]
    shop.take(root, call)
    found = shop.close(120.0)
    assert found["web → cart", "way_p50_seconds"] == [0.2]
    assert found["web → cart", "calls"] == [1.0]
    assert ("cart GET /carts", "own_time_p50_seconds") not in found
    assert shop.traces.unjoined == 0


def test_a_child_whose_parent_does_not_come_is_given_up_and_counted() -> None:
    shop = Shop()
    shop.take(*request()[2:3])
    shop.close(60.0)
    for key, at in ((1, 70.0), (2, 130.0), (3, 190.0)):
        shop.take((key, 0, WEB, "GET /", at, at + 1.0, False, False))
    shop.close(LONGEST / SECOND)
    assert shop.traces.unjoined == 0
    shop.close(LONGEST / SECOND + 60.0)
    assert shop.traces.unjoined == 1


def test_a_lone_span_is_left_to_its_request() -> None:
    shop = Shop()
    shop.take((1, 0, WEB, "GET /", 10.0, 11.0, False, False))
    assert shop.close(60.0) == {}


def test_a_span_that_comes_twice_counts_once_and_one_that_is_its_own_parent_does_no_harm() -> None:
    shop = Shop()
    shop.take(*request(), *request(), (7, 7, STOCK, "loop", 1.0, 2.0, False, False))
    found = shop.close(60.0)
    assert found["web → cart", "calls"] == [1.0]
    assert found["stock loop", "own_time_p50_seconds"] == [1.0]


def test_children_that_overlap_are_counted_once() -> None:
    shop = Shop()
    shop.take(
        (1, 0, WEB, "GET /", 0.0, 1.0, False, False),
        (2, 1, WEB, "a", 0.1, 0.5, False, False),
        (3, 1, WEB, "b", 0.3, 0.7, False, False),
    )
    assert shop.close(60.0)["web GET /", "own_time_p50_seconds"] == [0.4]


def test_operations_beyond_the_room_are_counted_as_blind() -> None:
    shop = Shop(room=3)
    shop.take(*request())
    found = shop.close(60.0)
    assert [place for place, _ in found if "→" not in place] == []
    assert shop.traces.blind == 3


@pytest.mark.parametrize("cut", [1, 3, 40, 400])
def test_too_many_spans_are_thinned_by_whole_traces_whatever_the_cut(cut: int) -> None:
    spans = [span for key in range(100, 10_100, 100) for span in request(key)]
    expected, found = (Held(most=64) for _ in range(2))
    shop = Shop()
    whole = shop.rows(*spans)
    expected.add(np.zeros(len(whole), np.int64), whole)
    for start in range(0, len(spans), cut):
        part = whole.only(np.arange(start, min(start + cut, len(spans))))
        found.add(np.zeros(len(part), np.int64), part)
    assert found.thinned == expected.thinned > 0
    (rows, stands_for), (wanted, level) = found.take(0), expected.take(0)
    assert stands_for == level >= 8
    assert rows.key.tolist() == wanted.key.tolist()
    assert len(rows) == 400 - found.thinned <= 64
    assert (np.unique(rows.key // np.uint64(100), return_counts=True)[1] == 4).all()


def test_calls_of_a_thinned_window_stand_for_all() -> None:
    shop = Shop(most=64)
    shop.take(*(span for key in range(100, 10_100, 100) for span in request(key)))
    assert shop.close(60.0)["web → cart", "calls"][0] == pytest.approx(100.0, rel=0.6)


def test_a_snapshot_goes_on_where_it_left() -> None:
    shop, other = Shop(), Shop()
    root, call, *below = request(at=58.9)
    shop.take(*request(200, 20.0), *below)
    other.take(*request(200, 20.0), *below)
    shop.close(60.0)
    other.close(60.0)
    fresh = Shop()
    fresh.segments, fresh.series = other.segments, other.series
    fresh.traces = Traces(fresh.segments, fresh.series, fresh.scopes, WIDTH, 100, 1000)
    fresh.traces.restore(other.traces.snapshot())
    for one in (shop, fresh):
        one.take(root, call, *request(300, 70.0, failed=True, answered=False))
    assert shop.close(120.0) == fresh.close(120.0)
    assert shop.traces.snapshot()["targets"] == fresh.traces.snapshot()["targets"]
