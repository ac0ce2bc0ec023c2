"""Log tail probabilities against scipy, over the range that detectors use."""

from math import floor, isfinite, log, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from vedette.kernels.likelihood import (
    log_count_cdf,
    log_count_sf,
    log_normal_sf,
    log_share_cdf,
    log_share_sf,
    log_student_sf,
)

means = st.floats(-3, 6).map(lambda x: 10.0**x)
dispersions = st.floats(-5, 1.5).map(lambda x: 10.0**x)
deviations = st.floats(-4, 15)
trials = st.floats(0, 4).map(lambda x: floor(10.0**x))
shares = st.floats(0.001, 0.999)
correlations = st.floats(-4, -0.3).map(lambda x: 10.0**x)


def close(got: float, expected: float, tolerance: float) -> bool:
    return abs(got - expected) <= tolerance * max(1.0, abs(expected))


@given(means, dispersions, deviations)
def test_counts(mean: float, dispersion: float, deviation: float) -> None:
    count = floor(max(0.0, mean + deviation * sqrt(mean + dispersion * mean * mean)))
    size = 1 / dispersion
    share = size / (size + mean)
    above, below = stats.nbinom.logsf(count - 1, size, share), stats.nbinom.logcdf(count, size, share)
    if isfinite(above) and above > -600:
        assert close(log_count_sf(count, mean, dispersion), above, 1e-3)
    if isfinite(below) and below > -600:
        assert close(log_count_cdf(count, mean, dispersion), below, 1e-3)


@given(st.floats(0.01, 300), st.integers(0, 600))
def test_counts_without_dispersion_are_poisson(mean: float, count: int) -> None:
    expected = stats.poisson.logsf(count - 1, mean)
    assume(isfinite(expected) and expected > -300)
    assert close(log_count_sf(count, mean, 0.0), expected, 1e-3)


@given(trials, shares, correlations, st.floats(0, 1))
def test_shares(n: int, mean: float, correlation: float, part: float) -> None:
    spread = sqrt(n * mean * (1 - mean) * (1 + (n - 1) * correlation))
    assume(spread < 300)
    k = floor(min(n, n * mean + 8 * spread) * part)
    strength = 1 / correlation - 1
    law = stats.betabinom(n, mean * strength, (1 - mean) * strength)
    masses = law.logpmf(np.arange(n + 1))
    assert close(log_share_sf(k, n, mean, correlation), np.logaddexp.reduce(masses[k:]), 1e-3)
    assert close(log_share_cdf(k, n, mean, correlation), np.logaddexp.reduce(masses[: k + 1]), 1e-3)


@given(st.integers(100_000, 10_000_000), st.floats(0.05, 0.95), st.floats(-5, 5))
def test_shares_of_very_many_trials_are_near(n: int, mean: float, deviation: float) -> None:
    correlation = 0.001
    k = floor(n * mean + deviation * n * sqrt(mean * (1 - mean) * correlation))
    assume(0 < k < n)
    strength = 1 / correlation - 1
    expected = stats.beta.logsf(k / n, mean * strength, (1 - mean) * strength)
    assert close(log_share_sf(k, n, mean, correlation), expected, 0.05)


@given(st.floats(-1e6, 1e6))
def test_student(t: float) -> None:
    assert close(log_student_sf(t), stats.t.logsf(t, 6), 1e-9)


@given(st.floats(-30, 1000))
def test_normal(z: float) -> None:
    assert close(log_normal_sf(z), stats.norm.logsf(z), 1e-4)


def test_the_ends_are_certain_or_impossible() -> None:
    assert log_count_sf(0.0, 5.0, 0.1) == 0.0
    assert log_count_cdf(-1.0, 5.0, 0.1) == -np.inf
    assert log_share_sf(0.0, 10.0, 0.1, 0.01) == 0.0
    assert log_share_sf(11.0, 10.0, 0.1, 0.01) == -np.inf
    assert log_share_cdf(10.0, 10.0, 0.1, 0.01) == 0.0


@pytest.mark.parametrize("far", [1e8, 1e100, 1e300])
def test_far_out_in_the_tail_nothing_overflows(far: float) -> None:
    assert isfinite(log_student_sf(min(far, 1e100)))
    assert log_count_sf(far, 1.0, 0.1) < -1e6


def test_one_failure_of_two_is_nothing() -> None:
    assert log_share_sf(1, 2, 0.02, 0.01) > log(0.02)
