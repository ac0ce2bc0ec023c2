from dataclasses import replace

import numpy as np
import pytest
from tests.oracles import forest as oracle

from vedette.detectors.forest import MEMORY, Forest
from vedette.kernels import forest as kernel
from vedette.records.observation import Space, Vectors
from vedette.records.score import State
from vedette.records.segment import Segment

START = 1_767_571_200
SECOND = 10**9
FEATURES = ("a", "b", "c")


def space(name: str = "host") -> Space:
    return Space(Segment("test", name, ""), FEATURES)


def window(step: int, values: np.ndarray, slot: int = 0, width: int = 300) -> Vectors:
    slots = np.full(len(values), slot, np.int32)
    return Vectors((START + step * width) * SECOND, width * SECOND, slots, np.asarray(values, np.float64))


def ordinary(step: int, rows: int = 20) -> np.ndarray:
    rng = np.random.default_rng(step)
    side = rng.integers(0, 2, rows)[:, None]
    return np.where(side, [0.0, 10.0, 5.0], [10.0, 0.0, 5.0]) + rng.normal(0, 0.5, (rows, 3))


def taught(steps: int = 40, **options: float) -> Forest:
    forest = Forest(3, ready_after=3600.0, **options)
    forest.grow([space()])
    for step in range(steps):
        shown = window(step, ordinary(step))
        forest.learn(shown, forest.score(shown).surprise)
    return forest


def surprise(forest: Forest, values: list[list[float]], step: int = 40) -> np.ndarray:
    return forest.score(window(step, np.array(values))).surprise


def test_an_odd_combination_of_usual_numbers_is_surprising() -> None:
    usual, odd = surprise(taught(), [[10.0, 0.0, 5.0], [10.0, 10.0, 5.0]])
    assert usual < 1.0
    assert odd > 3.0


def test_what_is_far_outside_is_surprising() -> None:
    assert surprise(taught(), [[60.0, -50.0, 99.0]])[0] > 3.0


def test_contributions_name_the_odd_feature_and_add_up_to_the_rarity() -> None:
    forest = taught()
    shown = window(40, np.array([[10.0, 0.0, 40.0], [10.0, 0.0, 5.0]]))
    parts = forest.contributions(shown)
    assert parts[0].argmax() == 2
    assert parts[0].sum() > 2 * parts[1].sum()


def test_contributions_are_those_of_the_oracle() -> None:
    forest = taught(trees=5, depth=4)
    tree = forest.snapshot()
    shown = window(40, ordinary(40, 6))
    leaves = np.empty((5, 6), np.int16)
    kernel.place(forest._points(shown), tree["feature"], tree["cut"], leaves)
    for row, parts in enumerate(forest.contributions(shown)):
        masses = (tree["mass"][0].astype(float) - 1.0).tolist()
        expected = oracle.parts(leaves[:, row].tolist(), masses, tree["feature"].tolist(), 3)
        assert parts == pytest.approx(expected, abs=1e-3)


def test_many_vectors_of_one_space_in_a_window_all_count() -> None:
    forest = taught()
    assert forest.snapshot()["spaces"][0, 2] == pytest.approx(800, rel=0.1)


def test_a_lasting_change_becomes_usual() -> None:
    forest = taught()
    changed = np.array([20.0, 20.0, 5.0])
    first = surprise(forest, [changed.tolist()])[0]
    for step in range(40, 900):
        shown = window(step, changed + np.random.default_rng(step).normal(0, 0.5, (20, 3)))
        forest.learn(shown, forest.score(shown).surprise)
    assert first > 2.0
    assert surprise(forest, [changed.tolist()], 900)[0] < 1.0


def test_what_was_long_ago_fades() -> None:
    forest = taught()
    before = forest.snapshot()["spaces"][0, 3]
    later = int(MEMORY / 300)
    forest.learn(window(later, ordinary(1)), np.zeros(20))
    after = forest.snapshot()["spaces"][0, 3]
    assert after - 20 == pytest.approx(before * np.exp(-1), rel=0.02)


def test_mass_and_leaves_agree() -> None:
    tree = taught().snapshot()
    assert (tree["mass"][0] - 1.0).sum(1) == pytest.approx(tree["spaces"][0, 3], rel=1e-4)


def test_missing_numbers_count_as_usual_ones() -> None:
    forest = taught()
    whole, holed = surprise(forest, [[10.0, 0.0, 5.0], [10.0, 0.0, np.nan]])
    assert abs(whole - holed) < 0.5
    forest.learn(window(40, np.full((3, 3), np.nan)), np.zeros(3))
    assert np.isfinite(surprise(forest, [[np.nan] * 3])).all()


def test_few_vectors_are_not_enough_however_long_it_took() -> None:
    forest = Forest(3, ready_after=3600.0)
    forest.grow([space()])
    for step in range(40):
        forest.learn(window(step, ordinary(step, 1)), np.zeros(1))
    scores = forest.score(window(40, ordinary(40, 1)))
    assert scores.state[0] == State.LEARNING
    assert scores.missing[0] == 300.0


def test_spaces_do_not_touch_each_other() -> None:
    forest = taught()
    forest.grow([space("other")])
    before = surprise(forest, [[10.0, 10.0, 5.0]])
    for step in range(40, 80):
        forest.learn(window(step, np.full((20, 3), 77.0), slot=1), np.zeros(20))
    assert surprise(forest, [[10.0, 10.0, 5.0]]) == pytest.approx(before)


def test_memory_is_what_the_docstring_says() -> None:
    forest = Forest(3, trees=50, depth=8)
    empty = forest.nbytes
    forest.grow([space()] * 10)
    assert forest.nbytes - empty == 10 * (4 * 50 * 256 + 16 * 3 + 56)


def test_rows_of_two_spaces_may_be_mixed() -> None:
    forest = taught()
    forest.grow([space("other")])
    shown = window(40, ordinary(40, 6))
    mixed = replace(shown, slot=np.array([0, 1, 0, 1, 0, 1], np.int32))
    scores = forest.score(mixed)
    assert scores.state.tolist() == [State.READY, State.LEARNING] * 3
    assert forest.contributions(mixed)[0] == pytest.approx(forest.contributions(shown)[0])
