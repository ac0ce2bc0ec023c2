"""Residuals of each number on all the others, against least squares."""

import numpy as np
import pytest

from vedette.stats.regression import RIDGE, residuals


def test_what_is_left_is_what_least_squares_leave() -> None:
    rng = np.random.default_rng(3)
    mixed = rng.normal(size=(5000, 4)) @ rng.normal(size=(4, 4))
    off = mixed - mixed.mean(axis=0)
    products, scale = off.T @ off / len(off), off.std(axis=0)
    ridged = np.where(np.eye(4) > 0, products, (1.0 - RIDGE) * products)
    row = off[:1]
    left, spread = residuals(row, products[None], scale[None], np.ones((1, 4), np.bool_))
    for one in range(4):
        others = [k for k in range(4) if k != one]
        slopes = np.linalg.solve(ridged[np.ix_(others, others)], ridged[others, one])
        assert left[0, one] == pytest.approx(row[0, one] - row[0, others] @ slopes)
        assert spread[0, one] ** 2 == pytest.approx(ridged[one, one] - ridged[one, others] @ slopes)


def test_a_number_that_is_not_used_says_nothing_of_the_others() -> None:
    products = np.array([[[1.0, 0.9], [0.9, 1.0]]])
    left, spread = residuals(np.array([[2.0, 0.0]]), products, np.ones((1, 2)), np.array([[True, False]]))
    assert (left[0, 0], spread[0, 0]) == (2.0, 1.0)


def test_numbers_that_are_the_same_twice_leave_a_seventh_of_a_spread() -> None:
    both = residuals(np.ones((1, 2)), np.ones((1, 2, 2)), np.ones((1, 2)), np.ones((1, 2), np.bool_))
    assert both[1][0] == pytest.approx(np.sqrt(1.0 - (1.0 - RIDGE) ** 2))
