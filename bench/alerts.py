"""AIT-ADS: attack phases that a notification falls into, and false notifications a day and site."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.scoring.alerts import score_alerts

SLACK: Final = 60
"""Seconds before and after a phase that are not held against a notification."""
FLOORS: Final = {"phases": 0.85, "false_a_day": 3.0}


def run(data: Path) -> dict[str, Any]:
    """Return the measures, beside those of a notification for each kind of alert seen first after the first day."""
    table = pq.read_table(data / "alerts" / "ait_ads.parquet")
    windows = json.loads((data / "alerts" / "ait_ads_attack_windows.json").read_text())
    score_alerts(table.slice(0, 100))
    ours, plain, cpu = [], [], 0.0
    for site, phases in windows.items():
        own = table.filter(pc.equal(table["scenario"], site))
        begin = process_time()
        told = score_alerts(own)
        cpu += process_time() - begin
        times = own["time"].to_numpy()
        ours.append(judged(times, times[told["row"].to_numpy()], phases))
        plain.append(judged(times, first_seen(own), phases))
    return {
        **summed(ours),
        "alerts_per_cpu_second": round(table.num_rows / cpu),
        "first_seen": summed(plain),
        "floors": FLOORS,
    }


def judged(times: Any, told: Any, phases: dict[str, list[int]]) -> tuple[int, int, int, float]:
    """Return phases notified, phases with alerts, false notifications and days of a site."""
    true, found, phase_count = np.zeros(len(told), bool), 0, 0
    for name, (start, end) in phases.items():
        if name.startswith("false") or not ((times >= start) & (times <= end)).any():
            continue
        phase_count += 1
        found += bool(((told >= start) & (told <= end)).any())
        true |= (told >= start - SLACK) & (told <= end + SLACK)
    return found, phase_count, int((~true).sum()), float(times.max() - times.min()) / 86_400


def first_seen(table: pa.Table) -> Any:
    """Return the times at which a kind of alert is seen first, after the first day."""
    times, names = table["time"].to_numpy(), table["name"].to_numpy()
    order = np.argsort(times, kind="stable")
    first = times[order][np.unique(names[order].astype(str), return_index=True)[1]]
    return first[first >= times.min() + 86_400]


def summed(parts: list[tuple[int, int, int, float]]) -> dict[str, Any]:
    """Return the measures over all sites."""
    found, phases, false, days = (sum(column) for column in zip(*parts, strict=True))
    return {"phases": f"{found}/{phases}", "false_a_day": round(false / days, 2)}
