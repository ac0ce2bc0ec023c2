import numpy as np
import pytest

from vedette.decision.budget import DAY, Budget
from vedette.records.time import SECOND

MINUTE = 60 * SECOND


def test_chances_of_a_day_sum_to_the_budget() -> None:
    tests = 500
    chance = Budget(2.0).chance(tests, MINUTE)
    assert chance * tests * (DAY / MINUTE) == pytest.approx(2.0)


def test_a_larger_budget_lowers_the_bar() -> None:
    assert Budget(5.0).bar(100, MINUTE) < Budget(0.2).bar(100, MINUTE)


def test_more_tests_raise_the_bar() -> None:
    assert Budget(1.0).bar(10_000, MINUTE) > Budget(1.0).bar(10, MINUTE)


def test_no_tests_is_no_division_by_zero() -> None:
    assert Budget(1.0).bar(0, MINUTE) > 0


@pytest.mark.parametrize("bar", [2.0, 3.0, 4.0])
def test_the_cusum_raises_no_more_than_the_slope_says(bar: float) -> None:
    """Renewal rate of threshold crossings of uniform p-values is at most 10^(-0.86 bar) a window."""
    rng = np.random.default_rng(5)
    gains = -np.log10(rng.random((400, 20_000))) - 1.0
    evidence, alarms = np.zeros(400), 0
    for column in gains.T:
        evidence = np.maximum(evidence + column, 0.0)
        over = evidence >= bar
        alarms += int(over.sum())
        evidence[over] = 0.0
    assert alarms / gains.size <= 10 ** (-0.86 * bar)
