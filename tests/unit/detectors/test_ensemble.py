import numpy as np
import pytest

from vedette.detectors.ensemble import (
    AGREED,
    AGREED_AFTER,
    Ensemble,
    Episodes,
    agreed,
    bar_of,
)

START = 1_767_571_200.0


def series(days: int = 6, width: int = 300, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    count = days * 86_400 // width
    times = START + np.arange(count) * float(width)
    values = 100 + 30 * np.sin(2 * np.pi * times / 86_400) + np.random.default_rng(seed).normal(0, 2, count)
    return times, values, np.full(count, float(width))


@pytest.mark.parametrize("cut", [1, 2, 30, 700])
def test_a_row_is_judged_by_its_past_only(cut: int) -> None:
    times, values, width = series()
    whole, part = Ensemble().judge(times, values, width), Ensemble().judge(times[:cut], values[:cut], width[:cut])
    assert np.array_equal(whole[0][:cut], part[0])
    assert np.array_equal(whole[1][:cut], part[1])


@pytest.mark.parametrize("factor", [1e-6, 1.0, 1e9])
def test_the_unit_of_a_series_does_not_matter(factor: float) -> None:
    times, values, width = series()
    plain, scaled = Ensemble().judge(times, values, width), Ensemble().judge(times, values * factor, width)
    assert scaled[1] == pytest.approx(plain[1], abs=0.05)


@pytest.mark.parametrize("change", ["spike", "dip", "shift", "flat"])
def test_an_injected_anomaly_stands_above_its_surroundings(change: str) -> None:
    times, values, width = series()
    at = slice(1300, 1320)
    values[at] = {"spike": values[at] + 40, "dip": values[at] - 40, "shift": values[at] + 25, "flat": 20.0}[change]
    evidence, peak = Ensemble().judge(times, values, width)
    assert int(np.argmax(peak[288:])) + 288 in range(1300, 1325)
    assert evidence[at].max() > evidence[900:1300].max()


def test_a_constant_and_what_follows_it_are_finite() -> None:
    times, _, width = series()
    values = np.full(len(times), 5.0)
    values[1500:] = 6.0
    evidence, peak = Ensemble().judge(times, values, width)
    assert np.isfinite(evidence).all()
    assert peak[1500] > 2.5
    assert peak[300:1500].max() < 0.1


def test_an_episode_begins_once_and_again_only_when_it_gets_worse() -> None:
    times, width = np.arange(400) * 300.0, np.full(400, 300.0)
    peak = np.zeros(400)
    peak[[100, 101, 102, 150]] = [4.0, 3.9, 4.0, 5.0]
    told, above = Episodes.alone(times, peak, width)
    assert np.flatnonzero(told).tolist() == [100, 150]
    assert above[100] == pytest.approx(4.0 - bar_of(width)[100])


def test_what_comes_every_day_at_its_hour_is_told_twice_and_then_known() -> None:
    times, width, peak = np.arange(8 * 288) * 300.0, np.full(8 * 288, 300.0), np.zeros(8 * 288)
    peak[72::288] = 5.0
    peak[7 * 288 + 72] = 6.0
    told, _ = Episodes.alone(times, peak, width)
    assert np.flatnonzero(told).tolist() == [72, 288 + 72, 7 * 288 + 72]


def test_where_episodes_come_many_times_a_day_only_more_of_a_surprise_is_told() -> None:
    times, width, peak = np.arange(20 * 288) * 300.0, np.full(20 * 288, 300.0), np.zeros(20 * 288)
    odd = np.arange(0, len(peak), 103)
    peak[odd] = 4.5 + 0.01 * (np.arange(len(odd)) % 3)
    told, _ = Episodes.alone(times, peak, width)
    assert told[: 2 * 288].sum() > 3
    assert told[14 * 288 :].sum() == 0
    peak[odd[-2]] = 8.0
    assert np.flatnonzero(Episodes.alone(times, peak, width)[0])[-1] == odd[-2]


def test_what_all_models_say_together_begins_an_episode_once_the_week_is_known() -> None:
    age, width = np.array([0.0, AGREED_AFTER - 1.0, AGREED_AFTER]), np.full(3, 60.0)
    decades = agreed(np.full((3, 5), 1.0 + AGREED / 5), age, width)
    assert decades.tolist() == pytest.approx([0.0, 0.0, bar_of(width)[2]])
    assert agreed(np.full((3, 5), 0.9 + AGREED / 5), age, width)[2] < bar_of(width)[2]


def test_the_bar_rises_where_rows_come_often() -> None:
    bars = bar_of(np.array([60.0, 300.0, 3600.0]))
    assert bars[0] > bars[1] > bars[2]


def test_no_row_and_few_rows_are_no_error() -> None:
    for count in (0, 1, 5):
        times, values, width = (part[:count] for part in series())
        evidence, peak = Ensemble().judge(times, values, width)
        assert len(evidence) == len(peak) == count
