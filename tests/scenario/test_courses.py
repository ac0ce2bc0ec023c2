"""Two weeks of twenty queues through the shard: what is odd about a number's course, and no window shows alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from bench.ordinary import START, Nothing
from tests.scenario.replayed import Played
from tests.scenario.story import Story, shard
from tests.scenario.test_noise import Extracted

from vedette.decision.courses import WHY
from vedette.detectors.course_watch import CourseWatch
from vedette.journal.log import Chunk
from vedette.pipeline import Shard
from vedette.records.document import Document
from vedette.records.feature import feature_of
from vedette.records.observation import Measures, Occurrences
from vedette.records.segment import Segment
from vedette.records.time import SECOND, from_rfc3339
from vedette.records.window import Window

WIDTH = 300 * SECOND
DAY = 288
DAYS = 14
AT = 12 * DAY + 150
PLAIN = tuple(f"plain{number}" for number in range(16))
SPIKES = tuple(f"spike{number}" for number in range(4))


def queue(name: str, seed: int) -> np.ndarray:
    """Return five-minute means of a queue that follows the day and its own last minutes."""
    rng = np.random.default_rng(seed)
    place = np.arange(DAYS * DAY)
    wander = np.zeros(len(place))
    for row, step in enumerate(rng.normal(0.0, 1.0, len(place))):
        wander[row] = 0.7 * wander[row - 1] + step
    values = 100.0 + 25.0 * np.sin(2 * np.pi * place / DAY) + 4.0 * wander
    if name in SPIKES:
        values[AT : AT + 2] += 45.0
    elif name == "flat":
        values[AT : AT + 100] = 140.0
    return values


def windows() -> Iterator[Window]:
    names = (*PLAIN, *SPIKES, "flat")
    values = np.stack([queue(name, 200 + number) for number, name in enumerate(names)], axis=1)
    series = [feature_of("metric").series(Segment("", name, ""), "metric: queue") for name in names]
    slot, none = np.arange(len(names), dtype=np.int32), np.zeros(0, np.int64)
    for place, row in enumerate(values):
        start = START + place * WIDTH
        yield Window(
            start,
            WIDTH,
            series if place == 0 else (),
            (),
            Measures(start, WIDTH, slot, row, np.ones(len(row))),
            Occurrences(start, WIDTH, none.astype(np.int32), none.astype(np.uint64), none),
            Nothing(),
        )


@pytest.fixture(scope="module")
def story() -> Story:
    return played(shard("300s"))


@pytest.fixture(scope="module")
def without() -> Story:
    """Return what the same shard tells if it follows no course."""
    model = shard("300s")
    model.courses = CourseWatch(1.0, most=0)
    return played(model)


def played(model: Shard) -> Story:
    told = Story()
    model.extract = Played(Extracted(), windows())  # type: ignore[assignment, arg-type]
    told.note(model.step(Chunk(0, None, ())))
    return told


def incidents(story: Story, name: str) -> list[tuple[int, Document]]:
    """Return a service's incidents with the window in which each began, from `AT` on."""
    mine = [one for one in story.fired if one["segment_parts"]["service"] == name]
    return [((from_rfc3339(one["started_at"]) - START) // WIDTH - AT, one) for one in mine]


def found(story: Story, name: str) -> list[Document]:
    """Return what the course of a service's number was told of."""
    mine = [one for one in story.findings if one["segment_parts"]["service"] == name]
    return [one for one in mine if one["detector"] == "ensemble"]


def test_two_ordinary_weeks_of_sixteen_queues_are_none(story: Story) -> None:
    assert not [one for name in PLAIN for one in incidents(story, name)]


def test_ten_minutes_that_are_odd_for_their_hour_are_told_by_their_course(story: Story, without: Story) -> None:
    assert not [one for name in SPIKES for one in incidents(without, name)]
    told = [name for name in SPIKES if incidents(story, name)]
    assert len(told) >= 3
    for name in told:
        assert {place for place, _ in incidents(story, name)} <= {0, 1}
        assert any(one["told"].endswith(tuple(WHY.values())) for one in found(story, name))


def test_what_windows_show_is_told_as_ever(story: Story) -> None:
    assert 0 <= incidents(story, "flat")[0][0] <= 2
