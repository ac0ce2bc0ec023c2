"""What Vedette can see and has seen, as a layer of the ATT&CK Navigator.

References
----------
ATT&CK Navigator, layer file format 4.5 (Navigator 5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from vedette.records.attack import Table, Technique

LAYER: Final = "4.5"
NAVIGATOR: Final = "5.1.0"
COLORS: Final = ("#dbe9f6", "#9ecae1", "#4292c6", "#08519c")
MOST_NAMED: Final = 10
"""Rules, detectors or incidents of one technique that are named in its comment; all are counted."""


class By(StrEnum):
    """What stands for a technique."""

    RULE = "rules"
    DETECTOR = "detectors"
    INCIDENT = "incidents"
    PROOF = "proofs"


@dataclass(frozen=True, slots=True)
class Claim:
    """One reason to color a technique: a rule or detector that names it, an incident that showed it, a proof."""

    technique: str
    by: By
    name: str


def layer(table: Table, claims: Iterable[Claim]) -> dict[str, Any]:
    """Return a layer of format 4.5.

    A technique's score is the number of sorts of reasons that it has: rules, learned detectors, incidents, proofs;
    so 1 to 4. Ids that MITRE revoked count for their successors; ids that are in no matrix are left out.
    """
    reasons: dict[str, dict[By, set[str]]] = defaultdict(lambda: defaultdict(set))
    for claim in claims:
        technique = table.find(claim.technique)
        if technique is not None:
            reasons[technique.id][claim.by].add(claim.name)
    return {
        "name": "Vedette",
        "versions": {"attack": table.version.partition(".")[0], "navigator": NAVIGATOR, "layer": LAYER},
        "domain": "enterprise-attack",
        "description": "What rules and learned detectors claim, what incidents have shown, and what was proved",
        "sorting": 3,
        "hideDisabled": False,
        "techniques": [_row(table.techniques[key], reasons[key]) for key in sorted(reasons)],
        "gradient": {"colors": [f"{color}ff" for color in COLORS], "minValue": 1, "maxValue": len(By)},
        "legendItems": [
            {"label": f"{count} of {', '.join(By)}", "color": color} for count, color in enumerate(COLORS, 1)
        ],
        "showTacticRowBackground": False,
        "selectTechniquesAcrossTactics": True,
        "selectSubtechniquesWithParent": False,
    }


def _row(technique: Technique, reasons: dict[By, set[str]]) -> dict[str, Any]:
    found = [(by, sorted(reasons[by])) for by in By if by in reasons]
    return {
        "techniqueID": technique.id,
        "score": len(found),
        "comment": "; ".join(f"{by}: {_named(names)}" for by, names in found),
        "enabled": True,
        "metadata": [{"name": by.value, "value": str(len(names))} for by, names in found],
        "links": [{"label": technique.id, "url": technique.url}],
        "showSubtechniques": "." in technique.id,
    }


def _named(names: list[str]) -> str:
    beyond = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {beyond} more" if beyond > 0 else "")
