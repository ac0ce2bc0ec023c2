"""The ATT&CK matrix of an installation: for each technique what stands for it, and whether that was proved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vedette.engine.claims import learned
from vedette.records.attack import NOTICE, Table, Technique
from vedette.records.document import Document
from vedette.records.feature import CATALOG
from vedette.rules.model import Head, RuleSet, Source

MOST_RULES: Final = 20
"""Rules of one technique that are listed, those with data first; all are counted."""


@dataclass(frozen=True, slots=True)
class Present:
    """What is there to be detected in.

    ``logsources`` has the events that rules of a log source were matched against, by its name; ``features`` are those
    of which a series or scope is watched.
    """

    logsources: Mapping[str, float]
    features: frozenset[str]


def matrix(
    table: Table, rules: RuleSet, present: Present, incidents: Iterable[Document], proofs: Iterable[Document]
) -> Document:
    """Return all techniques with what stands for them.

    Notes
    -----
    A technique is ``missed`` if any proof of it that counts was missed, ``proved`` if all were found, ``stale`` if it
    has proofs and none counts, ``unproved`` if rules or learned detectors claim it, else ``none``. Neither a rule nor
    an incident makes it proved. Ids that MITRE revoked count for their successors.

    Parameters
    ----------
    proofs
        Rows of `vedette.engine.proofs.Proofs.coverage`.
    """
    sources = _sources(rules)
    ruled: dict[str, list[tuple[Head, frozenset[str]]]] = defaultdict(list)
    for head, needed in _told(rules, sources):
        for key in {one.id for name in head.techniques if (one := table.find(name))}:
            ruled[key].append((head, needed))
    suggested: dict[str, list[str]] = defaultdict(list)
    for name, feature in learned():
        suggested[_key(table, name)].append(feature)
    shown: dict[str, int] = defaultdict(int)
    for incident in incidents:
        for key in set() if incident.get("simulated") else {_key(table, name) for name in incident["techniques"]}:
            shown[key] += 1
    proved: dict[str, list[Document]] = defaultdict(list)
    for proof in proofs:
        proved[_key(table, proof["technique"])].append(proof)
    rows = [
        {
            **_named(table, one),
            **_claimed(ruled[one.id], suggested[one.id], present),
            "incidents": shown[one.id],
            "proofs": proved[one.id],
            "state": _state(proved[one.id], bool(ruled[one.id] or suggested[one.id])),
        }
        for one in table.techniques.values()
    ]
    return {
        "version": table.version,
        "notice": NOTICE,
        "tactics": [{"key": key, "id": one.id, "name": one.name} for key, one in table.tactics.items()],
        "techniques": rows,
        "logsources": _logsources(rules, present),
    }


def _sources(rules: RuleSet) -> dict[str, frozenset[str]]:
    """Return the names of the log sources that each rule and correlation needs, by id; all of one are needed."""
    found = {rule.head.id: frozenset({str(rule.source)}) for rule in rules.rules}
    waiting = [*rules.correlations]
    while ready := [one for one in waiting if all(part in found for part in one.rules)]:
        found |= {one.head.id: frozenset().union(*(found[part] for part in one.rules)) for one in ready}
        waiting = [one for one in waiting if one not in ready]
    return found


def _told(rules: RuleSet, sources: Mapping[str, frozenset[str]]) -> list[tuple[Head, frozenset[str]]]:
    heads = [*(rule.head for rule in rules.rules), *(one.head for one in rules.correlations)]
    return [(head, sources.get(head.id, frozenset())) for head in heads if head.told]


def _key(table: Table, name: str) -> str:
    found = table.find(name)
    return found.id if found else ""


def _named(table: Table, technique: Technique) -> Document:
    return {
        "id": technique.id,
        "name": technique.name,
        "title": table.title(technique),
        "parent": technique.parent,
        "tactics": [*technique.tactics],
        "url": technique.url,
    }


def _claimed(rules: list[tuple[Head, frozenset[str]]], features: list[str], present: Present) -> Document:
    """Return the rules and learned detectors of a technique, and whether there is data for any of them."""
    listed: list[Document] = [
        {
            "title": head.title,
            "level": head.level,
            "author": head.author,
            "logsources": sorted(needed),
            "arriving": bool(needed) and all(present.logsources.get(name) for name in needed),
        }
        for head, needed in rules
    ]
    listed.sort(key=lambda row: (not row["arriving"], row["title"]))
    detectors = [{"feature": one, "label": CATALOG[one].label, "watched": one in present.features} for one in features]
    return {
        "rules": listed[:MOST_RULES],
        "rule_count": len(listed),
        "rules_waiting": sum(not row["arriving"] for row in listed),
        "waits_for": sorted({name for _, needed in rules for name in needed if not present.logsources.get(name)}),
        "detectors": detectors,
        "data": any(row["arriving"] for row in listed) or any(one["watched"] for one in detectors),
    }


def _state(proofs: list[Document], claimed: bool) -> str:
    """Return the one word for a technique."""
    current = [proof for proof in proofs if not proof["stale"]]
    if current:
        return "missed" if any(proof["outcome"] == "missed" for proof in current) else "proved"
    if proofs:
        return "stale"
    return "unproved" if claimed else "none"


def _logsources(rules: RuleSet, present: Present) -> list[Document]:
    """Return each log source that rules are for; those with most rules first."""
    counted: dict[Source, int] = defaultdict(int)
    for rule in rules.rules:
        counted[rule.source] += 1
    rows = [
        {"logsource": str(source), "rules": count, "events": int(present.logsources.get(str(source), 0))}
        for source, count in counted.items()
    ]
    return sorted(rows, key=lambda row: (-row["rules"], row["logsource"]))
