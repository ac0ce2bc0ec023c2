"""The mark of simulated telemetry: a column that only the way in can set, and that nothing which judges can see."""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.errors import BadInput
from vedette.records.schema import LABEL, SIMULATION, TIME

HEADER: Final = "vedette-simulation"
"""Of a request whose telemetry is simulated: the simulation's name."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def checked_name(name: str) -> str:
    """Return the name of a simulation.

    Raises
    ------
    BadInput
        For anything but up to 64 letters, digits, dots, dashes and underscores.
    """
    if _NAME.fullmatch(name) is None:
        raise BadInput(
            "bad_simulation",
            detail=f"{HEADER}: got {name[:80]!r}, expected 1 to 64 letters, digits, dots, dashes, underscores",
        )
    return name


def marked(columns: pa.RecordBatch, name: str) -> pa.RecordBatch:
    """Return columns with every row marked as of a simulation, or of none for an empty name, whatever they said."""
    bare = unmarked(columns)
    if not name:
        return bare
    label = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(bare), np.int32)), pa.array([name]))
    return bare.append_column(SIMULATION, label.cast(LABEL))


def unmarked(columns: pa.RecordBatch) -> pa.RecordBatch:
    """Return columns without the mark."""
    held = SIMULATION in columns.schema.names
    return columns.drop_columns([SIMULATION]) if held else columns


def real(columns: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows that are not simulated, without the mark."""
    if SIMULATION not in columns.schema.names:
        return columns
    return unmarked(columns.filter(pc.is_null(columns.column(SIMULATION))))


def spans(columns: pa.RecordBatch) -> dict[str, tuple[int, int]]:
    """Return the times (ns) of the first and the last row of each simulation, by its name, in order of the first."""
    if SIMULATION not in columns.schema.names:
        return {}
    names = columns.column(SIMULATION).cast(pa.string())
    rows = pa.table({"name": names, "time": columns.column(TIME).cast(pa.int64())}).filter(pc.is_valid(names))
    held = rows.group_by("name").aggregate([("time", "min"), ("time", "max")]).to_pylist()
    ordered = sorted((row["time_min"], row["name"], row["time_max"]) for row in held)
    return {name: (first, last) for first, name, last in ordered}
