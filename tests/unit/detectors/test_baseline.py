"""What the baseline promises of ordinary and odd times, in words of those who are paged."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from vedette.detectors.baseline import DAY, HOUR, Baseline
from vedette.kernels.baseline_layout import BUCKETS, NUMBERS, SHIFTED
from vedette.records.observation import Direction, Measures, Quantity, Series
from vedette.records.score import Scores, State
from vedette.records.segment import Segment

SECOND = 10**9
MONDAY = 1_767_571_200
MINUTES = 1440

Floats = NDArray[np.float64]


def series(quantity: Quantity, direction: Direction = Direction.BOTH, min_effect: float = 0.2) -> Series:
    return Series(Segment("", "shop", "GET /"), "x", quantity, direction, min_effect)


class Watch:
    """One series under watch: feeds windows, one after the other."""

    def __init__(self, key: Series, ready_after: float = 4 * HOUR, width: int = 60) -> None:
        self.detector = Baseline(ready_after)
        self.detector.grow([key])
        self.width = width
        self.step = 0

    def window(self, value: float, weight: float = 1.0) -> Measures:
        start = (MONDAY + self.step * self.width) * SECOND
        return Measures(start, self.width * SECOND, np.zeros(1, np.int32), np.array([value]), np.array([weight]))

    def see(self, value: float, weight: float = 1.0) -> Scores:
        window = self.window(float(value), weight)
        scores = self.detector.score(window)
        self.detector.learn(window, scores.surprise)
        self.shifted = self.detector.snapshot()["numbers"][0, SHIFTED] == window.start / SECOND
        self.step += 1
        return scores

    def see_all(self, values: Floats, weight: float = 1.0) -> Floats:
        """Return the surprise of each; NaN is a window without the series."""
        out = np.zeros(len(values))
        for place, value in enumerate(values):
            if np.isnan(value):
                self.step += 1
            else:
                out[place] = self.see(value, weight).surprise[0]
        return out

    def ask(self, value: float, weight: float = 1.0) -> float:
        """Return the surprise of a value here and now, without learning it."""
        return float(self.detector.score(self.window(float(value), weight)).surprise[0])


def rhythm(days: float, width: int = 60) -> Floats:
    """Return a daily rhythm between 0.2 and 1.8, low at four in the morning."""
    times = np.arange(int(days * DAY / width)) * width / DAY
    return 1 + 0.8 * np.sin(2 * np.pi * (times - 10 / 24))


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_busy_rhythm_does_not_alarm_from_the_second_day_on() -> None:
    watch = Watch(series(Quantity.COUNT))
    surprise = watch.see_all(rng().poisson(200 * rhythm(4)).astype(float))
    assert surprise[:MINUTES].max() < 3
    assert surprise[MINUTES:].max() < 3


def test_the_rhythm_is_what_is_expected() -> None:
    watch = Watch(series(Quantity.COUNT))
    shape = 200 * rhythm(3)
    expected = [watch.see(float(value)).expected[0] for value in rng().poisson(shape)]
    last_day = slice(2 * MINUTES, 3 * MINUTES)
    assert np.abs(np.array(expected)[last_day] / shape[last_day] - 1).mean() < 0.06


def test_a_value_that_is_usual_by_day_is_odd_by_night() -> None:
    watch = Watch(series(Quantity.COUNT))
    watch.see_all(rng().poisson(200 * rhythm(3 + 4 / 24)).astype(float))
    assert watch.ask(340) > 6
    noon = Watch(series(Quantity.COUNT))
    noon.see_all(rng().poisson(200 * rhythm(3 + 16 / 24)).astype(float))
    assert noon.ask(340) < 2


def test_the_weekend_is_known_from_the_second_one_on() -> None:
    days = np.repeat(np.tile([1, 1, 1, 1, 1, 0.3, 0.3], 4), 48)
    watch = Watch(series(Quantity.COUNT), width=1800)
    surprise = watch.see_all(rng().poisson(3000 * rhythm(28, 1800) * days).astype(float))
    weekends = days < 1
    first, last = surprise[: 7 * 48][weekends[: 7 * 48]], surprise[21 * 48 :][weekends[21 * 48 :]]
    assert last.mean() < first.mean() / 3
    # but for the hours around the midnights where it begins and ends
    assert np.sort(last)[:-12].max() < 2


@pytest.mark.parametrize("base", [0, 5])
def test_a_job_at_six_is_no_surprise_once_seen(base: int) -> None:
    counts = rng().poisson(base, 5 * MINUTES).astype(float)
    counts[360::MINUTES] += 100
    surprise = Watch(series(Quantity.COUNT)).see_all(counts)
    assert surprise[360] > 5
    assert surprise[MINUTES:].max() < 3


def test_the_same_burst_at_another_time_is_a_surprise() -> None:
    counts = np.zeros(3 * MINUTES)
    counts[360::MINUTES] += 100
    watch = Watch(series(Quantity.COUNT))
    watch.see_all(counts)
    watch.see_all(np.zeros(15 * 60))
    assert watch.ask(100) > 5


def test_much_more_than_the_job_ever_did_is_a_surprise() -> None:
    counts = np.zeros(3 * MINUTES + 360)
    counts[360::MINUTES] += 100
    watch = Watch(series(Quantity.COUNT))
    watch.see_all(counts)
    assert watch.ask(100) < 3
    assert watch.ask(1000) > 8


@pytest.mark.parametrize(
    "draw",
    [
        lambda r: r.poisson(0.05, 4 * MINUTES),
        lambda r: np.where(r.random(4 * MINUTES) < 0.05, 20, 0),
        lambda r: np.zeros(4 * MINUTES),
        lambda r: r.negative_binomial(0.5, 0.02, 4 * MINUTES),
    ],
    ids=["three an hour", "bursts of twenty", "nothing", "wildly spread"],
)
def test_sparse_and_bursty_counts_do_not_alarm(draw: Callable[[np.random.Generator], Floats]) -> None:
    surprise = Watch(series(Quantity.COUNT)).see_all(draw(rng()).astype(float))
    assert (surprise > 4).sum() == 0


def test_silence_of_what_is_never_silent_is_a_surprise() -> None:
    watch = Watch(series(Quantity.COUNT))
    watch.see_all(rng().poisson(50, 2 * MINUTES).astype(float))
    assert watch.ask(0) > 6


@pytest.mark.parametrize(("direction", "up", "down"), [(1, True, False), (-1, False, True), (0, True, True)])
def test_only_the_side_that_matters_counts(direction: int, up: bool, down: bool) -> None:
    watch = Watch(series(Quantity.COUNT, Direction(direction)))
    watch.see_all(rng().poisson(100, MINUTES).astype(float))
    assert (watch.ask(300) > 3) == up
    assert (watch.ask(5) > 3) == down


def test_a_change_below_the_least_effect_is_none() -> None:
    watch = Watch(series(Quantity.GAUGE, min_effect=0.5))
    watch.see_all(rng().normal(100, 0.5, MINUTES))
    assert watch.ask(140) == 0
    assert watch.ask(160) > 4


def test_a_handful_of_events_is_below_the_floor_of_counts() -> None:
    watch = Watch(series(Quantity.COUNT, min_effect=0.0))
    watch.see_all(np.zeros(2 * MINUTES))
    assert watch.ask(4) == 0
    assert watch.ask(30) > 4


def test_failures_are_judged_by_their_trials() -> None:
    watch = Watch(series(Quantity.RATIO, Direction.UP, 0.5))
    failures = rng().binomial(40, 0.02, MINUTES) / 40
    watch.see_all(failures, weight=40.0)
    assert watch.ask(0.5, weight=2.0) < 1
    assert watch.ask(1.0, weight=2.0) < 2
    assert watch.ask(0.5, weight=40.0) > 6
    assert watch.ask(0.2, weight=400.0) > watch.ask(0.2, weight=40.0)


def test_a_share_that_was_always_zero_may_rise_a_little() -> None:
    watch = Watch(series(Quantity.RATIO, Direction.UP, 0.5))
    watch.see_all(np.zeros(MINUTES), weight=30.0)
    assert watch.ask(2 / 30, weight=30.0) == 0
    assert watch.ask(20 / 30, weight=30.0) > 5


def test_a_success_share_that_falls_is_a_surprise_although_the_relative_change_is_small() -> None:
    watch = Watch(series(Quantity.RATIO, Direction.DOWN, 0.5))
    watch.see_all(rng().binomial(200, 0.99, MINUTES) / 200, weight=200.0)
    assert watch.ask(0.6, weight=200.0) > 6


def test_a_percentile_of_few_requests_is_taken_with_salt() -> None:
    watch = Watch(series(Quantity.DURATION, Direction.UP, 0.2))
    watch.see_all(0.2 * rng().lognormal(0, 0.1, MINUTES), weight=100.0)
    assert watch.ask(0.6, weight=100.0) > 3
    assert watch.ask(0.6, weight=3.0) < 1.5


def test_a_window_without_events_teaches_no_latency() -> None:
    watch = Watch(series(Quantity.DURATION))
    watch.see_all(0.2 * rng().lognormal(0, 0.1, MINUTES), weight=10.0)
    before = watch.detector.snapshot()["numbers"].copy()
    watch.see(5.0, weight=0.0)
    assert np.array_equal(before, watch.detector.snapshot()["numbers"])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_neither_odd_nor_learned(value: float) -> None:
    watch = Watch(series(Quantity.GAUGE))
    watch.see_all(rng().normal(10, 1, MINUTES))
    before = watch.detector.snapshot()["numbers"].copy()
    assert watch.see(value).surprise[0] == 0
    assert np.array_equal(before, watch.detector.snapshot()["numbers"])


@pytest.mark.parametrize("level", [0.0, 45.0, -3.0, 1e12, 1e-9])
def test_a_constant_does_not_explode(level: float) -> None:
    watch = Watch(series(Quantity.GAUGE, min_effect=0.0))
    assert watch.see_all(np.full(MINUTES, level)).max() == 0
    assert watch.ask(level * 1.0001) < 1
    assert 0 <= watch.ask(level * 2 + 1) <= 300


@pytest.mark.parametrize("wild", [1e300, -1e300, 1e15])
def test_one_wild_value_spoils_nothing(wild: float) -> None:
    watch = Watch(series(Quantity.GAUGE))
    watch.see_all(rng().normal(100, 1, MINUTES))
    assert watch.see(wild).surprise[0] > 5
    assert watch.see_all(rng(2).normal(100, 1, 60)).max() < 3
    assert watch.ask(200) > 3


def test_an_outage_does_not_become_normal_within_the_hour() -> None:
    watch = Watch(series(Quantity.COUNT))
    watch.see_all(rng().poisson(100, 2 * MINUTES).astype(float))
    watch.see_all(np.zeros(60))
    assert watch.ask(0) > 3
    assert watch.see_all(rng(2).poisson(100, 60).astype(float)).max() < 4


def test_a_lasting_change_is_the_new_normal_after_the_stated_time() -> None:
    watch = Watch(series(Quantity.COUNT))
    watch.see_all(rng().poisson(100, 2 * MINUTES).astype(float))
    accepted = []
    for place, value in enumerate(rng(2).poisson(400, 6 * 60)):
        watch.see(float(value))
        if watch.shifted:
            accepted.append(place)
    assert watch.ask(400) < 1
    assert len(accepted) <= 1
    assert all(place <= 4 * 60 + 10 for place in accepted)


def test_a_level_that_stays_away_for_a_day_is_announced_as_drift() -> None:
    watch = Watch(series(Quantity.GAUGE, min_effect=0.0), width=300)
    noise = rng().normal(0, 1, 288 * 9)
    level = np.cumsum(noise) * 0.02 + 50 + noise
    level[288 * 6 :] += 12
    announced = []
    for place, value in enumerate(level):
        watch.see(float(value))
        if watch.shifted:
            announced.append(place)
    assert announced
    assert 288 * 6 < announced[0] <= 288 * 8


def test_learning_says_how_long_it_will_take() -> None:
    watch = Watch(series(Quantity.COUNT), ready_after=HOUR)
    scores = [watch.see(10.0) for _ in range(61)]
    assert [one.state[0] for one in scores] == [State.LEARNING] * 60 + [State.READY]
    assert scores[0].missing[0] == HOUR
    assert scores[15].missing[0] == HOUR - 15 * 60
    assert np.isnan(scores[15].expected[0])
    assert scores[60].missing[0] == 0


def test_coarse_windows_need_ten_of_them() -> None:
    watch = Watch(series(Quantity.GAUGE), ready_after=HOUR, width=3600)
    states = [int(watch.see(10.0).state[0]) for _ in range(11)]
    assert states == [State.LEARNING] * 10 + [State.READY]


def test_silence_of_the_source_is_not_history() -> None:
    watch = Watch(series(Quantity.GAUGE), ready_after=6 * HOUR)
    watch.see_all(np.full(60, 10.0))
    watch.step += 7 * MINUTES
    assert watch.see(10.0).state[0] == State.LEARNING


def test_a_gap_does_not_make_the_next_value_odd() -> None:
    watch = Watch(series(Quantity.COUNT))
    shape = 200 * rhythm(4)
    counts = rng().poisson(shape).astype(float)
    counts[int(2.1 * MINUTES) : int(2.6 * MINUTES)] = np.nan
    assert watch.see_all(counts)[2 * MINUTES :].max() < 3


def test_the_band_is_wide_until_the_rhythm_is_known() -> None:
    watch = Watch(series(Quantity.GAUGE))
    noise = rng().normal(0, 1, 4 * MINUTES) + 100

    def room() -> float:
        scores = watch.detector.score(watch.window(100.0))
        return float(scores.upper[0] - scores.lower[0])

    watch.see_all(noise[: 6 * 60])
    early = room()
    watch.see_all(noise[6 * 60 :])
    assert early > 1.4 * room()


@pytest.mark.parametrize("quantity", list(Quantity))
def test_the_band_holds_nearly_all_and_no_impossible_values(quantity: Quantity) -> None:
    watch, draw, inside = Watch(series(quantity)), rng(), []
    for step in range(2 * MINUTES):
        value = {
            Quantity.COUNT: draw.poisson(20),
            Quantity.RATIO: draw.binomial(30, 0.1) / 30,
            Quantity.DURATION: draw.lognormal(-1, 0.3),
            Quantity.SIZE: draw.lognormal(8, 0.3),
            Quantity.DISTINCT: draw.poisson(6),
            Quantity.GAUGE: draw.normal(0, 5),
        }[quantity]
        scores = watch.see(float(value), weight=30.0)
        if step > MINUTES:
            inside.append(scores.lower[0] <= value <= scores.upper[0])
            assert scores.lower[0] <= scores.expected[0] <= scores.upper[0]
            assert quantity is Quantity.GAUGE or scores.lower[0] >= 0
            assert quantity is not Quantity.RATIO or scores.upper[0] <= 1
    assert np.mean(inside) > 0.975


def test_a_series_needs_no_more_than_stated() -> None:
    detector = Baseline()
    detector.grow([series(Quantity.COUNT)] * 100)
    assert detector.nbytes == 100 * (NUMBERS * 8 + BUCKETS * 4 + 2 + 8)
    assert detector.nbytes / 100 < 1100


def test_an_empty_window_is_fine() -> None:
    detector = Baseline()
    empty = Measures(0, 60 * SECOND, np.zeros(0, np.int32), np.zeros(0), np.zeros(0))
    scores = detector.score(empty)
    detector.learn(empty, scores.surprise)
    assert len(scores.state) == 0
    detector.grow([])
    assert detector.nbytes == 0
