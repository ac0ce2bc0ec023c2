"""Databases, queues and third parties without telemetry: one incident of each of their faults, and the right name."""

from __future__ import annotations

import pytest
from tests.scenario.story import END, Story, shard
from tests.scenario.test_mesh import AFTER, AT, LEARNED, only, run, stream

from vedette.simulate.mesh import HEALTHY, Fault
from vedette.state.tree import Tree


@pytest.fixture(scope="module")
def learned() -> Tree:
    """What half a day of ordinary traffic teaches."""
    model = shard()
    assert [one["title"] for one in run(model, stream(END - LEARNED, LEARNED, 1, systems=True)).fired] == []
    assert (model.extract.traces.unjoined, model.extract.traces.blind) == (0, 0)
    return model.snapshot()


def told(learned: Tree, fault: Fault, seconds: float = AFTER) -> Story:
    model = shard()
    model.restore(learned)
    return run(model, stream(END, seconds, 2, fault, systems=True))


FAULTS = {
    "a slow database of two services": (
        Fault(AT, slow=("SELECT stock", 20.0)),
        "demo/postgresql shop",
        "is slow because it waits for postgresql shop",
        "database",
    ),
    "a slow cache": (
        Fault(AT, slow=("SELECT carts", 20.0)),
        "demo/redis carts.internal",
        "cart is slow because it waits for redis carts.internal",
        "cache",
    ),
    "a database that refuses": (
        Fault(AT, refuses="SELECT items"),
        "demo/postgresql shop",
        "fails because postgresql shop fails",
        "database",
    ),
    "a slow third party": (
        Fault(AT, slow=("POST /charges", 8.0)),
        "demo/api.cards.example",
        "is slow because it waits for api.cards.example, by way of ",
        "external",
    ),
    "a slow queue": (
        Fault(AT, slow=("send orders", 40.0)),
        "demo/kafka",
        "checkout is slow because it waits for kafka",
        "queue",
    ),
    "a service that answers nobody": (
        Fault(AT, dead="stock"),
        "demo/stock",
        "because stock does not answer",
        "frontend",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_one_incident_with_the_right_root_first(learned: Tree, name: str) -> None:
    fault, root, words, tier = FAULTS[name]
    assert only(told(learned, fault), root, words)["tier"] == tier


def test_an_ordinary_day_gives_no_incident(learned: Tree) -> None:
    assert told(learned, HEALTHY, 86_400.0).fired == []
