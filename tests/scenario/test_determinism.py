"""The same records give the same findings, to the byte, however they were cut, and after any restart."""

from collections.abc import Sequence

import pytest
from tests.scenario.story import END, Story, as_bytes, batches, interrupted, play, shard

from vedette.journal.log import Chunk
from vedette.records.batch import SafeBatch
from vedette.records.time import SECOND


@pytest.fixture(scope="module")
def stream() -> Sequence[SafeBatch]:
    return list(batches(0.25, 2.0, "sqli", END - 900.0))


@pytest.fixture(scope="module")
def undisturbed(stream: Sequence[SafeBatch]) -> Story:
    story = play(shard(), stream)
    assert story.findings
    return story


def test_a_replay_gives_the_same_bytes(stream: Sequence[SafeBatch], undisturbed: Story) -> None:
    assert as_bytes(play(shard(), stream)) == as_bytes(undisturbed)


@pytest.mark.parametrize("size", [1, 7, 333, 4000])
def test_other_cuts_give_the_same_bytes(stream: Sequence[SafeBatch], undisturbed: Story, size: int) -> None:
    stream = stream[-3:] if size == 1 else stream
    expected = play(shard(), stream) if size == 1 else undisturbed
    model, story, number = shard(), Story(), 0
    for batch in stream:
        for start in range(0, len(batch), size):
            number += 1
            part = SafeBatch(batch.signal, batch.columns.slice(start, size))
            story.note(model.step(Chunk(number, None, (part,))))
    story.note(model.finish())
    assert as_bytes(story) == as_bytes(expected)


def test_a_restart_at_any_chunk_gives_the_same_bytes(stream: Sequence[SafeBatch], undisturbed: Story) -> None:
    again = interrupted(stream, lambda number: number % 3 == 0)
    assert as_bytes(again) == as_bytes(undisturbed)


def test_ticks_close_windows_without_data(stream: Sequence[SafeBatch]) -> None:
    model = shard()
    for number, batch in enumerate(stream[:2], 1):
        model.step(Chunk(number, None, (batch,)))
    before = model.extract.watermark.open_from
    report = model.step(Chunk(3, model.extract.watermark.latest + 120 * SECOND, ()))
    assert report.windows == 2
    assert model.extract.watermark.open_from == before + 120 * SECOND


def test_a_source_that_falls_silent_is_an_incident() -> None:
    model, story = shard(), Story()
    number = 0
    for batch in batches(1.0, 2.0):
        number += 1
        story.note(model.step(Chunk(number, None, (batch,))))
    for minute in range(1, 15):
        story.note(model.step(Chunk(number + minute, END * SECOND + minute * 60 * SECOND, ())))
    assert [one["explanation"]["contributions"][0]["feature"] for one in story.fired] == ["requests"]
    assert story.fired[0]["explanation"]["contributions"][0]["actual"] == 0
