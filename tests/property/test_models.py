import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import models as oracle
from tests.property import rows

from vedette.kernels.models import LEAST, RIDGE

NUMBERS = st.floats(0.0, 1e6, allow_subnormal=False)


@given(st.lists(NUMBERS, max_size=80))
@settings(max_examples=60, deadline=None)
def test_rarity_is_what_sorting_the_past_says(numbers: list[float]) -> None:
    assert rows.rarities(numbers) == pytest.approx(oracle.rarity(numbers), abs=1e-9)


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(-2, 6), st.floats(0, 100)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_an_episode_begins_after_quiet_or_when_it_gets_worse(given: list[tuple[float, int, float]]) -> None:
    times = np.cumsum([gap for gap, _, _ in given]) if given else np.zeros(0)
    above = np.array([float(number) for _, number, _ in given])
    hold = np.array([hold for _, _, hold in given])
    assert rows.beginnings(times, above, hold, 2.0) == oracle.beginnings(
        times.tolist(), above.tolist(), hold.tolist(), 2.0
    )


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(-2, 6), st.floats(0, 100)), max_size=40))
@settings(max_examples=60, deadline=None)
def test_restless_is_how_often_episodes_began_of_late(given: list[tuple[float, int, float]]) -> None:
    times = np.cumsum([gap for gap, _, _ in given]) if given else np.zeros(0)
    above = np.array([float(number) for _, number, _ in given])
    hold = np.array([hold for _, _, hold in given])
    expected = oracle.restless(times.tolist(), above.tolist(), hold.tolist(), 200.0, 500.0)
    assert rows.restless(times, above, hold, 200.0, 500.0) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.tuples(st.sampled_from([600, 1800, 84_600, 86_400]), st.integers(0, 6)), max_size=60))
@settings(max_examples=60, deadline=None)
def test_what_recurs_is_what_most_visits_of_a_half_hour_had(given: list[tuple[int, int]]) -> None:
    times = np.cumsum([float(gap) for gap, _ in given]) if given else np.zeros(0)
    numbers, bars = np.array([float(number) for _, number in given]), np.full(len(given), 3.0)
    assert rows.usual_at(times, numbers, bars) == pytest.approx(
        oracle.usual_at(times.tolist(), numbers.tolist(), bars.tolist())
    )


@pytest.mark.parametrize("length", [1, 4, 9])
def test_the_nearest_stretch_is_the_nearest_of_all_kept(length: int) -> None:
    values = np.random.default_rng(length).normal(size=120)
    found = rows.from_neighbors(values, length, 128)
    assert found == pytest.approx(oracle.nearest(values, length, 128))


def test_neighbors_stay_within_their_memory() -> None:
    values = np.random.default_rng(1).normal(size=2000)
    found = rows.from_neighbors(values, 4, 16)
    assert np.isfinite(found).all()
    assert found[500:].min() > 0


def test_a_season_is_the_mean_of_earlier_visits() -> None:
    rng = np.random.default_rng(2)
    times = np.arange(28) * 1000.0
    values = rng.normal(size=28)
    found = rows.season_before(values, times, 4000.0, 4, 0.0)
    assert found == pytest.approx(oracle.season(values.tolist(), times.tolist(), 4000.0, 4))


def test_recursive_least_squares_solves_the_weighted_regression() -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(30, 3))
    values = features @ np.array([1.0, -2.0, 0.5]) + rng.normal(0, 0.1, 30)
    error = oracle.ridge(values, features, 0.97, RIDGE)
    found = rows.regressed(values, features, 0.97)
    assert np.sign(found[21:]).tolist() == np.sign(error[21:]).tolist()
    square, spreads = 1e-6, []
    for row, one in enumerate(error):
        spreads.append(np.sqrt(square))
        square += max(0.002, 1.0 / (row + 1.0)) * (one * one - square)
    assert found[21:] == pytest.approx(error[21:] / (np.array(spreads)[21:] + LEAST))


def test_standardized_values_have_no_level_and_no_scale() -> None:
    values = np.random.default_rng(4).normal(500.0, 20.0, 4000)
    z = rows.standardized(values, 1000.0)
    assert abs(z[2000:].mean()) < 0.2
    assert z[2000:].std() == pytest.approx(1.0, abs=0.15)


def test_distance_from_the_level_is_in_spreads_and_follows() -> None:
    values = np.concatenate([np.random.default_rng(5).normal(0, 1, 500), [30.0], np.full(500, 30.0)])
    far = rows.from_level(values, 0.05, 0.01)
    assert far[500] > 10
    assert far[-1] < 3
