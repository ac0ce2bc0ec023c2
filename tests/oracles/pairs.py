"""Slow, obvious counts per pair."""

from collections import Counter


def count_pairs(left: list[int], right: list[int], count: list[int]) -> dict[tuple[int, int], int]:
    totals: Counter[tuple[int, int]] = Counter()
    for first, second, weight in zip(left, right, count, strict=True):
        if first >= 0 and second >= 0:
            totals[first, second] += weight
    return dict(totals)
