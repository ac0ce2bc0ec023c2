"""Sets of rules that were brought into a data folder: kept whole, compared before they replace one another."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from vedette.durable import place_named, write_named
from vedette.errors import BadInput
from vedette.rules.load import within
from vedette.rules.model import Correlation, Rule, RuleSet

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Change:
    """What a new set does to the one that it replaces: its rules that are new or differ, and the old ones it lacks."""

    added: tuple[Rule | Correlation, ...]
    changed: tuple[Rule | Correlation, ...]
    removed: tuple[Rule | Correlation, ...]


def sets_in(folder: Path) -> dict[str, Path]:
    """Return the archives of the sets in a data folder by name, sorted."""
    return {path.stem: path for path in sorted(_place(folder).glob("*.zip"))}


def place_of(folder: Path, name: str) -> Path:
    """Return where a set is kept.

    Raises
    ------
    BadInput
        As `vedette.durable.place_named`.
    """
    return place_named(_place(folder), name, ".zip", "set")


def keep(folder: Path, name: str, texts: Mapping[str, str]) -> Path:
    """Write a set, in place of an older one of that name; whole or not at all. Names are never used as paths.

    Raises
    ------
    BadInput
        If the name can't be used, or the texts are more than a server would read.
    """
    path = place_of(folder, name)
    within(sum(len(text.encode()) for text in texts.values()), path)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for file, text in sorted(texts.items()):
            archive.writestr(zipfile.ZipInfo(file), text, zipfile.ZIP_DEFLATED)
    write_named(path, packed.getvalue())
    return path


def compare(old: RuleSet, new: RuleSet) -> Change:
    """Return what differs, rule by rule as they compile: other comments or another folder are no change."""
    before, after = _by_id(old), _by_id(new)
    return Change(
        tuple(one for id_, one in after.items() if id_ not in before),
        tuple(one for id_, one in after.items() if id_ in before and _bare(before[id_]) != _bare(one)),
        tuple(one for id_, one in before.items() if id_ not in after),
    )


def check_digest(source: Path, said: str) -> None:
    """Check a file against a SHA-256: 64 hexadecimal digits, or a file as ``sha256sum`` writes it.

    Raises
    ------
    BadInput
        If the digest is another, names another file only, or is none; a folder has none.
    """
    if source.is_dir():
        raise BadInput("no_digest_of_folder", detail=f"got the folder {source}, expected one file or archive")
    wanted = _said(source, said)
    with source.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != wanted:
        raise BadInput("wrong_digest", detail=f"{source}: got SHA-256 {found}, expected {wanted}")


def _said(source: Path, said: str) -> str:
    if _DIGEST.fullmatch(said.lower()):
        return said.lower()
    try:
        lines = [line.split() for line in Path(said).read_text().splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise BadInput(
            "bad_digest", detail=f"got {said!r}, expected 64 hexadecimal digits or a file of sha256sum ({error})"
        ) from error
    for words in lines:
        named = len(words) == 1 or words[-1].lstrip("*") == source.name
        if named and _DIGEST.fullmatch(words[0].lower()):
            return words[0].lower()
    raise BadInput("bad_digest", detail=f"{said} has no SHA-256 of {source.name}")


def _place(folder: Path) -> Path:
    return folder / "rules" / "added"


def _by_id(rules: RuleSet) -> dict[str, Rule | Correlation]:
    every: tuple[Rule | Correlation, ...] = (*rules.rules, *rules.correlations)
    return {one.head.id: one for one in every}


def _bare(one: Rule | Correlation) -> Rule | Correlation:
    return replace(one, head=replace(one.head, file=""))
