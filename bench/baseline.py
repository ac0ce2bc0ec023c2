"""Seasonal baseline at random entities: judge and learn, beside river's keyed mean and variance in the same run."""

from __future__ import annotations

from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
from river import stats

from vedette.detectors.baseline import HOUR, Baseline
from vedette.records.observation import Direction, Measures, Quantity, Series
from vedette.records.segment import Segment

ENTITIES: Final = 2_000
WINDOWS: Final = 400
RIVER_UPDATES: Final = 200_000
SECOND: Final = 10**9
START: Final = 1_767_571_200


def run(data: Path) -> dict[str, Any]:
    """Return updates and judgments a CPU-second; the ratio is of judging and learning. `data` is not needed."""
    del data
    ours = {quantity.name.lower(): _ours(quantity) for quantity in (Quantity.GAUGE, Quantity.COUNT, Quantity.RATIO)}
    river = _river()
    return {
        "entities": ENTITIES,
        "updates_per_cpu_second": {name: round(learned) for name, (learned, _) in ours.items()},
        "judgments_per_cpu_second": {name: round(judged) for name, (_, judged) in ours.items()},
        "river_z_score_per_cpu_second": round(river),
        "ratio_to_river": round(1 / (1 / ours["gauge"][0] + 1 / ours["gauge"][1]) / river, 1),
        "bytes_per_series": _bytes(),
    }


def _ours(quantity: Quantity) -> tuple[float, float]:
    rng = np.random.default_rng(1)
    detector = Baseline(ready_after=HOUR / 6)
    detector.grow([Series(Segment("", "shop", ""), "x", quantity, Direction.BOTH, 0.1)] * ENTITIES)
    learned = judged = 0.0
    for step in range(WINDOWS):
        window = _window(rng, quantity, step)
        begin = process_time()
        scores = detector.score(window)
        between = process_time()
        detector.learn(window, scores.surprise)
        if step >= WINDOWS // 4:
            judged += between - begin
            learned += process_time() - between
    rows = ENTITIES * (WINDOWS - WINDOWS // 4)
    return rows / learned, rows / judged


def _bytes() -> int:
    detector = Baseline()
    detector.grow([Series(Segment("", "shop", ""), "x", Quantity.GAUGE, Direction.BOTH, 0.1)])
    return detector.nbytes


def _window(rng: np.random.Generator, quantity: Quantity, step: int) -> Measures:
    slots = rng.permutation(ENTITIES).astype(np.int32)
    values = {
        Quantity.GAUGE: lambda: rng.normal(10, 1, ENTITIES),
        Quantity.COUNT: lambda: rng.poisson(10, ENTITIES).astype(np.float64),
        Quantity.RATIO: lambda: rng.binomial(20, 0.1, ENTITIES) / 20,
    }[quantity]()
    return Measures((START + 60 * step) * SECOND, 60 * SECOND, slots, values, np.full(ENTITIES, 20.0))


def _river() -> float:
    rng = np.random.default_rng(1)
    entities = rng.integers(0, ENTITIES, RIVER_UPDATES).tolist()
    values = rng.normal(10, 1, RIVER_UPDATES).tolist()
    means = {entity: stats.EWMean(0.1) for entity in range(ENTITIES)}
    variances = {entity: stats.EWVar(0.1) for entity in range(ENTITIES)}
    begin = process_time()
    for entity, value in zip(entities, values, strict=True):
        mean, variance = means[entity], variances[entity]
        _score = (value - mean.get()) / (variance.get() ** 0.5 + 1e-9)
        mean.update(value)
        variance.update(value)
    return RIVER_UPDATES / (process_time() - begin)
