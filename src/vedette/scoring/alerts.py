"""Score tables of other tools' alerts: the few that deserve a notification."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.detectors.triage import NEED, QUIET, Triage
from vedette.scoring.tables import codes, require, seconds

BEARABLE: Final = 3.0
"""False notifications a day that a site bears."""
SEVERE: Final = (2.0 * NEED, 4.0 * NEED)
"""Evidence from which a notification is high, and critical."""
SEVERITIES: Final = ("medium", "high", "critical")


def score_alerts(table: pa.Table) -> pa.Table:
    """Return the notifications that the alerts of one site cause, in order of time.

    Parameters
    ----------
    table
        Columns ``time`` (epoch seconds or timestamp), ``name`` (what the tool calls it) and ``host`` (null is a host of
        its own); others are not read.

    Returns
    -------
    pa.Table
        One row a notification: ``row`` (that of the alert that caused it, from 0), ``incident`` (a number from 1),
        ``severity``, ``is_update`` (1 if the incident was told of before).

    Raises
    ------
    BadInput
        If a column is missing or of another type, or a time or name is null.
    """
    require(table, "time", "name", "host")
    times, names = seconds(table, "time"), codes(table, "name")
    hosts = codes(pa.table({"host": pc.fill_null(pc.cast(table["host"], pa.string()), "")}), "host")
    order = np.argsort(times, kind="stable")
    pairs = np.unique(names * (hosts.max(initial=0) + 1) + hosts, return_inverse=True)[1].astype(np.int64)
    first, ones = np.full(len(times), times.min(initial=np.inf)), np.ones(len(times))
    said = Triage(BEARABLE).judge(times[order], names[order], hosts[order], pairs[order], first, ones)
    rows = order[said.told]
    return _notifications(rows, times[rows], said.evidence[said.told])


def _notifications(rows: NDArray[np.int64], times: NDArray[np.float64], evidence: NDArray[np.float64]) -> pa.Table:
    opens = np.diff(times, prepend=-np.inf) > QUIET
    return pa.table(
        {
            "row": pa.array(rows, pa.int64()),
            "incident": pa.array(np.cumsum(opens), pa.int64()),
            "severity": pa.array(SEVERITIES).take(pa.array(np.searchsorted(SEVERE, evidence, side="right"))),
            "is_update": pa.array((~opens).astype(np.int8)),
        }
    )
