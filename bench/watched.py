"""NAB and web KPIs as the live product watches them: which anomalies an incident is told of, and how many are false.

Each series is the metric of a service of its own, in a room with the default ceiling of one false incident a day; KPIs of
one interval share a room. Decoding and the features room are left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bench.contract import DAY, judged, kpi_windows
from bench.nab import by_series, load_windows
from bench.scored import read_metrics
from vedette.records.segment import Segment
from vedette.records.time import SECOND

WIDTH = 300
READY_AFTER = 7200.0
"""As by default."""


def run(data: Path) -> dict[str, Any]:
    """Return windows found, and false incidents a series-day outside of them."""
    return {"nab": nab(data)}


def nab(data: Path) -> dict[str, Any]:
    """Return how many of NAB's windows have an incident that began or lasted in them, and false ones a series-day."""
    table, windows = read_metrics(data, "nab"), load_windows(data)
    times, values = by_series(table, "t"), by_series(table, "value")
    found = false = total = 0
    days = 0.0
    which = {}
    for name, spans in windows.items():
        time = times[name]
        told = _told(name, time, values[name])
        first = time[min(int(0.15 * len(time)), 750)]
        spans = [(time[low], time[high]) for low, high in spans if time[high] >= first]
        hit = [
            any(one.started_at / SECOND <= high and one.updated_at / SECOND >= low for one in told)
            for low, high in spans
        ]
        wrong = [
            one
            for one in told
            if one.started_at / SECOND >= first
            and not any(
                one.started_at / SECOND <= high + 3600 and one.updated_at / SECOND >= low - 3600 for low, high in spans
            )
        ]
        found, total, false = found + sum(hit), total + len(spans), false + len(wrong)
        days += (time[-1] - first) / DAY
        which[name] = [sum(hit), len(spans), len(wrong)]
    return {
        "found": found,
        "windows": total,
        "false": false,
        "days": round(days, 1),
        "a_series_day": round(false / days, 3),
        "which": which,
    }


def _told(name: str, times: Any, values: Any) -> list[Any]:
    every = np.full(len(times), name)
    told = judged(
        kpi_windows(every, times.astype(np.int64), values, {name: Segment("", name, "")}, WIDTH), READY_AFTER, (1.0,)
    )
    return list(told[1.0].incidents.values())
