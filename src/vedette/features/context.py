"""What happened in a window beyond its numbers: who was active, example records, what an item's hash means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vedette.features.cells import ENTITIES, Closed
from vedette.features.samples import Page, best
from vedette.kernels.vocabulary import Vocabulary
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash
from vedette.stats.sketch import dd_above

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClosedContext:
    """The `vedette.records.window.Context` of one closed window."""

    start: int
    segments: dict[Segment, int]
    """Number of each segment."""
    cells: tuple[Closed, ...]
    """Closed cells of requests, then of log lines."""
    names: dict[str, Vocabulary]
    pages: Sequence[Page]
    """Example records of this window."""
    items: Callable[[], dict[int, str]]
    """Text of each item's hash; made when first asked for."""
    deeds: Mapping[Segment, int] = field(default_factory=dict)
    """Events of users on a day that is over with this window."""
    spans: Mapping[Segment, int] = field(default_factory=dict)
    """Spans behind operations, and calls on ways."""

    def events(self, segment: Segment) -> int:
        """Return the number of events of the segment."""
        counted = sum(int(cells.counters[cell, 0]) for cells, cell in self._cells(segment))
        return self.deeds.get(segment, 0) + max(counted, self.spans.get(segment, 0))

    def entities(self, segment: Segment) -> tuple[str, ...]:
        """Return up to three clients and three users, those refused most often, then the busiest, first."""
        cells, cell = next(self._cells(segment), (None, -1))
        if cells is None or not cells.activity:
            return ()
        return tuple(text for entity in ENTITIES for text in self._most_active(cells, cell, entity))

    def _most_active(self, cells: Closed, cell: int, entity: str) -> list[str]:
        left, right, counts = cells.activity[entity]
        mine = left == cell
        ranked = sorted(
            (-denied - missed, -asked, self.names[entity].text(code))
            for code, (asked, denied, missed) in zip(right[mine].tolist(), counts[mine].tolist(), strict=True)
        )
        return [f"{entity} {text}" for _, _, text in ranked[:3]]

    def evidence(self, segment: Segment, item: str = "") -> tuple[str, ...]:
        """Return masked example records: those that carry `item`, then those that failed, then others."""
        return best(self.pages, self._parts(segment), item)

    def slower(self, segment: Segment, seconds: float) -> tuple[int, int]:
        """Return how many of the segment's requests took longer, to 4 %, and how many have a duration at all."""
        latency = [cells.latency[[cell]] for cells, cell in self._cells(segment)]
        return sum(int(dd_above(bins, seconds)[0]) for bins in latency), sum(int(bins.sum()) for bins in latency)

    def item(self, code: int) -> str:
        """Return the text behind an item's hash, ``""`` when it is not of this window."""
        return self.items().get(code, "")

    def _parts(self, segment: Segment) -> list[int]:
        """Return the numbers of a segment and, for a whole service, of its routes."""
        if segment.operation:
            return [self.segments.get(segment, -1)]
        return [
            number
            for part, number in self.segments.items()
            if (part.environment, part.service) == (segment.environment, segment.service)
        ]

    def _cells(self, segment: Segment) -> Iterator[tuple[Closed, int]]:
        number = self.segments.get(segment, -1)
        for cells in self.cells:
            for cell in np.flatnonzero((cells.window == self.start) & (cells.segment == number)).tolist():
                yield cells, cell


def items_by_hash(texts: Iterable[str]) -> dict[int, str]:
    """Return each text under its stable hash."""
    return {stable_hash(text): text for text in texts}
