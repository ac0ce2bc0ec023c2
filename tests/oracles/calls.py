"""Spans of traces, the slow way."""

from __future__ import annotations

from collections.abc import Sequence


def depth(parent: Sequence[int], row: int) -> int:
    """Return the number of ancestors; -1 on a circle or below one."""
    seen: set[int] = set()
    while parent[row] >= 0:
        seen.add(row)
        row = parent[row]
        if row in seen:
            return -1
    return len(seen)


def covered(parent: Sequence[int], start: Sequence[int], end: Sequence[int], row: int) -> int:
    """Return how many whole ticks of a span at least one child fills."""
    children = [child for child, above in enumerate(parent) if above == row]
    ticks = range(start[row], end[row])
    return sum(any(start[child] <= tick < end[child] for child in children) for tick in ticks)
