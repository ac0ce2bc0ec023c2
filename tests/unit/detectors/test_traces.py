import numpy as np
import pytest
from numpy.typing import NDArray

from vedette.detectors.traces import VERSION, Traces
from vedette.errors import StateCorrupt

MINUTE = 60.0
ONE = np.array([0])


def taught(windows: int = 30, spread: float = 0.05, seed: int = 1) -> Traces:
    """Return a bank that knows two times of about a second, and an operation with two shapes, nine to one."""
    bank, random = Traces(), np.random.default_rng(seed)
    bank.grow(3, 3, 2)
    for window in range(windows):
        mean = random.normal(0.0, spread, 2)
        bank.learn_times(window * MINUTE, np.array([0, 1]), np.array([20, 20]), mean, mean**2 + 0.04)
        bank.learn_shapes(window * MINUTE, np.array([0, 1]), np.array([0, 0]), np.array([90, 10]), np.array([100, 100]))
    return bank


def z(bank: Traces, mean: float, count: int = 20, slot: int = 0) -> float:
    return float(bank.score_times(np.array([slot]), np.array([count]), np.array([mean]))[0])


def surprise(bank: Traces, shape: int, count: int, total: int, operation: int = 0) -> float:
    scores: NDArray[np.float64] = bank.score_shapes(
        np.array([shape]), np.array([operation]), np.array([count]), np.array([total])
    )
    return float(scores[0])


def test_twice_the_usual_time_stands_out_and_the_usual_does_not() -> None:
    bank = taught()
    assert z(bank, np.log(2.0)) > 5.0
    assert abs(z(bank, 0.02)) < 1.0
    assert z(bank, -np.log(2.0)) < -5.0


def test_one_span_says_less_than_twenty() -> None:
    assert z(taught(), 0.5, count=1) < z(taught(), 0.5, count=20) / 1.5


def test_a_time_that_varies_between_windows_must_deviate_by_more() -> None:
    assert z(taught(spread=0.5), 1.0) < z(taught(), 1.0) / 2.0


def test_what_is_new_is_no_surprise_yet() -> None:
    assert z(taught(), 9.0, slot=2) == 0.0
    assert surprise(taught(), shape=2, count=5, total=5, operation=1) == 0.0
    assert np.isnan(taught().usual(np.array([2]))).all()


def test_a_rare_shape_that_comes_often_and_one_never_seen_are_surprises() -> None:
    bank = taught()
    assert surprise(bank, shape=1, count=12, total=100) < 0.1
    assert surprise(bank, shape=1, count=60, total=100) > 2.0
    assert surprise(bank, shape=2, count=10, total=100) > 10.0


def test_a_shape_that_comes_less_often_is_no_surprise_by_itself() -> None:
    assert surprise(taught(), shape=0, count=10, total=100) == 0.0


def test_where_new_shapes_are_usual_another_is_no_surprise() -> None:
    bank = Traces()
    bank.grow(0, 200, 1)
    for window in range(60):
        new = np.array([3 * window, 3 * window + 1, 3 * window + 2])
        bank.learn_shapes(window * MINUTE, new, np.zeros(3, np.int64), np.ones(3, np.int64), np.full(3, 3))
    assert surprise(bank, shape=199, count=2, total=3) < 0.5


def test_a_shape_that_always_came_in_bursts_is_less_of_a_surprise_than_one_that_came_evenly() -> None:
    def bank(counts: list[int]) -> Traces:
        one = Traces()
        one.grow(0, 2, 1)
        for window, count in enumerate(counts * 20):
            both = np.array([100 - count, count])
            one.learn_shapes(window * MINUTE, np.array([0, 1]), np.zeros(2, np.int64), both, np.full(2, 100))
        return one

    bursts, even = bank([2, 2, 2, 30]), bank([9])
    assert surprise(bursts, shape=1, count=40, total=100) < 1.5
    assert surprise(even, shape=1, count=40, total=100) > 5.0


def test_an_outlier_teaches_little_and_what_lasts_becomes_normal() -> None:
    bank = taught()
    before = z(bank, 1.0)
    for window in range(30, 400):
        bank.learn_times(window * MINUTE, ONE, np.array([20]), np.array([1.0]), np.array([1.04]))
        if window == 31:
            assert z(bank, 1.0) > before / 2.0
    assert abs(z(bank, 1.0)) < 1.5


def test_a_score_does_not_depend_on_its_batch_mates_and_scoring_does_not_learn() -> None:
    bank = taught()
    both = bank.score_times(np.array([0, 1]), np.array([20, 20]), np.array([0.3, 5.0]))
    assert both[0] == z(bank, 0.3)
    assert bank.score_shapes(np.array([0, 1]), np.array([0, 0]), np.array([9, 60]), np.array([100, 100]))[
        1
    ] == surprise(bank, 1, 60, 100)


def test_what_is_restored_scores_alike_and_a_snapshot_stays_as_it_was() -> None:
    bank = taught()
    tree = bank.snapshot()
    other = Traces()
    other.restore(tree)
    assert other.nbytes == bank.nbytes == 3 * 48 + 3 * 40 + 2 * 24
    assert z(other, 0.7) == z(bank, 0.7)
    bank.learn_times(9e5, ONE, np.array([20]), np.array([3.0]), np.array([9.0]))
    assert z(other, 0.7) != z(bank, 0.7)
    assert surprise(other, 1, 60, 100) == surprise(taught(), 1, 60, 100)


def test_a_state_of_another_version_is_refused() -> None:
    with pytest.raises(StateCorrupt, match="got version 99"):
        Traces().restore({**Traces().snapshot(), "version": VERSION + 98})


def test_old_history_fades() -> None:
    bank, month = taught(), 30 * 86_400.0
    bank.learn_times(month, ONE, np.array([20]), np.array([2.0]), np.array([4.04]))
    bank.learn_shapes(month, np.array([1]), ONE, np.array([100]), np.array([100]))
    assert bank.usual(ONE)[0] > 0.5
    assert surprise(bank, shape=1, count=100, total=100) < 0.1
