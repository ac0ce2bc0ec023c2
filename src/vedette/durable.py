"""Files that are whole after a crash, or as they were before."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from vedette.errors import BadInput

NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def place_named(folder: Path, name: str, ending: str, what: str) -> Path:
    """Return where something, such as a list, is kept under a name that a person gave.

    Raises
    ------
    BadInput
        If the name is not of small letters, digits and dashes, 40 at most: it could be a path.
    """
    if not NAME.fullmatch(name):
        raise BadInput(f"bad_{what}_name", detail=f"got {name!r}, expected up to 40 small letters, digits and dashes")
    return folder / f"{name}{ending}"


def write_named(path: Path, data: bytes) -> None:
    """Write a file durably into a folder that is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, data)


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
