import numpy as np
import pytest

from vedette.errors import StateCorrupt
from vedette.kernels.tail import BINS, bin_of, edge_of
from vedette.stats.tail import TailBank

ONE = np.zeros(1, np.int32)


def bank(size: int = 1, memory: float = 28 * 86_400.0) -> TailBank:
    new = TailBank(memory)
    new.grow(size)
    return new


def p_value(tail: TailBank, surprise: float, slot: int = 0) -> float:
    return float(tail.p_value(np.array([slot], np.int32), np.array([surprise]))[0])


def learn(tail: TailBank, surprise: float, times: int = 1, slot: int = 0, seconds: float = 60.0) -> None:
    for _ in range(times):
        tail.learn(np.array([slot], np.int32), np.array([surprise]), seconds)


def test_no_surprise_is_certain() -> None:
    assert p_value(bank(), 0.0) == 1.0
    assert p_value(bank(), float("nan")) == 1.0


def test_a_young_slot_trusts_the_model_by_halves() -> None:
    young = bank()
    assert 1e-6 < p_value(young, 6.0) < 1e-3


def test_a_model_that_overstates_is_found_out_within_tens_of_windows() -> None:
    tail = bank()
    before = p_value(tail, 6.0)
    learn(tail, 5.0, 30)
    assert before < 1e-3
    assert p_value(tail, 6.0) > 0.02


def test_what_was_seen_often_is_usual_whatever_the_model_says() -> None:
    tail = bank()
    learn(tail, 0.3, 900)
    learn(tail, 12.0, 100)
    assert p_value(tail, 12.0) == pytest.approx(0.1, rel=0.15)


def test_slots_do_not_share_their_past() -> None:
    tail = bank(2)
    learn(tail, 12.0, 500, slot=1)
    assert p_value(tail, 12.0, slot=0) == p_value(bank(), 12.0)


def test_the_past_fades_with_time_not_with_samples() -> None:
    often, seldom = bank(memory=86_400.0), bank(memory=86_400.0)
    for tail in (often, seldom):
        learn(tail, 9.0, 200, seconds=1.0)
    learn(often, 0.1, 1440, seconds=60.0)
    learn(seldom, 0.1, 24, seconds=3600.0)
    held = [tail.snapshot()["counts"][0, bin_of(9.0)] for tail in (often, seldom)]
    assert held[0] == pytest.approx(200 / np.e, rel=0.01)
    assert held[0] == pytest.approx(held[1], rel=0.01)


def test_growing_keeps_what_was_learned() -> None:
    tail = bank()
    learn(tail, 3.0, 50)
    before = p_value(tail, 3.5)
    tail.grow(5)
    assert p_value(tail, 3.5) == before
    assert tail.nbytes == 6 * BINS * 4


def test_a_snapshot_restores_and_stands_alone() -> None:
    tail, other = bank(), TailBank()
    learn(tail, 3.0, 50)
    tree = tail.snapshot()
    other.restore(tree)
    learn(tail, 9.0, 50)
    learn(other, 9.0, 50)
    assert p_value(tail, 9.0) == p_value(other, 9.0)
    assert tree["counts"][0, bin_of(9.0)] == 0


def test_another_version_is_corrupt() -> None:
    with pytest.raises(StateCorrupt, match="got version 1, expected"):
        TailBank().restore({"version": 1, "counts": np.zeros((1, BINS), np.float32)})


@pytest.mark.parametrize("surprise", [0.0, 0.01, 1.0, 5.0, 36.0])
def test_a_bin_holds_what_lies_between_its_edges(surprise: float) -> None:
    place = bin_of(surprise)
    assert edge_of(place) <= surprise + 1e-12
    assert surprise < edge_of(place + 1)


def test_the_last_bin_takes_all_beyond() -> None:
    assert bin_of(300.0) == bin_of(1e308) == BINS - 1
