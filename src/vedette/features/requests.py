"""Requests to observations: rate, errors, latency, size, who, and how requests are built.

A request counts once, in the cell of its route; a service's cells are the sums of its routes' when
their window closes. A request without a route of its own counts in its service's cell at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.features.cells import DEEDS, ENTITIES, Cells, Closed
from vedette.features.closed import Column, Items, Numbers, SeriesSlots, items_of, numbers_of
from vedette.features.names import Names
from vedette.features.registry import Slots
from vedette.features.routes import UNKNOWN
from vedette.kernels.pairs import PairCounts, Pairs, raise_to
from vedette.kernels.vocabulary import Vocabulary
from vedette.records.observation import Scope, Series
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash
from vedette.state.tree import Tree
from vedette.stats import sketch

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

COUNTERS: Final = ("events", "errors", "denials", "misses", "timed", "sized", "bytes", "sending", "sent")
"""Per cell: events; server errors; 401 and 403; other client errors; events with a duration or a size; bytes;
requests with a size, and their bytes."""

MAX_NAMES: Final = 200_000
"""Clients and users remembered by name before those without open cells are forgotten."""


@dataclass(frozen=True, slots=True)
class RequestRows:
    """Requests of one batch as arrays of one length; -1 and NaN where something is not known."""

    window: Ints
    route: Ints
    """Segment number of the service and route."""
    service: Ints
    """Segment number of the whole service."""
    status: Floats
    failed: NDArray[np.bool_]
    """Failed by the span's own word, whatever the status."""
    duration: Floats
    size: Floats
    sent: Floats | None
    """Bytes of the requests; None where no row has any."""
    who: dict[str, Ints]
    """Per entity, its number in `Requests.names`."""
    shape: Ints
    """Number in `Requests.shapes`."""


