"""``vedette score vectors`` on the ADBench tables: AUROC and average precision, beside an isolation forest."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.scoring.vectors import score_vectors

FLOOR: Final = 0.77

Numbers = NDArray[np.float64]


def run(data: Path) -> dict[str, Any]:
    """Return AUROC and AP of each table and their means; the peer needs the extra ``vedette[lab]``."""
    sets: dict[str, list[float]] = {}
    peers: list[tuple[float, float]] = []
    rows, begin, spent = 0, process_time(), 0.0
    for name, values, label in tables(data):
        begin = process_time()
        score = score_vectors(as_table(values))["score"].to_numpy()
        spent += process_time() - begin
        rows += len(label)
        sets[name] = [round(auroc(label, score), 4), round(average_precision(label, score), 4)]
        peer = isolation_forest(values)
        if peer is not None:
            peers.append((auroc(label, peer), average_precision(label, peer)))
    ours = np.mean(list(sets.values()), 0)
    theirs = np.mean(peers, 0).round(4).tolist() if peers else None
    return {
        "auroc": round(float(ours[0]), 4),
        "ap": round(float(ours[1]), 4),
        "isolation_forest": theirs,
        "floor": FLOOR,
        "rows_per_cpu_second": round(rows / spent),
        "sets": sets,
    }


def tables(data: Path) -> Iterator[tuple[str, Numbers, NDArray[np.int64]]]:
    """Return name, values and labels of each table."""
    for path in sorted((data / "tabular").glob("*.npz")):
        held = np.load(path)
        yield path.stem, held["X"].astype(np.float64), held["y"].astype(np.int64)


def as_table(values: Numbers) -> pa.Table:
    """Return the columns as ``m00, m01 …``."""
    return pa.table({f"m{place:02d}": column for place, column in enumerate(values.T)})


def auroc(label: NDArray[np.int64], score: Numbers) -> float:
    """Return the chance that an odd row scores above an ordinary one, ties counting half."""
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - 0.5 * (count - 1))[place]
    odd = int(label.sum())
    return float((rank[label == 1].sum() - odd * (odd + 1) / 2) / (odd * (len(label) - odd)))


def average_precision(label: NDArray[np.int64], score: Numbers) -> float:
    """Return the mean precision over the odd rows, equal scores being told together."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    found = np.cumsum(label[order])[last]
    growth = np.diff(found, prepend=0)
    return float((growth * found / (last + 1)).sum() / label.sum())


def isolation_forest(values: Numbers) -> Numbers | None:
    """Return scikit-learn's scores at its defaults, or None where it is not installed."""
    try:
        ensemble = import_module("sklearn.ensemble")
    except ImportError:
        return None
    found: Numbers = -ensemble.IsolationForest(random_state=0).fit(values).score_samples(values)
    return found
