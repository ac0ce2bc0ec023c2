from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from vedette.detectors.baseline import Baseline
from vedette.detectors.course_watch import MODELS, TOGETHER, CourseWatch
from vedette.errors import StateCorrupt
from vedette.records.course import Turn
from vedette.records.feature import feature_of
from vedette.records.observation import Measures, Series
from vedette.records.segment import Segment
from vedette.records.time import SECOND

START = 1_767_571_200 * SECOND
DAY = 86_400.0
WIDTH = 60


def series(count: int = 1, feature: str = "metric") -> list[Series]:
    return [feature_of(feature).series(Segment("", f"s{number}", "")) for number in range(count)]


class Watched:
    """A watch behind a baseline, as a shard has them."""

    def __init__(self, keys: list[Series], bearable: float = 10.0, width: int = WIDTH, **settings: float) -> None:
        self.baseline, self.watch = Baseline(7200.0), CourseWatch(bearable, **settings)  # type: ignore[arg-type]
        self.baseline.grow(keys)
        self.watch.grow(keys)
        self.width = width

    def see(self, place: int, values: np.ndarray, teaches: bool = True) -> list[Turn]:
        start = START + place * self.width * SECOND
        slot = np.arange(len(values), dtype=np.int32)
        window = Measures(start, self.width * SECOND, slot, values, np.ones(len(values)))
        scores = self.baseline.score(window)
        turns = self.watch.take(window, scores, np.full(len(values), teaches))
        self.baseline.learn(window, scores.surprise)
        return turns


def wave(days: float, width: int = WIDTH, seed: int = 1) -> np.ndarray:
    place = np.arange(int(days * DAY / width))
    rhythm = 100 + 30 * np.sin(2 * np.pi * place * width / DAY)
    return rhythm + np.random.default_rng(seed).normal(0, 2.0, len(place))


def turns(watched: Watched, values: np.ndarray, since: int = 0) -> Iterator[tuple[int, Turn]]:
    for place, value in enumerate(values, since):
        for turn in watched.see(place, np.array([value])):
            yield place, turn


def odd(days: float = 4, at: float = 3.6, lift: float = 80.0) -> tuple[np.ndarray, int]:
    values = wave(days)
    place = int(at * DAY / WIDTH)
    values[place : place + 60] += lift
    return values, place


def test_what_lasts_is_told_by_the_mean_of_five_minutes_with_the_band_of_the_baseline() -> None:
    values, place = odd()
    told = list(turns(Watched(series()), values))
    assert told
    assert {place <= at <= place + 120 for at, _ in told} == {True}
    first_at, first = told[0]
    assert first_at - place <= 10
    assert first_at % 5 == 4  # at the end of the minutes that it is of
    assert first.actual == pytest.approx(values[first_at - 4 : first_at + 1].mean())
    assert first.lower < first.expected < first.upper < first.actual
    assert first.above >= 0.0
    assert first.model in {*MODELS.values(), TOGETHER}


def test_nothing_is_told_in_the_first_day() -> None:
    values, _ = odd(days=2, at=0.9)
    assert not list(turns(Watched(series()), values[: int(DAY / WIDTH)]))


def test_what_the_baseline_finds_ordinary_is_never_told() -> None:
    values, place = odd(lift=0.0)
    values[place : place + 60] = values[place : place + 60].mean() + 0.01  # too quiet, in its band
    assert not list(turns(Watched(series()), values))


def test_windows_that_are_not_to_teach_are_left_out() -> None:
    values, place = odd()
    watched = Watched(series())
    told = [
        turn
        for at, value in enumerate(values)
        for turn in watched.see(at, np.array([value]), teaches=not place <= at < place + 60)
    ]
    assert not told


@pytest.mark.parametrize("gap", [7, 100, 1441])
def test_a_gap_ends_the_time_before_it(gap: int) -> None:
    values, place = odd()
    watched = Watched(series())
    told = list(turns(watched, values[: place + 3]))
    # three odd minutes, then nothing: they are judged when windows come again
    told += list(turns(watched, values[place : place + 60], place + gap))
    assert told
    assert all(at >= place for at, _ in told)


def test_a_window_longer_than_the_time_is_its_own() -> None:
    values = wave(6, width=600)
    values[700:712] += 80.0
    told = list(turns(Watched(series(), width=600), values))
    assert told
    assert {700 <= at <= 720 for at, _ in told} == {True}
    assert told[0][1].actual == values[told[0][0]]


def test_windows_of_another_width_begin_anew() -> None:
    watched = Watched(series())
    list(turns(watched, wave(2)))
    watched.width = 600
    values = wave(2.5, width=600)
    values[100:106] += 80.0
    # known for a day and more by its old rows, but not by those of ten minutes
    assert not [at for at, _ in turns(watched, values[:140], 1000)]


def test_a_duration_is_followed_by_its_logarithm_and_told_in_seconds() -> None:
    values, _ = odd()
    told = [one for _, one in turns(Watched(series(feature="latency_p50_seconds")), np.exp(values / 20.0) / 1000.0)]
    assert told
    assert all(0.0 < one.lower < one.expected < one.upper < one.actual for one in told)


def test_faster_answers_are_no_news() -> None:
    values, _ = odd(lift=-60.0)
    keys = series(feature="latency_p50_seconds")
    assert not list(turns(Watched(keys), np.exp(values / 20.0) / 1000.0))


