import numpy as np
import pytest

from vedette.stats.sketch import dd_above, dd_add, dd_bins, dd_quantile, hll_add, hll_estimate, hll_registers


def test_zero_and_negative_values_read_zero() -> None:
    bins = dd_bins(1)
    dd_add(np.zeros(3, np.int32), np.array([0.0, -5.0, -np.inf]), bins)
    assert dd_quantile(bins, 0.5).tolist() == [0.0]
    assert bins.sum() == 3


def test_values_beyond_the_range_are_clamped_to_its_end() -> None:
    bins = dd_bins(1)
    dd_add(np.zeros(2, np.int32), np.array([1e30, np.inf]), bins)
    assert bins[0, -1] == 2
    assert 1e4 < dd_quantile(bins, 0.5)[0] < 1e6


def test_nan_and_foreign_slots_are_left_out() -> None:
    bins, registers = dd_bins(2), hll_registers(2)
    slots = np.array([0, -1, 2, 99], np.int32)
    dd_add(slots, np.array([np.nan, 1.0, 1.0, 1.0]), bins)
    hll_add(slots[1:], np.ones(3, np.uint64), registers)
    assert not bins.any()
    assert not registers.any()
    assert np.isnan(dd_quantile(bins, 0.5)).all()
    assert hll_estimate(registers).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("q", [-0.1, 1.1, float("nan")])
def test_a_quantile_outside_its_range_is_refused(q: float) -> None:
    with pytest.raises(ValueError, match=f"got {q}, expected"):
        dd_quantile(dd_bins(1), q)


def test_values_above_a_bound_are_counted_to_twice_the_accuracy() -> None:
    bins, values = dd_bins(2), np.random.default_rng(3).lognormal(-2.0, 1.0, 5000)
    dd_add(np.zeros(5000, np.int32), values, bins)
    for bound in (0.01, 0.1, 0.3, 2.0):
        counted, none = dd_above(bins, bound).tolist()
        assert (values > 1.041 * bound).sum() <= counted <= (values > bound).sum()
        assert none == 0
    assert dd_above(bins, 0.0)[0] == 5000
    assert dd_above(bins, 1e12)[0] == 0
