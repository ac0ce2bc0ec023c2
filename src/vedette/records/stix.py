"""A STIX 2.1 bundle of ATT&CK Enterprise as a `Table`, without descriptions.

Techniques that MITRE deprecated are left out; revoked ones become entries of the revoked-by map, followed to
the end of the chain. It fails, by saying so, on a bundle of another matrix and on one that holds no techniques.

References
----------
https://github.com/mitre-attack/attack-stix-data, USAGE.md: ``revoked``, ``x_mitre_deprecated``, ``revoked-by``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vedette.errors import BadInput
from vedette.records.attack import Table, Tactic, Technique, from_document, to_document

DOMAIN: Final = "enterprise-attack"
Object = dict[str, Any]


def read_bundle(bundle: Any) -> Table:
    """Return the table of a bundle.

    Raises
    ------
    BadInput
        Where it is no bundle of ATT&CK Enterprise, naming what was found instead.
    """
    objects = bundle.get("objects") if isinstance(bundle, dict) and bundle.get("type") == "bundle" else None
    if not isinstance(objects, list):
        raise _bad(f"got {_what(bundle)}, expected a STIX bundle with objects")
    kept = [one for one in objects if isinstance(one, dict) and isinstance(one.get("type"), str)]
    try:
        table = _table(kept)
    except (KeyError, TypeError, AttributeError) as error:
        raise _bad(f"got an object without or with an unusable {error}, expected ATT&CK's own fields") from None
    if not table.techniques:
        raise _bad(f"got no technique of {DOMAIN} among {len(objects)} objects, expected an ATT&CK Enterprise bundle")
    return from_document(to_document(table))


def _table(objects: list[Object]) -> Table:
    tactics = _tactics(objects)
    patterns = {one["id"]: one for one in objects if one["type"] == "attack-pattern" and _is_enterprise(one)}
    living = [one for one in patterns.values() if not one.get("revoked") and not one.get("x_mitre_deprecated")]
    techniques = sorted((_technique(one, tactics) for one in living), key=lambda one: one.id)
    known = {one.id: one for one in techniques}
    successors = {
        _identity(patterns[one["source_ref"]]): _identity(patterns[one["target_ref"]])
        for one in objects
        if one["type"] == "relationship" and one.get("relationship_type") == "revoked-by"
        if one["source_ref"] in patterns and one["target_ref"] in patterns and not one.get("x_mitre_deprecated")
    }
    return Table(_version(objects), tactics, known, dict(_followed(successors, known)))


def _tactics(objects: list[Object]) -> dict[str, Tactic]:
    """Return the tactics in the order of the matrix, where the bundle has one."""
    found = {one["id"]: one for one in objects if one["type"] == "x-mitre-tactic"}
    order = [ref for one in objects if one["type"] == "x-mitre-matrix" for ref in one.get("tactic_refs", ())]
    rank = {ref: place for place, ref in enumerate(order)}
    ranked = sorted(found.values(), key=lambda one: rank.get(one["id"], len(rank)))
    return {one["x_mitre_shortname"]: Tactic(_identity(one), one["name"]) for one in ranked}


def _technique(pattern: Object, tactics: Mapping[str, Tactic]) -> Technique:
    phases = [
        one["phase_name"] for one in pattern.get("kill_chain_phases", ()) if one["kill_chain_name"] == "mitre-attack"
    ]
    unknown = [name for name in phases if name not in tactics]
    if unknown:
        raise _bad(f"got tactic {unknown[0]!r} at {_identity(pattern)}, expected one of {', '.join(tactics) or 'none'}")
    ranked = tuple(name for name in tactics if name in phases)
    return Technique(_identity(pattern), pattern["name"], ranked, tuple(sorted(pattern.get("x_mitre_platforms", ()))))


def _followed(successors: Mapping[str, str], known: Mapping[str, Technique]) -> Iterator[tuple[str, str]]:
    """Yield each revoked id with the living technique at the end of its chain, where there is one."""
    for old in sorted(successors):
        seen, new = {old}, successors[old]
        while new not in known and new in successors and new not in seen:
            seen.add(new)
            new = successors[new]
        if new in known and old not in known:
            yield old, new


def _identity(item: Object) -> str:
    references = item["external_references"]
    return str(next((one["external_id"] for one in references if one["source_name"] == "mitre-attack"), ""))


def _is_enterprise(pattern: Object) -> bool:
    return DOMAIN in pattern.get("x_mitre_domains", (DOMAIN,)) and _identity(pattern).startswith("T")


def _version(objects: list[Object]) -> str:
    collections = [one for one in objects if one["type"] == "x-mitre-collection"]
    return str(collections[0].get("x_mitre_version", "unknown")) if collections else "unknown"


def _what(value: Any) -> str:
    return f"type {value.get('type')!r}" if isinstance(value, dict) else type(value).__name__


def _bad(detail: str) -> BadInput:
    return BadInput("bad_stix_bundle", detail=detail)
