"""VUS-PR of ``vedette score vectors`` on sets of multivariate series, causal, beside the distance to k-means."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import parquet

from bench.vus import period, vus_pr
from vedette.scoring.vectors import score_vectors

SETS: Final = {"services_a": 300, "asd_servers": 300, "smd_machines": 60}
"""Sampling interval in seconds."""
FLOOR: Final = 0.45
START: Final = 1_767_571_200
CLUSTERS: Final = 8

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Held:
    """One entity: its table with times, and which of its rows count."""

    entity: str
    table: pa.Table
    values: Numbers
    test: NDArray[np.bool_]
    label: NDArray[np.int64]


def run(data: Path) -> dict[str, Any]:
    """Return the mean of the three sets, by set ours and k-means, and each entity's; test rows only are scored.

    Rows before the test are marked ``train``; ``untrained`` is what comes out when they are not.
    """
    found: dict[str, list[list[float]]] = {}
    entities: dict[str, list[float]] = {}
    rows, spent = 0, 0.0
    for name in SETS:
        for held in read(data, name):
            begin = process_time()
            ours = score_vectors(held.table)["score"].to_numpy()
            spent += process_time() - begin
            rows += len(ours)
            plain = score_vectors(held.table.drop_columns("train"))["score"].to_numpy()
            window = period(held.values[held.test][:, 0])
            volumes = [
                round(vus_pr(held.label[held.test], score[held.test], window), 4)
                for score in (ours, k_means(held.values, held.test), plain)
            ]
            found.setdefault(name, []).append(volumes)
            entities[f"{name}/{held.entity}"] = volumes
    means = {name: np.mean(volumes, 0).round(4).tolist() for name, volumes in found.items()}
    ours_, peer, untrained = np.mean(list(means.values()), 0).round(4).tolist()
    return {
        "mean": ours_,
        "k_means": peer,
        "untrained": untrained,
        "floor": FLOOR,
        "rows_per_cpu_second": round(rows / spent),
        "sets": means,
        "entities": entities,
    }


def read(data: Path, name: str) -> Iterator[Held]:
    """Return the entities of a set."""
    table = parquet.read_table(data / "metrics" / f"{name}.parquet")
    features = [column for column in table.column_names if column[0] == "m"]
    for entity in pc.unique(table["entity"]).to_pylist():
        mine = table.filter(pc.equal(table["entity"], entity))
        test = mine["test"].to_numpy().astype(np.bool_)
        times = START + SETS[name] * np.arange(len(test))
        shown = mine.select(["entity", *features]).append_column("t", pa.array(times))
        shown = shown.append_column("train", pa.array((~test).astype(np.int8)))
        values = np.column_stack([mine[column].to_numpy().astype(np.float64) for column in features])
        yield Held(entity, shown, values, test, mine["label"].to_numpy())


def k_means(values: Numbers, test: NDArray[np.bool_]) -> Numbers:
    """Return distances to the nearest of eight means of the training rows, by standard deviations: the peer."""
    known = values[~test]
    spread = known.std(0)
    points = np.clip((values - known.mean(0)) / np.where(spread > 1e-9, spread, 1.0), -50.0, 50.0)
    known = points[~test]
    means = known[np.random.default_rng(0).choice(len(known), CLUSTERS, replace=False)]
    for _ in range(15):
        nearest = _squares(known, means).argmin(1)
        means = np.stack([known[nearest == k].mean(0) if (nearest == k).any() else means[k] for k in range(CLUSTERS)])
    return np.sqrt(np.maximum(_squares(points, means).min(1), 0.0))


def _squares(points: Numbers, means: Numbers) -> Numbers:
    squares: Numbers = (points**2).sum(1)[:, None] + (means**2).sum(1) - 2.0 * points @ means.T
    return squares
