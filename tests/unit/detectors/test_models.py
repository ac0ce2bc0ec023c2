import numpy as np
import pytest
from tests.property.rows import from_level, standardized


def test_a_series_that_begins_constant_is_judged_by_its_spread_once_it_varies() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([np.full(500, 5.0), rng.normal(5.0, 1.0, 3000)])
    assert np.std(standardized(values, 2000.0)[-1000:]) == pytest.approx(1.0, abs=0.1)
    half = 0.6745  # of a normal distribution's distances, half are less
    assert np.median(from_level(values, 0.001, 0.001)[-1000:]) == pytest.approx(half, abs=0.05)
