"""Points of metrics."""

import numpy as np

from vedette.features.metrics import Metrics
from vedette.features.registry import Slots


def test_a_batch_without_a_row_in_time_is_nothing() -> None:
    nothing = np.zeros(0, np.int64)
    metrics = Metrics(Slots(10), 60)
    before = metrics.snapshot()
    metrics.take(nothing, nothing, nothing, [], np.zeros(0), nothing)
    assert metrics.snapshot() == before
