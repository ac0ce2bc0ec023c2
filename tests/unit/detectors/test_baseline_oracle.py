import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.baseline import Model

from vedette.detectors.baseline import Baseline
from vedette.records.observation import Direction, Measures, Quantity, Series
from vedette.records.segment import Segment

SECOND = 10**9
START = 1_767_571_200

quantities = st.sampled_from(list(Quantity))
directions = st.sampled_from(list(Direction))


def values(rng: np.random.Generator, quantity: Quantity, steps: int, shift: float) -> np.ndarray:
    """Return a rhythm with noise, a few wild values, and a lasting change in the middle."""
    rhythm = 1 + 0.5 * np.sin(np.arange(steps) / 40)
    rhythm[steps // 2 :] *= shift
    if quantity in (Quantity.COUNT, Quantity.DISTINCT):
        row = rng.poisson(8 * rhythm).astype(float)
    elif quantity is Quantity.RATIO:
        row = rng.binomial(25, np.clip(0.05 * rhythm, 0, 1), steps) / 25
    else:
        row = 20 * rhythm * rng.lognormal(0, 0.2, steps)
    wild = rng.random(steps) < 0.03
    row[wild] = 1.0 if quantity is Quantity.RATIO else 40 * row[wild] + 5
    row[rng.random(steps) < 0.01] = np.nan
    return row


@given(
    quantities,
    directions,
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([60, 600, 3600]),
    st.sampled_from([1.0, 4.0, 0.2]),
    st.integers(0, 2**32 - 1),
)
def test_scores_and_learns_as_the_oracle_does(
    quantity: Quantity, direction: Direction, least: float, width: int, shift: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    detector = Baseline(ready_after=0.0)
    detector.grow([Series(Segment("", "shop", ""), "x", quantity, direction, least)])
    oracle = Model(int(quantity), int(direction), least, float(width))
    start = START + int(rng.integers(0, 604_800))
    for value in values(rng, quantity, 260, shift):
        weight = float(rng.integers(1, 60)) if quantity is not Quantity.RATIO else 25.0
        window = Measures(start * SECOND, width * SECOND, np.zeros(1, np.int32), np.array([value]), np.array([weight]))
        scores = detector.score(window)
        if scores.missing[0] == 0:
            surprise, expected = oracle.score(start, value, weight)
            # seasons are kept in single precision: an expectation near zero is as exact as the values it is made of,
            # and far tails magnify what that costs
            assert scores.expected[0] == pytest.approx(expected, rel=1e-4, abs=1e-5)
            assert scores.surprise[0] == pytest.approx(surprise, rel=2e-3, abs=2e-3)
        detector.learn(window, scores.surprise)
        oracle.learn(start, value, weight)
        start += width * int(rng.choice([1, 1, 1, 1, 2, 30]))
