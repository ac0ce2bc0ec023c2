"""Snapshots in a folder: written aside and renamed, the newest valid one is taken, damaged ones are set aside."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vedette.durable import write_durably
from vedette.errors import StateCorrupt
from vedette.state.codec import decode, encode
from vedette.state.tree import Tree

SUFFIX: Final = ".state"


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
        """Write the state after a chunk durably, then let older ones go."""
        path = self._folder / f"{shard:04d}-{chunk:016d}{SUFFIX}"
        write_durably(path, encode(tree))
        for old in self._paths(shard)[self._keep :]:
            old.unlink()

    def latest(self, shard: int) -> tuple[int, Tree] | None:
        """Return the newest valid snapshot as (chunk, tree); damaged ones go to ``quarantine/``."""
        for path in self._paths(shard):
            try:
                return int(path.name.removesuffix(SUFFIX).partition("-")[2]), decode(path.read_bytes())
            except StateCorrupt:
                self.quarantined += 1
                aside = self._folder / "quarantine"
                aside.mkdir(exist_ok=True)
                path.rename(aside / path.name)
        return None

    def _paths(self, shard: int) -> list[Path]:
        """Return a shard's snapshots, newest first."""
        return sorted(self._folder.glob(f"{shard:04d}-*{SUFFIX}"), reverse=True)
