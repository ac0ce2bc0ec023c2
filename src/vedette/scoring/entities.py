"""Score tables of what users and other entities did: one verdict an entity and day, of several detectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from vedette.detectors.channels import CHANNELS
from vedette.detectors.entities import EntityWatch
from vedette.errors import BadInput
from vedette.features.entities import Events, entity_days
from vedette.records.day import ATTRIBUTES, GOOD, Verdicts
from vedette.records.score import State
from vedette.scoring.tables import numbers, seconds

NAMES: Final = {
    "time": ("time", "t", "ts"),
    "user": ("user", "user.id", "entity"),
    "host": ("host", "host.name"),
    "action": ("action", "event.name", "event.action"),
    "country": ("country", "client.geo.country_iso_code", "geo.country.iso_code"),
    "client": ("client", "client.address"),
    "service": ("service", "service.name"),
    "resource": ("resource", "vedette.resource", "file.path", "url.path"),
    "process": ("process", "process.executable.name"),
    "bytes": ("bytes", "vedette.bytes", "http.response.body.size"),
    "outcome": ("outcome", "event.outcome"),
    "latitude": ("latitude", "client.geo.lat"),
    "longitude": ("longitude", "client.geo.lon"),
    "group": ("group", "user.roles"),
}
"""Short names, and the canonical ones that stand for them; the first that a table has is taken."""


def score_entities(table: pa.Table) -> pa.Table:
    """Return one row for every entity and day on which it was active.

    A day is judged by earlier days only, when it is over (UTC).

    Parameters
    ----------
    table
        Columns ``time`` and ``user``, and those of ``host, action, country, client, service, resource, process,
        bytes, outcome, latitude, longitude, group`` that there are, in any order of rows; the canonical names do as
        well. ``group`` says whose peers an entity's are; without it all are one another's.

    Returns
    -------
    pa.Table
        ``entity``; ``day`` (timestamp, UTC); ``score`` in [0, 1), comparable among entities and days; ``p_value`` of
        an entity-day; ``alert``, 1 where a finding is raised, one an episode; ``state`` (``learning``, ``ready``,
        ``blind``); ``reasons``, what differed most, as text. By day, then by entity in order of first occurrence.

    Raises
    ------
    BadInput
        If a column is missing or of another type.
    """
    events, names, groups = read_events(table)
    watch = EntityWatch(groups)
    days = [watch.take(day) for day in entity_days(events)]
    return _findings(days, names)


def read_events(table: pa.Table) -> tuple[Events, list[str], list[str]]:
    """Return the table's events in order of time, the entities' names, and the group of each."""
    time = seconds(table, _column(table, "time"))
    if np.any(np.diff(time) < 0.0):
        order = np.argsort(time, kind="stable")
        table, time = table.take(pa.array(order)), time[order]
    user = table[_column(table, "user")]
    keep = pc.is_valid(user)
    if not pc.all(keep).as_py():
        table, time = table.filter(keep), time[keep.to_numpy()]
    entity, names = _encoded(table, "user")
    shown = {name: _hashes(table, name) for name in ATTRIBUTES if _given(table, name)}
    blank = np.full(len(time), np.nan)
    size = numbers(table, _column(table, "bytes")) if _given(table, "bytes") else blank
    latitude = numbers(table, _column(table, "latitude")) if _given(table, "latitude") else blank
    longitude = numbers(table, _column(table, "longitude")) if _given(table, "longitude") else blank
    size = np.maximum(np.nan_to_num(size, nan=0.0, posinf=0.0, neginf=0.0), 0.0)
    events = Events(time, entity, shown, size, _failed(table), latitude, longitude)
    return events, names, _groups(table, entity, names)


def _groups(table: pa.Table, entity: NDArray[np.int64], names: list[str]) -> list[str]:
    if not _given(table, "group"):
        return ["entity"] * len(names)
    code, given = _encoded(table, "group")
    first = np.unique(entity, return_index=True)[1]
    return [given[place] for place in code[first].tolist()]


def _failed(table: pa.Table) -> NDArray[np.bool_]:
    if not _given(table, "outcome"):
        return np.zeros(table.num_rows, np.bool_)
    code, names = _encoded(table, "outcome")
    bad = np.array([name.lower() not in (*GOOD, "") for name in names], np.bool_)
    return bad[code]


def _hashes(table: pa.Table, name: str) -> NDArray[np.uint64]:
    code, names = _encoded(table, name)
    hashed = [xxhash.xxh3_64_intdigest(value.encode()) | 1 if value else 0 for value in names]
    return np.array(hashed, np.uint64)[code]


def _encoded(table: pa.Table, name: str) -> tuple[NDArray[np.int64], list[str]]:
    """Return codes in order of first occurrence and their names; null is the empty name."""
    column = table[_column(table, name)]
    text = pc.fill_null(pc.cast(column, pa.string()), "").combine_chunks().dictionary_encode()
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    return text.indices.to_numpy(zero_copy_only=False).astype(np.int64), text.dictionary.to_pylist()


def _given(table: pa.Table, name: str) -> bool:
    return any(known in table.column_names for known in NAMES[name])


def _findings(days: Sequence[Verdicts], names: list[str]) -> pa.Table:
    lengths = [len(day.entity) for day in days]
    start = np.repeat([day.start for day in days], lengths) if days else np.zeros(0)
    states = np.array([state.name.lower() for state in State])
    entity = [names[number] for day in days for number in day.entity.tolist()]
    return pa.table(
        {
            "entity": pa.array(entity, pa.string()),
            "day": pa.array((start * 1e6).astype(np.int64), pa.timestamp("us", tz="UTC")),
            "score": _whole([day.score for day in days]),
            "p_value": _whole([day.p_value for day in days]),
            "alert": pa.array(_whole([day.alert for day in days]), pa.int8()),
            "state": pa.array(states[_whole([day.state for day in days]).astype(np.int64)], pa.string()),
            "reasons": pa.array([reason for day in days for reason in _reasons(day)], pa.string()),
        }
    )


def _reasons(day: Verdicts) -> list[str]:
    """Return the three channels that said most of each entity, with how rare each is, as text."""
    best = np.argsort(-day.decades, axis=1, kind="stable")[:, :3]
    odd = np.take_along_axis(day.decades, best, axis=1)
    return [
        ", ".join(f"{CHANNELS[k]} (1 in {10.0**d:,.0f})" for k, d in zip(row, said, strict=True) if d > 1.0)
        for row, said in zip(best.tolist(), np.minimum(odd, 9.0).tolist(), strict=True)
    ]


def _whole(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0)


def _column(table: pa.Table, name: str) -> str:
    for known in NAMES[name]:
        if known in table.column_names:
            return known
    raise BadInput("missing_column", detail=f"{name}: got {', '.join(table.column_names)}")
