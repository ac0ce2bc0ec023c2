"""A bank's new user interface: one incident of operations, settled within a day, and what goes wrong is still found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import pytest
from tests.scenario.story import KEY, Story, as_bytes, interrupted, shard

from vedette.assembly import make_entry
from vedette.config.load import load
from vedette.decode.otlp import decode_spans
from vedette.journal.log import Chunk
from vedette.records.batch import SafeBatch
from vedette.records.document import Document
from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.bank import DAY, SERVICE, Bank, Trouble, answer_sizes
from vedette.simulate.otlp import spans
from vedette.state.tree import Tree

RATE = 0.25
MONDAY = 1_790_000_000 - 1_790_000_000 % DAY
RELEASE = MONDAY + 2 * DAY + 10 * 3600.0
HOUR = 3600.0


def stream(start: float, end: float, release: float, troubles: Sequence[Trouble] = ()) -> Iterator[SafeBatch]:
    enter, sizes, seed = make_entry(load(None), KEY), answer_sizes(), round(start)
    visits = Bank(RATE, seed, release, troubles).between(start, end)
    while part := list(islice(visits, 1000)):
        seed += 1
        for batch in decode_spans(spans(part, sizes, seed, SERVICE), 0).batches:
            yield enter(batch)


@pytest.fixture(scope="module")
def learned() -> Tree:
    """What two days of the old user interface teach."""
    model, story = shard(), Story()
    for number, batch in enumerate(stream(MONDAY, RELEASE - HOUR, RELEASE), 1):
        story.note(model.step(Chunk(number, None, (batch,))))
    assert story.fired == []
    return model.snapshot()


def told(learned: Tree, until: float, release: float = RELEASE, troubles: Sequence[Trouble] = ()) -> list[Document]:
    model, story = shard(), Story()
    model.restore(learned)
    for number, batch in enumerate(stream(RELEASE - HOUR, until, release, troubles), 1):
        story.note(model.step(Chunk(number, None, (batch,))))
    story.note(model.finish())
    return sorted(story.fired, key=lambda one: str(one["started_at"]))


def at(incident: Document, name: str = "started_at") -> float:
    return from_rfc3339(incident[name]) / SECOND


def test_a_release_is_one_incident_of_operations_and_found_troubles_are_their_own(learned: Tree) -> None:
    injection = Trouble("injection", RELEASE + 1 * HOUR)
    guessing = Trouble("guessing", RELEASE + 4 * HOUR)
    slow = Trouble("slow_transfers", RELEASE + 6 * HOUR)
    found = told(learned, RELEASE + 8 * HOUR, troubles=(injection, guessing, slow))
    release, *others = found
    assert release["kind"] == "operations"
    assert release["severity"] == "medium"
    assert "works differently for everybody since" in str(release["title"])
    assert abs(at(release) - RELEASE) <= 180
    assert at(release, "ended_at") - RELEASE <= 3 * HOUR
    why = release["explanation"]
    assert "looks like a release" in why["sentence"]
    assert "GET /api/overview" in why["paragraph"]
    assert any("the models have settled" in moment["text"] for moment in why["timeline"])
    assert sum(one["share"] for one in why["contributions"]) == pytest.approx(100.0, abs=1.0)
    for trouble in (injection, guessing, slow):
        mine = [one for one in others if trouble.start - 60 <= at(one) <= trouble.end]
        assert mine, trouble.name
        assert (mine[0]["kind"] == "security") is (trouble is not slow)
    assert len(others) == 3, [one["title"] for one in others]


def test_what_few_clients_bring_is_no_release(learned: Tree) -> None:
    """An injection for an hour is most of the transfers, in forms never seen: still an attack."""
    attack = Trouble("injection", RELEASE, HOUR)
    found = told(learned, RELEASE + 2 * HOUR, release=float("inf"), troubles=(attack,))
    assert found
    assert {one["kind"] for one in found} == {"security"}
    assert all("for everybody" not in str(one["title"]) for one in found)


def test_ordinary_hours_are_no_release(learned: Tree) -> None:
    assert told(learned, RELEASE + 3 * HOUR, release=float("inf")) == []


def test_a_release_survives_snapshots_byte_for_byte() -> None:
    start, release = MONDAY, MONDAY + 1.2 * DAY
    parts = list(stream(start, release + 2.5 * HOUR, release))
    often = interrupted(parts, lambda number: number % 5 == 0)
    assert any("for everybody" in str(one["title"]) for one in often.fired)
    assert as_bytes(often) == as_bytes(interrupted(parts, lambda number: False))
