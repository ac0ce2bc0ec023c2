"""The stored period again as the chunks that it came in, one flush at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.records.batch import SafeBatch
from vedette.records.context import Notice
from vedette.records.schema import Signal
from vedette.store.events import MANIFEST
from vedette.store.ledger import PLACE, Entry, entries, notices, spans


@dataclass(frozen=True, slots=True)
class Stored:
    """A chunk as it was journaled: number, tick (ns, or None), batches and notices in their order."""

    number: int
    tick: int | None
    batches: tuple[SafeBatch, ...]
    notices: tuple[Notice, ...]


class Past:
    """Reads an event store's chunks, also beside a server that goes on writing.

    Notes
    -----
    Every column is kept, so a shard finds in them, to the byte, what it found in the journal. Memory: one flush, of
    about 100,000 rows. **It fails** for rows that the retention has let go of: they are left out and counted in
    `forgotten`; and for files of releases before there was a ledger, which do not say in which order events came.

    Parameters
    ----------
    folder
        The event store's; may be missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        manifest = folder / MANIFEST
        self._through = json.loads(manifest.read_text())["stored_through"] if manifest.exists() else 0
        self._spans = [one for one in spans(folder) if one[1] <= self._through]
        self.first = self._spans[0][0] if self._spans else self._through + 1
        """Number of the first chunk that is there."""
        self.next = self._through + 1
        """Number of the first chunk that is not stored yet."""
        self.forgotten = 0
        """Rows, of what was read, that the store had let go of."""

    def read(self, below: int | None = None) -> Iterator[Stored]:
        """Yield the chunks in order, those with numbers below a number; before them what had been said and holds on."""
        said = notices(self._folder)
        earlier = tuple(notice for number in sorted(said) if number < self.first for notice in said[number])
        if earlier and self._spans:
            yield Stored(self.first - 1, None, (), earlier)
        for low, _, path in self._spans:
            if below is not None and low >= below:
                return
            for one in self._flush(path):
                if below is None or one.chunk < below:
                    yield Stored(one.chunk, one.tick, self._batches(one), said.get(one.chunk, ()))

    def _flush(self, path: Path) -> Iterator[Entry]:
        try:
            rows, files = entries(path)
        except FileNotFoundError:
            return  # forgotten meanwhile
        self._rows = {signal: _rows_of([self._folder / file for file in files], signal) for signal in Signal}
        self._done = dict.fromkeys(Signal, 0)
        yield from rows

    def _batches(self, entry: Entry) -> tuple[SafeBatch, ...]:
        found = []
        for (name, columns), count in zip(entry.layout, entry.rows, strict=True):
            signal = Signal(name)
            place, table = self._rows[signal]
            start = self._done[signal]
            low, high = np.searchsorted(place, [start, start + count]).tolist()
            self._done[signal] = start + count
            self.forgotten += count - (high - low)
            if table is not None:
                found.append(SafeBatch(signal, _batch(table.slice(low, high - low), columns)))
        return tuple(found)


def _rows_of(paths: Sequence[Path], signal: Signal) -> tuple[np.ndarray, pa.RecordBatch | None]:
    """Return a flush's rows of a signal, in the order in which they came, and their places; None for none."""
    tables = [pq.ParquetFile(path).read() for path in paths if path.parts[-4] == signal.value and path.exists()]
    if not tables:
        return np.zeros(0, np.int64), None
    table = pa.concat_tables(tables)
    place = table[PLACE].to_numpy()
    if len(tables) > 1:
        order = np.argsort(place, kind="stable")
        table, place = table.take(pa.array(order)), place[order]
    return place, table.unify_dictionaries().combine_chunks().to_batches()[0]


def _batch(rows: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """Return rows with the columns that they came with, and only the labels that occur in them."""
    arrays = [
        rows[name].dictionary_decode().dictionary_encode() if pa.types.is_dictionary(rows[name].type) else rows[name]
        for name in columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))
