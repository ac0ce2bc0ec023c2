"""What a step of a shard leads to."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from vedette.records.finding import Finding
from vedette.records.incident import Incident

POINTS = pa.schema(
    [
        pa.field("time", pa.timestamp("ns", tz="UTC")),
        pa.field("environment", pa.dictionary(pa.int32(), pa.string())),
        pa.field("service", pa.dictionary(pa.int32(), pa.string())),
        pa.field("operation", pa.dictionary(pa.int32(), pa.string())),
        pa.field("feature", pa.dictionary(pa.int32(), pa.string())),
        pa.field("actual", pa.float64()),
        pa.field("expected", pa.float64()),
        pa.field("lower", pa.float64()),
        pa.field("upper", pa.float64()),
        pa.field("score", pa.float32()),
        pa.field("state", pa.int8()),
    ]
)
"""One row per series and closed window: its start, the number, its band, a score of 0–100, its `State`."""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings, the incidents that changed (latest last), and the points of all series."""

    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]
    points: pa.Table
    windows: int
    """Windows that were closed."""
    hidden: int = 0
    """Findings that a suppression held back."""
