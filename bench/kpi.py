"""The AIOps challenge's web KPIs under a budget: labelled segments told of, alerts that were right, and how late.

Two ways. ``product``: the alerts of ``vedette score metrics`` as they are. ``budget``: a threshold on the score set on
each series' training part, without labels, for one alert a day with an hour's hold-off, and kept for the rest.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.nab import by_series
from bench.scored import read_metrics, scored_metrics
from bench.vus import segments
from bench.vusit import trailing

HOLD: Final = 3600.0
DAY: Final = 86_400.0
CAP: Final = 5.0
"""Spreads beyond which the peer tells no difference: from 5 to 30 its recall differed by .01, its precision by .05."""
FLOORS: Final = {"recall": 0.80, "precision": 0.55}

Floats = NDArray[np.float64]


def run(data: Path) -> dict[str, Any]:
    """Return recall, precision and median delay in rows, of the product, of its score and of two simple peers."""
    table, meta = read_metrics(data, "aiops_kpi"), json.loads((data / "metrics" / "aiops_kpi_meta.json").read_text())
    scored = scored_metrics(data, "aiops_kpi")
    times, label = by_series(table, "t"), by_series(table, "label")
    first = {name: int(meta[name]["train_rows"]) for name in times}
    score, alert = by_series(scored, "score"), by_series(scored, "alert")
    values = by_series(table, "value")
    plain = {name: trailing(value) for name, value in values.items()}
    peer = {name: hour_and_day(times[name], value) for name, value in values.items()}
    told = {name: np.flatnonzero(alert[name]) for name in times}
    return {
        "product": judged(told, label, first),
        "budget": judged({name: budgeted(times[name], score[name], first[name]) for name in times}, label, first),
        "z_score": judged({name: budgeted(times[name], plain[name], first[name]) for name in times}, label, first),
        "hour_and_day": judged({name: budgeted(times[name], peer[name], first[name]) for name in times}, label, first),
        "floors": FLOORS,
    }


def hour_and_day(times: Floats, values: Floats) -> Floats:
    """Return how far rows are from the last hour, and from the median of this minute on the last seven days: the peer.

    Each in spreads of its own past, the hour's or all of it, at most `CAP`.
    """
    interval = float(np.median(np.diff(times)))
    day = round(DAY / interval)
    earlier = np.full((7, len(values)), np.nan)
    for number in range(1, 8):
        earlier[number - 1, number * day :] = values[: -number * day]
    earlier[0, :day] = values[:day]
    away = values - np.nanmedian(earlier, axis=0)
    hour: Floats = np.minimum(trailing(values, round(HOLD / interval)), CAP)
    return hour + np.minimum(trailing(away, len(away)), CAP)


def budgeted(times: Floats, score: Floats, first: int) -> NDArray[np.int64]:
    """Return the alerts at the least threshold that gives at most one a day before row `first`."""
    days = (times[first - 1] - times[0]) / DAY
    low, high = 0.0, float(score[:first].max())
    for _ in range(25):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if len(held(times[:first], score[:first], middle)) <= days else (middle, high)
    return held(times, score, high)


def held(times: Floats, score: Floats, threshold: float) -> NDArray[np.int64]:
    """Return the rows over a threshold, none within an hour after one that counts."""
    rows, last = [], -np.inf
    for row in np.flatnonzero(score > threshold).tolist():
        if times[row] - last >= HOLD:
            rows.append(row)
            last = times[row]
    return np.array(rows, np.int64)


def judged(told: dict[str, NDArray[np.int64]], label: dict[str, Floats], first: dict[str, int]) -> dict[str, float]:
    """Return the measures over the part after training."""
    found, segment_count, right, alerts, delays = 0, 0, 0, 0, []
    for name, rows in told.items():
        mine = rows[rows >= first[name]]
        right += int(label[name][mine].sum())
        alerts += len(mine)
        for start, end in zip(*segments(label[name]), strict=True):
            if start >= first[name]:
                segment_count += 1
                within = mine[(mine >= start) & (mine <= end)]
                found += len(within) > 0
                delays += (within[:1] - start).tolist()
    return {
        "recall": round(found / segment_count, 3),
        "precision": round(right / max(alerts, 1), 3),
        "median_delay": float(np.median(delays)) if delays else float("nan"),
    }
