"""In which order stored events came: the chunks of each flush, their batches, and what was said in them.

Beside the events, by hour of their newest, stands one small file a flush; ``notices.json`` holds what people announced
and decided, which outlives the events, since it holds on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.durable import publish, write_durably
from vedette.records.batch import SafeBatch
from vedette.records.context import Notice, PlannedEvent, RulesInForce, Suppression
from vedette.records.notice import notice_from_document, notice_to_document
from vedette.records.schema import LABEL, TIME
from vedette.records.time import SECOND

CHUNKS: Final = "chunks"
"""Folder of the ledger, beside those of the signals."""

PLACE: Final = "vedette.place"
"""Column of stored events: the row's place among those of its kind in its flush, from 0."""

NOTICES: Final = "notices.json"
AFTER: Final = 31 * 86_400 * SECOND
"""Time after its end for which an event may still explain an incident that is over."""

_FILES: Final = b"files"
_SCHEMA: Final = pa.schema(
    [("chunk", pa.int64()), ("tick", pa.int64()), ("layout", LABEL), ("rows", pa.list_(pa.int32()))]
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One chunk: its number, its tick, and of each batch the signal, the columns and the number of rows."""

    chunk: int
    tick: int | None
    layout: Sequence[tuple[str, Sequence[str]]]
    rows: Sequence[int]


class Ledger:
    """Notes chunks and writes them with the events; the event store, which is its only user, holds the lock.

    Parameters
    ----------
    folder
        The event store's.
    through
        The last chunk that is stored; what was noted of later ones is a kill's left-over.
    """

    def __init__(self, folder: Path, through: int) -> None:
        self._folder = folder
        self._entries: list[Entry] = []
        self._newest = 0
        said = _read_notices(folder)
        self._said = {number: rows for number, rows in said.items() if number <= through}
        self._news = len(self._said) < len(said)

    def note(self, number: int, batches: Sequence[SafeBatch], tick: int | None, notices: Sequence[Notice]) -> None:
        """Take in a chunk that is about to be stored."""
        layout = [(batch.signal.value, batch.columns.schema.names) for batch in batches]
        self._entries.append(Entry(number, tick, layout, [len(batch) for batch in batches]))
        times = [pc.max(batch.columns[TIME]).cast(pa.int64()).as_py() for batch in batches if len(batch)]
        self._newest = max(self._newest, tick or 0, *times)
        if notices:
            self._said[number] = [notice_to_document(notice) for notice in notices]
            self._news = True

    @property
    def newest(self) -> int:
        """Time of the newest event or tick that is noted and not written, ns; 0 for none."""
        return self._newest

    def write(self, path: Path, files: Sequence[Path]) -> None:
        """Write what was noted, durably, naming the files that its events are in."""
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = [
            [one.chunk for one in self._entries],
            [one.tick for one in self._entries],
            [json.dumps(one.layout) for one in self._entries],
            [one.rows for one in self._entries],
        ]
        arrays = [pa.array(column).cast(field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
        names = json.dumps([str(file.relative_to(self._folder)) for file in files]).encode()
        draft = path.with_suffix(".tmp")
        pq.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA.with_metadata({_FILES: names})), draft)
        publish(draft, path)
        if self._news:
            self._keep(self._said)

    def clear(self) -> None:
        """Let go of what is written."""
        self._entries.clear()
        self._newest, self._news = 0, False

    def forget(self, before: int) -> None:
        """Let go of notices that say nothing any more of what is kept: of events at or after a time (ns)."""
        first = next(iter(spans(self._folder)), None)
        kept = _standing(self._said, before, first[0] if first else 0)
        if kept != self._said:
            self._keep(kept)

    def _keep(self, said: Mapping[int, list[dict[str, Any]]]) -> None:
        rows = {str(number): rows for number, rows in sorted(said.items())}
        write_durably(self._folder / NOTICES, json.dumps(rows).encode())
        self._said = dict(said)


def spans(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """Yield the first and the last chunk of each flush and its file, in order."""
    found = [(*_chunks_of(path), path) for path in (folder / CHUNKS).glob("*/*/*.parquet")]
    yield from sorted(found)


def entries(path: Path) -> tuple[list[Entry], list[Path]]:
    """Return the chunks of a flush, and the files of its events, below the store's folder."""
    table = pq.ParquetFile(path).read()
    rows = [Entry(row["chunk"], row["tick"], json.loads(row["layout"]), row["rows"] or ()) for row in table.to_pylist()]
    return rows, [Path(name) for name in json.loads(table.schema.metadata[_FILES])]


def notices(folder: Path) -> dict[int, tuple[Notice, ...]]:
    """Return what was announced and decided, by number of the chunk."""
    return {number: tuple(map(notice_from_document, rows)) for number, rows in _read_notices(folder).items()}


def _chunks_of(path: Path) -> tuple[int, int]:
    low, _, high = path.stem.partition("-")
    return int(low), int(high)


def _read_notices(folder: Path) -> dict[int, list[dict[str, Any]]]:
    path = folder / NOTICES
    rows = json.loads(path.read_bytes()) if path.exists() else {}
    return {int(number): one for number, one in rows.items()}


def _standing(said: Mapping[int, list[dict[str, Any]]], before: int, first: int) -> dict[int, list[dict[str, Any]]]:
    """Return the notices of which something holds on after a time, and all from the first kept chunk on."""
    rules = max((number for number, rows in said.items() if number < first and _any_rules(rows)), default=0)
    kept: dict[int, list[dict[str, Any]]] = {}
    for number, rows in said.items():
        left = [row for row in rows if number >= first or _holds(notice_from_document(row), before, number >= rules)]
        if left:
            kept[number] = left
    return kept


def _any_rules(rows: Sequence[dict[str, Any]]) -> bool:
    return any(isinstance(notice_from_document(row), RulesInForce) for row in rows)


def _holds(notice: Notice, before: int, newest: bool) -> bool:
    if isinstance(notice, PlannedEvent):
        return notice.end + AFTER >= before
    if isinstance(notice, Suppression):
        return notice.until >= before
    return newest if isinstance(notice, RulesInForce) else True
