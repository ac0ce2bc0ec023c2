"""Open sessions: when they end, what is handed on, and what happens when there is no room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest

from vedette.features import sessions
from vedette.features.registry import Slots
from vedette.features.sessions import MOST_STEPS, Sessions
from vedette.records import schema
from vedette.records.observation import Scope
from vedette.records.segment import Segment
from vedette.records.session import Session
from vedette.records.time import SECOND
from vedette.state.codec import decode, encode

WIDTH, IDLE = 60 * SECOND, 120 * SECOND

Line = tuple[float, int, int]
"""Time in seconds, trace, template."""

FIRST: Line = (0.0, 0, 9)


def empty() -> Sessions:
    segments, scopes = Slots[Segment](10), Slots[Scope](10)
    segments.slot(Segment("", "orders", ""))
    return Sessions(segments, scopes, IDLE)


def take(model: Sessions, lines: Sequence[Line]) -> None:
    times = np.array([int(time * SECOND) for time, _, _ in lines])
    traces = pa.array([None if not trace else trace.to_bytes(16, "big") for _, trace, _ in lines], schema.TRACE)
    columns = pa.RecordBatch.from_pydict({schema.TRACE_ID: traces})
    template = np.array([template for *_, template in lines])
    model.take(columns, times - times % WIDTH, np.zeros(len(lines), np.int64), template, times)


def closed(model: Sessions, windows: int, first: int = 0) -> list[list[Session]]:
    return [model.close(number * WIDTH, (number + 1) * WIDTH) for number in range(first, windows)]


def test_a_session_is_over_after_silence_and_its_lines_are_in_order_of_time() -> None:
    model = empty()
    take(model, [FIRST, (130.0, 5, 3), (121.0, 5, 1), (125.0, 5, 2), (170.0, 6, 1), (185.0, 6, 2)])
    assert closed(model, 7) == [[], [], [], [], [Session(0, (1, 2, 3), 1)], [Session(0, (1, 2), 1)], []]


def test_those_that_are_alike_are_one_row() -> None:
    model = empty()
    take(model, [(130.0 + step, trace, step) for trace in range(1, 5) for step in range(2)])
    model.close(0, WIDTH)
    assert closed(model, 5, 1)[-1] == [Session(0, (0, 1), 4)]


def test_what_may_have_begun_before_it_looked_is_not_handed_on() -> None:
    model = empty()
    take(model, [(1.0, 5, 1), (119.0, 6, 1), (130.0, 7, 1)])
    assert [one.steps for window in closed(model, 6) for one in window] == [(1,)]


def test_lines_without_a_trace_are_no_session() -> None:
    model = empty()
    take(model, [(130.0, 0, 1), (131.0, 0, 2)])
    assert closed(model, 6) == [[]] * 6


def test_cuts_and_restarts_change_nothing() -> None:
    rng = np.random.default_rng(5)
    lines = sorted((float(rng.uniform(130, 400)), int(rng.integers(1, 60)), int(rng.integers(4))) for _ in range(300))
    whole, parts = empty(), empty()
    take(whole, lines)
    for start in range(0, len(lines), 7):
        take(parts, lines[start : start + 7])
        fresh = empty()
        fresh.restore(decode(encode(parts.snapshot())))
        parts = fresh
    found = closed(whole, 12)
    assert found == closed(parts, 12)
    assert sum(one.times * len(one.steps) for window in found for one in window) == 300


def test_a_session_that_never_ends_says_nothing_and_takes_no_room() -> None:
    model = empty()
    for minute in range(2, 8):
        take(model, [(minute * 60.0 + 0.1 * number, 5, 1) for number in range(500)])
        model.close(minute * WIDTH, (minute + 1) * WIDTH)
    assert len(model.snapshot()["held"]["key"]) <= MOST_STEPS
    assert model.blind >= 3000 - MOST_STEPS
    assert [one for window in closed(model, 14, 8) for one in window] == []


@pytest.mark.parametrize("limit", ["MOST_LINES", "MOST_SESSIONS"])
def test_where_there_is_no_room_whole_sessions_are_left_out_and_counted(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(sessions, limit, 64)
    model = empty()
    lines = [(130.0 + step, trace, step) for step in range(3) for trace in range(1, 201)]
    take(model, lines)
    found = closed(model, 8)
    told = [one for window in found for one in window]
    assert [one.steps for one in told] == [(0, 1, 2)]
    assert 0 < told[0].times <= 64
    assert model.blind == 600 - 3 * told[0].times


def test_once_there_is_room_again_sessions_are_let_in_but_not_halves_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MOST_SESSIONS", 64)
    model = empty()
    take(model, [(130.0, trace, 1) for trace in range(1, 201)])
    handed = [one for window in closed(model, 10) for one in window]
    assert sum(one.times for one in handed) < 64
    for minute in range(10, 80):  # a line in one minute, the other in the next
        take(model, [(minute * 60.0 + 10, 1000 + 3 * minute + place, 1) for place in range(3)])
        take(model, [(minute * 60.0 + 20, 1000 + 3 * (minute - 1) + place, 2) for place in range(3 * (minute > 10))])
    late = [one for window in closed(model, 79, 10) for one in window]
    assert {one.steps for one in late} == {(1, 2)}
    assert sum(one.times for one in late) > 100
    assert model._depth == 0
