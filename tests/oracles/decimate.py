"""The slow, obvious way to keep the lowest and the highest point of every run."""

from __future__ import annotations

from itertools import pairwise
from math import isnan


def decimate_slowly(values: list[float], points: int) -> list[int]:
    """Return the rows to keep."""
    count, runs = len(values), points // 2
    if count <= points:
        return list(range(count))
    edges = [run * count // runs for run in range(runs + 1)]
    kept = set()
    for start, end in pairwise(edges):
        numbers = [row for row in range(start, end) if not isnan(values[row])] or [start]
        kept.add(min(numbers, key=lambda row: values[row]))
        kept.add(max(numbers, key=lambda row: values[row]))
    return sorted(kept)
