"""Series points → one number against its band."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from vedette.api.models import Series
from vedette.api.series import fold
from vedette.records.report import POINTS
from vedette.records.score import State
from vedette.records.time import SECOND

COUNT = 2000
FEATURES = ("requests", "latency_p95_seconds")


def _points(count: int = COUNT) -> pa.Table:
    """Return two features of two segments, once a second, latest first; latency has one odd point."""
    parts = [_part(operation, feature, count) for operation in ("/a", "/b") for feature in FEATURES]
    return pa.concat_tables(parts)


def _part(operation: str, feature: str, count: int) -> pa.Table:
    seconds = np.arange(count)[::-1]
    score = np.where((seconds == 777) & (feature == FEATURES[1]) & (operation == "/a"), 96.0, 4.0)
    columns: dict[str, Any] = {
        "time": seconds * SECOND,
        "environment": ["prod"] * count,
        "service": ["web"] * count,
        "operation": [operation] * count,
        "feature": [feature] * count,
        "actual": np.where(score > 50, 9.0, 1.0 + seconds / 1e6),
        "expected": np.full(count, 1.0),
        "lower": np.where(seconds < 100, np.nan, 0.5),
        "upper": np.where(seconds < 100, np.nan, 1.5),
        "score": score,
        "state": np.where(seconds < 100, int(State.LEARNING), int(State.READY)),
    }
    return pa.table({name: pa.array(columns[name]).cast(POINTS.field(name).type) for name in POINTS.names})


def _fold(points: pa.Table | None = None, **options: Any) -> Series:
    asked = {"segment": "prod/web /a", "feature": FEATURES[1], "since": 0, "until": COUNT * SECOND, "most": 4000}
    return Series.model_validate(fold(_points() if points is None else points, **{**asked, **options}))


def test_points_come_in_order_of_time() -> None:
    found = _fold()
    assert found.t == [float(second) for second in range(COUNT)]
    assert found.actual[777] == 9.0
    assert (found.feature, found.unit, found.segment) == (FEATURES[1], "s", "prod/web /a")


def test_what_is_still_learned_has_no_band_and_no_score() -> None:
    found = _fold()
    assert found.lower[99] is None
    assert found.upper[99] is None
    assert found.score[99] is None
    assert found.score[100] == 4.0


def test_a_spike_survives_decimation_with_its_score() -> None:
    found = _fold(most=50)
    assert len(found.t) <= 50
    spike = found.t.index(777.0)
    assert (found.actual[spike], found.score[spike]) == (9.0, 96.0)


def test_a_kept_point_has_the_highest_score_of_those_it_stands_for() -> None:
    points = _points()
    calm = points.set_column(points.schema.get_field_index("actual"), "actual", pa.array(np.ones(points.num_rows)))
    assert 96.0 in _fold(calm, most=20).score


def test_only_the_range_is_shown() -> None:
    found = _fold(since=10 * SECOND, until=20 * SECOND)
    assert found.t == [float(second) for second in range(10, 20)]


def test_without_a_feature_the_worst_one_is_shown() -> None:
    assert _fold(feature="").feature == FEATURES[1]
    assert _fold(feature="", segment="prod/web /b").feature == FEATURES[0]


@pytest.mark.parametrize(
    "options", [{"segment": "prod/none"}, {"feature": "none"}, {"since": 10**18, "until": 10**18 + 1}]
)
def test_what_is_not_there_is_empty(options: dict[str, Any]) -> None:
    found = _fold(**options)
    assert found.t == found.actual == found.score == []


def test_an_unknown_segment_has_no_worst_feature() -> None:
    assert _fold(segment="prod/none", feature="").feature == ""


def test_an_empty_table_is_an_empty_series() -> None:
    assert _fold(POINTS.empty_table()).t == []
