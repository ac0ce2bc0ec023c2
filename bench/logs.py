"""Log detection: faulty sessions at the product's own decision, and how well templates group lines.

Sessions: F1 with the normal sessions weighted to the true base rate of faults, mean of five splits: in order, and
four shuffled. `train` marks the first half of the normal sessions to learn from; `none` has no marks and
2.93 % faults in that half too. The baseline alerts on a count vector that was never seen. Raw lines are scored
unweighted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vedette.features.templates import Templates
from vedette.scoring.logs import score_logs

BASE_RATE: Final = 0.0293
SPLITS: Final = 5
SEQUENCES: Final = ("hdfs", "openstack", "hadoop")
FLOORS: Final = {"hdfs_f1": 0.97, "grouping_accuracy": 0.88}

Flags = NDArray[np.bool_]
Session = tuple[str, bool]


def run(data: Path) -> dict[str, Any]:
    """Measure sessions and templates."""
    sessions = {name: sequences(data / "logs" / f"{name}_sequences.parquet") for name in SEQUENCES}
    return {
        "sessions": {name: {"train": t, "none": n} for name, (t, n) in sessions.items()},
        "raw": {name: raw(data / "logs" / f"{name}_raw.parquet") for name in ("hdfs", "openstack")},
        "grouping_accuracy": grouping(data / "logs" / "loghub2k_templates.parquet"),
        "floors": FLOORS,
    }


def sequences(path: Path) -> tuple[dict[str, float], dict[str, float]]:
    """Return the mean figures with marked rows and without."""
    table = pq.read_table(path, columns=["events", "label"]).to_pylist()
    normal = [(row["events"], False) for row in table if row["label"] == 0]
    faulty = [(row["events"], True) for row in table if row["label"] == 1]
    marked, unmarked = [], []
    for seed in range(SPLITS):
        rng = np.random.default_rng(seed)
        first = _shuffled(normal, rng) if seed else normal
        half = first[: len(first) // 2]
        mixed = _shuffled(faulty, rng)
        within = int(len(half) * BASE_RATE / (1 - BASE_RATE))
        marked.append(_split(half, first[len(half) :] + faulty, True))
        rest = _shuffled(first[len(half) :] + mixed[within:], rng)
        unmarked.append(_split(_shuffled(half + mixed[:within], rng), rest, False))
    return _mean(marked), _mean(unmarked)


def _shuffled(sessions: list[Session], rng: np.random.Generator) -> list[Session]:
    return [sessions[place] for place in rng.permutation(len(sessions))]


def _mean(figures: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(float(np.mean([one[name] for one in figures])), 4) for name in figures[0]}


def _split(head: list[Session], rest: list[Session], marked: bool) -> dict[str, float]:
    """Return the figures of `rest`, after `head` was learned."""
    every = head + rest
    keys = [(number, event) for number, (events, _) in enumerate(every) for event in events.split()]
    columns: dict[str, Any] = {
        "session": [number for number, _ in keys],
        "line": ["event " + "".join(chr(97 + int(digit)) for digit in event) for _, event in keys],
    }
    if marked:
        columns["train"] = [int(number < len(head)) for number, _ in keys]
    scored = score_logs(pa.table(columns))
    alert = np.zeros(len(every), np.int8)
    np.maximum.at(alert, scored["session"].to_numpy(), scored["alert"].to_numpy())
    truth = np.array([label for _, label in rest])
    seen = {tuple(sorted(events.split())) for events, _ in head}
    simple = np.array([tuple(sorted(events.split())) not in seen for events, _ in rest])
    found = figures(alert[len(head) :] > 0, truth, weighted=True)
    return {**found, "baseline_f1": figures(simple, truth, weighted=True)["f1"]}


def figures(alert: Flags, truth: Flags, weighted: bool) -> dict[str, float]:
    """Return precision, recall and F1; weighted: as if faults were `BASE_RATE` of all."""
    hits, false = float((alert & truth).sum()), float((alert & ~truth).sum())
    weight = truth.sum() * (1 - BASE_RATE) / BASE_RATE / max((~truth).sum(), 1) if weighted else 1.0
    precision = hits / max(hits + false * weight, 1e-9)
    recall = hits / max(float(truth.sum()), 1.0)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"f1": f1, "precision": precision, "recall": recall, "false": false, "normal": float((~truth).sum())}


def raw(path: Path) -> dict[str, float]:
    """Return the figures of sessions of raw lines, nothing marked."""
    table = pq.read_table(path)
    session = pc.if_else(pc.equal(table["label"], -1), None, table["session"])
    scored = score_logs(pa.table({"session": session, "line": table["line"]}))
    alerts, labels = Counter[str](), dict[str, int]()
    rows = zip(session.to_pylist(), scored["alert"].to_pylist(), table["label"].to_pylist(), strict=True)
    for key, alert, label in rows:
        if key is not None:
            alerts[key] += alert
            labels[key] = label
    truth = np.array([label > 0 for label in labels.values()])
    return figures(np.array([alerts[key] > 0 for key in labels]), truth, weighted=False)


def grouping(path: Path) -> dict[str, Any]:
    """Return the grouping accuracy by system, and the same if only words with digits are masked."""
    table = pq.read_table(path)
    found, simple = {}, {}
    for system in pc.unique(table["system"]).to_pylist():
        part = table.filter(pc.equal(table["system"], system))
        lines, truth = pa.concat_arrays(part["message"].cast(pa.string()).chunks), part["event_id"].to_pylist()
        templates = Templates()
        numbers = templates.assign(lines)
        found[system] = accuracy(templates.final()[numbers].tolist(), truth)
        words = pc.replace_substring_regex(lines, r"\S*[0-9]\S*", "*")
        simple[system] = accuracy(words.to_pylist(), truth)
    return {"mean": float(np.mean([*found.values()])), "baseline_mean": float(np.mean([*simple.values()])), **found}


def accuracy(groups: list[Any], truth: list[str]) -> float:
    """Return the share of lines whose group has exactly the lines of their true group.

    >>> accuracy([1, 1, 2, 3], ["a", "a", "b", "b"])
    0.5
    """
    members = defaultdict(list)
    for group, event in zip(groups, truth, strict=True):
        members[group].append(event)
    sizes = Counter(truth)
    right = (len(events) for events in members.values() if len({*events}) == 1 and sizes[events[0]] == len(events))
    return sum(right) / len(truth)
