"""Faults between services, through the whole path: one incident, the right root first, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from tests.scenario.story import END, KEY, Story, as_bytes, interrupted, shard

from vedette.assembly import make_entry
from vedette.config.load import load
from vedette.decode.otlp import decode_spans
from vedette.journal.log import Chunk
from vedette.pipeline import Shard
from vedette.records.batch import SafeBatch
from vedette.records.document import Document
from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.mesh import HEALTHY, Fault, Mesh
from vedette.state.tree import Tree

LEARNED = 12 * 3600.0
RATE = 0.4
AT = END + 300.0
AFTER = 1500.0


def stream(
    start: float, seconds: float, seed: int, fault: Fault = HEALTHY, *, systems: bool = False
) -> Iterator[SafeBatch]:
    enter = make_entry(load(None), KEY)
    for body in Mesh(seed, fault, systems=systems).payloads(start, seconds, RATE):
        yield from map(enter, decode_spans(body, 0).batches)


def run(model: Shard, batches: Iterator[SafeBatch] | Sequence[SafeBatch]) -> Story:
    story = Story()
    for number, batch in enumerate(batches, 1):
        story.note(model.step(Chunk(number, None, (batch,))))
    story.note(model.finish())
    return story


@pytest.fixture(scope="module")
def learned() -> Tree:
    """What half a day of ordinary traffic teaches; it gives no incident."""
    model, story = shard(), Story()
    for number, batch in enumerate(stream(END - LEARNED, LEARNED, 1), 1):
        story.note(model.step(Chunk(number, None, (batch,))))
    assert [one["title"] for one in story.fired] == []
    assert (model.extract.traces.unjoined, model.extract.traces.thinned, model.extract.traces.blind) == (0, 0, 0)
    return model.snapshot()


def told(learned: Tree, fault: Fault) -> Story:
    model = shard()
    model.restore(learned)
    return run(model, stream(END, AFTER, 2, fault))


def test_ordinary_traffic_gives_no_incident(learned: Tree) -> None:
    assert told(learned, HEALTHY).fired == []


def only(story: Story, root: str, words: str) -> Document:
    """Return the one incident of a fault, begun soon, whose headline has `words` and whose first suspect is `root`."""
    assert len(story.fired) == 1, [one["title"] for one in story.fired]
    incident = story.fired[0]
    assert 0 <= from_rfc3339(incident["started_at"]) / SECOND - AT <= 180
    suspect = incident["explanation"]["suspects"][0]
    assert suspect["segment"] == root
    assert suspect["share"] > 0.5
    assert words in incident["title"]
    return incident


FAULTS = {
    "a slow query below two services": (
        Fault(AT, slow=("SELECT stock", 20.0)),
        "demo/stock",
        "is slow because it waits for stock",
        "own_time",
    ),
    "a slow service": (
        Fault(AT, slow=("POST /payments", 8.0)),
        "demo/payment",
        "checkout is slow because it waits for payment",
        "own_time",
    ),
    "a slow way": (
        Fault(AT, lag=("checkout", "payment", 0.3)),
        "demo/checkout → payment",
        "checkout is slow because its way to payment is slow",
        "way",
    ),
    "a slow way, of two to one service": (
        Fault(AT, lag=("cart", "stock", 0.1)),
        "demo/cart → stock",
        "cart is slow because its way to stock is slow",
        "way",
    ),
    "a service that answers nobody": (
        Fault(AT, dead="payment"),
        "demo/payment",
        "checkout fails because payment does not answer",
        "unanswered",
    ),
    "a query that fails": (
        Fault(AT, failing="SELECT items"),
        "demo/catalog",
        "frontend fails because catalog fails",
        "own_error",
    ),
    "a call made eight times": (
        Fault(AT, repeats=("GET /product/{id}", 8)),
        "demo/frontend",
        "frontend is slow because it makes more calls for each request",
        "calls_mean",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_incident_with_the_right_root_first(learned: Tree, name: str) -> None:
    fault, root, words, clue = FAULTS[name]
    incident = only(told(learned, fault), root, words)
    why = incident["explanation"]
    assert clue in why["suspects"][0]["feature"]
    assert words in why["sentence"]
    assert incident["tier"] == ("frontend" if incident["segment_parts"]["service"] == "frontend" else "backend")


def test_a_service_that_is_called_for_the_first_time_is_told(learned: Tree) -> None:
    (incident,) = told(learned, Fault(AT, adds=("POST /orders", "POST /entries"))).fired
    assert incident["title"] == "checkout calls a service that it did not call before, ledger"
    assert from_rfc3339(incident["started_at"]) / SECOND - AT <= 300


def test_a_call_that_is_no_longer_made_is_told(learned: Tree) -> None:
    model = shard()
    model.restore(learned)
    (incident,) = run(model, stream(END, AFTER, 2, Fault(AT, drops=("GET /product/{id}", "GET /items/{id}")))).fired
    found = {(part["segment"], part["feature"]) for part in incident["explanation"]["contributions"]}
    assert ("demo/frontend → catalog", "calls") in found


@pytest.fixture(scope="module")
def short() -> Sequence[SafeBatch]:
    return list(stream(END - 4 * 3600.0, 4 * 3600.0, 3, Fault(END - 900.0, slow=("SELECT stock", 30.0))))


@pytest.fixture(scope="module")
def undisturbed(short: Sequence[SafeBatch]) -> Story:
    story = run(shard(), short)
    assert story.fired
    assert story.fired[0]["explanation"]["suspects"]
    return story


@pytest.mark.parametrize("size", [13, 97])
def test_other_cuts_give_the_same_bytes(short: Sequence[SafeBatch], undisturbed: Story, size: int) -> None:
    parts = [
        SafeBatch(batch.signal, batch.columns.slice(start, size))
        for batch in short
        for start in range(0, len(batch), size)
    ]
    assert as_bytes(run(shard(), parts)) == as_bytes(undisturbed)


def test_a_restart_at_any_chunk_gives_the_same_bytes(short: Sequence[SafeBatch], undisturbed: Story) -> None:
    again = interrupted(short, lambda number: number % 37 == 0 or number > len(short) - 12)
    assert as_bytes(again) == as_bytes(undisturbed)


def test_the_order_of_spans_within_a_minute_changes_no_incident(short: Sequence[SafeBatch], undisturbed: Story) -> None:
    rng = np.random.default_rng(5)
    mixed = [SafeBatch(one.signal, one.columns.take(rng.permutation(len(one)))) for one in short]
    found = {key: one["explanation"]["suspects"] for key, one in run(shard(), mixed).incidents.items()}
    assert found == {key: one["explanation"]["suspects"] for key, one in undisturbed.incidents.items()}
