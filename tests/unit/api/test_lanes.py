"""Series points → swim lanes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.api.lanes import ALL, STEPS, fold, step_seconds
from vedette.api.models import Lanes
from vedette.records.report import POINTS
from vedette.records.score import State
from vedette.records.time import SECOND

HOUR = 3600 * SECOND
START = 1_795_478_400 * SECOND
"""2026-11-24T00:00:00Z"""

Row = tuple[int, str, str, float, State]
"""Seconds after `START`, service, operation, score, state."""


def _points(rows: list[Row], chunks: int = 1) -> pa.Table:
    columns = {
        "time": [START + second * SECOND for second, *_ in rows],
        "environment": ["prod" for _ in rows],
        "service": [row[1] for row in rows],
        "operation": [row[2] for row in rows],
        "feature": ["requests" for _ in rows],
        **{name: [1.0 for _ in rows] for name in ("actual", "expected", "lower", "upper")},
        "score": [row[3] for row in rows],
        "state": [int(row[4]) for row in rows],
    }
    table = pa.table({name: pa.array(columns[name]).cast(POINTS.field(name).type) for name in POINTS.names})
    size = -(-len(rows) // chunks) or 1
    return pa.concat_tables([table.slice(start, size) for start in range(0, max(len(rows), 1), size)])


def _fold(rows: list[Row], hours: int = 24, cells: int = 96, limit: int = 20) -> Lanes:
    return Lanes.model_validate(fold(_points(rows), since=START, until=START + hours * HOUR, cells=cells, limit=limit))


def test_a_cell_is_the_highest_score_in_it() -> None:
    rows = [
        (0, "web", "/a", 10.0, State.READY),
        (60, "web", "/a", 97.26, State.READY),
        (899, "web", "/a", 3.0, State.READY),
    ]
    lanes = _fold(rows)
    assert (lanes.step_seconds, lanes.cells) == (900, 96)
    assert lanes.start == "2026-11-24T00:00:00.000Z"
    assert lanes.rows[1].scores == [97.3] + [None] * 95


def test_the_first_lane_stands_for_all() -> None:
    lanes = _fold([(0, "web", "/a", 10.0, State.READY), (0, "api", "/b", 60.0, State.READY)])
    assert [row.segment for row in lanes.rows] == [ALL, "prod/api /b", "prod/web /a"]
    assert lanes.rows[0].scores[0] == 60.0


def test_the_worst_lanes_come_first_and_the_rest_is_left_out() -> None:
    rows: list[Row] = [(0, f"s{number:02}", "", float(number), State.READY) for number in range(40)]
    lanes = _fold(rows, limit=3)
    assert [row.segment for row in lanes.rows] == [ALL, "prod/s39", "prod/s38", "prod/s37"]


def test_among_equals_the_longer_trouble_comes_first() -> None:
    short: list[Row] = [(0, "a", "", 80.0, State.READY)]
    long: list[Row] = [(second, "b", "", 80.0, State.READY) for second in (0, 900, 1800)]
    assert [row.segment for row in _fold(short + long).rows[1:]] == ["prod/b", "prod/a"]


@pytest.mark.parametrize("state", [State.LEARNING, State.ABSTAIN, State.BLIND])
def test_points_without_a_verdict_are_learning(state: State) -> None:
    lanes = _fold([(0, "web", "", 0.0, state)])
    assert lanes.rows[1].scores[0] == -1.0
    assert lanes.rows[1].state == "learning"


def test_a_score_outweighs_learning_in_its_cell() -> None:
    lanes = _fold([(0, "web", "", 0.0, State.LEARNING), (1, "web", "", 5.0, State.READY)])
    assert lanes.rows[1].scores[0] == 5.0
    assert lanes.rows[1].state == "ready"


def test_a_lane_has_the_state_of_its_latest_cell() -> None:
    lanes = _fold([(0, "web", "", 5.0, State.READY), (1000, "web", "", 0.0, State.LEARNING)])
    assert lanes.rows[1].state == "learning"


def test_points_outside_of_the_range_do_not_count() -> None:
    lanes = _fold([(-1, "web", "", 99.0, State.READY), (24 * 3600, "web", "", 99.0, State.READY)])
    assert lanes.rows[1].scores == [None] * 96


def test_the_range_is_widened_to_round_times() -> None:
    lanes = fold(_points([]), since=START + 7 * SECOND, until=START + 7 * SECOND + 24 * HOUR, cells=96, limit=5)
    assert lanes["start"] == "2026-11-24T00:00:00.000Z"
    assert lanes["cells"] == 97


def test_no_points_make_no_lanes() -> None:
    assert _fold([]).rows == []


def test_only_what_is_wanted_counts() -> None:
    rows = [(0, "web", "/a", 10.0, State.READY), (0, "api", "/b", 60.0, State.READY)]
    span = {"since": START, "until": START + 24 * HOUR, "cells": 96, "limit": 20}
    found = fold(_points(rows), **span, wanted={"prod/web /a"})["rows"]
    assert [(row["segment"], max(score or 0.0 for score in row["scores"])) for row in found] == [
        ("all segments", 10.0),
        ("prod/web /a", 10.0),
    ]
    assert fold(_points(rows), **span, wanted=set())["rows"] == []


def test_scores_beyond_the_scale_are_cut() -> None:
    assert _fold([(0, "web", "", 250.0, State.READY)]).rows[1].scores[0] == 100.0


def test_points_in_several_chunks_are_one_table() -> None:
    rows: list[Row] = [(number, f"s{number % 3}", "", float(number), State.READY) for number in range(30)]
    span = {"since": START, "until": START + HOUR, "cells": 96, "limit": 20}
    assert fold(_points(rows, chunks=7), **span) == fold(_points(rows), **span)


@given(st.integers(1, 400 * 86_400), st.integers(1, 400))
def test_a_step_is_round_and_covers_the_range(seconds: int, cells: int) -> None:
    step = step_seconds(seconds * SECOND, cells)
    assert step * cells >= seconds
    assert step in STEPS or step % STEPS[-1] == 0


@given(st.lists(st.tuples(st.integers(0, 3599), st.integers(0, 3), st.floats(0, 100)), min_size=1, max_size=60))
def test_is_what_a_loop_over_the_points_gives(found: list[tuple[int, int, float]]) -> None:
    rows: list[Row] = [(second, f"s{number}", "", score, State.READY) for second, number, score in found]
    lanes = fold(_points(rows), since=START, until=START + HOUR, cells=60, limit=20)
    best: dict[tuple[str, int], float] = {}
    for second, name, _, score, _ in rows:
        key = (f"prod/{name}", second // 60)
        best[key] = max(best.get(key, 0.0), round(float(np.float32(score)), 1))
    cells = {(row["segment"], column): score for row in lanes["rows"][1:] for column, score in enumerate(row["scores"])}
    assert {key: score for key, score in cells.items() if score is not None} == pytest.approx(best)
