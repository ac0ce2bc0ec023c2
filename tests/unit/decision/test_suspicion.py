from collections.abc import Mapping

import numpy as np
import pytest

from vedette.decision.cause import because, clue
from vedette.decision.graph import CallGraph
from vedette.decision.suspicion import Suspicion
from vedette.records.call import Call, way
from vedette.records.feature import CATALOG, feature_of
from vedette.records.finding import Finding
from vedette.records.observation import Measures
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.records.time import SECOND

MINUTE = 60 * SECOND
WEB, CART, STOCK = (Segment("", name, "") for name in ("web", "cart", "stock"))
QUERY = Segment("", "stock", "SELECT stock")
LIST = Segment("", "cart", "GET /cart")
WEB_CART, CART_STOCK = way(Call(WEB, CART)), way(Call(CART, STOCK))
KEYS = [
    (QUERY, "own_time_p50_seconds"),
    (LIST, "own_time_p50_seconds"),
    (LIST, "own_error_ratio"),
    (CART_STOCK, "way_p50_seconds"),
    (CART_STOCK, "unanswered_ratio"),
    (WEB_CART, "way_p50_seconds"),
    (LIST, "latency_p50_seconds"),
    (LIST, "calls_mean"),
    (CART_STOCK, "call_p50_seconds"),
    (CART_STOCK, "failed_calls_ratio"),
]


def suspicion() -> Suspicion:
    found = Suspicion()
    found.grow([CATALOG[feature].series(segment) for segment, feature in KEYS])
    return found


def weigh(model: Suspicion, odd: Mapping[int, float], minute: int = 0, value: float = 0.8) -> None:
    """Let some numbers, by their place in KEYS, be as surprising as said; all others are ordinary."""
    count = len(KEYS)
    surprise = np.array([odd.get(slot, 0.1) for slot in range(count)])
    values = np.where(surprise > 1.0, value, 0.1)
    measures = Measures(minute * MINUTE, MINUTE, np.arange(count, dtype=np.int32), values, np.full(count, 10.0))
    ready, ones = np.full(count, State.READY, np.int8), np.ones(count)
    model.weigh(measures, Scores(ready, surprise, 0.1 * ones, 0.05 * ones, 0.2 * ones, 0.0 * ones))


def first(model: Suspicion) -> Segment | None:
    _, suspects = model.suspects([WEB, CART, STOCK])
    return suspects[0].segment if suspects else None


def test_a_slow_query_is_its_services() -> None:
    model = suspicion()
    weigh(model, {0: 6.0})
    assert first(model) == STOCK
    assert clue(model.suspects([STOCK])[1][0]) == ("median own time of stock SELECT stock 800 ms, normally 50–200 ms")


def test_latency_in_all_is_no_evidence() -> None:
    model = suspicion()
    weigh(model, {6: 9.0})
    assert first(model) is None


def test_one_way_stands_for_itself_two_for_the_service_between() -> None:
    model = suspicion()
    weigh(model, {3: 6.0})
    assert first(model) == CART_STOCK
    weigh(model, {3: 6.0, 5: 6.0}, 1)
    assert first(model) == CART


def test_calls_without_an_answer_speak_against_the_one_that_was_called() -> None:
    model = suspicion()
    weigh(model, {4: 6.0})
    assert first(model) == STOCK


def test_a_service_that_gets_faster_is_no_cause_but_one_that_calls_less_may_be() -> None:
    model = suspicion()
    weigh(model, {0: 6.0, 1: 6.0}, value=0.01)
    assert first(model) is None
    weigh(model, {7: 6.0}, value=0.01)
    assert first(model) == CART


def test_only_services_that_are_asked_for_are_suspected() -> None:
    model = suspicion()
    weigh(model, {0: 6.0})
    assert model.suspects([WEB]) == (0.0, ())


def test_evidence_fades_and_shares_are_at_most_certain() -> None:
    model = suspicion()
    for minute in range(3):
        weigh(model, {0: 9.0, 1: 3.0}, minute)
    shares = model.shares()
    assert shares[STOCK] > 0.6 > shares[CART]
    assert sum(shares.values()) <= 1.0
    weigh(model, {}, 60)
    assert model.shares() == {}


def test_a_snapshot_goes_on_where_it_left() -> None:
    model, other = suspicion(), Suspicion()
    weigh(model, {0: 6.0, 3: 4.0, 4: 5.0})
    other.restore(model.snapshot(), [CATALOG[feature].series(segment) for segment, feature in KEYS])
    for one in (model, other):
        weigh(one, {1: 5.0}, 1)
    assert model.snapshot() == other.snapshot()
    assert model.suspects([CART, STOCK]) == other.suspects([CART, STOCK])


def peak(segment: Segment, feature: str, p_value: float = 1e-9) -> Finding:
    kind, unit = feature_of(feature).kind, feature_of(feature).unit
    return Finding("baseline", segment, feature, kind, 0, MINUTE, 2.0, 1.0, 0.5, 1.5, p_value, 9.0, 1e-4, 1.5, unit)


@pytest.mark.parametrize(
    ("odd", "feature", "words"),
    [
        ({0: 9.0}, "latency_p50_seconds", "cart is slow because it waits for stock"),
        ({3: 9.0}, "latency_p95_seconds", "cart is slow because its way to stock is slow"),
        ({4: 9.0}, "error_ratio", "cart fails because stock does not answer"),
        ({7: 9.0}, "latency_p50_seconds", "cart is slow because it makes more calls for each request"),
        ({1: 9.0}, "latency_p50_seconds", ""),
        ({0: 9.0}, "requests", ""),
    ],
)
def test_the_sentence_says_who_suffers_and_why(odd: dict[int, float], feature: str, words: str) -> None:
    model, graph = suspicion(), CallGraph()
    graph.learn(0, [Call(WEB, CART), Call(CART, STOCK)])
    for minute in range(3):
        weigh(model, odd, minute)
    _, suspects = model.suspects([WEB, CART, STOCK])
    assert because([peak(LIST, feature)], suspects, graph) == words


def test_who_is_further_away_is_told_with_the_services_between() -> None:
    model, graph = suspicion(), CallGraph()
    graph.learn(0, [Call(WEB, CART), Call(CART, STOCK)])
    for minute in range(3):
        weigh(model, {0: 9.0}, minute)
    _, suspects = model.suspects([WEB])
    assert suspects == ()
    _, suspects = model.suspects(graph.below(WEB))
    told = because([peak(WEB, "latency_p50_seconds"), peak(LIST, "latency_p50_seconds", 1e-5)], suspects, graph)
    assert told == "web is slow because it waits for stock, by way of cart"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (8, "web is slow because it waits for stock, by way of cart"),
        (9, "web is slow because stock fails, by way of cart"),
    ],
)
def test_what_callers_tell_of_an_inferred_service_speaks_against_it_alone(place: int, words: str) -> None:
    model, graph, orders = suspicion(), CallGraph(), Segment("", "a", "")
    graph.learn(0, [Call(WEB, CART), Call(CART, STOCK), Call(WEB, orders), Call(orders, STOCK)])
    weigh(model, {place: 6.0})
    assert list(model.against()) == [STOCK]
    _, suspects = model.suspects([STOCK])
    assert suspects[0].about == CART_STOCK
    assert because([peak(WEB, "latency_p50_seconds")], suspects, graph) == words
    assert because([peak(orders, "latency_p50_seconds")], suspects, graph).startswith("a is slow because")
