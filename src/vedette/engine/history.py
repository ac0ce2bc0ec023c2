"""All that a data folder still knows of what came in: the stored period, then what only the journal has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from vedette.engine.local import SHARD
from vedette.errors import BadInput, DataInUse
from vedette.journal.lock import DataLock
from vedette.journal.log import Chunk, Journal
from vedette.store.past import Past


class History:
    """The chunks of a data folder in their order, each once, from the oldest that is kept.

    Chunks are numbered through: those below the journal's first come from the event store. Beside a running server only
    the store is read; what came since its last snapshot is left out (`live`).

    Parameters
    ----------
    folder
        Data folder of ``vedette up``.

    Raises
    ------
    BadInput
        For a folder that is none, or in which nothing is kept.
    DataInUse
        Beside a server that has stored nothing yet.
    """

    def __init__(self, folder: Path) -> None:
        if not (folder / "journal").is_dir():
            raise BadInput("no_journal", detail=f"{folder} is no data folder of 'vedette up'")
        self._past = Past(folder / "events")
        self._lock: DataLock | None = None
        self._journal: Journal | None = None
        try:
            self._lock = DataLock(folder)
        except DataInUse:
            if self._past.first >= self._past.next:
                raise
            self.live = True
            """Whether a server is running on the folder, so that its journal can't be read."""
            self.next = self._past.next
            """Number of the chunk after the last one."""
            self._seam = self.next
        else:
            self.live = False
            self._journal = Journal(folder / "journal")
            first, after = self._journal.first(SHARD), self._journal.next(SHARD)
            self._seam = first if first < after else self._past.next
            self.next = max(after, self._seam)
        self.first = min(self._past.first, self._seam)
        """Number of the first chunk."""
        if self.first >= self.next:
            self.close()
            raise BadInput("no_history", detail=f"{folder}: got no stored chunk, expected some to replay")

    def read(self) -> Iterator[Chunk]:
        """Yield the chunks."""
        for one in self._past.read(self._seam):
            yield Chunk(one.number, one.tick, one.batches, one.notices)
        if self._journal is not None:
            yield from self._journal.read(SHARD, self._seam, self.next)

    @property
    def forgotten(self) -> int:
        """Rows, of what was read, that the retention had let go of."""
        return self._past.forgotten

    def close(self) -> None:
        """Let go of the folder."""
        if self._journal is not None:
            self._journal.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
