"""Corpora of metrics, scored by ``vedette score metrics`` with its defaults."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.scoring.metrics import score_metrics

FIVE_MINUTES = 300


def read_metrics(data: Path, name: str) -> pa.Table:
    """Return a corpus as ``series, t, value, label``; rows without a time are five minutes apart."""
    table = pq.read_table(data / "metrics" / f"{name}.parquet")
    if "t" in table.column_names:
        return table
    return table.append_column("t", pa.array(table["i"].to_numpy().astype(np.int64) * FIVE_MINUTES))


def scored_metrics(data: Path, name: str) -> pa.Table:
    """Return the verdicts on a corpus, with its labels."""
    table = read_metrics(data, name)
    return score_metrics(table)
