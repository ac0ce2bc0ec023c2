import numpy as np
import pytest

from vedette.kernels.models import from_level, standardized


@pytest.mark.parametrize("constant", [20, 500])
def test_a_series_that_begins_constant_is_judged_by_its_spread_once_it_varies(constant: int) -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([np.full(constant, 5.0), rng.normal(5.0, 1.0, 3000)])
    away = standardized(values, 2000.0)[-1000:]
    assert np.std(away) == pytest.approx(1.0, abs=0.3)
    distance = from_level(values, 0.05, 0.01)[-1000:]
    assert np.median(distance) < 3.0
