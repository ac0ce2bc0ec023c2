"""Lists of indicators in a data folder: one Arrow file each, mapped into memory, compared before it is replaced."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Final

import pyarrow as pa

from vedette.durable import write_durably
from vedette.errors import BadInput
from vedette.indicators.model import LEVELS, Indicator, Kind, id_of

VERSION: Final = "1"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
MOST: Final = 5_000_000
"""Indicators of one list: half a gigabyte on disk."""
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
        If the name is not of small letters, digits and dashes, 40 at most.
    """
    if not NAME.fullmatch(name):
        raise BadInput("bad_list_name", detail=f"got {name!r}, expected up to 40 small letters, digits and dashes")
    return folder / "indicators" / f"{name}.arrow"


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
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, packed.getvalue())
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


def compare(old: Feed | None, name: str, new: Sequence[Indicator]) -> Change:
    """Return what differs, value by value."""
    after = {(one.kind, one.value): one for one in new}
    if old is None:
        return Change(tuple(new), (), ())
    table = table_of(name, new)
    same = {tuple(row.values()) for row in old.table.to_pylist()} & {tuple(row.values()) for row in table.to_pylist()}
    unchanged = {(row[0], row[1]) for row in same}
    before = list(zip(old.table["kind"].to_pylist(), old.table["value"].to_pylist(), strict=True))
    known = set(before)
    return Change(
        tuple(one for key, one in after.items() if key not in known),
        tuple(one for key, one in after.items() if key in known and key not in unchanged),
        tuple(value for kind, value in before if (kind, value) not in after),
    )


def _range(value: str) -> tuple[int, int, int]:
    network = ip_network(value)
    first = int(network.network_address) + (MAPPED if network.version == 4 else 0)
    return *divmod(first, _HALF), network.prefixlen + (96 if network.version == 4 else 0)
