"""A bar rises with how high a series' own evidence usually rises, and with nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vedette.decision.stays import Stays

BAR = 7.0
ONE = np.zeros(1, np.int32)


def climbed(stays: Stays, *peaks: float) -> float:
    """Let the evidence of slot 0 rise to each peak and fall back; return the strain."""
    for peak in peaks:
        for evidence in (peak / 2, peak, peak / 3, 0.0):
            stays.note(ONE, np.array([evidence]), BAR)
    return float(stays.strain(ONE)[0])


def bank(count: int = 1) -> Stays:
    stays = Stays()
    stays.grow(count)
    return stays


def strains(minutes: int, repeat: int) -> NDArray[np.float64]:
    """Return the strain of ten series whose p-values are uniform, and the same for `repeat` windows on end."""
    gains = -np.log10(np.random.default_rng(1).random((minutes // repeat, 10))).repeat(repeat, axis=0) - 1.0
    stays, slots, evidence = bank(10), np.arange(10, dtype=np.int32), np.zeros(10)
    for gain in gains:
        evidence = np.maximum(evidence + gain, 0.0)
        stays.note(slots, evidence, BAR)
    return stays.strain(slots)


def test_independent_windows_raise_no_bar_by_much() -> None:
    assert strains(20_000, 1).mean() < 1.1


def test_windows_that_repeat_one_another_raise_it() -> None:
    assert strains(20_000, 4).min() > 1.6


def test_below_the_floor_nothing_counts() -> None:
    assert climbed(bank(), *[0.9] * 50) == 1.0


def test_one_fault_is_no_habit() -> None:
    assert climbed(bank(), BAR) == 1.0
    assert climbed(bank(), BAR, BAR) > 1.5


def test_a_fault_that_lasts_counts_as_one_that_just_passed() -> None:
    assert climbed(bank(), 900.0, 900.0) == climbed(bank(), BAR, BAR)


def test_low_stays_lower_it_again() -> None:
    stays = bank()
    high = climbed(stays, 6.0, 6.0)
    assert 1.0 < climbed(stays, *[1.2] * 20) < high


def test_a_stay_that_lasts_is_not_counted_before_it_is_over() -> None:
    stays = bank()
    before = climbed(stays, 6.0, 6.0)
    for _ in range(100):
        stays.note(ONE, np.array([6.0]), BAR)
    assert stays.strain(ONE)[0] == before


def test_slots_are_apart_and_state_comes_back() -> None:
    stays, other = bank(2), Stays()
    climbed(stays, 6.0, 6.0)
    other.restore(stays.snapshot())
    both = np.arange(2, dtype=np.int32)
    assert other.strain(both).tolist() == stays.strain(both).tolist()
    assert stays.strain(both)[1] == 1.0 < stays.strain(both)[0]
