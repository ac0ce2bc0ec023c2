"""The Numenta Anomaly Benchmark's own score: how early and how rarely falsely anomalies are told.

NAB 1.1, standard profile: a detection in a window counts by how early it is in it, each one outside costs 0.11
(less right after a window), a missed window costs 1. 100 is perfect, 0 is silence. The first 15 % of a series, at
most 750 rows, are for learning and not judged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.scored import scored_metrics

FALSE_COST: Final = 0.11
PROBATION: Final = 0.15
PROBATION_OF: Final = 5000
FLOORS: Final = {"tuned": 68.0, "default": 62.0}

Floats = NDArray[np.float64]
Windows = list[list[int]]


@dataclass(frozen=True, slots=True)
class Rows:
    """What each judged row of one series would add: to its window, or as a false one."""

    score: Floats
    gain: Floats
    window: NDArray[np.int64]


def sigmoid(position: Floats) -> Floats:
    """NAB's scaled sigmoid: 1 far before a window's end, 0 at it, -1 three widths after it and from there on."""
    value: Floats = 2.0 / (1.0 + np.exp(5.0 * np.minimum(position, 100.0))) - 1.0
    return np.where(position > 3.0, -1.0, value)


def rows_of(score: Floats, windows: Windows, first: int) -> Rows:
    """Return what each row after probation would add; windows are ``[first, last]`` rows, numbered from `first`."""
    row = np.arange(len(score))
    gain, number = np.full(len(score), -FALSE_COST), np.full(len(score), -1)
    top = float(sigmoid(np.array([-1.0]))[0])
    for begin, end in sorted(windows, reverse=True):
        after = (row > end) & (number < 0) & (gain == -FALSE_COST)
        gain[after] = FALSE_COST * sigmoid((row[after] - end) / max(end - begin, 1))
        inside = slice(begin, end + 1)
        number[inside] = first + windows.index([begin, end])
        gain[inside] = sigmoid(-(end - row[inside] + 1) / (end - begin + 1)) / top
    judged = row >= min(int(PROBATION * len(score)), int(PROBATION * PROBATION_OF))
    return Rows(score[judged], gain[judged], number[judged])


def curve(series: list[Rows], windows: int) -> tuple[Floats, Floats]:
    """Return thresholds, falling, and the score of 100 that each gives over all series."""
    score, gain = (np.concatenate([getattr(one, name) for one in series]) for name in ("score", "gain"))
    number = np.concatenate([one.window for one in series])
    order = np.argsort(-score, kind="stable")
    best = np.full(windows, -1.0)
    total, totals = -float(windows), np.empty(len(order))
    for place, row in enumerate(order.tolist()):
        at = number[row]
        if at < 0:
            total += gain[row]
        elif gain[row] > best[at]:
            total += gain[row] - best[at]
            best[at] = gain[row]
        totals[place] = total
    ends = np.flatnonzero(np.diff(score[order], append=-np.inf))
    return score[order][ends], 100.0 * (totals[ends] + windows) / (2.0 * windows)


def corpus_rows(scores: dict[str, Floats], windows: dict[str, Windows]) -> tuple[list[Rows], int]:
    """Return the rows of all series, and how many windows there are."""
    rows, first = [], 0
    for name, score in scores.items():
        rows.append(rows_of(score, windows[name], first))
        first += len(windows[name])
    return rows, first


def tuned(scores: dict[str, Floats], windows: dict[str, Windows]) -> tuple[float, float]:
    """Return the best score that one threshold for all series gives, and that threshold."""
    thresholds, values = curve(*corpus_rows(scores, windows))
    best = int(np.argmax(values))
    return float(values[best]), float(thresholds[best])


def at_alerts(alerts: dict[str, Floats], windows: dict[str, Windows]) -> float:
    """Return the score of alerts as they are: 1 where one was raised."""
    thresholds, values = curve(*corpus_rows(alerts, windows))
    return float(values[0]) if thresholds[0] > 0.5 else 0.0


def load_windows(data: Path) -> dict[str, Windows]:
    """Return the anomaly windows of each series."""
    read = json.loads((data / "metrics" / "nab_windows.json").read_text())
    return {name: [list(window) for window in one["windows"]] for name, one in read.items()}


def reference(data: Path) -> dict[str, list[float]]:
    """Return what this scorer gives for the published raw scores, beside what was published: the proof of it."""
    table = pq.read_table(data / "metrics" / "nab_reference_scores.parquet")
    expected = json.loads((data / "metrics" / "nab_expected_scores.json").read_text())["score_and_threshold"]
    windows, proof = load_windows(data), {}
    for name in table["detector"].unique().to_pylist():
        own = table.filter(pc.equal(table["detector"], name))
        scores = by_series(own, "score")
        proof[name] = [round(tuned(scores, windows)[0], 3), expected[name]["standard"][0]]
    return proof


def by_series(table: Any, column: str) -> dict[str, Floats]:
    """Return a column as one array a series, in order of rows."""
    names, values = table["series"].to_numpy(), table[column].to_numpy().astype(np.float64)
    edges = np.flatnonzero(np.concatenate(([True], names[1:] != names[:-1])))
    parts = np.split(values, edges[1:])
    return dict(zip(names[edges].tolist(), parts, strict=True))


def run(data: Path) -> dict[str, Any]:
    """Return the tuned and the default score of the product, and the scorer's proof."""
    scored, windows = scored_metrics(data, "nab"), load_windows(data)
    value, threshold = tuned(by_series(scored, "score"), windows)
    return {
        "tuned": round(value, 1),
        "threshold": round(threshold, 4),
        "default": round(at_alerts(by_series(scored, "alert"), windows), 1),
        "floors": FLOORS,
        "scorer_and_published": reference(data),
    }
