"""Lasting changes in real KPIs: found within two days, announced falsely, and what stays true around them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.nab import by_series
from bench.scored import scored_metrics

ROWS_A_DAY: Final = 288
WITHIN: Final = 2 * ROWS_A_DAY
SETTLED: Final = ROWS_A_DAY
"""Findings of the first day after a change are about it; after it they are false."""
WARM: Final = 7 * ROWS_A_DAY


def run(data: Path) -> dict[str, Any]:
    """Return changes found, false announcements per 100 series-days, false findings a day, and recall."""
    scored = scored_metrics(data, "drift_streams")
    meta = json.loads((data / "metrics" / "drift_streams_meta.json").read_text())
    drift, alert = by_series(scored, "drift"), by_series(scored, "alert")
    found = ever = changes = false = days = 0
    before, after, hits = [], [], []
    for one in meta:
        rows, at = np.flatnonzero(drift[one["series"]]), one["change_at"]
        told, count = np.flatnonzero(alert[one["series"]]), len(alert[one["series"]])
        odd = np.zeros(count, bool)
        for start, length, _ in one["anomalies"]:
            odd[start : start + length + 12] = True
            hits.append((start > (at or 0), bool(alert[one["series"]][start : start + length + 1].any())))
        wrong = told[~odd[told]]
        days += (count if at is None else at) / ROWS_A_DAY
        false += len(rows if at is None else rows[rows < at])
        if at is not None:
            changes += 1
            found += bool(((rows >= at) & (rows <= at + WITHIN)).any())
            ever += bool((rows >= at).any())
            before.append(((wrong >= WARM) & (wrong < at)).sum() / max(at - WARM, 1) * ROWS_A_DAY)
            after.append((wrong >= at + SETTLED).sum() / (count - at - SETTLED) * ROWS_A_DAY)
    return {
        "found_in_two_days": f"{found}/{changes}",
        "found_ever": f"{ever}/{changes}",
        "false_per_100_series_days": round(100 * false / days, 2),
        "false_findings_a_day_before_and_after": [round(float(np.mean(before)), 3), round(float(np.mean(after)), 3)],
        "recall_of_injected_before_and_after": [
            round(float(np.mean([hit for late, hit in hits if late is side])), 3) for side in (False, True)
        ],
    }
