"""What a calibrated p-value promises: on independent data it is no smaller than it says."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vedette.stats.tail import PRIOR_WEIGHT, TailBank

SERIES, STEPS = 20, 20_000
PERFECT = 1 / np.log(10)
"""Mean surprise of a model that is right."""

Draw = Callable[[np.random.Generator], NDArray[np.float64]]

LAWS: dict[str, Draw] = {
    "a perfect model": lambda rng: rng.exponential(PERFECT, SERIES),
    "a shy model": lambda rng: rng.exponential(0.2 * PERFECT, SERIES),
    "a bold model": lambda rng: rng.exponential(3 * PERFECT, SERIES),
    "mostly gated": lambda rng: np.where(rng.random(SERIES) < 0.98, 0.0, rng.exponential(1.0, SERIES)),
    "bounded": lambda rng: rng.random(SERIES) * 3,
    "few values": lambda rng: rng.poisson(0.3, SERIES) * 1.7,
    "gamma": lambda rng: rng.gamma(0.5, 1.0, SERIES),
}


def stream(draw: Draw, steps: int = STEPS, seed: int = 5) -> NDArray[np.float64]:
    """Return p-values of a stream, shape ``(steps, SERIES)``, each judged by what came before it."""
    rng = np.random.default_rng(seed)
    bank, slots = TailBank(), np.arange(SERIES, dtype=np.int32)
    bank.grow(SERIES)
    out = np.empty((steps, SERIES))
    for step in range(steps):
        surprise = draw(rng)
        out[step] = bank.p_value(slots, surprise)
        bank.learn(slots, surprise)
    return out


@pytest.mark.parametrize("law", LAWS)
def test_p_values_are_not_smaller_than_chance(law: str) -> None:
    p_values = stream(LAWS[law])
    for level in (0.1, 0.01, 1e-3):
        assert (p_values <= level).mean() <= 1.3 * level, level
    # 400,000 rows: 40 are expected, 1.3 × 40 and three standard deviations are allowed
    assert (p_values <= 1e-4).mean() <= 1e-4 * (1.3 + 3 / np.sqrt(40))


def test_p_values_are_not_much_larger_than_chance_either() -> None:
    p_values = stream(LAWS["a bold model"])[2000:]
    for level in (0.1, 0.01, 1e-3):
        assert (p_values <= level).mean() >= 0.5 * level


surprises = st.lists(st.floats(0, 400), max_size=80)


@given(surprises, st.lists(st.floats(0, 400), min_size=2, max_size=20))
def test_more_surprise_is_never_more_likely(past: list[float], asked: list[float]) -> None:
    bank = taught(past)
    asked = sorted(asked)
    p_values = bank.p_value(np.zeros(len(asked), np.int32), np.array(asked))
    assert np.all(np.diff(p_values) <= 1e-12)
    assert np.all((p_values > 0) & (p_values <= 1))


@given(surprises, st.floats(0.001, 400))
def test_below_the_rank_both_model_and_tail_agree(past: list[float], surprise: float) -> None:
    p_value = taught(past).p_value(np.zeros(1, np.int32), np.array([surprise]))[0]
    least_rank = 1 / (len(past) + PRIOR_WEIGHT + 1)
    assert p_value >= min(least_rank, 10.0 ** -min(surprise, 300)) * 0.999


@given(surprises)
def test_learning_a_larger_surprise_makes_it_more_likely(past: list[float]) -> None:
    bank, slot, far = taught(past), np.zeros(1, np.int32), np.array([30.0])
    before = bank.p_value(slot, far)[0]
    bank.learn(slot, far)
    assert bank.p_value(slot, far)[0] >= before * 0.999


def taught(past: list[float]) -> TailBank:
    bank = TailBank()
    bank.grow(1)
    for surprise in past:
        bank.learn(np.zeros(1, np.int32), np.array([surprise]))
    return bank
