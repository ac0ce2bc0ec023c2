import numpy as np
import pytest

from vedette.drift.days import changes, limits, profiles

START = 1_767_571_200.0
DAY = 288


def series(days: int = 30, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Five-minute rows with a day's rhythm and quieter weekends."""
    times = START + np.arange(days * DAY) * 300.0
    clock, weekday = times % 86_400 / 86_400, (times // 86_400 + 3) % 7
    values = 100 + (30 - 15 * (weekday >= 5)) * np.sin(2 * np.pi * clock)
    return times, values + np.random.default_rng(seed).normal(0, 2, len(times))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_days_and_weekends_as_ever_are_no_change(seed: int) -> None:
    assert len(changes(*series(days=40, seed=seed))) == 0


def changed(kind: str, values: np.ndarray, at: int) -> np.ndarray:
    noise = np.random.default_rng(9).normal(0, 8, len(values))
    rolled = np.roll(values, DAY // 4)
    after = {"level": values + 40, "roughness": values + noise, "phase": rolled, "shape": np.abs(values - 100) + 100}
    return np.concatenate([values[:at], after[kind][at:]])


@pytest.mark.parametrize("kind", ["level", "roughness", "phase", "shape"])
def test_a_lasting_change_is_announced_within_two_days_and_once(kind: str) -> None:
    times, values = series()
    at = 22 * DAY + 60
    rows = changes(times, changed(kind, values, at))
    assert len(rows) >= 1
    assert at < rows[0] <= at + 2 * DAY
    assert (rows <= rows[0] + DAY).sum() == 1


def test_a_shifted_day_is_a_change_where_levels_wander() -> None:
    """The level's own wandering is five times the noise; only the shape is steady."""
    times, values = series(days=40)
    wander = np.cumsum(np.random.default_rng(4).normal(0, 8, 40))
    at = 28 * DAY + 60
    values = changed("phase", values, at) + np.repeat(wander, DAY)
    assert len(changes(times[:at], values[:at])) == 0
    assert any(at < row <= at + 2 * DAY for row in changes(times, values).tolist())


def test_to_go_back_to_what_was_before_is_no_other_change() -> None:
    times, values = series(days=36)
    there, back = 20 * DAY, 28 * DAY
    values[there:back] += 40
    rows = changes(times, values)
    assert len(rows) == 1
    assert there < rows[0] <= there + 2 * DAY


def test_a_spike_of_an_hour_is_no_change() -> None:
    times, values = series()
    values[20 * DAY : 20 * DAY + 12] += 500
    assert len(changes(times, values)) == 0


@pytest.mark.parametrize("cut", [1, 3000, 6600])
def test_what_is_announced_depends_on_the_past_only(cut: int) -> None:
    times, values = series()
    values = changed("level", values, 22 * DAY)
    whole, part = changes(times, values), changes(times[:cut], values[:cut])
    assert part.tolist() == [row for row in whole.tolist() if row < cut]


def test_gaps_and_few_rows_are_no_error() -> None:
    times, values = series()
    kept = np.r_[0:1000, 3000:8000]
    assert len(changes(times[kept], values[kept])) == 0
    for count in (0, 1, 10):
        assert len(changes(times[:count], values[:count])) == 0


def test_a_constant_series_does_not_change() -> None:
    times, _ = series()
    assert len(changes(times, np.full(len(times), 7.0))) == 0


def test_a_day_is_told_by_its_hours_from_midnight_on() -> None:
    times, _ = series(days=3)
    _, level, _ = profiles(times, np.floor(times % 86_400 / 3600))
    assert level.shape == (len(level), 24)
    assert (level == np.arange(24)).all()


def test_the_limit_lies_beyond_what_is_usual() -> None:
    usual = np.array([1.0, 1.2, 0.9, 1.1, 1.0, 1.3, 0.8, 1.0])
    assert limits(np.stack([usual, 10.0 * usual], axis=1))[0] > usual.max() * 1.2
    assert np.isinf(limits(np.zeros((0, 2)))).all()


def test_a_time_far_off_takes_neither_memory_nor_what_is_known() -> None:
    times, values = series()
    far = np.concatenate([[0.0], times, [1e15]])
    assert len(changes(far, np.concatenate([values[:1], values, values[-1:]]))) == 0
