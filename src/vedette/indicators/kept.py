"""Lists of indicators in a data folder: one Arrow file each, mapped into memory, compared before it is replaced."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.durable import place_named, write_named
from vedette.errors import BadInput
from vedette.indicators.model import LEVELS, Indicator, Kind, id_of

VERSION: Final = "1"
MOST: Final = 5_000_000
"""Indicators of one list: half a gigabyte on disk."""
REMEMBERED: Final = 90 * 86_400 * 1_000_000_000
"""Time that what a list lacks is known of, ns: three times as long as events are kept by default."""
MAPPED: Final = 0xFFFF << 32
"""IPv4 addresses are kept as ``::ffff:a.b.c.d``."""
_HALF: Final = 1 << 64

SCHEMA: Final = pa.schema(
    [
        ("kind", pa.uint8()),
        ("value", pa.string()),
        ("id", pa.binary(16)),
        ("high", pa.uint64()),
        ("low", pa.uint64()),
        ("prefix", pa.uint8()),
        ("level", pa.uint8()),
        ("confidence", pa.int8()),
        ("since", pa.int64()),
        ("until", pa.int64()),
        ("label", pa.string()),
        ("techniques", pa.string()),
        ("reference", pa.string()),
    ]
)
"""``high``, ``low`` and ``prefix`` are an address range's, of 128 bits; 0 for what is none."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A list that is kept: its name, its indicators by columns of `SCHEMA`, and where it came from."""

    name: str
    table: pa.Table
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What a new list does to the one that it replaces, by values."""

    added: tuple[Indicator, ...]
    changed: tuple[Indicator, ...]
    removed: tuple[str, ...]


def feeds_in(folder: Path) -> dict[str, Path]:
    """Return the files of the lists in a data folder by name, sorted."""
    return {path.stem: path for path in sorted((folder / "indicators").glob("*.arrow"))}


def place_of(folder: Path, name: str) -> Path:
    """Return where a list is kept.

    Raises
    ------
    BadInput
        As `vedette.durable.place_named`.
    """
    return place_named(folder / "indicators", name, ".arrow", "list")


def merged(indicators: Sequence[Indicator]) -> list[Indicator]:
    """Return each value once, as its most confident entry has it, valid as long as any; in order of first mention."""
    known: dict[tuple[Kind, str], Indicator] = {}
    for one in indicators:
        key = (one.kind, one.value)
        other = known.get(key)
        if other is None:
            known[key] = one
            continue
        best = one if one.confidence > other.confidence else other
        techniques = tuple(dict.fromkeys((*other.techniques, *one.techniques)))
        known[key] = replace(
            best, techniques=techniques, since=min(one.since, other.since), until=max(one.until, other.until)
        )
    return list(known.values())


def keep(folder: Path, name: str, indicators: Sequence[Indicator], about: Mapping[str, str]) -> Path:
    """Write a list, in place of an older one of that name; whole or not at all.

    Raises
    ------
    BadInput
        If the name can't be used.
    """
    path = place_of(folder, name)
    table = table_of(name, indicators).replace_schema_metadata({"version": VERSION, "about": json.dumps({**about})})
    packed = io.BytesIO()
    with pa.ipc.new_file(packed, table.schema) as writer:
        writer.write_table(table)
    write_named(path, packed.getvalue())
    return path


def table_of(name: str, indicators: Sequence[Indicator]) -> pa.Table:
    """Return indicators as columns of `SCHEMA`, shape ``(n, 13)``, in one chunk; each value must occur once."""
    ranges = [_range(one.value) if one.kind is Kind.ADDRESS else (0, 0, 0) for one in indicators]
    columns = {
        "kind": [int(one.kind) for one in indicators],
        "value": [one.value for one in indicators],
        "id": [id_of(name, one.kind, one.value) for one in indicators],
        "high": [high for high, _, _ in ranges],
        "low": [low for _, low, _ in ranges],
        "prefix": [prefix for _, _, prefix in ranges],
        "level": [LEVELS.index(one.level) for one in indicators],
        "confidence": [one.confidence for one in indicators],
        "since": [one.since for one in indicators],
        "until": [one.until for one in indicators],
        "label": [one.label for one in indicators],
        "techniques": [" ".join(one.techniques) for one in indicators],
        "reference": [one.reference for one in indicators],
    }
    return pa.table({name: pa.array(values, SCHEMA.field(name).type) for name, values in columns.items()})


def feed_at(path: Path) -> Feed:
    """Return a list that was kept, mapped into memory.

    Raises
    ------
    BadInput
        If the file is damaged or of another version; bring the list in again.
    """
    try:
        with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
            table = reader.read_all()
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInput("unreadable_list", detail=f"{path}: {error}; add the list again or remove it") from error
    about = table.schema.metadata or {}
    found = about.get(b"version", b"").decode()
    if found != VERSION or not table.schema.remove_metadata().equals(SCHEMA):
        raise BadInput("old_list", detail=f"{path}: got version {found!r}, expected {VERSION!r}; add the list again")
    return Feed(path.stem, table, json.loads(about[b"about"]))


def indicator_at(feed: Feed, row: int) -> Indicator:
    """Return all that is known of one row of a list."""
    fields = {name: feed.table[name][row].as_py() for name in feed.table.column_names}
    return Indicator(
        Kind(fields["kind"]),
        fields["value"],
        fields["label"],
        LEVELS[fields["level"]],
        fields["confidence"],
        tuple(fields["techniques"].split()),
        fields["since"],
        fields["until"],
        fields["reference"],
        feed.name,
    )


def compare(old: Feed | None, name: str, new: Sequence[Indicator], now: int) -> Change:
    """Return what differs, value by value; each value must occur once. What was gone before `now` is not told again."""
    if old is None:
        return Change(tuple(new), (), ())
    table = table_of(name, new)
    place = pc.index_in(table["id"], value_set=old.table["id"])
    known = place.is_valid()
    before = old.table.take(place.drop_null())
    both = table.filter(known)
    differs = np.zeros(both.num_rows, np.bool_)
    for field_ in SCHEMA.names:
        differs |= pc.not_equal(both[field_], before[field_]).to_numpy()
    rows = np.flatnonzero(known.to_numpy())
    gone = pc.and_(_lacking(old, table), pc.greater(old.table["until"], now))
    return Change(
        tuple(new[row] for row in np.flatnonzero(~known.to_numpy()).tolist()),
        tuple(new[row] for row in rows[differs].tolist()),
        tuple(old.table["value"].filter(gone).to_pylist()),
    )


def retired(old: Feed, name: str, new: Sequence[Indicator], now: int) -> list[Indicator]:
    """Return what a newer list lacks, valid until `now`: it may be asked of events before, and what it marked is known.

    What is no longer valid for `REMEMBERED` is forgotten.
    """
    rows = pc.and_(_lacking(old, table_of(name, new)), pc.greater(old.table["until"], now - REMEMBERED))
    gone = [indicator_at(old, row) for row in np.flatnonzero(rows.to_numpy()).tolist()]
    return [replace(one, until=min(one.until, now)) for one in gone]


def _lacking(old: Feed, table: pa.Table) -> pa.ChunkedArray:
    """Say which rows of a list are not in a newer one."""
    return pc.invert(pc.is_in(old.table["id"], value_set=table["id"]))


def _range(value: str) -> tuple[int, int, int]:
    network = ip_network(value)
    first = int(network.network_address) + (MAPPED if network.version == 4 else 0)
    return *divmod(first, _HALF), network.prefixlen + (96 if network.version == 4 else 0)
