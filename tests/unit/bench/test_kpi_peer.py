import numpy as np
import pytest
from bench.kpi import CAP, hour_and_day


def test_the_peer_finds_a_spike_and_not_the_hour_of_the_day() -> None:
    times = np.arange(10 * 288) * 300.0
    values = 100 + 30 * np.sin(2 * np.pi * times / 86_400) + np.random.default_rng(1).normal(0, 1, len(times))
    values[2500] += 60.0
    score = hour_and_day(times, values)
    assert int(np.argmax(score[288:])) + 288 == 2500
    assert score[2500] == pytest.approx(2 * CAP)
    assert np.isfinite(score).all()


def test_the_peer_looks_at_the_past_only() -> None:
    times, values = np.arange(9 * 288) * 300.0, np.random.default_rng(2).normal(0, 1, 9 * 288)
    assert hour_and_day(times[:2400], values[:2400]) == pytest.approx(hour_and_day(times, values)[:2400])
