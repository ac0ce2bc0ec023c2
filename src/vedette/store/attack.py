"""The ATT&CK table of a data folder: the imported one, else the one that Vedette ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from vedette.durable import write_durably
from vedette.errors import BadInput, ConfigError
from vedette.records.attack import Table, builtin, from_document, to_document

FILE: Final = "attack.json"


def table_of(folder: Path) -> Table:
    """Return the table in force.

    Raises
    ------
    ConfigError
        When an imported table is there but can't be read: it was changed by hand; import it again or remove it.
    """
    path = folder / FILE
    if not path.exists():
        return builtin()
    try:
        return from_document(json.loads(path.read_bytes()))
    except (BadInput, ValueError) as error:
        raise ConfigError([f"{path}: {error}; import it again, or remove the file"]) from error


def keep(folder: Path, table: Table) -> Path:
    """Write a table durably, in force from the next start on, and return its file."""
    folder.mkdir(parents=True, exist_ok=True)
    write_durably(folder / FILE, json.dumps(to_document(table), ensure_ascii=False, indent=0).encode())
    return folder / FILE
