"""Events and chart points at rest: Parquet files by kind and hour, each record in exactly one of them.

A file is named by the chunks it holds. The manifest says up to which chunk all is stored; files beyond it
are left-overs of a kill and are removed, since those chunks will be run and stored again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.durable import publish, write_durably
from vedette.errors import Backpressure
from vedette.records.batch import SafeBatch
from vedette.records.context import Notice
from vedette.records.report import POINTS
from vedette.records.schema import TIME, Signal, columns_of
from vedette.records.time import SECOND
from vedette.store.ledger import CHUNKS, PLACE, Ledger

ROWS: Final = 100_000
"""Buffered rows at which files are written without being asked."""

HOUR: Final = 3600 * SECOND
LATEST: Final = 2**63 - 1
MANIFEST: Final = "manifest.json"
SERIES: Final = "series"
RETRY: Final = 30.0

_DATA_SCHEMAS: Final[dict[str, pa.Schema]] = {
    SERIES: POINTS,
    **{
        signal.value: pa.schema([pa.field(name, kind) for name, kind in columns_of(signal).items()])
        for signal in Signal
    },
}


class EventStore:
    """Appends chunks' records and scans them. Thread-safe.

    Parameters
    ----------
    folder
        Made if missing; left-overs of a kill are removed.
    reading
        Only look, as beside a server that has the folder: nothing is made or removed.

    Raises
    ------
    Backpressure
        By what writes, when the disk is full; what is buffered stays buffered.
    """

    def __init__(self, folder: Path, *, reading: bool = False) -> None:
        if not reading:
            folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = RLock()
        self._buffer: dict[str, list[pa.Table]] = {}
        self._rows = 0
        manifest = folder / MANIFEST
        self.stored_through = json.loads(manifest.read_text())["stored_through"] if manifest.exists() else 0
        self._high = self.stored_through
        self._ledger = Ledger(folder, self.stored_through)
        if not reading:
            self._remove_leftovers()

    def append(
        self,
        chunk: int,
        batches: Sequence[SafeBatch],
        points: pa.Table | None = None,
        *,
        tick: int | None = None,
        notices: Sequence[Notice] = (),
    ) -> None:
        """Take in a chunk and its chart points; one that was taken in already is passed over."""
        tables = [(batch.signal.value, pa.Table.from_batches([batch.columns])) for batch in batches]
        tables += [] if points is None else [(SERIES, points)]
        with self._lock:
            if chunk <= self._high:
                return
            if self._rows >= ROWS:
                self.flush()
            self._high = chunk
            self._ledger.note(chunk, batches, tick, notices)
            for name, table in tables:
                if table.num_rows:
                    self._buffer.setdefault(name, []).append(table)
                    self._rows += table.num_rows

    def flush(self) -> int:
        """Make all that was appended durable; returns the last chunk that is. Call between chunks."""
        with self._lock:
            if self._high <= self.stored_through:
                return self.stored_through
            written: list[Path] = []
            try:
                for name, tables in self._buffer.items():
                    whole = _placed(name, pa.concat_tables([_unified(name, table) for table in tables]))
                    for path in self._write(name, whole):
                        written.append(path)  # noqa: PERF402 - one by one, so that a failure leaves none out
                files = [path for path in written if path.parts[-4] != SERIES]
                written.append(self._path(CHUNKS, self._ledger.newest // HOUR))
                self._ledger.write(written[-1], files)
                write_durably(self._folder / MANIFEST, json.dumps({"stored_through": self._high}).encode())
            except OSError as error:
                for path in written:  # the next flush writes these rows again, under another name
                    path.unlink(missing_ok=True)
                raise Backpressure(f"events can't be stored: {error}", RETRY) from error
            self._buffer.clear()
            self._ledger.clear()
            self._rows = 0
            self.stored_through = self._high
            return self.stored_through

    def _write(self, name: str, table: pa.Table) -> Iterator[Path]:
        """Write one file for each hour in the table; yields each as it is published."""
        hours = _times(table) // HOUR
        for hour in np.unique(hours).tolist():
            part = table.filter(pa.array(hours == hour)) if hour != hours[0] or (hours != hour).any() else table
            path = self._path(name, hour)
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".tmp")
            unified = part.unify_dictionaries()
            pq.write_table(
                unified,
                draft,
                compression="zstd",
                compression_level=1,
                use_dictionary=_repeating(unified),
                column_encoding={PLACE: "DELTA_BINARY_PACKED"} if PLACE in unified.schema.names else None,
                write_statistics=[TIME],
                store_schema=True,
            )
            publish(draft, path)
            yield path

    def _path(self, name: str, hour: int) -> Path:
        moment = datetime.fromtimestamp(hour * 3600, UTC)
        return (
            self._folder
            / name
            / f"{moment:%Y-%m-%d}"
            / f"{moment:%H}"
            / f"{self.stored_through + 1:016d}-{self._high:016d}.parquet"
        )

    def _remove_leftovers(self) -> None:
        for path in [*self._folder.rglob("*.parquet"), *self._folder.rglob("*.tmp")]:
            if path.suffix == ".tmp" or int(path.stem.partition("-")[2]) > self.stored_through:
                path.unlink()

    def scan(self, name: str, since: int, until: int, columns: Sequence[str] | None = None) -> pa.Table:
        """Return rows of one kind with ``since ≤ time < until`` (ns), by time, also those not flushed yet."""
        schema = _DATA_SCHEMAS[name]
        wanted = list(dict.fromkeys(["time", *(columns if columns is not None else schema.names)]))
        with self._lock:
            paths = self._paths(name, since, until)
            held = [
                table.select([one for one in wanted if one in table.schema.names])
                for table in self._buffer.get(name, [])
            ]
        tables = [_read(path, wanted) for path in paths] + held
        kept = pa.schema([schema.field(one) for one in wanted])
        if not tables:
            return kept.empty_table()
        table = pa.concat_tables([_conformed(kept, part) for part in tables])
        inside = pc.and_(pc.greater_equal(_as_int(table), since), pc.less(_as_int(table), until))
        found = table.filter(inside)
        return found.take(pa.array(np.argsort(_times(found), kind="stable")))

    def _paths(self, name: str, since: int, until: int) -> list[Path]:
        """Return the files of the hours in a range, oldest chunk first."""
        found = []
        for day in sorted((self._folder / name).glob("*-*-*")):
            start = int(datetime.fromisoformat(day.name).replace(tzinfo=UTC).timestamp())
            if (start + 86_400) * SECOND <= since or start * SECOND >= until:
                continue
            for hour in sorted(day.iterdir()):
                begin = (start + 3600 * int(hour.name)) * SECOND
                if begin + HOUR > since and begin < until:
                    found += sorted(hour.glob("*.parquet"))
        return found

    def hours(self, name: str, since: int) -> list[int]:
        """Return the hours (ns of their beginning) from that of `since` on that have rows of a kind, in order."""
        known = {_hour_of(path.parent) for path in self._paths(name, since, LATEST)}
        return sorted(known)

    def forget(self, before: int) -> int:
        """Remove whole days that end before a time (ns); returns the number of files removed."""
        removed = 0
        with self._lock:
            for day in self._folder.glob("*/*-*-*"):
                start = int(datetime.fromisoformat(day.name).replace(tzinfo=UTC).timestamp())
                if (start + 86_400) * SECOND > before:
                    continue
                for path in sorted(day.rglob("*"), reverse=True):
                    removed += path.is_file()
                    path.unlink() if path.is_file() else path.rmdir()
                day.rmdir()
            try:
                self._ledger.forget(before)
            except OSError as error:
                raise Backpressure(f"what was announced can't be stored: {error}", RETRY) from error
        return removed

    def span(self) -> tuple[int, int] | None:
        """Return the first and last hour (ns) that have chart points, or None."""
        hours = sorted(path.parent for path in (self._folder / SERIES).rglob("*.parquet"))
        held = [int(_times(table).min()) for table in self._buffer.get(SERIES, [])]
        starts = [_hour_of(hours[0]), _hour_of(hours[-1])] if hours else []
        times = [*starts, *held]
        return (min(times), max(times)) if times else None


def _hour_of(folder: Path) -> int:
    day = datetime.fromisoformat(folder.parent.name).replace(tzinfo=UTC, hour=int(folder.name))
    return int(day.timestamp()) * SECOND


def _repeating(table: pa.Table) -> list[str]:
    """Return the columns whose values recur: for others a dictionary costs more than it saves, in time and bytes."""
    return [
        field.name
        for field, column in zip(table.schema, table.columns, strict=True)
        if pa.types.is_dictionary(field.type) and 2 * len(column.chunk(0).dictionary) <= len(column)
    ]


def _read(path: Path, wanted: list[str]) -> pa.Table:
    try:
        names = pq.read_schema(path).names
        return pq.read_table(path, columns=[name for name in wanted if name in names], partitioning=None)
    except FileNotFoundError:
        return pa.table({})  # forgotten meanwhile


def _unified(name: str, table: pa.Table) -> pa.Table:
    return _conformed(_DATA_SCHEMAS[name], table)


def _placed(name: str, table: pa.Table) -> pa.Table:
    """Return a flush's rows with their places, which are kept where one flush goes into several files."""
    places = pa.array(np.arange(table.num_rows, dtype=np.int32))
    return table if name == SERIES else table.append_column(PLACE, places)


def _conformed(schema: pa.Schema, table: pa.Table) -> pa.Table:
    """Return the table with exactly these columns; absent ones are null."""
    columns: list[Any] = [
        table.column(field.name).cast(field.type)
        if field.name in table.schema.names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _as_int(table: pa.Table) -> Any:
    return table.column("time").cast(pa.int64())


def _times(table: pa.Table) -> np.ndarray[Any, np.dtype[np.int64]]:
    times: np.ndarray[Any, np.dtype[np.int64]] = _as_int(table).to_numpy()
    return times
