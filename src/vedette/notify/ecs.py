"""An incident as a document of the Elastic Common Schema, for Elasticsearch, OpenSearch and what reads them.

References
----------
ECS 9.3: event (kind ``alert``), rule, threat, service, related.
"""

from __future__ import annotations

from typing import Final

from vedette.records.attack import Table, Technique
from vedette.records.document import Document

VERSION: Final = "9.3.0"
SEVERITIES: Final = {"low": 21, "medium": 47, "high": 73, "critical": 99}
"""``event.severity`` as Elastic's own detection rules number the four words."""


def ecs_document(incident: Document, table: Table, release: str) -> Document:
    """Return an incident's document in ECS, with what ECS has no field for under ``vedette``; `release` is our own."""
    why, parts = incident["explanation"], incident["segment_parts"]
    users = [name for kind, _, name in (entity.partition(" ") for entity in incident["entities"]) if kind == "user"]
    return {
        "@timestamp": incident["updated_at"],
        "ecs": {"version": VERSION},
        "message": why["sentence"],
        "event": {
            "kind": "alert",
            **({"category": ["intrusion_detection"]} if incident["kind"] == "security" else {}),
            "type": ["info"],
            "module": "vedette",
            "dataset": "vedette.incident",
            "provider": "vedette",
            "id": incident["id"],
            "action": incident["phase"],
            "severity": SEVERITIES[incident["severity"]],
            "risk_score": incident["score"],
            "reason": why["paragraph"],
            "start": incident["started_at"],
            **({"end": incident["ended_at"]} if incident["ended_at"] else {}),
        },
        "rule": {"name": incident["title"], "category": incident["kind"]},
        "service": {"name": parts["service"], "environment": parts["environment"]},
        "observer": {"product": "Vedette", "vendor": "Vedette", "version": release},
        "related": {"user": users},
        "tags": [incident["kind"], incident["severity"]],
        **_threat(incident, table),
        "vedette": {name: incident[name] for name in ("segment", "phase", "event_count", "entities", "explanation")},
    }


def _threat(incident: Document, table: Table) -> Document:
    """Return the techniques and tactics; nothing where there are none."""
    found = [one for one in map(table.find, incident["techniques"]) if one]
    if not found:
        return {}
    above = list({one.parent: table.techniques[one.parent] for one in found}.values())
    under = [one for one in found if one.id != one.parent]
    tactics = [table.tactics[name] for name in dict.fromkeys(name for one in found for name in one.tactics)]
    technique = {**_named(above), **({"subtechnique": _named(under)} if under else {})}
    tactic = {"id": [one.id for one in tactics], "name": [one.name for one in tactics]}
    return {"threat": {"framework": "MITRE ATT&CK", "tactic": tactic, "technique": technique}}


def _named(techniques: list[Technique]) -> Document:
    return {
        "id": [one.id for one in techniques],
        "name": [one.name for one in techniques],
        "reference": [one.url for one in techniques],
    }
