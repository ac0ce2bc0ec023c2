"""Files that are whole after a crash, or as they were before."""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole or as it was before."""
    draft = path.with_name(path.name + ".tmp")
    draft.write_bytes(data)
    publish(draft, path)


def publish(draft: Path, path: Path) -> None:
    """Give a written file its name, durably: its bytes first, then the name, then the folder."""
    _sync(draft)
    draft.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
