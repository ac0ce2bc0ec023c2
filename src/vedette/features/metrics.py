"""Metric points to observations: the mean of gauges, the rate of sums, the mean of histograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.features.closed import Numbers, sorted_numbers
from vedette.features.registry import Slots
from vedette.records.feature import CATALOG
from vedette.records.observation import Series
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Source = tuple[Segment, str, str]
"""Whose metric, its name with attributes, and its kind."""

RATES: Final = frozenset({"delta", "cumulative"})


@dataclass(slots=True)
class Point:
    """What one series did in one window: sums over its points, and its latest point."""

    total: float = 0.0
    events: int = 0
    points: int = 0
    latest: int = 0
    value: float = 0.0
    count: int = 0


class Metrics:
    """Open windows of metric series, and the last cumulative value of each."""

    def __init__(self, series: Slots[Series], width: int) -> None:
        self._series = series
        self._width = width
        self._open: dict[tuple[int, Source], Point] = {}
        self._before: dict[Source, tuple[int, float, int]] = {}

    def take(self, window: Ints, time: Ints, source: Ints, sources: list[Source], value: Floats, count: Ints) -> None:
        """Add points; row *i* belongs to ``sources[source[i]]``."""
        if not len(window):
            return
        order = np.lexsort((time, source, window))
        window, time, source = window[order], time[order], source[order]
        value, count = value[order], count[order]
        fresh = np.flatnonzero(np.diff(window, prepend=-1) | np.diff(source, prepend=-1))
        last = np.append(fresh[1:], len(window)) - 1
        totals = np.add.reduceat(value, fresh) if len(fresh) else value
        events = np.add.reduceat(count, fresh) if len(fresh) else count
        for group, (first, end) in enumerate(zip(fresh.tolist(), last.tolist(), strict=True)):
            point = self._open.setdefault((int(window[first]), sources[source[first]]), Point())
            point.total += float(totals[group])
            point.events += int(events[group])
            point.points += end - first + 1
            if time[end] >= point.latest:
                point.latest, point.value, point.count = int(time[end]), float(value[end]), int(count[end])

    def starts(self) -> Ints:
        """Return the sorted starts of the windows that hold points."""
        return np.array(sorted({window for window, _ in self._open}), np.int64)

    def close(self, open_from: int) -> Numbers:
        """Close the windows before `open_from`."""
        closing = sorted(key for key in self._open if key[0] < open_from)
        rows = [(window, source, self._measure(source, self._open.pop((window, source)))) for window, source in closing]
        known = [(window, self._slot(source), *measure) for window, source, measure in rows if measure is not None]
        window, slot, value, weight = zip(*known, strict=True) if known else ((), (), (), ())
        return sorted_numbers(
            Numbers(
                np.array(window, np.int64), np.array(slot, np.int64), np.array(value, float), np.array(weight, float)
            )
        )

    def _slot(self, source: Source) -> int:
        segment, name, kind = source
        feature = "metric_rate" if kind in RATES else "metric"
        return self._series.slot(CATALOG[feature].series(segment, f"{feature}: {name}"))

    def _measure(self, source: Source, point: Point) -> tuple[float, float] | None:
        """Return the window's value and weight, or None while there is nothing to compare with."""
        kind = source[2]
        if kind == "gauge":
            return point.total / point.points, float(point.points)
        if kind == "delta":
            return point.total * SECOND / self._width, float(point.points)
        before = self._before.get(source)
        self._before[source] = (point.latest, point.value, point.count)
        if before is None or point.latest <= before[0]:
            return None
        time, value, count = before if point.value >= before[1] else (before[0], 0.0, 0)  # a reset starts from 0
        if kind == "cumulative":
            return (point.value - value) * SECOND / (point.latest - time), float(point.points)
        events = point.count - count
        return ((point.value - value) / events, float(events)) if events > 0 else None

    def snapshot(self) -> Tree:
        """Return open points and last cumulative values as JSON-able rows."""
        return {
            "open": [[window, *_parts(source), *_fields(point)] for (window, source), point in self._open.items()],
            "before": [[*_parts(source), *before] for source, before in self._before.items()],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._open = {(row[0], _source(row[1:6])): Point(*row[6:]) for row in tree["open"]}
        self._before = {_source(row[:5]): (row[5], row[6], row[7]) for row in tree["before"]}


def _parts(source: Source) -> list[str]:
    segment, name, kind = source
    return [segment.environment, segment.service, segment.operation, name, kind]


def _source(parts: list[str]) -> Source:
    return Segment(*parts[:3]), parts[3], parts[4]


def _fields(point: Point) -> list[float]:
    return [point.total, point.events, point.points, point.latest, point.value, point.count]
