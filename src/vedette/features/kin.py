"""Spans of one window, joined with those they call and are called by: own times, ways and outcomes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedette.features.spans import SpanRows
from vedette.kernels.calls import covered

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Kin:
    """What is known of each span once its window closes; arrays of one length, unless said otherwise."""

    rows: SpanRows
    fresh: Flags
    """Ended in this window; the others came before and waited for their parent."""
    parent: Ints
    """Row of the parent, -1 while it has not come or for none."""
    children: Ints
    """How many have come so far."""
    callee: Ints
    """Segment number of the service that a call reached; -1 where the span is no call or nobody answered."""
    own: Floats
    """Seconds that no child covers."""
    origin: Flags
    """Failed, and no child of it did."""
    local: Ints
    """Name of the parent where that is of the same service, else -1."""

    @property
    def called(self) -> Ints:
        """Return the rows that another service called: their parent is of another one."""
        rows = np.flatnonzero(self.parent >= 0)
        called: Ints = rows[self.rows.service[self.parent[rows]] != self.rows.service[rows]]
        return called

    @property
    def related(self) -> Flags:
        """Say which spans of the window are part of a tree; of a lone one its request tells all."""
        related: Flags = self.fresh & ((self.rows.above != 0) | (self.children > 0))
        return related


def kin(rows: SpanRows, fresh: Flags) -> Kin:
    """Join spans with their parents; `fresh` are those that ended in this window. Keys are unique.

    Notes
    -----
    A span is a *call* if its one child is of another service, and it is of the kind client or producer or itself
    below a span of its own service: what the child does not cover is the way there and back, and waiting at either
    side. **It fails** where services are instrumented without a span around the call: the way then counts as the
    caller's own time; and for children that end after their parent, whose time stays the parent's own.

    Cost: see ``python -m bench live``.
    """
    parent = _parents(rows)
    order = np.lexsort((rows.start, parent))
    duration = (rows.end - rows.start).astype(np.float64)
    own = duration - covered(parent, rows.start.astype(np.float64), rows.end.astype(np.float64), order)
    below = np.flatnonzero(parent >= 0)
    above = parent[below]
    children = np.bincount(above, minlength=len(rows))
    child = np.full(len(rows), NOBODY)
    child[above] = below
    local = np.where((parent >= 0) & (rows.service[parent] == rows.service), rows.name[parent], NOBODY)
    remote = (children == 1) & (rows.service[child] != rows.service) & (rows.calling | (local >= 0))
    passed_on = np.zeros(len(rows), np.bool_)
    passed_on[above[rows.failed[below]]] = True
    return Kin(
        rows,
        fresh,
        parent,
        children,
        np.where(remote, rows.service[child], NOBODY),
        np.maximum(own, 0.0) / 1e9,
        rows.failed & ~passed_on,
        local,
    )


def _parents(rows: SpanRows) -> Ints:
    """Return the row of each span's parent; -1 for none, and for a span that is its own."""
    order = np.argsort(rows.key)
    place = np.minimum(np.searchsorted(rows.key[order], rows.above), max(len(rows) - 1, 0))
    if not len(rows):
        return np.zeros(0, np.int64)
    found = order[place]
    known = (rows.above != 0) & (rows.key[found] == rows.above) & (found != np.arange(len(rows)))
    parents: Ints = np.where(known, found, NOBODY)
    return parents
