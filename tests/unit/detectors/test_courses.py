import numpy as np
import pytest

from vedette.detectors.courses import Courses
from vedette.errors import StateCorrupt

START = 1_767_571_200.0
WIDTH = 300.0


def course(rows: int = 900, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    times = START + np.arange(rows) * WIDTH
    wave = 30 * np.sin(2 * np.pi * times / 86_400)
    return times, 100 + wave + np.random.default_rng(seed).normal(0, 2, rows)


def bank(count: int) -> Courses:
    made = Courses(WIDTH)
    made.grow(count)
    return made


def test_rows_given_one_by_one_are_judged_as_all_at_once() -> None:
    times, values = course(400)
    one, whole = bank(1), Courses.alone(times, values, WIDTH)
    slot = np.zeros(1, np.int32)
    apart = [one.judge(slot, times[row : row + 1], values[row : row + 1])[0] for row in range(len(times))]
    assert np.array_equal(np.array(apart), whole)


def test_a_series_is_judged_alone_whoever_is_beside_it() -> None:
    times, values = course(300)
    _, others = course(300, seed=2)
    both = bank(2)
    slot = np.array([1, 0], np.int32)
    rows = [both.judge(slot, np.full(2, at), np.array([a, b])) for at, a, b in zip(times, others, values, strict=True)]
    assert np.array_equal(np.array(rows)[:, 1], Courses.alone(times, values, WIDTH))


def test_a_bank_goes_on_where_its_snapshot_was_taken() -> None:
    times, values = course(500)
    slot = np.zeros(400, np.int32)
    first, second = bank(1), Courses(WIDTH)
    first.judge(slot, times[:400], values[:400])
    tree = first.snapshot()
    after = first.judge(slot[:100], times[400:], values[400:])
    second.restore(tree)
    assert np.array_equal(second.judge(slot[:100], times[400:], values[400:]), after)


def test_another_version_is_refused() -> None:
    with pytest.raises(StateCorrupt, match="version 99, expected"):
        bank(1).restore({**bank(1).snapshot(), "version": 99})


def test_a_series_takes_as_much_room_as_is_said_and_no_more_with_time() -> None:
    times, values = course(300)
    one = bank(1)
    size = one.nbytes
    assert 20_000 < size < 32_000
    one.judge(np.zeros(300, np.int32), times, values)
    assert one.nbytes == size


@pytest.mark.parametrize("values", [np.zeros(400), np.full(400, 1e100), np.r_[np.zeros(399), 1e100]])
def test_what_is_constant_or_huge_has_finite_decades(values: np.ndarray) -> None:
    times, _ = course(400)
    assert np.isfinite(Courses.alone(times, values, WIDTH)).all()


def test_series_that_come_one_by_one_keep_what_was_learned() -> None:
    times, values = course(200)
    grown = bank(1)
    first = np.zeros(1, np.int32)
    rows = []
    for row in range(len(times)):
        if row % 20 == 10:
            grown.grow(1)
        rows.append(grown.judge(first, times[row : row + 1], values[row : row + 1])[0])
    assert np.array_equal(np.array(rows), Courses.alone(times, values, WIDTH))
    assert len(grown.rows) == 11
    assert len(grown.snapshot()["arrays"]["numbers"]) == 11
