"""Root cause and detection on Nezha: ``vedette score spans`` on traces with injected faults.

AC@k: share of the faults whose service is among the k with the highest mean ``root_score`` over the windows that
start within `AFTER` seconds after the injection; a service without a row in a window has 0 there. A pod counts as its
service. Faults without a span in that time count as missed; ``seen`` says how many have spans.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from vedette.scoring.span_lines import with_lines
from vedette.scoring.spans import score_spans

CORPORA: Final = {"ob": 0.60, "tt": 0.35}
"""Floors of AC@1."""

AFTER: Final = 240.0
SETTLES: Final = 120.0
"""Seconds after `AFTER` in which an alert is neither a detection nor false."""

POD: Final = r"-[0-9a-z]+-[0-9a-z]{5}$"
SERVICE: Final = pl.col("pod").str.replace(POD, "")
ERROR: Final = r"^[0-9:.]* *ERROR\b"


def run(data: Path) -> dict[str, Any]:
    """Return AC@1 and AC@3 by corpus and type of fault, beside the largest mean deviation of latency."""
    return {name: _corpus(data / "traces", name) for name in CORPORA}


def read_spans(folder: Path, name: str) -> pl.DataFrame:
    """Return the spans of a corpus as ``vedette score spans`` takes them."""
    return pl.read_parquet(folder / f"nezha_{name}_spans.parquet").select(
        trace_id="trace",
        span_id="span",
        parent_span_id="parent",
        service=SERVICE,
        name="op",
        t=pl.col("start_us") / 1e6,
        duration_ms=pl.col("dur_us") / 1e3,
    )


def with_status(spans: pl.DataFrame, folder: Path, name: str) -> pl.DataFrame:
    """Return the spans, failed where their service logged an error in the innermost of them, as tracers do it."""
    errors = log_lines(folder, name).filter(pl.col("line").str.contains(ERROR))
    failed = pl.when(pl.col("lines").list.len() > 0).then(pl.lit("error"))
    return _with_lines(spans, errors).with_columns(status=failed).drop("lines")


def log_lines(folder: Path, name: str) -> pl.DataFrame:
    """Return the log lines of a corpus as ``vedette score spans --lines`` takes them."""
    lines = pl.read_parquet(folder / f"nezha_{name}_logs.parquet")
    return lines.select(trace_id="trace", service=SERVICE, t=pl.col("t_us") / 1e6, line="message")


def _with_lines(spans: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    joined = pl.from_arrow(with_lines(spans.to_arrow(), lines.to_arrow()))
    assert isinstance(joined, pl.DataFrame)
    return joined


def read_faults(folder: Path, name: str) -> pl.DataFrame:
    """Return the faults as ``t, service, type``."""
    faults = pl.DataFrame(json.loads((folder / f"nezha_{name}_faults.json").read_text()))
    return faults.with_columns(service=SERVICE).select("t", "service", "type")


def _corpus(folder: Path, name: str) -> dict[str, Any]:
    spans, faults = read_spans(folder, name), read_faults(folder, name)
    tables = spans, with_status(spans, folder, name), _with_lines(spans, log_lines(folder, name))
    scored, logged, told = map(score_table, tables)
    ranks, types = ranks_of(scored, faults), faults["type"].to_list()
    return {
        **_shares(ranks),
        "floor": CORPORA[name],
        "naive": _shares(ranks_of(deviations(spans), faults)),
        "with_error_logs": _shares(ranks_of(logged, faults)),
        "with_lines": {
            **_shares(ranks_of(told, faults)),
            "ranks": by_type(ranks_of(told, faults), types),
            **_detection(told, faults),
        },
        "faults": len(ranks),
        "seen": sum(rank > 0 for rank in ranks),
        "ranks": by_type(ranks, types),
        **_detection(scored, faults),
    }


def score_table(spans: pl.DataFrame) -> pl.DataFrame:
    """Return what ``vedette score spans`` says."""
    scored = pl.from_arrow(score_spans(spans.to_arrow()))
    assert isinstance(scored, pl.DataFrame)
    return scored


def deviations(spans: pl.DataFrame) -> pl.DataFrame:
    """Return the peer: how many standard deviations a service's mean latency of a minute lies from its mean minute."""
    minute = (pl.col("t") // 60) * 60.0
    means = spans.group_by("service", minute.alias("t")).agg(pl.col("duration_ms").mean())
    usual, spread = pl.col("duration_ms").mean().over("service"), pl.col("duration_ms").std().over("service")
    return means.with_columns(root_score=((pl.col("duration_ms") - usual) / spread).fill_nan(0.0).fill_null(0.0))


def ranking(scored: pl.DataFrame, start: float) -> list[str]:
    """Return the services by mean root score over the windows that start after the injection, highest first."""
    after = scored.filter(pl.col("t").is_between(start, start + AFTER))
    total = after.group_by("service").agg(pl.col("root_score").sum())
    return total.sort(["root_score", "service"], descending=[True, False])["service"].to_list()


def ranks_of(scored: pl.DataFrame, faults: pl.DataFrame) -> list[int]:
    """Return the place of each fault's service, from 1; 0 for a fault without spans, 99 for a service without."""
    ranks = []
    for fault in faults.iter_rows(named=True):
        order = ranking(scored, fault["t"])
        ranks.append(order.index(fault["service"]) + 1 if fault["service"] in order else 99 if order else 0)
    return ranks


def _shares(ranks: Sequence[int]) -> dict[str, float]:
    return {f"ac{most}": round(sum(1 <= rank <= most for rank in ranks) / len(ranks), 3) for most in (1, 3)}


def by_type(ranks: Sequence[int], types: Sequence[str]) -> dict[str, list[int]]:
    """Return the ranks by type of fault."""
    found = defaultdict(list)
    for rank, kind in zip(ranks, types, strict=True):
        found[kind].append(rank)
    return dict(found)


def _detection(scored: pl.DataFrame, faults: pl.DataFrame) -> dict[str, Any]:
    """Return the share of the faults with an alert within `AFTER`, and the alerts and windows away from any fault."""
    starts = faults["t"].to_list()
    alerts = scored.filter(pl.col("alert") == 1)["t"].to_list()
    inside = [any(start - 60.0 < alert <= start + AFTER for alert in alerts) for start in starts]
    quiet = [t for t in scored["t"].unique().to_list() if not _near(t, starts)]
    return {
        "detected": round(sum(inside) / len(inside), 3),
        "false_alerts": sum(not _near(alert, starts) for alert in alerts),
        "quiet_windows": len(quiet),
    }


def _near(time: float, starts: Sequence[float]) -> bool:
    return any(start - 60.0 < time <= start + AFTER + SETTLES for start in starts)
