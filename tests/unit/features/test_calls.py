from typing import Any

import numpy as np

from vedette.features.calls import RESOLUTION, Calls, Spans, calls, passed_on, slots, visits

WEB, ITEMS, STOCK = 0, 1, 2
Row = tuple[int, int, int, float, float]


def found(*rows: Row, failed: tuple[int, ...] = ()) -> Calls:
    """Return the calls of spans given as parent, service, name, start and duration in seconds."""
    parent, service, name, start, duration = zip(*rows, strict=True)
    wrong = np.isin(np.arange(len(rows)), failed)
    ints: Any = (np.array(part, np.int64) for part in (parent, service, name))
    return calls(Spans(*ints, np.array(start, float), np.array(duration, float), wrong), 60.0)


def seconds(one: Calls) -> list[float]:
    return (np.exp(one.own) - RESOLUTION).round(6).tolist()


def test_own_time_is_what_no_child_covers_however_children_overlap() -> None:
    one = found((-1, WEB, 0, 0.0, 10.0), (0, WEB, 1, 1.0, 4.0), (0, WEB, 1, 3.0, 4.0), (0, WEB, 2, 9.0, 5.0))
    assert seconds(one) == [3.0, 4.0, 4.0, 5.0]


def test_a_fan_is_the_number_of_children_and_none_for_a_leaf() -> None:
    one = found((-1, WEB, 0, 0.0, 9.0), (0, WEB, 1, 1.0, 1.0), (0, WEB, 1, 2.0, 1.0))
    assert np.exp(one.fan[0]).round(6) == 2.0
    assert np.isnan(one.fan[1:]).all()


def test_a_span_around_one_child_of_another_service_is_a_way() -> None:
    one = found((-1, WEB, 0, 0.0, 5.0), (0, WEB, 1, 1.0, 3.0), (1, ITEMS, 1, 2.0, 1.0))
    assert one.callee.tolist() == [-1, ITEMS, -1]
    assert seconds(one) == [2.0, 2.0, 1.0]


def test_an_entry_that_calls_another_service_without_a_span_for_it_is_no_way() -> None:
    one = found((-1, WEB, 0, 0.0, 5.0), (0, ITEMS, 1, 1.0, 3.0))
    assert one.callee.tolist() == [-1, -1]


def test_a_window_holds_the_spans_that_ended_in_it() -> None:
    one = found((-1, WEB, 0, 59.0, 0.5), (-1, WEB, 0, 59.0, 2.0), (-1, WEB, 0, -1.0, 0.5))
    assert one.window.tolist() == [0, 1, -1]


def test_a_child_that_ends_in_a_later_window_is_not_known_yet() -> None:
    early = found((-1, WEB, 0, 50.0, 9.0), (0, WEB, 1, 51.0, 20.0))
    alone = found((-1, WEB, 0, 50.0, 9.0))
    assert early.shape[0] == alone.shape[0]
    assert seconds(early)[0] == 9.0


def test_a_shape_is_the_set_of_what_is_called_in_any_order_and_number() -> None:
    once = found((-1, WEB, 0, 0.0, 9.0), (0, WEB, 1, 1.0, 1.0), (0, WEB, 2, 2.0, 1.0))
    twice = found((-1, WEB, 0, 0.0, 9.0), (0, WEB, 2, 1.0, 1.0), (0, WEB, 1, 2.0, 1.0), (0, WEB, 2, 4.0, 1.0))
    less = found((-1, WEB, 0, 0.0, 9.0), (0, WEB, 1, 1.0, 1.0))
    assert once.shape[0] == twice.shape[0] != less.shape[0]


def test_failure_is_part_of_the_shape() -> None:
    assert found((-1, WEB, 0, 0.0, 1.0)).shape[0] != found((-1, WEB, 0, 0.0, 1.0), failed=(0,)).shape[0]


def test_whom_a_call_reaches_is_part_of_its_callers_shape() -> None:
    def entry(callee: int) -> np.uint64:
        return found((-1, WEB, 0, 0.0, 9.0), (0, WEB, 1, 1.0, 3.0), (1, callee, 1, 2.0, 1.0)).shape[0]

    assert entry(ITEMS) != entry(STOCK)


def test_the_same_name_below_another_parent_is_another_operation() -> None:
    one = found((-1, WEB, 0, 0.0, 9.0), (0, WEB, 5, 1.0, 1.0), (-1, WEB, 1, 0.0, 9.0), (2, WEB, 5, 1.0, 1.0))
    assert one.operation[1] != one.operation[3]


def test_unknown_durations_have_no_time_of_their_own() -> None:
    one = found((-1, WEB, 0, 0.0, np.nan), (0, WEB, 1, 1.0, -5.0), (0, WEB, 1, 1.0, np.inf))
    assert np.isnan(one.own).all()


def test_what_lies_on_a_circle_has_no_parent() -> None:
    one = found((1, WEB, 0, 0.0, 9.0), (0, WEB, 1, 1.0, 1.0), (1, WEB, 2, 1.0, 0.5))
    assert one.parent.tolist() == [-1, -1, -1]


def test_slots_are_numbered_by_the_window_that_first_has_them_and_end_at_the_limit() -> None:
    hashes, window = np.array([9, 7, 9, 8, 7], np.uint64), np.array([3, 1, 0, 2, 5])
    slot, example = slots(hashes, window, 2)
    assert slot.tolist() == [0, 1, 0, -1, 1]
    assert example.tolist() == [2, 1]


def test_what_has_an_odd_span_below_it_passes_trouble_on_from_this_window_or_an_earlier_one() -> None:
    one = found((-1, WEB, 0, 0.0, 70.0), (0, WEB, 1, 1.0, 68.0), (1, ITEMS, 2, 2.0, 1.0), (-1, WEB, 3, 0.0, 65.0))
    below = np.zeros(4, np.bool_)
    assert passed_on(np.array([2]), one, np.array([True]), below).tolist() == [False]
    assert passed_on(np.array([0, 1, 3]), one, np.array([True, False, True]), below).tolist() == [True, True, False]


def test_no_spans_give_no_calls() -> None:
    none = np.zeros(0, np.int64)
    one = calls(Spans(none, none, none, np.zeros(0), np.zeros(0), np.zeros(0, np.bool_)), 60.0)
    assert len(one.window) == len(one.shape) == 0


def test_a_visit_is_all_that_a_service_does_until_its_entry_has_ended() -> None:
    rows: list[Row] = [
        (-1, WEB, 0, 0.0, 9.0),
        (0, WEB, 1, 1.0, 5.0),
        (1, ITEMS, 0, 2.0, 3.0),
        (2, ITEMS, 1, 2.5, 1.0),
        (2, WEB, 0, 3.0, 1.0),
        (0, WEB, 2, 8.0, 70.0),
    ]
    service = np.array([row[1] for row in rows])
    assert visits(found(*rows), service).tolist() == [0, 0, 2, 2, 4, 5]
