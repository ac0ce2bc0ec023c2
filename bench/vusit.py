"""VUS-PR of ``vedette score metrics`` on the sets of single IT metrics, causal, by product defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.nab import by_series
from bench.scored import read_metrics, scored_metrics
from bench.vus import period, vus_pr

SETS: Final = ("nab", "mscloud", "aiops_kpi")
FLOOR: Final = 0.45


def run(data: Path) -> dict[str, Any]:
    """Return the mean over series with anomalies, of all and by set, beside a trailing z-score's."""
    ours, plain = [], []
    sets = {}
    for name in SETS:
        table = read_metrics(data, name)
        label, value = by_series(table, "label"), by_series(table, "value")
        score = by_series(scored_metrics(data, name), "score")
        marked = [key for key in label if label[key].any()]
        own = [vus_pr(label[key], score[key], period(value[key])) for key in marked]
        other = [vus_pr(label[key], trailing(value[key]), period(value[key])) for key in marked]
        sets[name] = [round(float(np.mean(own)), 3), round(float(np.mean(other)), 3)]
        ours += own
        plain += other
    return {
        "mean": round(float(np.mean(ours)), 3),
        "z_score": round(float(np.mean(plain)), 3),
        "sets": sets,
        "floor": FLOOR,
    }


def trailing(values: np.ndarray[tuple[int], np.dtype[np.float64]], window: int = 100) -> Any:
    """Return the distance from the mean of the rows before, in their spreads: the peer."""
    total, square = np.cumsum(np.insert(values, 0, 0.0)), np.cumsum(np.insert(values**2, 0, 0.0))
    row = np.arange(len(values))
    first = np.maximum(row - window, 0)
    count = np.maximum(row - first, 1)
    mean = (total[row] - total[first]) / count
    spread = np.sqrt(np.maximum((square[row] - square[first]) / count - mean**2, 0.0))
    return np.abs(values - mean) / (spread + 1e-6 * np.abs(mean) + 1e-9)
