import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles import levels as oracle

from vedette.kernels.levels import follow

rows = st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1, 1)), max_size=30)


@given(rows, st.floats(0.01, 1.0))
def test_each_column_follows_as_the_oracle_does(pairs: list[tuple[float, float]], share: float) -> None:
    values = np.array(pairs, np.float64).reshape(-1, 2)
    level, before, after = np.array([3.0, 0.0]), np.empty(values.shape), np.empty(values.shape)
    follow(values, share, level, before, after)
    for place, start in enumerate((3.0, 0.0)):
        expected = oracle.follow(values[:, place].tolist(), share, start)
        assert before[:, place] == pytest.approx(expected[0], abs=1e-6)
        assert after[:, place] == pytest.approx(expected[1], abs=1e-6)
        assert level[place] == pytest.approx((expected[1] or [start])[-1], abs=1e-6)