class Requests:
    """Open cells of requests, and the features they become when their window closes."""

    def __init__(self, segments: Slots[Segment], series: Slots[Series], scopes: Slots[Scope]) -> None:
        self._segments = segments
        self._slots = SeriesSlots(series)
        self._scopes = scopes
        self._whole: list[int] = []
        self.cells = Cells(COUNTERS, sketches=True)
        self.names = {entity: Vocabulary() for entity in ENTITIES}
        self.shapes = Names()

    def take(self, rows: RequestRows) -> None:
        """Add rows to the cells of their route and of their service."""
        denied = (rows.status == 401) | (rows.status == 403)
        missed = (rows.status >= 400) & (rows.status < 500) & ~denied
        sized = rows.size >= 0
        columns = {
            "events": np.ones(len(rows.window), np.int64),
            "errors": ((rows.status >= 500) | rows.failed).astype(np.int64),
            "denials": denied.astype(np.int64),
            "misses": missed.astype(np.int64),
            "timed": (rows.duration >= 0).astype(np.int64),
            "sized": sized.astype(np.int64),
            "bytes": np.where(sized, rows.size, 0).astype(np.int64),
        }
        if rows.sent is not None:
            columns["sending"] = (rows.sent >= 0).astype(np.int64)
            columns["sent"] = np.where(rows.sent >= 0, rows.sent, 0).astype(np.int64)
        cells = self.cells.place(rows.window, np.where(rows.route >= 0, rows.route, rows.service))
        self.cells.count(cells, columns)
        self.cells.time(cells, rows.duration)
        deeds = np.stack([columns["events"], columns["denials"], columns["misses"]], axis=1)
        for entity, codes in rows.who.items():
            known = codes >= 0
            self.cells.meet(entity, cells[known], self.names[entity].hashes[codes[known]])
            self.cells.act(entity, cells, codes, deeds)
        self.cells.kinds.add(np.where(rows.route >= 0, cells, -1), rows.shape, columns["events"][:, None])

    def close(self, open_from: int) -> tuple[Numbers, Items, Closed]:
        """Close the cells of windows before `open_from`; the closed cells come last."""
        closed = self.cells.split(self.cells.window < open_from).with_wholes(self._wholes())
        numbers = numbers_of(closed, _columns(closed), self._segments, self._slots)
        self._forget()
        return numbers, self._items(closed), closed

    def _wholes(self) -> Ints:
        """Return the number of each segment's whole service; its own where it is one, -1 where that has none."""
        for segment in self._segments.keys[len(self._whole) :]:
            self._whole.append(self._segments.numbers.get(segment.whole, -1))
        return np.array(self._whole, np.int64)

    def _items(self, closed: Closed) -> Items:
        """Return how often each part of a structure occurred per window and route."""
        left, right, counts = closed.kinds
        totals: dict[tuple[int, Scope, int], int] = {}
        for cell, shape, count in zip(left.tolist(), right.tolist(), counts[:, 0].tolist(), strict=True):
            scope = Scope(self._segments.keys[closed.segment[cell]], "request_shape")
            for item in shape_items(self.shapes.texts[shape]):
                key = (int(closed.window[cell]), scope, stable_hash(item))
                totals[key] = totals.get(key, 0) + count
        totals |= self._endpoints(closed)
        return items_of(((*key, count) for key, count in totals.items()), self._scopes)

    def _endpoints(self, closed: Closed) -> dict[tuple[int, Scope, int], int]:
        """Return how often each endpoint of a service was asked for per window."""
        rows = zip(closed.window.tolist(), closed.segment.tolist(), closed.counters[:, 0].tolist(), strict=True)
        found = ((start, self._segments.keys[number], count) for start, number, count in rows)
        return {
            (start, Scope(segment.whole, "endpoint"), stable_hash(segment.operation)): count
            for start, segment, count in found
            if segment.operation and not segment.operation.endswith(UNKNOWN)
        }

    def _forget(self) -> None:
        """Keep only the names that open cells refer to, once there are very many."""
        for entity, names in self.names.items():
            if len(names) <= MAX_NAMES:
                continue
            left, right, counts = self.cells.activity[entity].pairs()
            used = np.unique(right)
            self.names[entity] = names.keep(used)
            self.cells.activity[entity] = PairCounts.of(Pairs(left, np.searchsorted(used, right), counts))

    def snapshot(self) -> Tree:
        """Return the open cells and the names that they refer to."""
        return {
            "cells": self.cells.snapshot(),
            "names": {
                entity: dict(zip(("data", "ends"), names.arrays(), strict=True)) for entity, names in self.names.items()
            },
            "shapes": list(self.shapes.texts),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self.cells.restore(tree["cells"])
        self.names = {entity: Vocabulary.of(**tree["names"][entity]) for entity in ENTITIES}
        self.shapes = Names(tree["shapes"])
        self._slots.clear()
        self._whole = []


def _columns(closed: Closed) -> list[Column]:
    """Return the features of the closed cells."""
    events, timed, sized = closed.counter("events"), closed.counter("timed"), closed.counter("sized")
    sending = closed.counter("sending")
    every, some = np.ones(len(events), np.bool_), np.maximum(events, 1)
    columns = [
        Column("requests", every, events, events),
        Column("error_ratio", every, closed.counter("errors") / some, events),
        Column("denied_ratio", every, closed.counter("denials") / some, events),
        Column("missing_ratio", every, closed.counter("misses") / some, events),
        Column("latency_p50_seconds", timed > 0, sketch.dd_quantile(closed.latency, 0.5), timed),
        Column("latency_p95_seconds", timed > 0, sketch.dd_quantile(closed.latency, 0.95), timed),
        Column("response_bytes_mean", sized > 0, closed.counter("bytes") / np.maximum(sized, 1), sized),
        Column("request_bytes_mean", sending > 0, closed.counter("sent") / np.maximum(sending, 1), sending),
    ]
    for entity in ENTITIES:
        most = _most(closed, entity)
        known = most[0] > 0
        columns.append(Column(f"{entity}s", known, np.rint(sketch.hll_estimate(closed.distinct[entity])), events))
        columns += [Column(f"{entity}_{deed}_max", known, most[place], events) for place, deed in enumerate(DEEDS)]
    return columns


def _most(closed: Closed, entity: str) -> list[Floats]:
    """Return, for each of `DEEDS`, per cell how often the entity did it that did it most."""
    left, _, counts = closed.activity[entity]
    most = np.zeros((len(closed.window), len(DEEDS)), np.int64)
    raise_to(most, left, counts)
    return list(most.T.astype(np.float64))


def shape_items(shape: str) -> list[str]:
    """Return the distinct ``path:type:class`` parts of a structure; lengths vary and are left out.

    >>> shape_items("cart[].id:int:d:4|cart[].qty:int:d:1|note:str:as:32")
    ['cart[].id:int:d', 'cart[].qty:int:d', 'note:str:as']
    """
    return sorted({item.rpartition(":")[0] or item for item in shape.split("|")}) if shape else []
