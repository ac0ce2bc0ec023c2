"""Fewer points that look the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.oracles.decimate import decimate_slowly

from vedette.api.decimate import decimate, run_starts

VALUES = st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=0, max_size=200).map(np.array)


def test_few_points_are_all_kept() -> None:
    assert decimate(np.array([3.0, 1.0, 2.0]), 3).tolist() == [0, 1, 2]
    assert decimate(np.zeros(0), 2).tolist() == []


def test_a_spike_of_one_point_in_a_million_survives() -> None:
    values = np.sin(np.arange(1_000_000) / 1000)
    values[654_321] = 50.0
    kept = decimate(values, 600)
    assert len(kept) <= 600
    assert 654_321 in kept


def test_a_dip_survives_too() -> None:
    values = np.ones(10_000)
    values[77] = 0.0
    assert 77 in decimate(values, 100)


def test_a_flat_line_keeps_one_point_a_run() -> None:
    assert decimate(np.ones(100), 10).tolist() == [0, 20, 40, 60, 80]


def test_a_run_without_numbers_keeps_a_gap() -> None:
    values = np.ones(100)
    values[40:60] = np.nan
    kept = decimate(values, 10)
    assert np.isnan(values[kept]).any()


@pytest.mark.parametrize("points", [-1, 0, 1])
def test_too_few_points_are_refused(points: int) -> None:
    with pytest.raises(ValueError, match=f"got {points}"):
        decimate(np.ones(10), points)


@given(VALUES, st.integers(2, 50))
def test_is_what_the_slow_way_gives(values: NDArray[np.float64], points: int) -> None:
    assert decimate(values, points).tolist() == decimate_slowly(values.tolist(), points)


@given(VALUES, st.integers(2, 50))
def test_keeps_order_bound_and_extremes(values: NDArray[np.float64], points: int) -> None:
    kept = decimate(values, points)
    assert len(kept) <= max(points, 0)
    assert (np.diff(kept) > 0).all()
    if np.isfinite(values).any():
        assert np.nanmax(values[kept]) == np.nanmax(values)
        assert np.nanmin(values[kept]) == np.nanmin(values)


@given(st.integers(3, 10_000), st.integers(2, 100))
def test_runs_cover_all_rows_and_differ_by_one_at_most(count: int, points: int) -> None:
    if count <= points:
        return
    starts = run_starts(count, points)
    sizes = np.diff(np.append(starts, count))
    assert starts[0] == 0
    assert sizes.min() >= 1
    assert sizes.max() - sizes.min() <= 1
