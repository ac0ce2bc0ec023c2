"""What is simulated is found, is marked, pages nobody, and leaves nothing behind in what was learned."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

import pytest
from tests.scenario.story import END, Story, entry, protected, shard

from vedette.journal.log import Chunk
from vedette.records.batch import SafeBatch
from vedette.records.simulation import marked
from vedette.records.time import SECOND, from_rfc3339
from vedette.rehearsal import AFTER, Rehearsal
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import shop_visits
from vedette.simulate.model import Visit
from vedette.state.codec import decode, encode

DAYS = 0.35
AT = END - 6000.0
PART = 120.0
"""Seconds of event time in a chunk."""


def parts(stream: Iterator[Visit]) -> dict[int, list[SafeBatch]]:
    """Return batches by part of the time; rows of each in order."""
    grouped, enter = groupby(stream, key=lambda visit: int(visit.time // PART)), entry()
    return {place: list(protected(group, enter=enter)) for place, group in grouped}


@pytest.fixture(scope="module")
def ordinary() -> dict[int, list[SafeBatch]]:
    return parts(shop_visits(DAYS, 1.0, 7, END))


@pytest.fixture(scope="module")
def attacked() -> dict[int, list[SafeBatch]]:
    """The same day with a real attack at the time of the simulated one."""
    return parts(shop_visits(DAYS, 1.0, 7, END, "login_guessing", AT + 600.0))


@pytest.fixture(scope="module")
def simulated() -> dict[int, list[SafeBatch]]:
    found = parts(visits(ATTACKS["sqli"], AT, AT + 300.0, 7))
    return {
        place: [SafeBatch(one.signal, marked(one.columns, "drill-1")) for one in batches]
        for place, batches in found.items()
    }


def chunks(*sources: dict[int, list[SafeBatch]]) -> list[Chunk]:
    places = sorted({place for source in sources for place in source})
    return [
        Chunk(number, None, tuple(one for source in sources for one in source.get(place, [])))
        for number, place in enumerate(places, 1)
    ]


Run = tuple[Story, bytes]


def run(journal: Sequence[Chunk], restart_every: int = 0) -> Run:
    """Run chunks; returns what was told, and the state at the end."""
    model, rehearsal, story = shard(), Rehearsal(shard), Story()
    for chunk in journal:
        if restart_every and chunk.number % restart_every == 0:
            state = decode(encode({**model.snapshot(), **rehearsal.snapshot()}))
            model, rehearsal = shard(), Rehearsal(shard)
            model.restore(state)
            rehearsal.restore(state)
        story.note(rehearsal.step(model, chunk))
    assert rehearsal.snapshot() == {}, "the copy is gone by the end"
    return story, encode(model.snapshot())


@pytest.fixture(scope="module")
def undisturbed(ordinary: dict[int, list[SafeBatch]]) -> Run:
    return run(chunks(ordinary))


@pytest.fixture(scope="module")
def drilled(ordinary: dict[int, list[SafeBatch]], simulated: dict[int, list[SafeBatch]]) -> Run:
    return run(chunks(ordinary, simulated))


def real_part(story: Story) -> bytes:
    real = [one for one in story.incidents.values() if not one["simulated"]]
    mine = {name for one in story.incidents.values() if one["simulated"] for name in story.linked[one["id"]]}
    return json.dumps([real, [one for one in story.findings if one["id"] not in mine]], sort_keys=True).encode()


def test_an_attack_that_is_simulated_is_found_and_marked_and_teaches_nothing(undisturbed: Run, drilled: Run) -> None:
    without, learned = undisturbed
    story, state = drilled
    assert state == learned, "what was learned is, to the byte, what it is without the simulation"
    assert real_part(story) == real_part(without)
    (incident,) = [one for one in story.fired if one["simulated"]]
    assert incident["simulated"] == "drill-1"
    assert incident["segment_parts"]["operation"] == "POST /checkout"
    assert 0 <= from_rfc3339(incident["started_at"]) / SECOND - AT + 60 <= 120
    assert incident["phase"] == "resolved"


def test_the_same_attack_without_the_mark_is_learned_from(
    ordinary: dict[int, list[SafeBatch]], simulated: dict[int, list[SafeBatch]], undisturbed: Run
) -> None:
    """The test above can fail: the mark makes the difference."""
    plain = {place: [SafeBatch(one.signal, marked(one.columns, "")) for one in row] for place, row in simulated.items()}
    story, state = run(chunks(ordinary, plain))
    assert state != undisturbed[1]
    assert [one["simulated"] for one in story.fired] == [""]


def test_a_real_attack_meanwhile_is_told_as_ever(
    attacked: dict[int, list[SafeBatch]], simulated: dict[int, list[SafeBatch]]
) -> None:
    without, learned = run(chunks(attacked))
    story, state = run(chunks(attacked, simulated))
    assert [one for one in without.fired if "login" in one["segment"]]
    assert real_part(story) == real_part(without)
    assert state == learned


def test_a_restart_meanwhile_changes_nothing(
    ordinary: dict[int, list[SafeBatch]], simulated: dict[int, list[SafeBatch]], drilled: Run
) -> None:
    story, state = drilled
    again, same = run(chunks(ordinary, simulated), restart_every=9)
    assert state == same
    assert json.dumps(again.incidents, sort_keys=True) == json.dumps(story.incidents, sort_keys=True)


def test_what_lasts_when_the_copy_is_dropped_is_over(
    ordinary: dict[int, list[SafeBatch]], simulated: dict[int, list[SafeBatch]]
) -> None:
    """A copy that sees no ordinary traffic afterwards: time passes at once, beyond what it waits for."""
    until = int((AT + 300) // PART)
    journal = chunks({place: row for place, row in ordinary.items() if place <= until}, simulated)
    model, rehearsal, story = shard(), Rehearsal(shard), Story()
    for chunk in journal:
        story.note(rehearsal.step(model, chunk))
    assert [one["phase"] for one in story.incidents.values() if one["simulated"]] == ["firing"]
    # no data any more: the rehearsal ends by the clock of the journal alone
    late = Chunk(len(journal) + 1, round((AT + 300) * SECOND) + 2 * AFTER, ())
    story.note(rehearsal.step(model, late))
    lasting = [one for one in story.incidents.values() if one["simulated"] == "drill-1" and one["ended_at"] is None]
    assert lasting == []
    assert rehearsal.snapshot() == {}
