"""Log lines to observations: how many, how many errors, and which kinds (templates)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.features.cells import Cells, Closed
from vedette.features.closed import Column, Items, Numbers, SeriesSlots, items_of, numbers_of, sorted_numbers
from vedette.features.registry import Slots
from vedette.features.templates import Templates
from vedette.records.feature import CATALOG
from vedette.records.observation import Scope, Series
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

ERRORS: Final = frozenset({"error", "err", "critical", "crit", "fatal", "alert", "emerg", "emergency", "panic"})
"""Severity texts, in lower case, that count as errors (syslog, OpenTelemetry and logging's own)."""

MAX_RATES: Final = 200
"""Templates per service that get a rate of their own; later ones are judged by novelty alone."""


class Logs:
    """Open cells of log lines, and the features they become when their window closes."""

    def __init__(self, segments: Slots[Segment], series: Slots[Series], scopes: Slots[Scope]) -> None:
        self._segments = segments
        self._series = series
        self._slots = SeriesSlots(series)
        self._scopes = scopes
        self.cells = Cells(("lines", "errors"), sketches=False)
        self.templates = Templates()
        self._rates: dict[Segment, set[str]] = {}

    def take(self, window: Ints, service: Ints, error: NDArray[np.bool_], template: Ints) -> None:
        """Add lines to the cells of their service; `template` is -1 where there is no text."""
        cells = self.cells.place(window, service)
        ones = np.ones(len(cells), np.int64)
        self.cells.count(cells, {"lines": ones, "errors": error.astype(np.int64)})
        self.cells.kinds.add(cells, template, ones[:, None])

    def close(self, open_from: int) -> tuple[Numbers, Items, Closed]:
        """Close the cells of windows before `open_from`; the closed cells come last."""
        closed = self.cells.split(self.cells.window < open_from)
        lines = closed.counter("lines")
        every = np.ones(len(lines), np.bool_)
        columns = [
            Column("logs", every, lines, lines),
            Column("log_error_ratio", every, closed.counter("errors") / np.maximum(lines, 1), lines),
        ]
        numbers = numbers_of(closed, columns, self._segments, self._slots)
        kinds = self._kinds(closed)
        return _joined(numbers, self._rates_of(kinds)), self._items(kinds), closed

    def _kinds(self, closed: Closed) -> list[tuple[int, Segment, str, int]]:
        """Return ``(window, segment, template text, lines)`` in order of window and text."""
        left, right, counts = closed.kinds
        totals: dict[tuple[int, Segment, str], int] = {}
        for cell, template, count in zip(left.tolist(), right.tolist(), counts[:, 0].tolist(), strict=True):
            segment = self._segments.keys[closed.segment[cell]]
            key = (int(closed.window[cell]), segment, self.templates.text(template))
            totals[key] = totals.get(key, 0) + count
        return [(*key, count) for key, count in sorted(totals.items())]

    def _rates_of(self, kinds: list[tuple[int, Segment, str, int]]) -> Numbers:
        rows = [(window, self._rate(segment, text), count) for window, segment, text, count in kinds]
        window, slot, count = zip(*rows, strict=True) if rows else ((), (), ())
        value = np.array(count, np.float64)
        return sorted_numbers(Numbers(np.array(window, np.int64), np.array(slot, np.int64), value, value))

    def _rate(self, segment: Segment, text: str) -> int:
        rates = self._rates.setdefault(segment, set())
        if text not in rates and len(rates) >= MAX_RATES:
            return -1
        rates.add(text)
        return self._series.slot(CATALOG["template_lines"].series(segment, f"template_lines: {text}"))

    def _items(self, kinds: list[tuple[int, Segment, str, int]]) -> Items:
        rows = (
            (window, Scope(segment, "template"), stable_hash(text), count) for window, segment, text, count in kinds
        )
        return items_of(rows, self._scopes)

    def snapshot(self) -> Tree:
        """Return the open cells, the templates and which of them have rates."""
        rates = [[key.environment, key.service, key.operation, sorted(texts)] for key, texts in self._rates.items()]
        return {"cells": self.cells.snapshot(), "templates": self.templates.snapshot(), "rates": rates}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self.cells.restore(tree["cells"])
        self.templates.restore(tree["templates"])
        self._rates = {Segment(*row[:3]): set(row[3]) for row in tree["rates"]}
        self._slots.clear()


def _joined(left: Numbers, right: Numbers) -> Numbers:
    return sorted_numbers(
        Numbers(
            np.concatenate([left.window, right.window]),
            np.concatenate([left.slot, right.slot]),
            np.concatenate([left.value, right.value]),
            np.concatenate([left.weight, right.weight]),
        )
    )
