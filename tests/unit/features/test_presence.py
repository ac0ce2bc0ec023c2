"""Presence: absence of a count is zero where the series is dense, and nothing of a sparse one or a ratio."""

import numpy as np

from vedette.features.closed import Numbers
from vedette.features.presence import Presence
from vedette.features.registry import Slots
from vedette.records.observation import Direction, Quantity, Series
from vedette.records.segment import Segment

WIDTH = 60 * 10**9
SHOP = Segment("", "shop", "")


def numbers(window: int, *slots: int) -> Numbers:
    count = len(slots)
    return Numbers(np.full(count, window), np.array(slots, np.int64), np.full(count, 7.0), np.ones(count))


def presence() -> tuple[Slots[Series], Presence]:
    series: Slots[Series] = Slots(10)
    for name, quantity in (("requests", Quantity.COUNT), ("error_ratio", Quantity.RATIO)):
        series.slot(Series(SHOP, name, quantity, Direction.BOTH, 0.1))
    return series, Presence(series, WIDTH)


def test_a_count_that_did_not_happen_is_zero_and_a_ratio_is_absent() -> None:
    _, held = presence()
    held.note([numbers(0, 0, 1)])
    assert held.measures(0, [numbers(0, 0, 1)]).value.tolist() == [7.0, 7.0]
    empty = held.measures(WIDTH, [])
    assert (empty.slot.tolist(), empty.value.tolist()) == ([0], [0.0])


def test_a_sparse_count_is_absent_where_it_did_not_happen() -> None:
    _, held = presence()
    held.note([numbers(0, 0)])
    held.measures(0, [numbers(0, 0)])
    found = [held.measures(WIDTH * step, []).slot.tolist() for step in range(1, 5)]
    assert found == [[0], [0], [], []]


def test_before_its_first_window_a_series_is_absent() -> None:
    _, held = presence()
    held.note([numbers(5 * WIDTH, 0)])
    assert held.measures(0, []).slot.tolist() == []


def test_a_restored_one_goes_on_as_the_other() -> None:
    series, held = presence()
    held.note([numbers(0, 0, 1)])
    held.measures(0, [numbers(0, 0, 1)])
    other = Presence(series, WIDTH)
    other.restore(held.snapshot())
    assert other.measures(WIDTH, []).slot.tolist() == held.measures(WIDTH, []).slot.tolist() == [0]
