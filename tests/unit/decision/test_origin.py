import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vedette.decision.origin import origins

WEB, CART, USERS, STOCK = range(4)
CALLERS = np.array([WEB, WEB, CART, USERS])
CALLEES = np.array([CART, USERS, STOCK, STOCK])


def best(*evidence: float) -> int:
    return int(origins(np.array(evidence), CALLERS, CALLEES).argmax())


def test_the_deepest_service_that_deviates_as_its_callers_do_is_the_origin() -> None:
    assert best(9.0, 9.0, 9.0, 8.0) == STOCK
    assert best(9.0, 8.0, 0.0, 0.0) == CART
    assert best(9.0, 0.0, 0.0, 0.0) == WEB


def test_a_leaf_that_deviates_a_little_does_not_explain_a_caller_that_deviates_much() -> None:
    assert best(9.0, 9.0, 0.0, 1.0) == CART


def test_a_caller_counts_once_however_many_ways_lead_to_it() -> None:
    assert origins(np.array([4.0, 4.0, 4.0, 4.0]), CALLERS, CALLEES)[STOCK] == 16.0


def test_evidence_in_favor_counts_as_none() -> None:
    assert origins(np.array([-5.0, 3.0, -1.0, 0.0]), CALLERS, CALLEES).tolist() == [0.0, 3.0, 0.0, 0.0]


def test_services_that_call_each_other_in_a_circle_are_no_endless_loop() -> None:
    assert origins(np.array([1.0, 2.0]), np.array([0, 1]), np.array([1, 0])).tolist() == [2.0, 3.0]


@given(st.lists(st.floats(0.0, 50.0), min_size=4, max_size=4))
def test_each_service_explains_its_own_and_never_more_than_all(evidence: list[float]) -> None:
    found, known = origins(np.array(evidence), CALLERS, CALLEES), np.array(evidence)
    assert (found >= known).all()
    assert (found <= known.sum() + 1e-9).all()
