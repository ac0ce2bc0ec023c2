from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles import sketch as oracle

from vedette.stats.sketch import (
    DD_ACCURACY,
    DD_BINS,
    DD_LOWEST_BYTES,
    DD_LOWEST_SECONDS,
    dd_add,
    dd_bins,
    dd_quantile,
    hll_add,
    hll_estimate,
    hll_registers,
)

anything = st.floats(allow_nan=True, allow_infinity=True)
ordinary = st.floats(1e-5, 1e5)
rows = st.lists(st.tuples(st.integers(-1, 4), anything), max_size=60)


@given(rows)
def test_every_value_is_counted_in_the_bin_of_the_oracle(pairs: list[tuple[int, float]]) -> None:
    bins = dd_bins(4)
    dd_add(np.array([s for s, _ in pairs], np.int32), np.array([v for _, v in pairs], np.float64), bins)
    expected = Counter(
        (slot, oracle.bin_of(value, DD_LOWEST_SECONDS, DD_ACCURACY, DD_BINS) if value < 1e300 else DD_BINS - 1)
        for slot, value in pairs
        if 0 <= slot < 4 and value == value
    )
    got = Counter({(int(s), int(b)): int(bins[s, b]) for s, b in zip(*np.nonzero(bins), strict=True)})
    near = {key for key in got.keys() | expected.keys() if got[key] != expected[key]}
    # a value on a bin's very edge may go to either side of it
    assert sum(got.values()) == sum(expected.values())
    assert all((slot, place + 1) in near or (slot, place - 1) in near for slot, place in near)


@given(st.lists(ordinary, min_size=1, max_size=80), st.floats(0, 1))
def test_quantiles_are_within_the_stated_accuracy(values: list[float], q: float) -> None:
    bins = dd_bins(2)
    dd_add(np.ones(len(values), np.int32), np.array(values), bins)
    empty, got = dd_quantile(bins, q)
    assert np.isnan(empty)
    assert got == pytest.approx(oracle.quantile(values, q), rel=DD_ACCURACY * 1.0001)


@given(st.lists(ordinary, max_size=40), st.lists(ordinary, max_size=40))
def test_sketches_are_merged_by_adding(first: list[float], second: list[float]) -> None:
    one, other, both = dd_bins(1), dd_bins(1), dd_bins(1)
    for values, into in ((first, one), (second, other), (first + second, both)):
        dd_add(np.zeros(len(values), np.int32), np.array(values, np.float64), into)
    assert np.array_equal(one + other, both)


@given(st.lists(st.integers(0, 2**64 - 1), max_size=300))
def test_registers_and_estimate_are_those_of_the_oracle(hashes: list[int]) -> None:
    registers = hll_registers(1)
    hll_add(np.zeros(len(hashes), np.int32), np.array(hashes, np.uint64), registers)
    assert registers[0].tolist() == oracle.registers(hashes)
    assert hll_estimate(registers)[0] == pytest.approx(oracle.estimate(registers[0].tolist()))


@given(st.lists(st.integers(0, 2**64 - 1), max_size=60))
def test_seeing_a_value_again_changes_nothing(hashes: list[int]) -> None:
    once, twice = hll_registers(1), hll_registers(1)
    values = np.array(hashes, np.uint64)
    slots = np.zeros(len(values), np.int32)
    hll_add(slots, values, once)
    for _ in range(2):
        hll_add(slots, values, twice)
    assert np.array_equal(once, twice)


@pytest.mark.parametrize("size", [10, 300, 5_000, 200_000])
def test_distinct_counts_are_within_four_standard_errors(size: int) -> None:
    rng = np.random.default_rng(size)
    registers = hll_registers(20)
    for slot in range(20):
        hll_add(np.full(size, slot, np.int32), rng.integers(0, 2**64, size, dtype=np.uint64), registers)
    error = hll_estimate(registers) / size - 1
    assert np.abs(error).max() < 4 * 0.065
    assert abs(error.mean()) < 4 * 0.065 / np.sqrt(20)


def test_bytes_reach_a_hundred_gigabytes() -> None:
    bins = dd_bins(1)
    dd_add(np.zeros(2, np.int32), np.array([3.0, 1e11]), bins, DD_LOWEST_BYTES)
    assert dd_quantile(bins, 0.0, DD_LOWEST_BYTES)[0] == pytest.approx(3.0, rel=DD_ACCURACY)
    assert dd_quantile(bins, 1.0, DD_LOWEST_BYTES)[0] == pytest.approx(1e11, rel=DD_ACCURACY)
