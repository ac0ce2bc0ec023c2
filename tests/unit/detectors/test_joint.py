from itertools import islice

import numpy as np
import pytest
from bench.joint import Load

from vedette.detectors.baseline import Baseline
from vedette.detectors.joint import LASTS, Joint
from vedette.detectors.together import MEMBERS, JointWatch
from vedette.errors import StateCorrupt
from vedette.records.feature import feature_of
from vedette.records.joint import Together
from vedette.records.observation import Space, Vectors
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window

WIDTH = 60 * SECOND
START = 1_767_571_200 * SECOND
HOUR = 3600.0


def pairs(minutes: int, gap: float = 0.0, seed: int = 1) -> tuple[Joint, list[np.ndarray]]:
    """Return a bank that saw two numbers of which one is twice the other, `gap` more in the last minutes."""
    rng, bank, told = np.random.default_rng(seed), Joint(3, ready_after=HOUR), []
    bank.grow([Space(Segment("", "a", ""), ("x", "y", "z"))])
    for minute in range(minutes):
        load = 10.0 + 3.0 * np.sin(minute / 40.0)
        values = np.array([[load, 2.0 * load + rng.normal(0, 0.3) + gap * (minute >= 240), rng.normal()]])
        window = Vectors(START + minute * WIDTH, WIDTH, np.zeros(1, np.int32), values)
        told.append(bank.parts(window).away[0])
        bank.learn(window, bank.score(window).surprise)
    return bank, told


def test_a_number_is_told_by_what_goes_with_it_and_one_that_goes_alone_is_not() -> None:
    _, told = pairs(245, gap=3.0)
    assert abs(told[239][1]) < 4.0 < told[240][1]
    assert np.isnan(told[240][2])


def test_what_lasts_for_hours_is_the_new_way_of_going_together() -> None:
    _, told = pairs(245 + round(LASTS / 60), gap=3.0)
    assert np.mean([one[1] for one in told[240:300]]) > 3.0
    assert abs(np.mean([one[1] for one in told[-4:]])) < 2.0


def test_what_came_at_this_hour_yesterday_is_known_and_what_is_on_now_does_not_hide_itself() -> None:
    bank, _ = pairs(260, gap=5.0)
    away, slot = np.array([[np.nan, 8.0, np.nan]]), np.zeros(1, np.int32)
    now = Vectors(START + 260 * WIDTH, WIDTH, slot, np.zeros((1, 3)))
    assert bank.fresh(now, away)[0, 1] == 8.0
    morrow = Vectors(START + (1440 + 200) * WIDTH, WIDTH, slot, np.full((1, 3), np.nan))
    bank.learn(morrow, np.zeros(1))
    assert np.isnan(bank.fresh(Vectors(morrow.start + 40 * WIDTH, WIDTH, slot, np.zeros((1, 3))), away)[0, 1])


def take(watch: JointWatch, baseline: Baseline, window: Window) -> Together:
    baseline.grow(window.series)
    watch.grow(window.series)
    scores = baseline.score(window.measures)
    told = watch.take(window.measures, scores, np.ones(len(scores.state), np.bool_))
    baseline.learn(window.measures, scores.surprise)
    return told


def test_a_restored_watch_goes_on_as_if_nothing_had_been() -> None:
    load = Load(2, seed=3)
    watch, baseline = JointWatch(ready_after=HOUR), Baseline(ready_after=HOUR)
    for number, window in enumerate(islice(load.windows(1), 200)):
        if number == 150:
            other = JointWatch(ready_after=HOUR)
            other.restore(watch.snapshot(), load.series)
            fellow = Baseline(ready_after=HOUR)
            fellow.restore(baseline.snapshot())
        told = take(watch, baseline, window)
        if number >= 150:
            again = take(other, fellow, window)
            np.testing.assert_array_equal(told.scores.surprise, again.scores.surprise)
    assert not told.segments


def test_state_of_another_version_is_refused_and_of_an_older_release_is_empty() -> None:
    watch = JointWatch()
    watch.restore({}, [])
    with pytest.raises(StateCorrupt, match="version 9"):
        watch.restore({"version": 9}, [])


def test_routes_shares_and_what_is_beyond_the_first_twelve_are_left_out() -> None:
    watch, whole = JointWatch(), Segment("", "shop", "")
    names = ["requests", "error_ratio", *(f"metric: m{number}" for number in range(20))]
    watch.grow([feature_of(name).series(whole, name) for name in names])
    watch.grow([feature_of("requests").series(Segment("", "shop", "GET /"))])
    assert (watch._members >= 0).sum() == MEMBERS
    assert 1 not in watch._members
    assert watch.nbytes < 5000
