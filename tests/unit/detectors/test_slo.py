"""Burn rates worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.detectors.slo import LEAST, Objectives
from vedette.detectors.tallies import Tally
from vedette.errors import StateCorrupt
from vedette.records.feature import CATALOG
from vedette.records.objective import ALERTS, DAY, HOUR, MINUTE, Burn, Indicator, Objective
from vedette.records.observation import Measures, Occurrences, Series
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.state.codec import decode, encode

WEB = Segment("prod", "web", "")
CHECKOUT = Segment("prod", "web", "POST /checkout")
AVAILABLE = Objective("web is there", "web", 99.9)
FAST = Objective("checkout is fast", "web", 99.0, Indicator.LATENCY, "POST /checkout", threshold=0.3)
SERIES = [CATALOG[name].series(segment) for segment in (WEB, CHECKOUT) for name in ("requests", "error_ratio")]


class Told:
    """A window's context that knows how many requests were slow."""

    def __init__(self, slow: int = 0, timed: int = 0) -> None:
        self._slow, self._timed = slow, timed

    def slower(self, segment: Segment, seconds: float) -> tuple[int, int]:
        return (self._slow, self._timed) if (segment, seconds) == (CHECKOUT, 0.3) else (0, 0)


def window(end: int, bad: int, total: int, width: int = MINUTE, told: Told | None = None) -> Window:
    known = np.array([0, 1, 2, 3], np.int32) if total else np.array([0], np.int32)
    share = bad / max(total, 1)
    value = np.array([total, share, total, share])[: len(known)]
    measures = Measures(end - width, width, known, value, np.full(len(known), float(total)))
    none = np.zeros(0, np.int32)
    items = Occurrences(end - width, width, none, none.astype(np.uint64), none.astype(np.int64))
    return Window(end - width, width, (), (), measures, items, told or Told())  # type: ignore[arg-type]


def bank(*objectives: Objective) -> Objectives:
    made = Objectives(objectives or (AVAILABLE,))
    made.grow(SERIES[:2])
    made.grow(SERIES[2:])
    return made


def lived(made: Objectives, minutes: int, bad: int = 0, total: int = 100, since: int = 0) -> list[Burn]:
    """Count so many minutes alike; returns what burns after the last."""
    burns: list[Burn] = []
    for minute in range(minutes):
        burns = made.take(window(since + (minute + 1) * MINUTE, bad, total))
    return burns


@pytest.mark.parametrize(("minutes", "fires"), [(8, False), (9, True)])
def test_an_hour_at_14_point_4_times_is_the_same_budget_in_nine_minutes_at_a_tenth(minutes: int, fires: bool) -> None:
    # of 6000 requests an hour, 14.4 times the allowed 0.1 % are 86.4; nine minutes of ten bad ones are 90, eight are 80
    made = bank()
    lived(made, 60)
    burns = lived(made, minutes, bad=10, since=HOUR)
    assert bool(burns) is fires
    if fires:
        (burn,) = burns
        assert (burn.alert, burn.bad, burn.total) == (ALERTS[0], 90, 6000)
        assert burn.share == pytest.approx(0.015)
        assert burn.rate == pytest.approx(15.0)


def test_it_is_over_when_the_short_window_is_clean_though_the_long_one_is_not() -> None:
    made = bank()
    lived(made, 60)
    assert lived(made, 12, bad=10, since=HOUR)[0].alert == ALERTS[0]
    # four minutes later one bad minute of five is left: 2 % of 500, still more than 1.44 %; five minutes later none
    assert lived(made, 4, since=HOUR + 12 * MINUTE)[0].alert == ALERTS[0]
    assert all(burn.alert != ALERTS[0] for burn in lived(made, 1, since=HOUR + 16 * MINUTE))


def test_a_trickle_fires_the_slow_alert_alone_once_its_share_of_the_budget_is_burnt() -> None:
    # 0.4 % bad is four times the allowed: three times over a day are reached after three quarters of a day of history
    made = bank()
    alerts = {}
    for minute in range(20 * 60):
        for burn in made.take(window((minute + 1) * MINUTE, 4, 1000)):
            alerts.setdefault(burn.alert, minute + 1)
    assert alerts == {ALERTS[2]: 18 * 60}


def test_what_lasts_below_the_allowed_share_never_fires() -> None:
    made = bank()
    for hour in range(4 * 24):
        assert made.take(window((hour + 1) * HOUR, 9, 10_000, HOUR)) == []
    assert made.budgets()[0].left == pytest.approx(1 - 0.9 * 4 / 30)


def test_exactly_the_rate_is_enough() -> None:
    made = bank()
    for hour in range(3 * 24):
        burns = made.take(window((hour + 1) * HOUR, 10, 10_000, HOUR))
    (burn,) = burns
    assert (burn.alert, round(burn.rate, 9)) == (ALERTS[3], 1.0)
    assert burn.budget.left == pytest.approx(0.9)


