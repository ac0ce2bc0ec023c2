import numpy as np
import pytest

from vedette.decision import jobs as room
from vedette.decision.jobs import DAY, Jobs
from vedette.records.score import Scores, State
from vedette.records.time import SECOND

MINUTE = 60 * SECOND
START = 1_767_571_200 * SECOND


def after(*days: float, minutes: int = 15, shift: int = 0) -> Jobs:
    """Return what is remembered after a stay at two at night on some days."""
    jobs = Jobs()
    for day in days:
        for minute in range(minutes):
            jobs.note(7, START + round(day * DAY) + 120 * MINUTE + (minute + shift) * MINUTE)
    return jobs


def test_the_third_night_is_usual_and_the_second_is_not() -> None:
    at = 125 * MINUTE
    assert not after(0).usual(7, START + DAY + at)
    assert after(0, 1).usual(7, START + 2 * DAY + at)


def test_one_night_without_it_does_not_make_it_odd_again() -> None:
    assert after(0, 1).usual(7, START + 3 * DAY + 120 * MINUTE)
    assert not after(0, 1).usual(7, START + 4 * DAY + 120 * MINUTE)


def test_what_was_there_before_it_was_judged_is_usual_the_second_time() -> None:
    jobs = Jobs()
    jobs.note(7, START + 120 * MINUTE, 2)
    jobs.note(7, START + 121 * MINUTE)
    assert jobs.usual(7, START + DAY + 125 * MINUTE)
    assert not jobs.usual(7, START + DAY + 300 * MINUTE)
    assert not jobs.usual(7, START + 4 * DAY + 125 * MINUTE)


def test_what_comes_weekly_is_usual_the_third_time() -> None:
    assert not after(7).usual(7, START + 14 * DAY + 120 * MINUTE)
    assert after(0, 7).usual(7, START + 14 * DAY + 120 * MINUTE)


@pytest.mark.parametrize(("minute", "usual"), [(99, False), (101, True), (134 + 20, True), (134 + 21, False)])
def test_it_may_come_twenty_minutes_early_or_late(minute: int, usual: bool) -> None:
    assert after(0, 1).usual(7, START + 2 * DAY + minute * MINUTE) is usual


def test_a_fault_that_lasts_for_days_is_no_job() -> None:
    jobs = after(0, minutes=3 * 1440)
    assert not any(jobs.usual(7, START + 3 * DAY + minute * MINUTE) for minute in range(0, 1440, 10))


def test_another_series_and_another_time_are_not_spared() -> None:
    jobs = after(0, 1)
    assert not jobs.usual(8, START + 2 * DAY + 120 * MINUTE)
    assert not jobs.usual(7, START + 2 * DAY + 600 * MINUTE)


def test_restored_it_knows_the_same() -> None:
    again = Jobs()
    again.restore(after(0, 1).snapshot(), [True] * 8)
    assert again.usual(7, START + 2 * DAY + 120 * MINUTE)
    assert again.snapshot()["stays"] == after(0, 1).snapshot()["stays"]


def test_what_was_remembered_before_stays_had_days_is_gone_on_from() -> None:
    again = Jobs()
    stays = [[slot, [stay[:2] for stay in stays]] for slot, stays in after(0, 1).snapshot()["stays"]]
    again.restore({"stays": stays}, [True] * 8)
    assert again.usual(7, START + 2 * DAY + 120 * MINUTE)
    assert again.snapshot()["stays"] == after(0, 1).snapshot()["stays"]
    assert met(again, 9 * 1440, known=True, slots=8) == [False] * 8, "no learning day is known of"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 3)
    jobs = Jobs()
    for slot in range(9):
        for day in range(40):
            jobs.note(slot, START + day * DAY)
    stays = jobs.snapshot()["stays"]
    assert [slot for slot, _ in stays] == [6, 7, 8]
    assert {len(of) for _, of in stays} == {room.KEPT}


def test_what_came_three_times_is_a_habit_and_what_came_twice_is_not() -> None:
    assert list(after(0, 1).habits(START)) == []
    (daily,) = after(0, 1, 2).habits(START)
    assert (daily.slot, daily.start, daily.days, daily.times) == (7, START + 2 * DAY + 120 * MINUTE, 1, 3)
    assert daily.end - daily.start == 14 * MINUTE
    (weekly,) = after(0, 7, 14).habits(START)
    assert (weekly.days, weekly.times) == (7, 3)


def met(jobs: Jobs, minute: int, known: bool, slots: int = 2) -> list[bool]:
    """Meet a window in which all series are ready and near the bar; return which come by the clock."""
    slot, none = np.arange(slots, dtype=np.int32), np.zeros(slots)
    state = np.full(slots, State.READY, np.int8)
    scores = Scores(state, none, none, none, none, none, np.full(slots, known))
    return jobs.meet(slot, START + minute * MINUTE, scores, np.ones(slots, np.bool_)).tolist()


def test_what_came_in_the_learning_is_no_news_on_the_next_day_and_security_always_is() -> None:
    jobs = Jobs()
    jobs.grow([True, False])
    assert met(jobs, 0, known=True) == [True, False]
    assert met(jobs, 15, known=False) == [True, False], "a stay that is known is known as long as it lasts"
    assert met(jobs, 300, known=False) == [False, False]
    assert met(jobs, 1440 + 5, known=False) == [True, False], "the day before counts as two"


def test_a_fault_that_is_known_from_its_own_beginning_is_news() -> None:
    jobs = Jobs()
    jobs.grow([True, False])
    assert met(jobs, 0, known=False) == [False, False]
    assert met(jobs, 10, known=True) == met(jobs, 60, known=True) == [False, False]


def test_what_is_known_later_is_of_days_that_were_told_of() -> None:
    jobs = Jobs()
    jobs.grow([True, False])
    met(jobs, 0, known=False)
    assert met(jobs, 1440 + 200, known=True) == [False, False]


def test_a_habit_that_ended_is_not_offered() -> None:
    assert list(after(0, 1, 2).habits(START + 5 * DAY)) == []
