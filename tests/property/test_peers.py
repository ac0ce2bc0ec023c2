from math import exp, lgamma, log, log10

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.kernels import peers as kernel


def slow_count(value: int, mean: float, dispersion: float) -> float:
    """-log10 P(X >= value) of a negative binomial, term by term."""
    size = 1.0 / dispersion
    below = sum(
        exp(
            lgamma(k + size)
            - lgamma(size)
            - lgamma(k + 1)
            + size * log(size / (size + mean))
            + k * log(mean / (size + mean))
        )
        for k in range(value)
    )
    return -log10(max(1.0 - below, 1e-300))


@settings(deadline=None, max_examples=200)
@given(value=st.integers(0, 60), mean=st.floats(0.05, 40.0), dispersion=st.floats(0.02, 5.0))
def test_a_count_is_as_unlikely_as_the_sum_of_terms_says(value: int, mean: float, dispersion: float) -> None:
    out = np.empty(1)
    one = np.ones(1, np.int8)
    kernel.surprises(np.array([float(value)]), np.array([mean]), np.array([dispersion]), np.ones(1, np.bool_), one, out)
    expected = slow_count(value, mean, dispersion)
    if expected < 9.0:
        assert out[0] == pytest.approx(expected, abs=1e-4)


def test_no_number_has_no_surprise() -> None:
    out = np.empty(1)
    nothing, one = np.array([np.nan]), np.ones(1)
    kernel.surprises(nothing, one, one, np.zeros(1, np.bool_), np.zeros(1, np.int8), out)
    assert out[0] == 0.0