def test_the_budget_left_is_reckoned_over_the_whole_window_and_may_be_overdrawn() -> None:
    made = bank()
    for day in range(30):
        made.take(window((day + 1) * DAY, 0, 1000, DAY))
    made.take(window(31 * DAY, 45, 1000, DAY))  # of 30,000 requests, 30 may fail
    (budget,) = made.budgets()
    assert budget.left == pytest.approx(-0.5)


@pytest.mark.parametrize("bad", range(LEAST + 1))
def test_few_failures_of_few_requests_call_nobody(bad: int) -> None:
    made = bank()
    burns = lived(made, 60, total=0) or made.take(window(HOUR + MINUTE, bad, 4))
    assert bool(burns) is (bad >= LEAST)


def test_a_service_without_requests_burns_nothing() -> None:
    made = bank()
    assert lived(made, 30, total=0) == []
    assert made.budgets()[0].left == 1.0


def test_latency_counts_the_requests_that_took_longer() -> None:
    made = bank(FAST)
    for minute in range(60):
        burns = made.take(window((minute + 1) * MINUTE, 0, 100, told=Told(20, 80)))
    (burn,) = burns
    assert (burn.budget.segment, burn.bad, burn.total) == (CHECKOUT, 1200, 4800)
    assert burn.rate == pytest.approx(25.0)


def test_every_environment_has_a_budget_of_its_own_unless_one_is_named() -> None:
    named = Objective("prod alone", "web", 99.9, environment="prod")
    made = Objectives((AVAILABLE, named, Objective("another", "other", 99.9)))
    made.grow([CATALOG["error_ratio"].series(Segment(where, "web", "")) for where in ("prod", "test")])
    pairs = [(one.objective.name, one.segment.environment) for one in made.budgets()]
    assert pairs == [("web is there", "prod"), ("prod alone", "prod"), ("web is there", "test")]


def test_after_a_restore_it_goes_on_to_the_byte() -> None:
    first, second = bank(AVAILABLE, FAST), Objectives((AVAILABLE, FAST))
    lived(first, 100, bad=3)
    second.restore(decode(encode(first.snapshot())), SERIES)
    assert encode(second.snapshot()) == encode(first.snapshot())
    assert lived(second, 30, bad=2, since=100 * MINUTE) == lived(first, 30, bad=2, since=100 * MINUTE) != []
    assert encode(second.snapshot()) == encode(first.snapshot())


def test_another_target_keeps_what_was_counted_and_another_threshold_does_not() -> None:
    first = bank(AVAILABLE, FAST)
    for minute in range(60):
        first.take(window((minute + 1) * MINUTE, 1, 100, told=Told(1, 100)))
    stricter = Objective("renamed", "web", 99.99)
    slower = Objective("checkout is fast", "web", 99.0, Indicator.LATENCY, "POST /checkout", threshold=0.5)
    second = Objectives((stricter, slower))
    second.restore(first.snapshot(), SERIES)
    left = {one.objective.name: one.left for one in second.budgets()}
    assert left["renamed"] == pytest.approx(1 - 100 / 720)
    assert left["checkout is fast"] == 1.0


def test_a_state_without_objectives_begins_them_and_one_of_another_version_is_refused() -> None:
    made = Objectives((AVAILABLE,))
    made.restore({}, SERIES)
    assert [one.left for one in made.budgets()] == [1.0]
    with pytest.raises(StateCorrupt, match="version 9, expected 1"):
        made.restore({"version": 9}, SERIES)


def test_new_series_of_other_features_make_no_budget() -> None:
    made = Objectives((AVAILABLE,))
    made.grow([Series(WEB, one.feature, one.quantity, one.direction, one.min_effect) for one in SERIES[:1]])
    assert made.budgets() == []


@given(
    st.lists(st.tuples(st.integers(1, 90), st.integers(0, 50), st.integers(0, 50)), max_size=40),
    st.sampled_from([10, 30, 120]),
)
def test_sums_are_those_of_the_buckets_that_end_in_the_time(rows: list[tuple[int, int, int]], time: int) -> None:
    tally, end, past = Tally(10, 12), 0, list[tuple[int, int, int]]()
    tally.grow(1)
    for gap, bad, good in rows:
        end += gap
        tally.advance(end)
        tally.add(np.array([[bad, bad + good]]))
        past.append(((end - 1) // 10, bad, bad + good))
    first = (end - 1) // 10 - time // 10 + 1
    inside = [(bad, total) for bucket, bad, total in past if bucket >= first]
    assert tally.sums(time).tolist() == [[sum(bad for bad, _ in inside), sum(total for _, total in inside)]]
