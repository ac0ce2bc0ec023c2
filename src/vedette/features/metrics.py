"""Metric points to observations: the mean of gauges, the rate of sums, the mean of histograms."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.closed import Numbers, sorted_numbers
from vedette.features.columns import labels
from vedette.features.registry import Slots
from vedette.kernels.ints import distinct
from vedette.records import schema
from vedette.records.feature import CATALOG
from vedette.records.observation import Series
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Source = tuple[str, str, str, str, str]
"""Whose metric (environment, service, operation), its name with attributes, and its kind: texts, quickly hashed."""

RATES: Final = frozenset({"delta", "cumulative"})

MEMORY: Final = 2 * 86_400 * SECOND
"""Time for which the last value of a cumulative source is kept: a daily job is one source, a container that is gone was
another. What comes after it has nothing to compare with, as one that begins."""

SWEEP: Final = 3600 * SECOND
"""What is too old is let go once an hour of event time, 0.1 s of a million sources; it counts no longer before that."""


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
        self._slots: dict[Source, int] = {}
        """Slots given, so that a series is made and hashed only when it is new."""
        self._before: dict[Source, tuple[int, float, int]] = {}
        """Time of the latest point of each cumulative source, ns, its value and count."""

    def take(self, window: Ints, time: Ints, source: Ints, sources: list[Source], value: Floats, count: Ints) -> None:
        """Add points; row *i* belongs to ``sources[source[i]]``."""
        if not len(window):
            return
        order = np.lexsort((time, source, window))
        window, time, source = window[order], time[order], source[order]
        value, count = value[order], count[order]
        fresh = np.flatnonzero(np.diff(window, prepend=-1) | np.diff(source, prepend=-1))
        last = np.append(fresh[1:], len(window)) - 1
        totals, events = np.add.reduceat(value, fresh).tolist(), np.add.reduceat(count, fresh).tolist()
        starts, numbers = window[fresh].tolist(), source[fresh].tolist()
        times, values, counts = time[last].tolist(), value[last].tolist(), count[last].tolist()
        for group, (first, end) in enumerate(zip(fresh.tolist(), last.tolist(), strict=True)):
            key = starts[group], sources[numbers[group]]
            point = self._open.get(key)
            if point is None:
                point = self._open[key] = Point()
            point.total += totals[group]
            point.events += events[group]
            point.points += end - first + 1
            if times[group] >= point.latest:
                point.latest, point.value, point.count = times[group], values[group], counts[group]

    def starts(self) -> Ints:
        """Return the sorted starts of the windows that hold points."""
        return np.array(sorted({window for window, _ in self._open}), np.int64)

    def close(self, open_from: int) -> Numbers:
        """Close the windows before `open_from`."""
        closing = [key for key in self._open if key[0] < open_from]
        new = sorted(key for key in closing if key[1] not in self._slots)  # slots in an order that no cut changes
        old = sorted((key for key in closing if key[1] in self._slots), key=itemgetter(0))
        rows = [
            (window, source, self._measure(source, self._open.pop((window, source)))) for window, source in new + old
        ]
        if rows:
            ends = [key[0] + self._width for key in (*new[:1], *new[-1:], *old[:1], *old[-1:])]
            self._forget(min(ends) - self._width, max(ends))
        known = [(window, self._slot(source), *measure) for window, source, measure in rows if measure is not None]
        window, slot, value, weight = zip(*known, strict=True) if known else ((), (), (), ())
        return sorted_numbers(
            Numbers(
                np.array(window, np.int64), np.array(slot, np.int64), np.array(value, float), np.array(weight, float)
            )
        )

    def _forget(self, start: int, end: int) -> None:
        """Let go of last values that are too old, if an hour began between two times (ns)."""
        if end // SWEEP > start // SWEEP:
            self._before = {source: one for source, one in self._before.items() if end - one[0] <= MEMORY}

    def _slot(self, source: Source) -> int:
        slot = self._slots.get(source)
        if slot is None:
            *segment, name, kind = source
            feature = "metric_rate" if kind in RATES else "metric"
            slot = self._series.slot(CATALOG[feature].series(Segment(*segment), f"{feature}: {name}"))
            if slot >= 0:
                self._slots[source] = slot
        return slot

    def _measure(self, source: Source, point: Point) -> tuple[float, float] | None:
        """Return the window's value and weight, or None while there is nothing to compare with."""
        kind = source[-1]
        if kind == "gauge":
            return point.total / point.points, float(point.points)
        if kind == "delta":
            return point.total * SECOND / self._width, float(point.points)
        before = self._before.get(source)
        self._before[source] = (point.latest, point.value, point.count)
        if before is None or not 0 < point.latest - before[0] <= MEMORY:
            return None
        time, value, count = before if point.value >= before[1] else (before[0], 0.0, 0)  # a reset starts from 0
        if kind == "cumulative":
            return (point.value - value) * SECOND / (point.latest - time), float(point.points)
        events = point.count - count
        return ((point.value - value) / events, float(events)) if events > 0 else None

    def snapshot(self) -> Tree:
        """Return open points and last cumulative values as JSON-able rows."""
        return {
            "open": [[window, *source, *_fields(point)] for (window, source), point in self._open.items()],
            "before": [[*source, *before] for source, before in self._before.items()],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; slots may have been numbered anew."""
        self._slots = {}
        self._open = {(row[0], _source(row[1:6])): Point(*row[6:]) for row in tree["open"]}
        self._before = {_source(row[:5]): (row[5], row[6], row[7]) for row in tree["before"]}


def _source(parts: list[str]) -> Source:
    environment, service, operation, name, kind = parts
    return environment, service, operation, name, kind


def _fields(point: Point) -> list[float]:
    return [point.total, point.events, point.points, point.latest, point.value, point.count]


def sources_of(
    columns: pa.RecordBatch, service: Ints, segments: Slots[Segment]
) -> tuple[NDArray[np.bool_], Ints, list[Source]]:
    """Return which points have a name and a service, the number of each one's source, and the sources."""
    name, kind = labels(columns, schema.METRIC_NAME), labels(columns, schema.METRIC_KIND)
    attributes = labels(columns, schema.ATTRIBUTES)
    key = (service * (len(name.values) + 1) + name.codes + 1) * (len(kind.values) + 1) + kind.codes + 1
    rows, place = distinct(key * (len(attributes.values) + 1) + attributes.codes + 1)
    known = (name.codes >= 0) & (service >= 0)
    whose = {slot: segments.keys[slot].order for slot in np.unique(service[known]).tolist()}
    told = rows[known[rows]]
    columns_of_told = (service[told], name.codes[told], attributes.codes[told], kind.codes[told])
    sources: list[Source] = [
        (*whose[slot], _named(name.values[one], attributes.value(more)), kind.value(sort) or "gauge")
        for slot, one, more, sort in zip(*(column.tolist() for column in columns_of_told), strict=True)
    ]
    return known, (np.cumsum(known[rows]) - 1)[place], sources


def _named(name: str, attributes: str) -> str:
    return f"{name}{{{attributes}}}" if attributes else name
