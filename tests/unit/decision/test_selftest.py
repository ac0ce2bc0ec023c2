import numpy as np
import pytest
from numpy.typing import NDArray

from vedette.decision.evidence import Judge
from vedette.decision.selftest import SelfTest
from vedette.records.score import Scores, State

SLOTS = np.arange(5, dtype=np.int32)
DAY = 1440


def checker(names: tuple[str, ...] = ("latency of web",) * 5) -> SelfTest:
    new = SelfTest()
    new.grow(names)
    return new


def uniform(seed: int, minutes: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).random((minutes, 5))


def minutes_until_failing(checked: SelfTest, p_values: NDArray[np.float64]) -> int | None:
    for minute, row in enumerate(p_values):
        checked.note(SLOTS, row)
        if checked.failing:
            return minute
    return None


def test_right_p_values_pass_for_a_year() -> None:
    checked, worst = checker(), 0
    for row in uniform(1, 365 * DAY):
        checked.note(SLOTS, row)
        worst += bool(checked.failing)
    assert worst == 0


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("factor", [3.0, 10.0])
def test_p_values_that_are_too_small_are_caught_within_a_day(seed: int, factor: float) -> None:
    assert minutes_until_failing(checker(), uniform(seed, DAY) / factor) is not None


def test_it_recovers_when_the_p_values_are_right_again() -> None:
    checked = checker()
    assert minutes_until_failing(checked, uniform(1, DAY) / 10.0) is not None
    for row in uniform(2, DAY):
        checked.note(SLOTS, row)
    assert not checked.failing


def test_a_fault_that_lasts_all_day_fails_nothing() -> None:
    p_values = uniform(3, 2 * DAY)
    p_values[DAY:] = 1e-9
    assert minutes_until_failing(checker(), p_values) is None


def test_one_group_that_fails_leaves_the_others() -> None:
    checked = checker(("a", "a", "b", "b", "b"))
    for row in uniform(4, DAY):
        row[:2] /= 30.0
        checked.note(SLOTS, row)
    assert checked.failing == ("a",)
    assert checked.failed(SLOTS).tolist() == [True, True, False, False, False]


def test_a_restart_changes_nothing() -> None:
    rows = uniform(5, DAY) / 4.0
    one, other = checker(), checker()
    for row in rows[:700]:
        one.note(SLOTS, row)
    other.restore(one.snapshot(), ("latency of web",) * 5)
    for row in rows[700:]:
        one.note(SLOTS, row)
        other.note(SLOTS, row)
    assert {name: value.tolist() for name, value in one.snapshot().items()} == {
        name: value.tolist() for name, value in other.snapshot().items()
    }


def scores(surprise: NDArray[np.float64]) -> Scores:
    nothing = np.zeros(5)
    return Scores(np.full(5, State.READY, np.int8), surprise, nothing, nothing, nothing, nothing)


def test_a_judge_whose_surprises_are_scaled_abstains_within_a_day_and_raises_little() -> None:
    """A model that was calibrated for ten days, and then overstates every surprise three times."""
    judge, rng = Judge(), np.random.default_rng(6)
    judge.grow(["latency of web"] * 5)
    for _ in range(10 * DAY):
        judge.judge(SLOTS, scores(-np.log10(rng.random(5))), 8.0)
    assert not judge.test.failing
    first = next(
        minute
        for minute in range(DAY)
        if judge.judge(SLOTS, scores(-3.0 * np.log10(rng.random(5))), 8.0).abstains.any()
    )
    assert first < DAY / 2
    judged = judge.judge(SLOTS, scores(np.full(5, 40.0)), 8.0)
    assert judged.abstains.all()
    assert not judged.odd.any()


def test_what_an_open_incident_explains_is_not_tested() -> None:
    checked = checker(("a", "a", "b", "b", "b"))
    for row in uniform(7, DAY) / 30.0:
        checked.note(SLOTS, row, ("a", "unknown"))
    assert checked.failing == ("b",)
