"""What a calendar does to a number is no anomaly, and what hides behind it is one. Four weeks of five-minute rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from vedette.scoring.metrics import score_metrics

START = 1_767_571_200
"""A Monday, 00:00 UTC."""
DAY = 288
DAYS = 28
WATCHED = 14 * DAY
"""Two weeks to learn, two to judge."""

Floats = NDArray[np.float64]


def clock() -> Floats:
    return np.arange(DAYS * DAY) % DAY / DAY * 24.0


def noise(seed: int, spread: float = 2.0) -> Floats:
    return np.random.default_rng(seed).normal(0, spread, DAYS * DAY)


def day_and_night(seed: int) -> Floats:
    return 100 + 40 * np.sin(2 * np.pi * (clock() - 8) / 24) + noise(seed)


def alerts(values: Floats) -> NDArray[np.int64]:
    """Return the rows of the last two weeks that alert."""
    table = pa.table({"series": ["a"] * len(values), "t": START + 300 * np.arange(len(values)), "value": values})
    rows = np.flatnonzero(score_metrics(table)["alert"].to_numpy())
    return rows[rows >= WATCHED]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_job_at_six_every_day_is_none_and_the_same_load_at_three_in_the_afternoon_is_one(seed: int) -> None:
    values = day_and_night(seed)
    values[(clock() >= 6.0) & (clock() < 6.3)] += 120
    at = 24 * DAY + 15 * 12
    values[at : at + 4] += 120
    rows = alerts(values)
    assert ((rows >= at) & (rows < at + 4)).any()
    assert ((clock()[rows] >= 6.0) & (clock()[rows] < 6.5)).sum() <= 1
    assert len(rows) <= 4


@pytest.mark.parametrize("seed", [1, 2])
def test_weekends_are_none(seed: int) -> None:
    weekday = np.arange(DAYS * DAY) // DAY % 7
    values = day_and_night(seed) * np.where(weekday >= 5, 0.5, 1.0)
    assert len(alerts(values)) <= 3


@pytest.mark.parametrize("seed", [1, 2])
def test_daylight_saving_time_is_told_of_on_its_first_days_at_most(seed: int) -> None:
    values = day_and_night(seed)
    at = 20 * DAY
    values[at:] = np.roll(values, -12)[at:]
    rows = alerts(values)
    assert len(rows) <= 4
    assert (rows >= at + 3 * DAY).sum() <= 2


@pytest.mark.parametrize("seed", [1, 2])
def test_three_requests_an_hour_alert_less_than_daily_and_a_burst_is_one(seed: int) -> None:
    values = np.random.default_rng(seed).poisson(0.25, DAYS * DAY).astype(np.float64)
    at = 22 * DAY + 100
    values[at : at + 3] = 8
    rows = alerts(values)
    assert ((rows >= at) & (rows < at + 3)).any()
    # eleven of these are false: counts have few values, and the tail between them is guessed
    assert len(rows) <= 12


@pytest.mark.parametrize("seed", [1, 2])
def test_a_leak_at_night_that_stays_below_the_peak_of_the_day_is_one(seed: int) -> None:
    values = day_and_night(seed)
    at = 23 * DAY + 2 * 12
    values[at : at + 24] += 25
    assert values[at : at + 24].max() < 0.8 * values.max()
    rows = alerts(values)
    assert ((rows >= at) & (rows < at + 12)).any()
    assert len(rows) <= 4


@pytest.mark.parametrize("seed", [1, 2])
def test_a_source_that_dies_is_one(seed: int) -> None:
    values = day_and_night(seed)
    at = 25 * DAY + 140
    values[at:] = 0.0
    rows = alerts(values)
    assert ((rows >= at) & (rows < at + 3)).any()
    assert len(rows) <= 5
