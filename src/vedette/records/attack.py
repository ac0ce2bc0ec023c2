"""MITRE ATT&CK Enterprise as a small table: techniques, tactics, and what became of revoked ids.

``attack.json`` beside this file is version 19.1 without descriptions; `vedette.records.stix` makes the
same of a newer STIX bundle. An id that MITRE revoked finds the technique that took its place, so rules
and findings of older releases stay readable.

It fails on techniques of the Mobile and ICS matrices, whose ids look alike: they are not in the table.

References
----------
https://attack.mitre.org, release 19.1; revoked ids after MITRE's sub-technique crosswalk (2020) and the
``revoked-by`` relationships of releases 12, 17 and 19.

© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from vedette.errors import BadInput

NOTICE: Final = (
    "© The MITRE Corporation. This work is reproduced and distributed with the permission of The MITRE Corporation."
)
SITE: Final = "https://attack.mitre.org"
TECHNIQUE_ID: Final = re.compile(r"T\d{4}(\.\d{3})?")
TACTIC_ID: Final = re.compile(r"TA\d{4}")


@dataclass(frozen=True, slots=True)
class Tactic:
    """What an attacker is after, such as ``TA0006`` Credential Access."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Technique:
    """How an attacker goes about it.

    Parameters
    ----------
    id
        ``T1110`` or, for a sub-technique, ``T1110.001``.
    name
        Its own, without the parent's: ``Password Guessing``.
    tactics
        Short names such as ``credential-access``, in the order of the matrix.
    platforms
        ``Linux``, ``IaaS``, ``PRE`` …
    """

    id: str
    name: str
    tactics: tuple[str, ...]
    platforms: tuple[str, ...]

    @property
    def parent(self) -> str:
        """The technique's id without its sub-technique, ``T1110`` for ``T1110.001``."""
        return self.id.partition(".")[0]

    @property
    def url(self) -> str:
        """The page that describes it."""
        return f"{SITE}/techniques/{self.id.replace('.', '/')}"


@dataclass(frozen=True, slots=True)
class Table:
    """All techniques of one release.

    Parameters
    ----------
    version
        Release of ATT&CK, such as ``19.1``.
    tactics
        By short name, in the order of the matrix.
    techniques
        By id.
    revoked
        Id that is no more → id in `techniques` that took its place.
    """

    version: str
    tactics: Mapping[str, Tactic]
    techniques: Mapping[str, Technique]
    revoked: Mapping[str, str]

    def find(self, identity: str) -> Technique | None:
        """Return the technique of an id, also of a revoked one and in lower case; None where there is none.

        >>> builtin().find("t1562.008").id
        'T1685.002'
        """
        written = identity.upper()
        return self.techniques.get(self.revoked.get(written, written))

    def title(self, technique: Technique) -> str:
        """Return a technique's name as MITRE writes it.

        >>> builtin().title(builtin().techniques["T1110.001"])
        'Brute Force: Password Guessing'
        """
        parent = self.techniques.get(technique.parent)
        return technique.name if parent in (None, technique) else f"{parent.name}: {technique.name}"


@lru_cache(maxsize=1)
def builtin() -> Table:
    """Return the table that Vedette ships."""
    return from_document(json.loads((files("vedette.records") / "attack.json").read_bytes()))


def from_document(document: Any) -> Table:
    """Return the table that `to_document` described.

    Raises
    ------
    BadInput
        Naming the first entry that is not as it should be.
    """
    try:
        tactics = {name: Tactic(*pair) for name, pair in document["tactics"].items()}
        techniques = {key: _technique(key, row) for key, row in document["techniques"].items()}
        table = Table(str(document["version"]), tactics, techniques, dict(document["revoked"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _bad(f"got {error}, expected version, tactics, techniques and revoked") from None
    _check(table)
    return table


def to_document(table: Table) -> dict[str, Any]:
    """Return a table as JSON-able values, with MITRE's notice."""
    return {
        "version": table.version,
        "notice": NOTICE,
        "tactics": {name: [tactic.id, tactic.name] for name, tactic in table.tactics.items()},
        "techniques": {one.id: [one.name, [*one.tactics], [*one.platforms]] for one in table.techniques.values()},
        "revoked": dict(table.revoked),
    }


def _technique(key: str, row: Any) -> Technique:
    name, tactics, platforms = row
    return Technique(key, name, tuple(tactics), tuple(platforms))


def _check(table: Table) -> None:
    for tactic in table.tactics.values():
        if not TACTIC_ID.fullmatch(tactic.id):
            raise _bad(f"got tactic {tactic.id!r}, expected an id such as TA0006")
    for technique in table.techniques.values():
        if not TECHNIQUE_ID.fullmatch(technique.id):
            raise _bad(f"got technique {technique.id!r}, expected an id such as T1110.001")
        unknown = [name for name in technique.tactics if name not in table.tactics]
        if unknown:
            raise _bad(f"got tactic {unknown[0]!r} at {technique.id}, expected one of {', '.join(table.tactics)}")
    for old, new in table.revoked.items():
        if new not in table.techniques:
            raise _bad(f"got {new!r} in place of {old}, expected a technique of the table")


def _bad(detail: str) -> BadInput:
    return BadInput("bad_attack_table", detail=detail)
