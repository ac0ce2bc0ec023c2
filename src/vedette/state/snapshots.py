"""Snapshots in a folder: written aside and renamed, the newest valid one is taken, damaged ones are set aside."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vedette.durable import write_durably
from vedette.errors import Backpressure, StateCorrupt
from vedette.state.codec import decode, encode
from vedette.state.tree import Tree

SUFFIX: Final = ".state"
RETRY: Final = 30.0


class Snapshots:
    """States by shard and chunk number.

    Parameters
    ----------
    folder
        Made if missing.
    keep
        Newest snapshots of a shard that are kept.
    """

    def __init__(self, folder: Path, keep: int = 3) -> None:
        self._folder = folder
        self._keep = keep
        self.quarantined = 0
        folder.mkdir(parents=True, exist_ok=True)
        for draft in folder.glob("*.tmp"):
            draft.unlink()

    def save(self, shard: int, chunk: int, tree: Tree) -> None:
        """Write the state after a chunk durably, then let older ones go.

        Raises
        ------
        Backpressure
            When the disk is full or fails; older snapshots stay.
        """
        path = self._path(shard, chunk)
        try:
            write_durably(path, encode(tree))
        except OSError as error:
            raise Backpressure(f"what was learned can't be saved: {error}", RETRY) from error
        for old in self._paths(shard)[self._keep :]:
            old.unlink()

    def latest(self, shard: int) -> tuple[int, Tree] | None:
        """Return the newest valid snapshot as (chunk, tree); damaged ones go to ``quarantine/``."""
        for path in self._paths(shard):
            try:
                return int(path.name.removesuffix(SUFFIX).partition("-")[2]), decode(path.read_bytes())
            except StateCorrupt:
                self._quarantine(path)
        return None

    def set_aside(self, shard: int, chunk: int) -> None:
        """Put a snapshot that can't be used, as one of another version, into ``quarantine/``; it is kept there."""
        self._quarantine(self._path(shard, chunk))

    def _quarantine(self, path: Path) -> None:
        self.quarantined += 1
        aside = self._folder / "quarantine"
        aside.mkdir(exist_ok=True)
        path.rename(aside / path.name)

    def _path(self, shard: int, chunk: int) -> Path:
        return self._folder / f"{shard:04d}-{chunk:016d}{SUFFIX}"

    def _paths(self, shard: int) -> list[Path]:
        """Return a shard's snapshots, newest first."""
        return sorted(self._folder.glob(f"{shard:04d}-*{SUFFIX}"), reverse=True)
