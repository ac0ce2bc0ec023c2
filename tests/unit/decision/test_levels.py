"""A number is back once it is within the range it left, most of the time; a count within twice that."""

from __future__ import annotations

from math import nan

from vedette.decision.levels import MOST, Levels
from vedette.records.segment import Segment

SHOP = Segment("", "shop", "GET /")
LATENCY, REQUESTS = (SHOP, "latency_p50_seconds"), (SHOP, "requests")


def looked(levels: Levels, values: list[float | None]) -> Levels:
    for value in values:
        levels.look(lambda number, value=value: value)  # type: ignore[misc]
    return levels


def left(lower: float = 0.1, upper: float = 0.2) -> Levels:
    levels = Levels()
    levels.leave(LATENCY, lower, upper)
    return levels


def test_what_stays_outside_stays_and_what_came_back_does_not() -> None:
    assert looked(left(), [0.3] * 60).stays(LATENCY)
    assert not looked(left(), [*[0.3] * 60, *[0.15] * 15]).stays(LATENCY)


def test_a_few_windows_inside_are_no_return() -> None:
    assert looked(left(), [0.3, 0.15, 0.3] * 20).stays(LATENCY)


def test_the_first_range_counts() -> None:
    levels = left()
    levels.leave(LATENCY, 0.1, 9.0)
    assert looked(levels, [0.3] * 60).stays(LATENCY)


def test_a_count_is_back_within_twice_its_range() -> None:
    levels = Levels()
    levels.leave(REQUESTS, 100.0, 200.0)
    assert not looked(levels, [390.0] * 60).stays(REQUESTS)
    levels = Levels()
    levels.leave(REQUESTS, 100.0, 200.0)
    assert looked(levels, [0.0] * 60).stays(REQUESTS)


def test_windows_without_a_value_say_nothing() -> None:
    assert looked(left(), [None, nan] * 60).away[LATENCY] == 1.0
    assert not Levels().stays(LATENCY)


def test_it_is_bounded_and_comes_back() -> None:
    levels = Levels()
    for place in range(MOST + 5):
        levels.leave((Segment("", "shop", str(place)), "latency_p50_seconds"), 0.0, 1.0)
    assert len(levels.ranges) == MOST
    assert Levels.restored(looked(levels, [2.0, 0.5]).snapshot()) == levels
