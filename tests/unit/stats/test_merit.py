from itertools import count

import numpy as np

from vedette.stats.merit import DAY, MOST, Merit

NEW = count()


def earn(merit: Merit, time: float, candidates: list[tuple[float, int, bool]]) -> list[bool]:
    strength, who, worse = zip(*candidates, strict=True) if candidates else ((), (), ())
    arrays = np.array(strength, np.float64), np.array(who, np.int32), np.array(worse, np.bool_)
    return merit.earn(time, *arrays).tolist()


def earns(merit: Merit, time: float, *strengths: float) -> list[bool]:
    return earn(merit, time, [(strength, next(NEW), False) for strength in strengths])


def told(merit: Merit, strengths: list[float], apart: float = DAY) -> list[float]:
    return [one for number, one in enumerate(strengths) if earns(merit, number * apart, one)[0]]


def test_what_comes_at_first_is_told_only_if_it_is_the_strongest_so_far() -> None:
    merit = Merit(bearable=0.1)
    assert told(merit, [1.0, 0.5, 2.0, 1.5], apart=DAY / 10) == [1.0, 2.0]


def test_as_many_are_told_as_the_time_has_room_for() -> None:
    merit = Merit(bearable=0.5)
    earns(merit, 0.0)
    for number, strength in enumerate((5.0, 4.0, 3.0, 2.0, 1.0)):
        assert earns(merit, (15 + number) * DAY, strength) == [True]
    for _ in range(6):
        earns(merit, 20 * DAY, 1.5)
    assert earns(merit, 20 * DAY, 1.2) == [False]  # ten are bearable in twenty days, and ten were stronger
    assert earns(merit, 20 * DAY, 1.8) == [True]


def test_what_comes_at_one_moment_counts_once_and_each_by_itself() -> None:
    merit = Merit(bearable=0.1)
    earns(merit, 0.0)
    assert earns(merit, 10 * DAY, 1.0, 3.0, 2.0) == [True, True, True]
    assert earns(merit, 11 * DAY, 2.5, 4.0) == [False, True]
    assert len(merit.snapshot()["seen"]) == 2


def test_what_gets_worse_takes_one_place_and_can_still_earn_it() -> None:
    merit = Merit(bearable=1 / 28)
    earn(merit, 0.0, [(2.0, 7, False)])
    assert earn(merit, DAY, [(1.0, 8, False)]) == [False]
    assert earn(merit, DAY + 300.0, [(2.5, 8, True)]) == [True]
    assert earn(merit, DAY + 600.0, [(2.6, 8, True)]) == [True]
    assert len(merit.snapshot()["seen"]) == 2


def test_equal_ones_are_not_told_for_ever() -> None:
    assert len(told(Merit(bearable=0.25), [1.0] * 1000, apart=DAY / 20)) <= 0.25 * 50 + 1


def test_of_many_alike_about_the_bearable_number_is_told() -> None:
    strengths = np.random.default_rng(1).exponential(size=20 * 84).tolist()
    late = told(Merit(bearable=0.25), strengths, apart=DAY / 20)
    assert 0.1 * 84 < len(late) < 0.5 * 84


def test_what_is_older_than_four_weeks_does_not_count() -> None:
    merit = Merit(bearable=1 / 28)
    assert [earns(merit, *one)[0] for one in ((0.0, 9.0), (27 * DAY, 1.0), (56 * DAY, 0.5))] == [True, False, True]


def test_it_goes_on_where_its_snapshot_was_taken_and_does_not_grow() -> None:
    merit, again = Merit(1.0), Merit(1.0)
    for number in range(2 * MOST):
        earns(merit, float(number), float(number % 7))
    again.restore(merit.snapshot())
    assert len(merit.snapshot()["seen"]) == MOST
    assert earns(again, 5000.0, 1.0, 6.5) == earns(merit, 5000.0, 1.0, 6.5)
