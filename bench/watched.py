"""NAB as the live product watches it: which of its anomalies an incident is told of, and how many are false.

Each series is the metric of a service of its own, alone in a shard with the default ceiling: one false incident a day.
Decoding and the features room are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.contract import DAY, judged, kpi_windows
from bench.nab import PROBATION, PROBATION_OF, by_series, load_windows
from bench.scored import FIVE_MINUTES, read_metrics
from vedette.config.schema import Config
from vedette.records.segment import Segment
from vedette.records.time import SECOND

NEAR: Final = 3600.0
"""Seconds around an anomaly in which an incident is not false."""

Floats = NDArray[np.float64]
Span = tuple[float, float]


def run(data: Path) -> dict[str, Any]:
    """Return how many of NAB's windows have an incident, and false incidents a series-day outside of them."""
    table, windows = read_metrics(data, "nab"), load_windows(data)
    times, values = by_series(table, "t"), by_series(table, "value")
    found, every, false, days = 0, 0, 0, 0.0
    for name, rows in windows.items():
        time = times[name]
        first = float(time[min(int(PROBATION * len(time)), int(PROBATION * PROBATION_OF))])
        anomalies = [(float(time[low]), float(time[high])) for low, high in rows if time[high] >= first]
        incidents = told(name, time, values[name])
        found += sum(any(meets(one, anomaly) for one in incidents) for anomaly in anomalies)
        every += len(anomalies)
        false += sum(one[0] >= first and not any(meets(one, a, NEAR) for a in anomalies) for one in incidents)
        days += (float(time[-1]) - first) / DAY
    return {"found": found, "windows": every, "false": false, "false_a_series_day": round(false / days, 3)}


def told(name: str, times: Floats, values: Floats) -> Sequence[Span]:
    """Return from when to when each incident lasted that a person would have been told of, epoch seconds."""
    segments = {name: Segment("", name, "")}
    windows = kpi_windows(np.full(len(times), name), times.astype(np.int64), values, segments, FIVE_MINUTES)
    (one,) = judged(windows, Config().learning.ready_after, (1.0,)).values()
    return [(each.started_at / SECOND, each.updated_at / SECOND) for each in one.incidents.values()]


def meets(one: Span, other: Span, near: float = 0.0) -> bool:
    """Say whether two spans of time overlap, or lie less than `near` apart.

    >>> meets((0.0, 5.0), (6.0, 9.0)), meets((0.0, 5.0), (6.0, 9.0), 2.0)
    (False, True)
    """
    return one[0] <= other[1] + near and one[1] >= other[0] - near
