"""What can be measured without data in a minute: users, faults and ordinary traffic of small simulations."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from bench import contract, users
from bench.kpi import judged
from bench.ordinary import Traffic
from vedette.scoring.metrics import score_metrics
from vedette.simulate.organization import Organization

SEGMENTS: Final = 40
DAYS: Final = 6
"""The first is learned from, faults begin on the fourth."""
CEILING: Final = 1.0
"""Bearable false incidents a day."""
SERIES: Final = 12
ROWS_A_DAY: Final = 288
SERIES_DAYS: Final = 16
LEARNED: Final = 8 * ROWS_A_DAY


def run(data: Path) -> dict[str, Any]:
    """Return false incidents a day and faults found at a ceiling of one a day, users found, anomalies of series."""
    del data
    quiet = contract.judged(Traffic(SEGMENTS, seed=1).windows(DAYS), ceilings=(CEILING,))[CEILING]
    organization = Organization(users=60, accounts=8, servers=30, days=38, seed=3, pace=0.4)
    found = users.measured([organization])
    return {
        "false_incidents_a_day": round(len(quiet.incidents) / (DAYS - 1), 2),
        "faults": contract.power(SEGMENTS, DAYS, ceilings=(CEILING,))[str(CEILING)],
        "users_found": found["found_share"],
        "users_by_own_alerts": found["alert_share"],
        "users_first_host": found["first_host_share"],
        "series": series(),
    }


def series(seed: int = 1) -> dict[str, float]:
    """Return recall and precision of alerts on series with a rhythm and made-up anomalies: spikes, drops, shifts."""
    rng = np.random.default_rng(seed)
    rows = SERIES_DAYS * ROWS_A_DAY
    clock = np.arange(rows) % ROWS_A_DAY / ROWS_A_DAY
    told, label, parts = {}, {}, []
    for number in range(SERIES):
        value = 100.0 + 40.0 * np.sin(2 * np.pi * (clock - rng.random())) + rng.normal(0.0, 3.0, rows)
        odd = np.zeros(rows)
        for start in (LEARNED + 200 + rng.permutation(8)[:4] * ROWS_A_DAY - 100).tolist():
            length = int(rng.integers(2, 12))
            value[start : start + length] += rng.choice([-45.0, -25.0, 25.0, 45.0])
            odd[start : start + length] = 1.0
        name = f"series {number}"
        label[name] = odd
        parts.append(pa.table({"series": [name] * rows, "t": 300.0 * np.arange(rows), "value": value}))
    scored = score_metrics(pa.concat_tables(parts))
    alert = scored["alert"].to_numpy().reshape(SERIES, rows)
    told = {name: np.flatnonzero(alert[number]) for number, name in enumerate(label)}
    return judged(told, label, dict.fromkeys(label, LEARNED))
