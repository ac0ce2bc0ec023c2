"""What the parts of the features room hand over when windows close: numbers and items as columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedette.features.cells import Closed
from vedette.features.registry import Slots
from vedette.records.feature import CATALOG
from vedette.records.observation import Scope, Series
from vedette.records.segment import Segment

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


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


def numbers_of(closed: Closed, columns: Sequence[Column], segments: Slots[Segment], series: Slots[Series]) -> Numbers:
    """Return the columns of closed cells as rows of series, giving slots to those that are new."""
    rows = np.concatenate([np.flatnonzero(column.known) for column in columns])
    which = np.repeat(np.arange(len(columns)), [int(column.known.sum()) for column in columns])
    value = np.concatenate([column.value[column.known] for column in columns])
    weight = np.concatenate([column.weight[column.known] for column in columns])
    by_window = np.argsort(closed.window[rows], kind="stable")
    rows, which = rows[by_window], which[by_window]
    window, pair = closed.window[rows], closed.segment[rows] * len(columns) + which
    pairs, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
    wanted = [
        CATALOG[columns[key % len(columns)].feature].series(segments.keys[key // len(columns)])
        for key in pairs.tolist()
    ]
    # New slots follow the order of the stream, however many windows close at once.
    fresh = [i for i, one in enumerate(wanted) if one not in series.numbers]
    for i in sorted(fresh, key=lambda i: (int(window[first[i]]), wanted[i].segment, wanted[i].feature)):
        series.slot(wanted[i])
    slot = np.array([series.numbers.get(one, -1) for one in wanted], np.int64)
    return sorted_numbers(Numbers(window, slot[inverse], value[by_window], weight[by_window]))


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


def _by_text(row: tuple[int, Scope, int, int]) -> tuple[int, Segment, str, int]:
    window, scope, item, _ = row
    return window, scope.segment, scope.attribute, item
