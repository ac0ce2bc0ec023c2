"""VUS-PR point by point and threshold by threshold, as its definition reads."""

from math import sqrt

import numpy as np


def vus_pr(label: list[int], score: list[float], window: int, thresholds: int = 250) -> float:
    """Return the mean over buffer lengths of the area under the precision-recall curve of ranges."""
    return sum(_area(label, score, length, thresholds) for length in range(window + 1)) / (window + 1)


def _area(label: list[int], score: list[float], length: int, thresholds: int) -> float:
    soft = _extended(label, length)
    ranges = _ranges(label, length // 2)
    falling = sorted(score, reverse=True)
    area = before = 0.0
    for rank in np.linspace(0, len(score) - 1, thresholds):
        bar = falling[int(rank)]
        predicted = [value >= bar for value in score]
        hits = sum(soft[i] for i in range(len(score)) if predicted[i])
        beside = sum(soft[i] for i in range(len(score)) if predicted[i] and not label[i])
        met = sum(any(predicted[i] for i in points) for points in ranges)
        recall = min(hits / (sum(label) + beside / 2), 1.0) * met / len(ranges)
        area += (recall - before) * hits / sum(predicted)
        before = recall
    return area


def _extended(label: list[int], length: int) -> list[float]:
    soft = [float(value) for value in label]
    for first, last in _runs(label):
        for away in range(1, length // 2 + 1):
            for i in (first - away, last + away):
                if 0 <= i < len(label):
                    soft[i] += sqrt(1 - away / length)
    return [min(value, 1.0) for value in soft]


def _ranges(label: list[int], reach: int) -> list[set[int]]:
    """Return the points of each segment with its extensions; those that share a point are one."""
    merged: list[set[int]] = []
    for first, last in _runs(label):
        points = set(range(first - reach, last + reach + 1))
        if merged and merged[-1] & points:
            merged[-1] |= points
        else:
            merged.append(points)
    return [{i for i in points if 0 <= i < len(label)} for points in merged]


def _runs(label: list[int]) -> list[tuple[int, int]]:
    starts = [i for i, value in enumerate(label) if value and (i == 0 or not label[i - 1])]
    ends = [i for i, value in enumerate(label) if value and (i == len(label) - 1 or not label[i + 1])]
    return list(zip(starts, ends, strict=True))
