"""Points of metrics."""

import numpy as np

from vedette.features.metrics import MEMORY, SWEEP, Metrics
from vedette.features.registry import Slots
from vedette.records.time import SECOND

MINUTE = 60 * SECOND


def test_a_batch_without_a_row_in_time_is_nothing() -> None:
    nothing = np.zeros(0, np.int64)
    metrics = Metrics(Slots(10), 60)
    before = metrics.snapshot()
    metrics.take(nothing, nothing, nothing, [], np.zeros(0), nothing)
    assert metrics.snapshot() == before


def filled(metrics: Metrics, cuts: list[slice]) -> Metrics:
    """Take in two minutes of five sources, newest name first, in some cuts."""
    sources = [("", "shop", "", name, kind) for name, kind in zip("edcba", ["gauge", "cumulative"] * 3, strict=False)]
    row = np.arange(10)
    time = row // 5 * 60 * SECOND + row % 5
    for cut in cuts:
        value, count = row[cut] * 1.0, np.ones(len(row[cut]), np.int64)
        metrics.take(time[cut] // (60 * SECOND) * 60 * SECOND, time[cut], row[cut] % 5, sources, value, count)
    return metrics


def test_slots_follow_names_and_neither_they_nor_values_follow_cuts() -> None:
    whole, series = Slots(10), Slots(10)
    once = filled(Metrics(whole, 60 * SECOND), [slice(0, 10)]).close(120 * SECOND)
    parts = filled(Metrics(series, 60 * SECOND), [slice(0, 3), slice(3, 7), slice(7, 10)]).close(120 * SECOND)
    assert [key.feature for key in whole.keys] == [key.feature for key in series.keys]
    assert [key.feature for key in whole.keys[:3]] == ["metric: a", "metric: c", "metric: e"]
    assert all((getattr(once, name) == getattr(parts, name)).all() for name in ("window", "slot", "value", "weight"))


def test_what_was_given_a_slot_keeps_it_also_after_a_restart() -> None:
    series = Slots(3)
    metrics = filled(Metrics(series, 60 * SECOND), [slice(0, 10)])
    first = metrics.close(60 * SECOND)
    other = Metrics(series, 60 * SECOND)
    other.restore(metrics.snapshot())
    later, again = metrics.close(120 * SECOND), other.close(120 * SECOND)
    assert later.slot.tolist() == again.slot.tolist() == first.slot.tolist() == [0, 1, 2]
    assert series.refused == 4


def counted(metrics: Metrics, time: int, name: str, value: float) -> list[float]:
    """Take in one point of a cumulative source, and close its window."""
    at = np.array([time], np.int64)
    source = ("", "shop", "", name, "cumulative")
    metrics.take(at // MINUTE * MINUTE, at, np.zeros(1, np.int64), [source], np.array([value]), np.ones(1, np.int64))
    return metrics.close((time // MINUTE + 1) * MINUTE).value.tolist()


def test_sources_that_come_once_and_never_again_are_forgotten() -> None:
    metrics = Metrics(Slots(10), MINUTE)
    kept = []
    for hour in range(3 * MEMORY // SWEEP):
        counted(metrics, hour * SWEEP + SWEEP - MINUTE, f"container {hour}", 1.0)
        kept.append(len(metrics.snapshot()["before"]))
    assert max(kept) == MEMORY // SWEEP
    assert kept[-1] == kept[-2]


def test_a_daily_job_goes_on_and_what_was_away_for_longer_than_that_begins_anew() -> None:
    metrics = Metrics(Slots(10), MINUTE)
    day = MEMORY // 2
    assert counted(metrics, 0, "job", 0.0) == []
    assert counted(metrics, day, "job", 86_400.0) == [1.0]
    assert counted(metrics, day + MEMORY + 1, "job", 9e9) == []


def test_forgetting_follows_time_and_not_when_windows_are_closed() -> None:
    swept, unswept = Metrics(Slots(10), MINUTE), Metrics(Slots(10), MINUTE)
    for metrics in (swept, unswept):
        counted(metrics, MINUTE, "job", 0.0)
    counted(swept, MEMORY + 2 * SWEEP - MINUTE, "other", 0.0)
    late = MEMORY + 2 * SWEEP
    assert [row[3] for row in swept.snapshot()["before"]] == ["other"]
    assert counted(swept, late, "job", 5.0) == counted(unswept, late, "job", 5.0) == []
