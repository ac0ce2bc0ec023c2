from time import process_time

import numpy as np
import pytest
from bench.vus import period, vus_pr
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles import vus as oracle

points = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=2, max_size=60)


@given(points, st.integers(0, 14))
def test_the_volume_is_that_of_the_oracle(series: list[tuple[int, int]], window: int) -> None:
    label, score = [a for a, _ in series], [float(b) for _, b in series]
    if not any(label):
        label[len(label) // 2] = 1
    assert vus_pr(label, score, window) == pytest.approx(oracle.vus_pr(label, score, window), abs=1e-9)


def test_longer_series_than_thresholds_agree_with_the_oracle() -> None:
    rng = np.random.default_rng(3)
    label = (np.convolve(rng.random(700) > 0.99, np.ones(9))[:700] > 0).astype(int)
    score = rng.normal(size=700) + label
    assert vus_pr(label, score, 5) == pytest.approx(oracle.vus_pr(label.tolist(), score.tolist(), 5), abs=1e-9)


def test_a_perfect_score_without_a_buffer_has_the_whole_volume() -> None:
    label = np.zeros(300)
    label[40:60] = label[200:210] = 1
    assert vus_pr(label, label, 0) == pytest.approx(1.0)


def test_a_score_at_random_has_about_the_share_of_anomalies() -> None:
    rng = np.random.default_rng(0)
    label = np.zeros(20_000)
    label[1000:3000] = 1
    assert vus_pr(label, rng.random(20_000), 0) == pytest.approx(0.1, abs=0.02)


def test_a_near_miss_counts_with_a_buffer_only() -> None:
    label, score = np.zeros(1000), np.zeros(1000)
    label[500:510], score[512:520] = 1, 1
    assert vus_pr(label, score, 40) > 2 * vus_pr(label, score, 0)


def test_a_hundred_thousand_points_take_seconds_at_most() -> None:
    rng = np.random.default_rng(1)
    label = np.zeros(100_000)
    label[rng.integers(0, 100_000, 100)] = 1
    begin = process_time()
    vus_pr(label, rng.random(100_000), 125)
    assert process_time() - begin < 5.0


@pytest.mark.parametrize("spoiled", ["no anomaly", "NaN"])
def test_what_cannot_be_measured_is_refused(spoiled: str) -> None:
    label, score = np.zeros(10), np.zeros(10)
    if spoiled == "NaN":
        label[3], score[4] = 1, np.nan
    with pytest.raises(ValueError, match="expected at least one"):
        vus_pr(label, score, 5)


def test_the_buffer_is_the_period_where_there_is_one() -> None:
    rng = np.random.default_rng(2)
    assert period(np.sin(np.arange(5000) * 2 * np.pi / 96)) == 96
    assert period(np.arange(3000.0)) == 125
    assert 4 <= period(rng.normal(size=3000)) <= 303
