from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.features.watermark import MAX_GAP, Watermark
from vedette.records.time import SECOND

WIDTH, LATENESS = 60 * SECOND, 10 * SECOND


def run(times: list[int], cuts: list[int]) -> tuple[list[bool], list[int]]:
    mark, kept, closed, held = Watermark(WIDTH, LATENESS), [], [], set()
    edges = [0, *sorted(cuts), len(times)]
    for low, high in pairwise(edges):
        part = np.array(times[low:high], np.int64)
        keep = mark.admit(part)
        kept += keep.tolist()
        held |= {int(time - time % WIDTH) for time in part[keep]}
        for start in mark.due(np.array(sorted(held), np.int64)):
            closed.append(start)
            held.discard(start)
    return kept, closed


def naive(times: list[int]) -> list[bool]:
    latest, kept = 0, []
    for time in times:
        first = times[0] - LATENESS
        in_time = time - time % WIDTH + WIDTH + LATENESS > latest and time - time % WIDTH >= first - first % WIDTH
        kept.append(in_time)
        latest = max(latest, time)
    return kept


@given(
    st.lists(st.integers(10_000, 10_900), min_size=1, max_size=60),
    st.lists(st.integers(0, 60), max_size=6),
)
def test_no_cut_of_the_stream_shows(seconds: list[int], cuts: list[int]) -> None:
    times = [second * SECOND for second in seconds]
    whole = run(times, [])
    assert run(times, [min(cut, len(times)) for cut in cuts]) == whole
    assert whole[0] == naive(times)


def test_windows_close_once_and_in_order() -> None:
    _, closed = run([second * SECOND for second in range(0, 3600, 7)], [])
    assert closed == sorted(set(closed))
    assert np.diff(closed).tolist() == [WIDTH] * (len(closed) - 1)


def test_a_late_row_is_counted_not_taken() -> None:
    mark = Watermark(WIDTH, LATENESS)
    keep = mark.admit(np.array([100, 400, 100]) * SECOND)
    assert keep.tolist() == [True, True, False]
    assert mark.late == 1


def test_long_silence_is_skipped_after_absence_was_judged() -> None:
    mark = Watermark(WIDTH, LATENESS)
    mark.admit(np.array([0, 30 * 86_400]) * SECOND)
    closed = list(mark.due(np.array([0, 30 * 86_400 * SECOND])))
    assert len(closed) <= MAX_GAP // WIDTH + 3
    assert mark.open_from == 30 * 86_400 * SECOND


def test_a_tick_closes_windows_without_data() -> None:
    mark = Watermark(WIDTH, LATENESS)
    mark.admit(np.array([100 * SECOND]))
    list(mark.due(np.array([60 * SECOND])))
    mark.tick(200 * SECOND)
    assert list(mark.due(np.array([60 * SECOND]))) == [60 * SECOND, 120 * SECOND] or mark.open_from == 180 * SECOND


def test_a_tick_before_any_data_does_nothing() -> None:
    mark = Watermark(WIDTH, LATENESS)
    mark.tick(200 * SECOND)
    assert list(mark.due(np.zeros(0, np.int64))) == []


def test_snapshot_restores() -> None:
    mark = Watermark(WIDTH, LATENESS)
    mark.admit(np.array([100, 400, 100]) * SECOND)
    list(mark.due(np.array([60, 360]) * SECOND))
    other = Watermark(WIDTH, LATENESS)
    other.restore(mark.snapshot())
    assert other.snapshot() == mark.snapshot()


@pytest.mark.parametrize("time", [0, 59, 60, 61])
def test_window_of(time: int) -> None:
    assert Watermark(60, 10).window_of(time) == time // 60 * 60


@given(
    st.lists(st.tuples(st.integers(10_000, 10_900), st.integers(0, 200)), min_size=1, max_size=40),
    st.lists(st.integers(0, 40), max_size=6),
)
def test_no_cut_shows_in_which_windows_rows_end(rows: list[tuple[int, int]], cuts: list[int]) -> None:
    def ended(cuts: list[int]) -> list[bool]:
        mark, found = Watermark(WIDTH, LATENESS), []
        for low, high in pairwise([0, *sorted(cuts), len(rows)]):
            times = np.array([start for start, _ in rows[low:high]], np.int64) * SECOND
            ends = np.array([start + length for start, length in rows[low:high]], np.int64) * SECOND
            latest = mark.latest
            mark.admit(times)
            found += mark.is_open(ends - ends % WIDTH, times, latest).tolist()
            list(mark.due(np.unique(times - times % WIDTH)))
        return found

    assert ended([min(cut, len(rows)) for cut in cuts]) == ended([])


def test_a_row_that_began_in_a_closed_window_may_end_in_an_open_one() -> None:
    mark = Watermark(WIDTH, LATENESS)
    mark.admit(np.array([100, 400]) * SECOND)
    latest = mark.latest
    assert mark.admit(np.array([300]) * SECOND).tolist() == [False]
    assert mark.is_open(np.array([360, 300]) * SECOND, np.array([300, 300]) * SECOND, latest).tolist() == [True, False]
