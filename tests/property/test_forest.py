import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles import forest as oracle

from vedette.kernels import forest as kernel
from vedette.stats.cuts import draw_cuts

shapes = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(1, 6), st.integers(1, 40), st.integers(0, 99))


def drawn(shape: tuple[int, int, int, int, int]) -> tuple[np.ndarray, ...]:
    trees, depth, features, n, seed = shape
    feature, cut = draw_cuts(trees, depth, features, seed)
    points = np.random.default_rng(seed).integers(0, 1 << 15, (features, n)).astype(np.int16)
    leaves = np.empty((trees, n), np.int16)
    kernel.place(points, feature, cut, leaves)
    return feature, cut, points, leaves


@given(shapes)
def test_points_fall_where_the_oracle_puts_them(shape: tuple[int, int, int, int, int]) -> None:
    feature, cut, points, leaves = drawn(shape)
    for tree in range(shape[0]):
        for i in range(shape[3]):
            expected = oracle.leaf(points[:, i].tolist(), feature[tree].tolist(), cut[tree].tolist())
            assert leaves[tree, i] == expected


@given(shapes)
def test_masses_are_counts_and_their_logarithms_are_near(shape: tuple[int, int, int, int, int]) -> None:
    feature, cut, points, leaves = drawn(shape)
    trees, n = leaves.shape
    slot = (np.arange(n) % 2).astype(np.int32)
    mass = np.ones((2, trees, 2 ** shape[1]), np.float32)
    kernel.add(points, slot, feature, cut, np.ones(n), mass)
    out = np.empty(n)
    kernel.mean_log2(points, slot, feature, cut, mass, out)
    for i in range(n):
        seen = [int(np.sum((leaves[t] == leaves[t, i]) & (slot == slot[i]))) for t in range(trees)]
        exact = np.mean(np.log2(np.array(seen) + 1.0))
        assert exact - 0.0875 <= out[i] <= exact + 1e-5


@given(shapes)
def test_shares_are_those_of_the_path_and_add_up(shape: tuple[int, int, int, int, int]) -> None:
    feature, cut, points, leaves = drawn(shape)
    trees, n = leaves.shape
    slot = np.zeros(n, np.int32)
    mass = np.ones((1, trees, 2 ** shape[1]), np.float32)
    half = np.ascontiguousarray(points[:, ::2])
    kernel.add(half, slot[::2].copy(), feature, cut, np.full(half.shape[1], 0.5), mass)
    out = np.empty((n, shape[2]))
    kernel.shares(leaves, slot, mass, feature, out)
    held = mass[0] - 1
    for i in range(n):
        assert out[i] == pytest.approx(
            oracle.parts(leaves[:, i].tolist(), held.tolist(), feature.tolist(), shape[2]), abs=1e-4
        )
        exact = np.mean([np.log2((held[t].sum() + 1) / (held[t, leaves[t, i]] + 1)) for t in range(trees)])
        assert out[i].sum() == pytest.approx(exact, abs=1e-4)


def test_many_points_are_placed_like_few() -> None:
    feature, cut, points, leaves = drawn((3, 5, 4, 5000, 2))
    few = np.empty((3, 7), np.int16)
    kernel.place(np.ascontiguousarray(points[:, 4321:4328]), feature, cut, few)
    assert np.array_equal(few, leaves[:, 4321:4328])


@pytest.mark.parametrize(("depth", "features"), [(16, 3), (0, 3), (4, 0)])
def test_sizes_that_cannot_be_are_refused(depth: int, features: int) -> None:
    with pytest.raises(ValueError, match="expected a depth of 1 to 15"):
        draw_cuts(2, depth, features, seed=1)


values = st.lists(st.tuples(st.integers(0, 2), st.floats(-1e12, 1e12) | st.just(float("nan"))), min_size=1, max_size=30)


@given(values)
def test_values_are_put_into_the_unit_interval_as_the_oracle_does(rows: list[tuple[int, float]]) -> None:
    slot = np.array([place for place, _ in rows], np.int32)
    scale = np.array([[[0.0], [1.0]], [[50.0], [0.0]], [[0.0], [0.0]]])
    out = np.empty((1, len(rows)), np.int16)
    kernel.into_unit(np.array([[value] for _, value in rows]), slot, scale, 2.0, out)
    for i, (place, value) in enumerate(rows):
        exact = oracle.unit(value, scale[place, 0, 0], scale[place, 1, 0], 2.0)
        assert out[0, i] == pytest.approx(exact * 32767, abs=1.0)


@given(values)
def test_means_and_variances_follow_as_the_oracle_does(rows: list[tuple[int, float]]) -> None:
    slot = np.array([place for place, _ in rows], np.int32)
    numbers = np.array([[np.clip(value, -1e6, 1e6)] for _, value in rows])
    weight, whole = np.linspace(0.2, 1.0, len(rows)), np.full(3, 5.0)
    added = whole.copy()
    kernel.add_up(slot, weight, added)
    mean, variance = np.ones((3, 1)), np.ones((3, 1))
    kernel.follow(numbers, slot, weight, whole, mean, variance)
    for place in range(3):
        mine = [(numbers[i, 0], weight[i]) for i in range(len(rows)) if slot[i] == place]
        assert whole[place] == pytest.approx(5.0 + sum(heavy for _, heavy in mine))
        assert whole[place] == pytest.approx(added[place])
        expected = oracle.follow(mine, 5.0, 1.0, 1.0)
        assert (mean[place, 0], variance[place, 0]) == pytest.approx(expected, rel=1e-6, abs=1e-6)
