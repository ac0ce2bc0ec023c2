"""Which tests may be carried out: those on a list, by id and by the digest of every character that would run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from vedette.errors import BadInput
from vedette.simulate.atomic.load import Atomic, Text

SHIPPED: Final = Path(__file__).with_name("allow.json")
"""Linux tests that need no root and no network, touch no account, service or history, and end by themselves;
each was read and carried out before it was put there."""

SHELLS: Final = ("sh", "bash")
"""Executors that can be carried out."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Refused(Exception):
    """A test that may not be carried out; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is allowed about a test.

    Parameters
    ----------
    sha256
        Of `digest` over the test's text with `arguments` filled in.
    arguments
        Values instead of the test's defaults, such as files in the test's own folder.
    touches
        Paths outside its own folder that the test makes and its clean-up must remove.
    network
        Whether it could reach the network; if so, it runs only where that can be taken from it.
    """

    guid: str
    technique: str
    sha256: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    touches: tuple[str, ...] = ()
    network: bool = True


def digest(text: Text) -> str:
    """Return the SHA-256 of executor, command and clean-up, as they would run."""
    return sha256("\0".join((text.executor, text.command, text.cleanup)).encode()).hexdigest()


def read_allowed(path: Path = SHIPPED) -> dict[str, Entry]:
    """Return the entries of an allow-list by GUID.

    Raises
    ------
    BadInput
        Naming the file, the entry and what is wrong; a list with a mistake allows nothing.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput("bad_allow_list", detail=f"{path}: {error}") from None
    if not isinstance(rows, list):
        raise BadInput("bad_allow_list", detail=f"{path}: got {type(rows).__name__}, expected a list of entries")
    entries = {}
    for number, row in enumerate(rows, 1):
        try:
            entry = _entry(row)
        except ValueError as problem:
            raise BadInput("bad_allow_list", detail=f"{path}: entry {number}: {problem}") from None
        entries[entry.guid] = entry
    return entries


def _entry(row: Any) -> Entry:
    if not isinstance(row, dict):
        raise ValueError(f"got {row!r}, expected an object")
    unknown = sorted(set(row) - {"name", *Entry.__dataclass_fields__})
    if unknown:
        raise ValueError(f"got {unknown[0]!r}, expected name, {', '.join(Entry.__dataclass_fields__)}")
    for name in ("guid", "technique", "sha256"):
        if not isinstance(row.get(name), str):
            raise ValueError(f"{name}: got {row.get(name)!r}, expected text")
    if not _SHA256.fullmatch(row["sha256"]):
        raise ValueError(f"sha256: got {row['sha256']!r}, expected 64 hexadecimal digits")
    arguments, touches, network = row.get("arguments", {}), row.get("touches", []), row.get("network", True)
    if not isinstance(arguments, dict) or not all(isinstance(one, str) for one in arguments.values()):
        raise ValueError(f"arguments: got {arguments!r}, expected texts by name")
    if not isinstance(touches, list) or not all(isinstance(one, str) and one.startswith("/") for one in touches):
        raise ValueError(f"touches: got {touches!r}, expected a list of absolute paths")
    if not isinstance(network, bool):
        raise ValueError(f"network: got {network!r}, expected true or false")
    return Entry(row["guid"], row["technique"], row["sha256"], arguments, tuple(touches), network)


def permitted(test: Atomic, allowed: Mapping[str, Entry]) -> tuple[Entry, Text]:
    """Return what is allowed about a test, and the text that is; raises `Refused` with the reason."""
    entry = allowed.get(test.guid)
    if entry is None:
        raise Refused("it is not on the allow-list")
    if "linux" not in test.platforms:
        raise Refused(f"it is for {', '.join(test.platforms)}, expected linux")
    if test.elevated:
        raise Refused("it needs root")
    if test.executor not in SHELLS:
        raise Refused(f"its executor is {test.executor}, expected {' or '.join(SHELLS)}")
    text = test.filled(entry.arguments)
    found = digest(text)
    if found != entry.sha256:
        raise Refused(f"its text is not the one that was allowed: SHA-256 is {found}, expected {entry.sha256}")
    return entry, text
