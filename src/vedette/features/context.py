"""What happened in a window beyond its numbers: example records, who was active, what an item's hash means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.cells import DEEDS, ENTITIES, Closed
from vedette.features.names import Names, stable_hash
from vedette.features.requests import shape_items
from vedette.kernels.ints import distinct
from vedette.records import schema
from vedette.records.segment import Segment
from vedette.records.time import rfc3339

Ints = NDArray[np.int64]

MAX_SAMPLES: Final = 24
"""Example records kept per window and segment; ten of them at most are shown."""
SHOWN: Final = 10
MAX_TEXT: Final = 400
"""Characters of an example record that are shown."""

_TEXT: Final = (schema.METHOD, schema.PATH, schema.SPAN_NAME, schema.STATUS, schema.SEVERITY, schema.BODY)
_NAMED: Final = {schema.CLIENT: "client", schema.USER: "user", schema.USER_AGENT: "agent", schema.BODY_SHAPE: "shape"}


@dataclass(frozen=True, slots=True)
class Sample:
    """One example record: a row of a small batch, rendered when it is asked for."""

    status: int
    items: tuple[str, ...]
    time: int
    columns: pa.RecordBatch | None = None
    row: int = 0
    rendered: str = ""

    def text(self) -> str:
        """Return the record as one masked line."""
        if self.columns is None:
            return self.rendered
        values = {name: self.columns.column(name)[self.row].as_py() for name in self.columns.schema.names[1:]}
        words = [f"{values[name]}" for name in _TEXT if values.get(name) not in (None, "")]
        if values.get(schema.DURATION) is not None:
            words.append(f"{values[schema.DURATION] * 1000:.0f} ms")
        words += [f"{label}={values[name]}" for name, label in _NAMED.items() if values.get(name)]
        return " ".join([rfc3339(self.time), *words])[:MAX_TEXT]


@dataclass(slots=True)
class Samples:
    """Example records of the open windows, the first of each sort (kind and status) per segment."""

    _held: dict[tuple[int, int], dict[tuple[int, int], Sample]] = field(default_factory=dict)

    def offer(self, columns: pa.RecordBatch, window: Ints, segment: Ints, kind: Ints, kinds: Names) -> None:
        """Keep the first record of each (window, segment, kind, status class) not seen yet."""
        status = _statuses(columns)
        grade = status // 100
        span, sorts = int(segment.max(initial=0)) + 2, int(kind.max(initial=0)) + 2
        start = int(window.min(initial=0)) if len(window) else 0
        key = (((window - start) * span + segment + 1) * sorts + kind + 1) * 10 + grade
        first, _ = distinct(key)
        fresh = [row for row in first.tolist() if self._wants(window, segment, kind, grade, row)]
        if not fresh:
            return
        held = columns.take(pa.array(fresh, pa.int64()))
        times = held.column(schema.TIME).cast(pa.int64()).to_pylist()
        for place, row in enumerate(fresh):
            items = tuple(shape_items(kinds.texts[kind[row]])) if kind[row] >= 0 and len(kinds) else ()
            sample = Sample(int(status[row]), items, times[place], held, place)
            cell = self._held.setdefault((int(window[row]), int(segment[row])), {})
            cell[int(kind[row]), int(grade[row])] = sample

    def _wants(self, window: Ints, segment: Ints, kind: Ints, grade: Ints, row: int) -> bool:
        cell = self._held.get((int(window[row]), int(segment[row])), {})
        return segment[row] >= 0 and len(cell) < MAX_SAMPLES and (int(kind[row]), int(grade[row])) not in cell

    def take(self, open_from: int) -> dict[tuple[int, int], list[Sample]]:
        """Remove and return the samples of closed windows, by (window, segment number)."""
        closing = [key for key in self._held if key[0] < open_from]
        return {key: list(self._held.pop(key).values()) for key in closing}

    def snapshot(self) -> list[Any]:
        """Return the samples as rendered lines; they are for people, not for models."""
        return [
            [*key, *sort, sample.text(), sample.status, list(sample.items), sample.time]
            for key, cell in self._held.items()
            for sort, sample in cell.items()
        ]

    def restore(self, rows: list[Any]) -> None:
        """Become what `snapshot` described."""
        self._held = {}
        for window, segment, kind, grade, text, status, items, time in rows:
            cell = self._held.setdefault((window, segment), {})
            cell[kind, grade] = Sample(status, tuple(items), time, rendered=text)


@dataclass(frozen=True, slots=True)
class ClosedContext:
    """The `vedette.records.window.Context` of one closed window."""

    start: int
    segments: dict[Segment, int]
    """Number of each segment."""
    cells: tuple[Closed, ...]
    """Closed cells of requests, then of log lines."""
    names: dict[str, Names]
    samples: dict[tuple[int, int], list[Sample]]
    items: Callable[[], dict[int, str]]
    """Text of each item's hash; made when first asked for."""

    def events(self, segment: Segment) -> int:
        """Return the number of events of the segment."""
        return sum(int(cells.counters[cell, 0]) for cells, cell in self._cells(segment))

    def entities(self, segment: Segment) -> tuple[str, ...]:
        """Return up to three clients and three users, those refused most often, then the busiest, first."""
        cells, cell = next(self._cells(segment), (None, -1))
        if cells is None or not cells.activity:
            return ()
        return tuple(text for entity in ENTITIES for text in self._most_active(cells, cell, entity))

    def _most_active(self, cells: Closed, cell: int, entity: str) -> list[str]:
        scores: dict[int, list[int]] = {}
        for place, deed in enumerate(DEEDS):
            left, right, counts = cells.activity[entity, deed]
            for i in np.flatnonzero(left == cell).tolist():
                scores.setdefault(int(right[i]), [0] * len(DEEDS))[place] += int(counts[i])
        ranked = sorted(
            (-denied - missed, -asked, self.names[entity].texts[code])
            for code, (asked, denied, missed) in scores.items()
        )
        return [f"{entity} {text}" for _, _, text in ranked[:3]]

    def evidence(self, segment: Segment, item: str = "") -> tuple[str, ...]:
        """Return masked example records: those that carry `item`, then those that failed, then others."""
        number = self.segments.get(segment, -1)
        own = self.samples.get((self.start, number), [])
        ranked = sorted(own, key=lambda sample: (item not in sample.items, sample.status < 400, sample.time))
        return tuple(sample.text() for sample in ranked[:SHOWN])

    def item(self, code: int) -> str:
        """Return the text behind an item's hash, ``""`` when it is not of this window."""
        return self.items().get(code, "")

    def _cells(self, segment: Segment) -> Iterator[tuple[Closed, int]]:
        number = self.segments.get(segment, -1)
        for cells in self.cells:
            for cell in np.flatnonzero((cells.window == self.start) & (cells.segment == number)).tolist():
                yield cells, cell


def items_by_hash(texts: Iterable[str]) -> dict[int, str]:
    """Return each text under its stable hash."""
    return {stable_hash(text): text for text in texts}


def _statuses(columns: pa.RecordBatch) -> Ints:
    if schema.STATUS not in columns.schema.names:
        return np.zeros(columns.num_rows, np.int64)
    statuses: Ints = columns.column(schema.STATUS).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return np.maximum(statuses, 0)