@pytest.mark.parametrize("feature", ["error_ratio", "clients", "response_bytes_mean", "template_lines"])
def test_numbers_without_a_course_are_not_followed(feature: str) -> None:
    watch = CourseWatch(1.0)
    size = watch.nbytes
    watch.grow(series(3, feature))
    assert watch.nbytes == size
    assert watch.blind == 0


def test_series_beyond_the_room_are_counted_and_the_first_are_followed() -> None:
    keys = series(4)
    watched = Watched(keys, most=2)
    assert watched.watch.blind == 2
    values, place = odd()
    rows = np.stack([values, wave(4, seed=2), values, values], axis=1)
    told = [turn for at, row in enumerate(rows) for turn in watched.see(at, row)]
    assert told
    assert {turn.series for turn in told} == {keys[0]}
    del place


def test_values_that_are_no_numbers_are_left_out() -> None:
    values, place = odd()
    values[place - 300 : place - 200] = np.nan
    values[place - 100] = np.inf
    told = list(turns(Watched(series()), values))
    assert told
    assert all(np.isfinite(one.actual) for _, one in told)


def test_it_goes_on_where_its_snapshot_was_taken_amid_a_time() -> None:
    values, place = odd()
    keys = series()
    one = Watched(keys)
    list(turns(one, values[: place + 2]))
    two = Watched([])
    two.baseline.restore(one.baseline.snapshot())
    two.watch.restore(one.watch.snapshot(), keys)
    first, second = (list(turns(each, values[place + 2 :], place + 2)) for each in (one, two))
    assert first
    assert first == second


def test_a_state_of_before_there_was_a_watch_is_none_and_another_version_is_refused() -> None:
    watch = CourseWatch(1.0)
    watch.restore({}, series())
    assert watch.nbytes > 0
    with pytest.raises(StateCorrupt, match="version 99, expected"):
        CourseWatch(1.0).restore({**watch.snapshot(), "version": 99}, series())


def test_what_is_told_lies_outside_of_the_band_that_it_shows_and_beyond_its_bound() -> None:
    rng = np.random.default_rng(7)
    values = wave(6) + rng.normal(0.0, 8.0, 6 * 1440)
    for place in range(2 * 1440, len(values), 700):
        values[place : place + 10] += 14.0
        values[place : place + 2] += 41.0
    for _, one in turns(Watched(series(), bearable=100.0), values):
        assert not one.lower <= one.actual <= one.upper
        assert (one.bearable <= one.upper < one.actual) or (one.actual < one.lower <= one.bearable)


def test_windows_in_which_the_baseline_learns_have_no_band_and_are_never_told() -> None:
    values, _ = odd()
    watched = Watched(series())
    told = []
    for place, value in enumerate(values):
        start = START + place * WIDTH * SECOND
        window = Measures(start, WIDTH * SECOND, np.zeros(1, np.int32), np.array([value]), np.ones(1))
        scores = watched.baseline.score(window)
        if place % 5 == 0:
            nothing = np.full(1, np.nan)
            scores = replace(scores, expected=nothing, lower=nothing, upper=nothing)
        told += watched.watch.take(window, scores, np.ones(1, np.bool_))
        watched.baseline.learn(window, scores.surprise)
    assert not told


def test_a_short_rise_among_faster_answers_is_no_fall() -> None:
    values = np.full(4 * 1440, 0.2) * np.random.default_rng(3).lognormal(0.0, 0.05, 4 * 1440)
    for place in range(2 * 1440, len(values), 355):
        values[place : place + 5] = 0.08
        values[place] = 1.2
    told = [one for _, one in turns(Watched(series(feature="latency_p50_seconds"), bearable=100.0), values)]
    assert all(one.actual > one.expected for one in told)


@pytest.mark.parametrize("before", [10, 2000])
@pytest.mark.parametrize("huge", [1e200, -1e308])
def test_a_huge_number_leaves_nothing_in_the_state_that_is_no_number(huge: float, before: int) -> None:
    values = np.zeros(before + 600)
    values[before] = huge
    values[before + 1 :] = wave(1)[: 600 - 1]
    watched = Watched(series())
    list(turns(watched, values))
    assert all(np.isfinite(array).all() for array in watched.watch.snapshot()["bank"]["arrays"].values())


def test_a_state_of_other_series_is_refused_and_one_restored_twice_is_the_same() -> None:
    watched = Watched(series(3))
    for place in range(200):
        watched.see(place, np.array([1.0, 2.0, 3.0]))
    tree = watched.watch.snapshot()
    with pytest.raises(StateCorrupt, match="got 3, expected 2"):
        CourseWatch(1.0).restore(tree, series(2))
    again = CourseWatch(1.0)
    again.restore(tree, series(3))
    again.restore(tree, series(3))
    assert np.array_equal(again.snapshot()["gathered"], tree["gathered"])


def test_room_is_never_made_for_more_than_are_followed() -> None:
    watch = CourseWatch(1.0, most=9)
    for number in range(20):
        watch.grow([feature_of("metric").series(Segment("", f"s{number}", ""))])
    full = CourseWatch(1.0, most=9)
    full.grow(series(9))
    assert watch.nbytes == full.nbytes
    assert watch.blind == 11


def test_few_are_told_where_few_are_bearable() -> None:
    values = wave(12)
    for number, place in enumerate(range(4 * 1440, len(values), 300)):
        values[place : place + 20] += 80.0 + number
    told = [{at // 300 for at, _ in turns(Watched(series(), bearable=one), values)} for one in (100.0, 0.2)]
    assert len(told[1]) < len(told[0])
