"""Spans that wait for their relatives: those of open windows, and those whose parent has not come yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.calls import mixed
from vedette.features.columns import ids, labels, numbers
from vedette.features.names import Names
from vedette.features.systems import systems_of
from vedette.records import schema
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]

MOST: Final = 1 << 18
"""Spans of one window that are held: 4,400 a second at windows of one minute, 15 MB a window. Beyond, half of the
traces are let go, then half of the rest: whole ones, by their ids, so that what is kept can still be joined."""


MOST_NAMES: Final = 10_000
"""Names of spans that are told apart; with more, names carry values, and the later ones are not measured."""


@dataclass(frozen=True, slots=True)
class SpanRows:
    """Spans as arrays of one length."""

    trace: Hashes
    key: Hashes
    """Of the span in its trace."""
    above: Hashes
    """Key of the parent; 0 where the span says that it has none."""
    start: Ints
    end: Ints
    """ns since the epoch."""
    service: Ints
    """Segment number of the whole service."""
    name: Ints
    """Number of the span's name; -1 where there are too many."""
    failed: Flags
    calling: Flags
    """Which say that they are a call to somebody else: kinds client and producer."""
    system: Ints
    """Number of what a call says that it calls (`vedette.features.systems`); -1 for nothing."""

    def __len__(self) -> int:
        return len(self.key)

    def only(self, rows: Flags | Ints) -> SpanRows:
        """Return some of the spans."""
        return SpanRows(*(getattr(self, part.name)[rows] for part in fields(self)))

    def tree(self) -> Tree:
        """Return the arrays by name."""
        return {part.name: getattr(self, part.name).copy() for part in fields(self)}

    @staticmethod
    def of(tree: Tree) -> SpanRows:
        """Return what `tree` described; spans held by a release that did not read whom they call say nothing of it."""
        said = tree.get("system", np.full(len(tree["key"]), -1))
        return SpanRows(*(np.array({**tree, "system": said}[part.name]) for part in fields(SpanRows)))


def joined(parts: Sequence[SpanRows]) -> SpanRows:
    """Return spans of several parts, in their order."""
    return SpanRows(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(SpanRows)))


_HASH, _INT, _FLAG = np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
NONE: Final = SpanRows(_HASH, _HASH, _HASH, _INT, _INT, _INT, _INT, _FLAG, _FLAG, _INT)


def keys_of(columns: pa.RecordBatch) -> tuple[Hashes, Hashes, Hashes]:
    """Return hashes of each span's trace, of the span in it and of its parent in it; 0 where an id is missing."""
    trace, has_trace = ids(columns, schema.TRACE_ID)
    span, has_span = ids(columns, schema.SPAN_ID)
    above, has_above = ids(columns, schema.PARENT_SPAN_ID)
    return (
        np.where(has_trace, mixed(*trace), np.uint64(0)),
        np.where(has_trace & has_span, mixed(*trace, *span) | np.uint64(1), np.uint64(0)),
        np.where(has_trace & has_above & (above[0] != 0), mixed(*trace, *above) | np.uint64(1), np.uint64(0)),
    )


class Held:
    """Spans by the window in which they ended; a bounded number of each, whole traces.

    What is kept depends on the spans of the window alone, not on how the stream was cut.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._rows: dict[int, list[SpanRows]] = {}
        self._level: dict[int, int] = {}
        """Per window, how often the traces were halved."""
        self._count: dict[int, int] = {}
        """Per window, how many spans are held: to count parts again with each chunk would cost more than the spans."""
        self.thinned = 0
        """Spans let go so far because their window had too many."""

    def add(self, window: Ints, rows: SpanRows) -> None:
        """Take spans in, by the start of the window in which they ended."""
        for start in np.unique(window).tolist():
            held = self._rows.setdefault(start, [])
            mine = rows.only(window == start)
            held.append(mine)
            self._thin(start, len(mine))

    def _thin(self, start: int, more: int) -> None:
        held, level = self._rows[start], self._level.get(start, 0)
        if level:
            fewer = held[-1].only(_chosen(held[-1].trace, level))
            self.thinned += more - len(fewer)
            held[-1] = fewer
        count = self._count.get(start, 0) + len(held[-1])
        while count > self._most and level < 63:
            level += 1
            whole = joined(held)
            fewer = whole.only(_chosen(whole.trace, level))
            self.thinned += len(whole) - len(fewer)
            held[:] = [fewer]
            count = len(fewer)
            self._level[start] = level
        self._count[start] = count

    def take(self, start: int) -> tuple[SpanRows, int]:
        """Remove and return the spans of a window, and the number of traces that each trace stands for."""
        self._count.pop(start, None)
        return joined([NONE, *self._rows.pop(start, [])]), 1 << self._level.pop(start, 0)

    def starts(self) -> list[int]:
        """Return the sorted starts of the windows that hold spans."""
        return sorted(self._rows)

    def snapshot(self) -> Tree:
        """Return the spans as arrays."""
        rows = {str(start): joined(held).tree() for start, held in self._rows.items()}
        return {"rows": rows, "level": [list(one) for one in self._level.items()], "thinned": self.thinned}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._rows = {int(start): [SpanRows.of(rows)] for start, rows in tree["rows"].items()}
        self._level = dict(tree["level"])
        self._count = {start: len(held[0]) for start, held in self._rows.items()}
        self.thinned = int(tree["thinned"])


def _chosen(trace: Hashes, level: int) -> Flags:
    """Say which traces are kept after so many halvings."""
    kept: Flags = trace >> np.uint64(64 - level) == 0
    return kept


def spans_of(
    columns: pa.RecordBatch, stamps: Ints, service: Ints, names: Names, systems: Names, longest: int
) -> tuple[SpanRows, NDArray[np.bool_]]:
    """Return a batch's spans, and which can be measured: those of a service that have an id and end in time.

    New names are added to `names` and `systems`, up to `MOST_NAMES` of each; spans that last longer than `longest` ns
    are not measured.
    """
    trace, key, above = keys_of(columns)
    duration = numbers(columns, schema.DURATION)
    measured = (duration >= 0) & (duration <= longest / SECOND) & (key != 0) & (service >= 0)
    end = stamps + np.where(measured, duration * SECOND, 0.0).astype(np.int64)
    kind = labels(columns, schema.SPAN_KIND)
    calling = np.array([value in ("client", "producer") for value in kind.values] + [False], np.bool_)[kind.codes]
    name = labels(columns, schema.SPAN_NAME).numbers(names, MOST_NAMES)
    failed = labels(columns, schema.ERROR_TYPE).present
    system = systems_of(columns, calling, systems, MOST_NAMES)
    return SpanRows(trace, key, above, stamps, end, service, name, failed, calling, system), measured
