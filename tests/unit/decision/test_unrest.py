"""What windows that repeat one another tell counts less, and what one fault tells counts in full."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vedette.decision.evidence import Judge
from vedette.decision.unrest import Unrest, away
from vedette.kernels.baseline_layout import Z_BAND
from vedette.records.score import Scores

SERIES = 10
SLOTS = np.arange(SERIES, dtype=np.int32)


def inflation(deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inflation of ten series after windows, shape ``(windows, 10)``."""
    unrest = Unrest()
    unrest.grow(SERIES)
    for row in deviations:
        unrest.note(SLOTS, row)
    return unrest.inflation(SLOTS)


def noise(windows: int) -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(size=(windows, SERIES))


def unrest_of(windows: int, keep: float) -> NDArray[np.float64]:
    """Return an autoregressive series of variance 1."""
    rows, wander = noise(windows), np.zeros(SERIES)
    for row in rows:
        wander[:] = keep * wander + np.sqrt(1 - keep**2) * row
        row[:] = wander
    return rows


def test_independent_windows_count_in_full() -> None:
    assert inflation(noise(5_000)).max() == 1.0
    assert inflation(np.random.default_rng(2).exponential(size=(5_000, SERIES)) - 0.3).max() < 1.05


def test_windows_that_repeat_one_another_count_as_few() -> None:
    mild, strong = inflation(unrest_of(5_000, 0.5)), inflation(unrest_of(5_000, 0.95))
    assert 1.3 < mild.min() < mild.max() < 3.0
    assert strong.min() > 5.0


def test_one_fault_is_no_habit_and_one_a_night_is() -> None:
    once, nightly = noise(10_080), noise(10_080)
    once[5_000:5_020] += 8.0
    for night in range(7):
        nightly[night * 1440 + 100 : night * 1440 + 160] += 8.0
    assert inflation(once).max() < 1.05
    assert inflation(nightly).min() > 1.3


def test_how_wide_the_band_is_and_where_its_middle_lies_do_not_matter() -> None:
    rows = unrest_of(3_000, 0.9)
    assert np.allclose(inflation(0.5 * rows + 0.3), inflation(0.5 * rows), rtol=0.1)


def test_what_is_not_known_is_left_out() -> None:
    rows = unrest_of(3_000, 0.9)
    holes = rows.repeat(2, axis=0)
    holes[1::2] = np.nan
    assert np.array_equal(inflation(holes), inflation(rows))


def test_a_value_is_measured_by_its_own_side_of_the_band() -> None:
    state, none = np.ones(3, np.int8), np.zeros(3)
    scores = Scores(state, none, np.array([10.0, 10.0, np.nan]), np.full(3, 5.0), np.full(3, 30.0), none)
    assert np.allclose(away(np.array([30.0, 5.0, 1.0]), scores), [Z_BAND, -Z_BAND, np.nan], equal_nan=True)


def test_restored_it_says_the_same_and_slots_are_apart() -> None:
    unrest, again = Unrest(), Unrest()
    unrest.grow(SERIES)
    for row in unrest_of(2_000, 0.9):
        unrest.note(SLOTS[:5], row[:5])
    again.restore(unrest.snapshot())
    assert np.array_equal(again.inflation(SLOTS), unrest.inflation(SLOTS))
    assert unrest.inflation(SLOTS)[5:].tolist() == [1.0] * 5


def test_a_judge_from_before_unrest_was_measured_is_gone_on_from() -> None:
    judge, again, none = Judge(), Judge(), np.zeros(SERIES)
    names = ["requests of shop"] * SERIES
    judge.grow(names)
    scores = Scores(np.ones(SERIES, np.int8), np.full(SERIES, 2.0), none, none - 1.0, none + 1.0, none)
    judge.judge(SLOTS, scores, 7.0, value=none + 0.5)
    older = {name: held for name, held in judge.snapshot().items() if name not in ("unrest", "most")}
    again.restore(older, names)
    one, other = (of.judge(SLOTS, scores, 7.0, value=none + 0.5) for of in (judge, again))
    assert np.array_equal(one.p_value, other.p_value)
