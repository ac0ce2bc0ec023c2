import numpy as np
import pytest
from tests.unit.decision.test_lifecycle import finding

from vedette.decision.bounds import bounds, presentable, tighter
from vedette.records.observation import Quantity
from vedette.records.score import Scores

ROWS = np.arange(2)
ONES = np.ones(2)


def judged(expected: float, value: np.ndarray) -> Scores:
    """Return a surprise that grows by one for each unit from what was expected."""
    away = np.abs(value - expected)
    return Scores(np.ones(2, np.int8), away, np.full(2, expected), away, away, away)


def test_a_bound_lies_where_the_surprise_is_bearable_on_either_side() -> None:
    actual = np.array([20.0, 1.0])
    found = bounds(ROWS, actual, 10 * ONES, 3 * ONES, lambda rows, value: (judged(10.0, value),))
    assert found == pytest.approx([13.0, 7.0], abs=1e-5)


def test_what_a_forecast_that_followed_allows_is_not_enough() -> None:
    def both(rows: np.ndarray, value: np.ndarray) -> tuple[Scores, ...]:
        return judged(16.0, value), judged(10.0, value)

    found = bounds(ROWS, 20 * ONES, 16 * ONES, 3 * ONES, both)
    assert found == pytest.approx([13.0, 13.0], abs=1e-5)


@pytest.mark.parametrize(
    ("bound", "expected", "quantity", "shown"),
    [
        (412.79, 350.0, Quantity.GAUGE, 412.0),
        (0.41279, 0.5, Quantity.DURATION, 0.413),
        (5.2, 5.1, Quantity.COUNT, 5.2),
        (0.0, 4.0, Quantity.COUNT, 0.0),
        (float("nan"), 4.0, Quantity.GAUGE, None),
    ],
)
def test_a_bound_is_rounded_towards_what_was_expected(
    bound: float, expected: float, quantity: Quantity, shown: float | None
) -> None:
    found = presentable(bound, expected, quantity)
    assert found != found if shown is None else found == pytest.approx(shown)


def test_the_tighter_of_two_bounds_holds_for_both_and_sides_are_kept_apart() -> None:
    high, higher = finding(3, counterfactual=0.5), finding(4, counterfactual=0.6)
    low = finding(5, actual=0.1, counterfactual=0.2)
    assert tighter(higher, high).counterfactual == 0.5
    assert tighter(low, high).counterfactual == 0.2
