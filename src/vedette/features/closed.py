"""What the parts of the features room hand over when windows close: numbers and items as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedette.features.cells import Closed
from vedette.features.registry import Slots
from vedette.kernels.ints import distinct
from vedette.records.call import Call
from vedette.records.feature import CATALOG
from vedette.records.observation import Occurrences, Scope, Series
from vedette.records.segment import Segment

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


Row = tuple[Segment, str, float, float]
"""Segment, feature, value, events behind it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One feature of closing cells: where it is known, its value and the events behind it."""

    feature: str
    known: NDArray[np.bool_]
    value: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Numbers:
    """Closed numbers: row *i* is ``value[i]`` of series ``slot[i]`` in window ``window[i]``."""

    window: Ints
    slot: Ints
    value: Floats
    weight: Floats


@dataclass(frozen=True, slots=True)
class Items:
    """Closed occurrences: item ``item[i]`` was seen ``count[i]`` times in scope ``slot[i]``."""

    window: Ints
    slot: Ints
    item: NDArray[np.uint64]
    count: Ints


@dataclass(frozen=True, slots=True)
class ClosedCalls:
    """What closed windows said of calls, by their start."""

    calls: dict[int, dict[Call, int]]
    """How often each way was used, in order."""
    events: dict[int, dict[Segment, int]]
    """Spans behind each operation, and calls on each way."""
    inferred: dict[int, dict[Segment, str]]
    """Tier of each service that was called and sends no telemetry, as its callers have it."""


class SeriesSlots:
    """Slots of series by segment number and column: a series is made and hashed only when it is new."""

    def __init__(self, series: Slots[Series]) -> None:
        self._series = series
        self._known = np.full((0, 0), -1, np.int64)

    def clear(self) -> None:
        """Forget, because slots or segments were numbered anew."""
        self._known = np.full((0, 0), -1, np.int64)

    def slots(
        self, window: Ints, segment: Ints, column: Ints, columns: Sequence[Column], segments: Slots[Segment]
    ) -> Ints:
        """Return each row's slot; new ones follow the order of the stream, however many windows close at once."""
        if self._known.shape != (len(segments), len(columns)):
            known = np.full((len(segments), len(columns)), -1, np.int64)
            known[: len(self._known)] = self._known if self._known.size else -1
            self._known = known
        rows = np.flatnonzero(self._known[segment, column] < 0)
        firsts, _ = distinct(segment[rows] * len(columns) + column[rows])
        rows = rows[firsts]
        places = zip(window[rows].tolist(), segment[rows].tolist(), column[rows].tolist(), strict=True)
        wanted = [
            (start, segments.keys[number].order, columns[place].feature, number, place)
            for start, number, place in places
        ]
        for _, _, feature, number, place in sorted(wanted):
            self._known[number, place] = self._series.slot(CATALOG[feature].series(segments.keys[number]))
        slot: Ints = self._known[segment, column]
        return slot


def numbers_of(closed: Closed, columns: Sequence[Column], segments: Slots[Segment], slots: SeriesSlots) -> Numbers:
    """Return the columns of closed cells as rows of series, giving slots to those that are new."""
    rows = np.concatenate([np.flatnonzero(column.known) for column in columns])
    which = np.repeat(np.arange(len(columns)), [int(column.known.sum()) for column in columns])
    value = np.concatenate([column.value[column.known] for column in columns])
    weight = np.concatenate([column.weight[column.known] for column in columns])
    by_window = np.argsort(closed.window[rows], kind="stable")
    rows, which = rows[by_window], which[by_window]
    window = closed.window[rows]
    slot = slots.slots(window, closed.segment[rows], which, columns, segments)
    return sorted_numbers(Numbers(window, slot, value[by_window], weight[by_window]))


def numbers_from(rows: Iterable[tuple[int, Row]], series: Slots[Series]) -> Numbers:
    """Return rows by the window that they are of as numbers; new series get slots in order of window and place."""
    ordered = sorted(rows, key=lambda one: (one[0], one[1][0].order, one[1][1]))
    slots = [series.slot(CATALOG[feature].series(segment)) for _, (segment, feature, _, _) in ordered]
    return sorted_numbers(
        Numbers(
            np.array([start for start, _ in ordered], np.int64),
            np.array(slots, np.int64),
            np.array([value for _, (_, _, value, _) in ordered], float),
            np.array([weight for _, (_, _, _, weight) in ordered], float),
        )
    )


def sorted_numbers(numbers: Numbers) -> Numbers:
    """Return the rows of known slots, by window, then slot."""
    order = np.lexsort((numbers.slot, numbers.window))
    order = order[numbers.slot[order] >= 0]
    return Numbers(numbers.window[order], numbers.slot[order], numbers.value[order], numbers.weight[order])


def items_of(rows: Iterable[tuple[int, Scope, int, int]], scopes: Slots[Scope]) -> Items:
    """Return ``(window, scope, item hash, count)`` rows as columns by window; scopes get slots in that order."""
    slotted = [(window, scopes.slot(scope), item, count) for window, scope, item, count in sorted(rows, key=_by_text)]
    held = [row for row in slotted if row[1] >= 0]
    window, slot, item, count = zip(*held, strict=True) if held else ((), (), (), ())
    return Items(
        np.array(window, np.int64), np.array(slot, np.int64), np.array(item, np.uint64), np.array(count, np.int64)
    )


def occurrences_of(start: int, width: int, parts: Sequence[Items]) -> Occurrences:
    """Return the items of one window."""
    rows = [(part, slice(*np.searchsorted(part.window, [start, start + 1]).tolist())) for part in parts]
    return Occurrences(
        start,
        width,
        np.concatenate([part.slot[row] for part, row in rows]).astype(np.int32),
        np.concatenate([part.item[row] for part, row in rows]),
        np.concatenate([part.count[row] for part, row in rows]),
    )


def _by_text(row: tuple[int, Scope, int, int]) -> tuple[int, tuple[str, str, str], str, int]:
    window, scope, item, _ = row
    return window, scope.segment.order, scope.attribute, item
