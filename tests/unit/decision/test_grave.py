"""Shares of failures: each of many incidents is told as soon as the first, though nobody judged those before."""

import numpy as np

from vedette.decision.evidence import Judge
from vedette.records.score import Scores, State

ONE = np.zeros(1, np.int32)
BAR = 6.0
APART = 2000
"""Windows between two incidents, each of which `LENGTH` windows make."""
LENGTH = 12


def judge() -> Judge:
    new = Judge()
    new.grow(["error_ratio of shop"])
    return new


def scores(surprise: float, expected: float) -> Scores:
    state, row = np.array([State.READY], np.int8), np.ones(1)
    return Scores(state, surprise * row, expected * row, 0.0 * row, 4.0 * expected * row + 0.05, np.zeros(1))


def delays(grave: bool, count: int) -> list[int | None]:
    """Return, for each of some incidents, after how many windows it was odd first; None for never."""
    judging, rng, told = judge(), np.random.default_rng(3), list[int | None]()
    mask = np.array([grave])
    for _ in range(count):
        for window in range(APART):
            # what failed is expected for a while after it, and does not come
            failed = rng.random() < 0.01
            one = scores(0.7 * rng.exponential() if failed else 0.0, 0.07 * np.exp(-window / 300))
            judging.judge(ONE, one, BAR, value=np.array([0.02 * failed]), grave=mask)
        first = None
        for window in range(LENGTH):
            one, value = scores(5.4 - 0.3 * window, 0.01), np.array([0.33])
            odd = judging.judge(ONE, one, BAR, value=value, grave=mask).odd[0]
            first = window if odd and first is None else first
        told.append(first)
    return told


def test_the_sixth_incident_is_told_as_soon_as_the_second() -> None:
    of_failures, of_others = delays(True, 6), delays(False, 6)
    assert of_failures[0] is not None
    assert all(one is not None and one <= 4 for one in of_failures)
    assert of_others[-1] is None or of_others[-1] > max(one for one in of_failures if one is not None)


def test_rows_that_are_held_teach_nothing() -> None:
    free, held = judge(), judge()
    for judging, mask in ((free, None), (held, np.array([True]))):
        for _ in range(500):
            judging.judge(ONE, scores(3.0, 0.01), BAR, value=np.array([0.01]), held=mask)
    once = scores(3.0, 0.01)
    assert held.judge(ONE, once, BAR, value=np.array([0.01])).p_value[0] < 0.02
    assert free.judge(ONE, once, BAR, value=np.array([0.01])).p_value[0] > 0.1
