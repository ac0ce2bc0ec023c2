"""Loops over the spans of traces: which lie on a circle, and how much of each its children cover."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def depths(parent: Any) -> Any:
    """Return how many ancestors each span has; -1 for those on a circle of parents or below one.

    Parameters
    ----------
    parent
        int64 row of each span's parent; -1 where there is none.

    Cost: each row is walked twice, whatever the shape of the trees.
    """
    depth = np.full(parent.shape[0], -2, np.int64)
    for row in range(parent.shape[0]):
        above, steps = row, 0
        while above >= 0 and depth[above] == -2:
            depth[above] = -3
            steps += 1
            above = parent[above]
        circle = above >= 0 and (depth[above] == -3 or depth[above] == -1)
        base = -1 if above < 0 else depth[above]
        above = row
        for step in range(steps):
            depth[above] = -1 if circle else base + steps - step
            above = parent[above]
    return depth


@njit(cache=True, nogil=True)
def covered(parent: Any, start: Any, end: Any, order: Any) -> Any:
    """Return how long the union of each span's children lasts within it, shape ``(n_spans,)``.

    Parameters
    ----------
    parent
        int64 row of each span's parent; -1 where there is none.
    start, end
        float64 times of one unit; children are clipped to their parent.
    order
        Rows sorted by parent, then by start.
    """
    total = np.zeros(parent.shape[0])
    reach, last = 0.0, -1
    for row in order:
        above = parent[row]
        if above < 0:
            continue
        if above != last:
            last, reach = above, start[above]
        first, until = max(start[row], reach), min(end[row], end[above])
        if until > first:
            total[above] += until - first
            reach = until
    return total


def warm() -> None:
    """Compile the kernel that the live shard needs."""
    covered(np.full(1, -1, np.int64), np.zeros(1), np.zeros(1), np.zeros(1, np.int64))
