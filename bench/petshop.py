"""Root cause on PetShop: totals of services, five-minutely, and the graph of calls; no spans.

AC@k: share of the issues whose root is among the k services that explain most, by the window in which the issue was
noted and the one after. Usual values are those of the segment without issues.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from vedette.decision.origin import origins
from vedette.decision.root import evidence

CORPORA: Final = ("low_traffic", "temporal_traffic1")
USUAL: Final = "low_traffic"
"""The corpus that has a segment without issues."""

WIDTH: Final = 300.0
JITTER: Final = {"latency": 0.15, "availability": 1.0}
"""Spread that is usual before it is known: of the logarithm of seconds, as in `vedette.detectors.traces`; percent."""


def run(data: Path) -> dict[str, Any]:
    """Return AC@1 and AC@3 by corpus, beside the largest deviation."""
    usual = pl.read_parquet(data / "traces" / f"petshop_{USUAL}.parquet").filter(pl.col("segment") == "noissue")
    return {name: _corpus(data / "traces", name, _levels(usual)) for name in CORPORA}


def _levels(rows: pl.DataFrame) -> pl.DataFrame:
    """Return center and spread of each service and metric."""
    value = pl.col("value")
    groups = _worse(rows).group_by("service", "metric")
    return groups.agg(center=value.median(), spread=value.std().fill_null(0.0))


def _worse(rows: pl.DataFrame) -> pl.DataFrame:
    """Return averages of latency, as logarithms, and of availability, negative: more is worse."""
    value = pl.when(pl.col("metric") == "latency").then((pl.col("value") + 5e-5).log()).otherwise(-pl.col("value"))
    return rows.filter((pl.col("stat") == "Average") & pl.col("metric").is_in(list(JITTER))).with_columns(value=value)


def _corpus(folder: Path, name: str, usual: pl.DataFrame) -> dict[str, Any]:
    rows = pl.read_parquet(folder / f"petshop_{name}.parquet")
    graph = json.loads((folder / f"petshop_{name}_graph.json").read_text())
    issues = json.loads((folder / f"petshop_{name}_issues.json").read_text())
    ours, plain = [], []
    for issue in issues:
        noted = issue["target"]["timestamp"]
        during = rows.filter(
            (pl.col("segment") == issue["segment"]) & pl.col("t").is_between(noted - WIDTH, noted + 2 * WIDTH)
        )
        z = deviations(during, usual)
        ours.append(_rank(explained(z, graph), issue["root_cause"]["node"]))
        plain.append(_rank(z, issue["root_cause"]["node"]))
    return {**_shares(ours), "naive": _shares(plain), "issues": len(issues)}


def deviations(rows: pl.DataFrame, usual: pl.DataFrame) -> dict[str, float]:
    """Return each service's largest deviation to the worse, in spreads."""
    floor = pl.col("metric").replace_strict(JITTER)
    spread = (pl.col("spread") ** 2 + floor**2).sqrt()
    known = _worse(rows).join(usual, on=["service", "metric"])
    largest = known.group_by("service").agg(((pl.col("value") - pl.col("center")) / spread).max().alias("z"))
    return dict(largest.sort("service").iter_rows())


def explained(z: dict[str, float], graph: list[list[str]]) -> dict[str, float]:
    """Return how much each service would explain as the origin."""
    number = {service: place for place, service in enumerate(z)}
    ways = [(number[caller], number[callee]) for caller, callee in graph if caller in number and callee in number]
    caller, callee = np.array(ways, np.int64).reshape(-1, 2).T
    return dict(zip(z, origins(evidence(np.array(list(z.values()))), caller, callee).tolist(), strict=True))


def _rank(scores: dict[str, float], root: str) -> int:
    order = sorted(scores, key=lambda service: -scores[service])
    return order.index(root) + 1 if root in scores else 0


def _shares(ranks: list[int]) -> dict[str, float]:
    return {f"ac{most}": round(sum(1 <= rank <= most for rank in ranks) / len(ranks), 3) for most in (1, 3)}
