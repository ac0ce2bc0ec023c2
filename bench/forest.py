"""The forest of half-space trees: points a CPU-second and AUROC on the ADBench tables, beside river's in one run."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from river import anomaly

from bench.tabular import auroc, tables
from vedette.detectors.forest import Forest
from vedette.records.observation import Space, Vectors
from vedette.records.segment import Segment

TREES: Final = 100
DEPTH: Final = 10
FEATURES: Final = 10
BATCH: Final = 1_000
POINTS: Final = 500_000
RIVER_POINTS: Final = 1_000
HEAD: Final = 250
"""Rows that give the scale and are not judged: river's window."""
MOST_ROWS: Final = 3_000
MOST_FEATURES: Final = 200
SECOND: Final = 10**9
START: Final = 1_767_571_200

Numbers = NDArray[np.float64]


def run(data: Path) -> dict[str, Any]:
    """Return speeds with 100 trees of depth 10, and mean AUROC of 25 trees of depth 10, river's customary size.

    Rows come in an order drawn by lot, at most 3,000 of a table; both judge each row by those before it, ours in
    windows of 50.
    """
    scored, learned = _speed()
    river = _river_speed()
    pairs = [_pair(values, label) for _, values, label in tables(data) if values.shape[1] <= MOST_FEATURES]
    ours, theirs = np.mean(pairs, 0)
    return {
        "scored_per_cpu_second": round(scored),
        "learned_per_cpu_second": round(learned),
        "river_score_and_learn_per_cpu_second": round(river, 1),
        "ratio_to_river": round(1 / (1 / scored + 1 / learned) / river),
        "auroc": round(float(ours), 4),
        "river_auroc": round(float(theirs), 4),
    }


def _speed() -> tuple[float, float]:
    points = np.random.default_rng(1).normal(size=(POINTS, FEATURES))
    forest = _grown(FEATURES, TREES)
    scored = learned = 0.0
    for first in range(0, POINTS, 50 * BATCH):
        shown = _window(first // BATCH, points[first : first + 50 * BATCH])
        begin = process_time()
        surprise = forest.score(shown).surprise
        between = process_time()
        forest.learn(shown, surprise)
        if first:
            scored += between - begin
            learned += process_time() - between
    count = POINTS - 50 * BATCH
    return count / scored, count / learned


def _river_speed() -> float:
    points = np.random.default_rng(1).random(size=(RIVER_POINTS, FEATURES))
    trees = anomaly.HalfSpaceTrees(n_trees=TREES, height=DEPTH, window_size=HEAD, seed=1)
    begin = process_time()
    _river(trees, points)
    return RIVER_POINTS / (process_time() - begin)


def _pair(values: Numbers, label: NDArray[np.int64]) -> tuple[float, float]:
    order = np.random.default_rng(1).permutation(len(label))
    if label[order[HEAD:MOST_ROWS]].sum() < 3:
        order = np.concatenate([order[label[order] == 0][:HEAD], order[label[order] == 1][:10], order])
    order = order[:MOST_ROWS]
    values, label = values[order], label[order]
    head = min(HEAD, len(label) // 2)
    low, high = values[:head].min(0), values[:head].max(0)
    unit = np.clip((values - low) / np.where(high > low, high - low, 1.0), 0.0, 1.0)
    trees = anomaly.HalfSpaceTrees(n_trees=25, height=DEPTH, window_size=head, seed=1)
    return auroc(label[head:], _ours(values)[head:]), auroc(label[head:], _river(trees, unit)[head:])


def _ours(values: Numbers) -> Numbers:
    forest = _grown(values.shape[1], 25)
    found = []
    for step, first in enumerate(range(0, len(values), 50)):
        shown = _window(step, values[first : first + 50])
        surprise = forest.score(shown).surprise
        found.append(surprise)
        forest.learn(shown, surprise)
    return np.concatenate(found)


def _grown(features: int, trees: int) -> Forest:
    forest = Forest(features, trees=trees, depth=DEPTH, ready_after=120.0)
    forest.grow([Space(Segment("", "bench", ""), tuple(f"m{place:02d}" for place in range(features)))])
    return forest


def _window(step: int, values: Numbers) -> Vectors:
    slot = np.zeros(len(values), np.int32)
    return Vectors((START + 60 * step) * SECOND, 60 * SECOND, slot, values)


def _river(trees: Any, points: Numbers) -> Numbers:
    found = np.zeros(len(points))
    for place, row in enumerate(points.tolist()):
        point = dict(enumerate(row))
        found[place] = trees.score_one(point)
        trees.learn_one(point)
    return found
