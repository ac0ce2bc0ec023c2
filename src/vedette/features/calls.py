"""Spans to calls: each span's own time, whom it calls, and the shape of what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.calls import covered, depths

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Hashes = NDArray[np.uint64]

RESOLUTION: Final = 5e-5
"""Seconds added to a time before its logarithm: tracers' clocks tick in microseconds to milliseconds, and what
takes less than this does not make a request slow."""

_MIX: Final = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
"""splitmix64: G. Steele et al., Fast splittable pseudorandom number generators, OOPSLA 2014."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans as arrays of one length: numbers of services and names, and the row of the parent, -1 for none."""

    parent: Ints
    service: Ints
    name: Ints
    start: Floats
    """Seconds."""
    duration: Floats
    """Seconds; NaN or negative where it is not known."""
    failed: Flags


@dataclass(frozen=True, slots=True)
class Calls:
    """What is known of each span when the window in which it ended closes; arrays of one length."""

    window: Ints
    """Number of the window in which the span ended."""
    parent: Ints
    """Row of the parent; -1 for roots, orphans and what lies on a circle."""
    depth: Ints
    """Number of ancestors."""
    own: Floats
    """Logarithm of the seconds that no child covers; NaN where the duration is not known."""
    fan: Floats
    """Logarithm of the number of children; NaN where there is none."""
    callee: Ints
    """Service that a span calls and does nothing else; -1 for all others. Its own time is that of the way."""
    timing: Hashes
    """Which spans' own times are alike: operation, or way from a service to an operation of another."""
    operation: Hashes
    """Which spans are built alike: service, name, and name of the parent in the same service."""
    shape: Hashes
    """The operation, the set of operations that the span called, and whether it failed."""


def calls(spans: Spans, width: float) -> Calls:
    """Return the calls of spans in windows of `width` seconds.

    Notes
    -----
    A span counts in the window in which it **ends**, and a child counts for its parent if it ended in the same
    window or an earlier one: so a window is complete when it closes. A span whose only child is of another
    service, and which is itself below a span of its own service, is a call and nothing else: what the child does
    not cover is the way there and back, and waiting at either side.

    **It fails** where services are instrumented without a span around the call: the way then counts as the caller's
    own time; and where clocks of machines differ by more than a call takes, as children are clipped.

    Cost: about 1 µs a span.
    """
    depth = depths(spans.parent)
    parent = np.where(depth > 0, spans.parent, -1)
    known = np.isfinite(spans.duration) & (spans.duration >= 0.0)
    duration = np.where(known, spans.duration, 0.0)
    end = spans.start + duration
    window = np.floor(end / width).astype(np.int64)
    above = np.where((parent >= 0) & (window <= window[parent]), parent, -1)
    rest = duration - covered(above, spans.start, end, np.lexsort((spans.start, above)))
    local = (parent >= 0) & (spans.service[parent] == spans.service)
    operation = mixed(spans.service, spans.name, np.where(local, spans.name[parent], -1))
    number, child = _children(above)
    calling = local & (child >= 0) & (spans.service[child] != spans.service)
    callee, target = (np.where(calling, part[child], -1) for part in (spans.service, spans.name))
    below = np.flatnonzero(above >= 0)
    kinds = summed_kinds(above[below], mixed(spans.service, spans.name, callee, target)[below], len(above))
    return Calls(
        window,
        parent,
        depth,
        np.where(known, np.log(np.maximum(rest, 0.0) + RESOLUTION), np.nan),
        np.where(number > 0, np.log(np.maximum(number, 1)), np.nan),
        callee,
        np.where(calling, mixed(spans.service, callee, target), operation),
        operation,
        mixed(operation, np.where(calling, np.uint64(1), kinds), spans.failed),
    )


def _children(parent: Ints) -> tuple[Ints, Ints]:
    """Return how many children each span has, and the row of its child if it has just one, else -1."""
    rows = np.flatnonzero(parent >= 0)
    number = np.bincount(parent[rows], minlength=len(parent))
    child = np.full(len(parent), -1, np.int64)
    child[parent[rows]] = rows
    return number, np.where(number == 1, child, -1)


def summed_kinds(owner: Ints, kind: Hashes, owners: int) -> Hashes:
    """Return a hash of the set of the kinds that each owner has, 0 where it has none; `kind` is one of `owner`'s."""
    total = np.zeros(owners, np.uint64)
    if len(owner):
        order = np.lexsort((kind, owner))
        owner, kind = owner[order], kind[order]
        first = np.append(True, (owner[1:] != owner[:-1]) | (kind[1:] != kind[:-1]))
        np.add.at(total, owner[first], kind[first])
    return total


def visits(found: Calls, service: Ints) -> Ints:
    """Return for each span the one with which the request came to its service.

    That is the span itself where nothing of its service is above it, or what is above had ended in an earlier window.
    """
    entry = np.arange(len(service))
    parent = found.parent
    inner = (parent >= 0) & (service == service[parent]) & (found.window <= found.window[parent])
    for level in range(1, int(found.depth.max(initial=0)) + 1):
        rows = np.flatnonzero(inner & (found.depth == level))
        entry[rows] = entry[parent[rows]]
    return entry


def mixed(*parts: NDArray[np.generic]) -> Hashes:
    """Return a hash of each row of columns."""
    hashed = np.zeros(len(parts[0]), np.uint64)
    for part in parts:
        hashed = (hashed ^ part.astype(np.uint64)) + _MIX[0]
        hashed = (hashed ^ (hashed >> np.uint64(30))) * _MIX[1]
        hashed = (hashed ^ (hashed >> np.uint64(27))) * _MIX[2]
        hashed ^= hashed >> np.uint64(31)
    return hashed


def slots(hashes: Hashes, window: Ints, most: int) -> tuple[Ints, Ints]:
    """Number hashes in order of the window in which they are first seen.

    Parameters
    ----------
    hashes, window
        Of each span.
    most
        Slots to give; what comes later has -1 and is not judged.

    Returns
    -------
    (slot, example)
        The slot of each span, and a span of each slot.
    """
    order = np.argsort(window, kind="stable")
    _, first, place = np.unique(hashes[order], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    slot = np.empty(len(hashes), np.int64)
    slot[order] = rank[place]
    return np.where(slot < most, slot, -1), order[np.sort(first)][:most]


def passed_on(rows: Ints, found: Calls, odd: Flags, below: Flags) -> Flags:
    """Say which spans of a window have an odd span below them: they pass on trouble that began there.

    Parameters
    ----------
    rows
        The spans of the window.
    found
        All calls.
    odd
        Which of `rows` are odd by themselves.
    below
        Which of all spans have an odd span below them, as earlier windows told; this window's are added.
    """
    depth = found.depth[rows]
    for level in range(int(depth.max(initial=0)), 0, -1):
        told = rows[(depth == level) & (odd | below[rows])]
        below[found.parent[told]] = True
    return below[rows]
