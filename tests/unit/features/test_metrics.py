"""Points of metrics."""

import numpy as np

from vedette.features.metrics import Metrics
from vedette.features.registry import Slots
from vedette.records.time import SECOND


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
