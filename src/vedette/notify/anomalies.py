"""What OCSF calls anomaly analyses: each number of an incident beside what is normal for it.

References
----------
OCSF 1.8.0, objects Anomaly Analysis, Anomaly, Baseline, Observation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vedette.records.document import Document
from vedette.records.time import from_rfc3339

SIGMA: Final = "sigma"
INDICATORS: Final = "indicators"
NAMED: Final = (SIGMA, INDICATORS)
"""Detectors of findings that a rule or an indicator made; its title is their item."""


def analyses(incident: Document) -> Iterator[Document]:
    """Yield what was measured against what is normal, a segment at a time; findings know more than contributions."""
    rows: list[Document] = incident.get("findings") or incident["explanation"]["contributions"]
    for segment in dict.fromkeys(row["segment"] for row in rows):
        mine = [row for row in rows if row["segment"] == segment]
        yield {
            "analysis_targets": [{"name": segment, "type": "segment"}],
            "anomalies": [_measured(row) for row in mine],
            "baselines": [_normal(row) for row in mine],
        }


def _measured(row: Document) -> Document:
    observation: Document = {"value": row.get("item") or _number(row["actual"], row["unit"])}
    if "start" in row:
        observation["timespan"] = {"start_time": milliseconds(row["start"]), "end_time": milliseconds(row["end"])}
    return {
        "observation_parameter": row["feature"],
        "observation_type": row["detector"],
        "observed_pattern": _pattern(row),
        "observations": [observation],
    }


def _pattern(row: Document) -> str:
    if row["detector"] in NAMED:
        return "MATCHED"
    return "UNSEEN" if row.get("item") else "SURGE" if (row["actual"] or 0) >= (row["expected"] or 0) else "DROP"


def _normal(row: Document) -> Document:
    unit = row["unit"]
    bounds = [("expected", row["expected"]), ("lower", row["lower"]), ("upper", row["upper"])]
    return {
        "observation_parameter": row["feature"],
        "observation_type": row["detector"],
        "observations": [{"value": f"{name} {_number(value, unit)}"} for name, value in bounds],
    }


def _number(value: float | None, unit: str) -> str:
    return "unknown" if value is None else f"{value:.6g} {unit}".strip()


def milliseconds(moment: str) -> int:
    """Return ms since the epoch."""
    return from_rfc3339(moment) // 1_000_000
