"""Findings and incidents as JSON-able documents, the one form that store, API, CLI and notifiers share."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Any

from vedette.records.finding import Finding, Kind
from vedette.records.incident import Contribution, Explanation, Incident, Moment, Phase, Severity, Suspect
from vedette.records.segment import Segment
from vedette.records.time import from_rfc3339, rfc3339

Document = dict[str, Any]


def to_document(incident: Incident) -> Document:
    """Return an incident as JSON-able values; times as RFC 3339, segments as text and parts."""
    why = incident.explanation
    return {
        "id": incident.id,
        "phase": incident.phase.value,
        "kind": incident.kind.value,
        "severity": incident.severity.value,
        "score": round(incident.score, 1),
        "title": incident.title,
        "segment": str(incident.segment),
        "segment_parts": asdict(incident.segment),
        "started_at": rfc3339(incident.started_at),
        "updated_at": rfc3339(incident.updated_at),
        "ended_at": None if incident.ended_at is None else rfc3339(incident.ended_at),
        "event_count": incident.event_count,
        "techniques": list(incident.techniques),
        "entities": list(incident.entities),
        "finding_ids": list(incident.finding_ids),
        "finding_count": incident.finding_count,
        "simulated": incident.simulated,
        "explained": incident.explained,
        "tier": incident.tier,
        "explanation": {
            "sentence": why.sentence,
            "paragraph": why.paragraph,
            "contributions": [_contribution(part) for part in why.contributions],
            "lowered": list(why.lowered),
            "counterfactual": why.counterfactual,
            "rarity": why.rarity,
            "evidence": list(why.evidence),
            "timeline": [{**asdict(moment), "time": rfc3339(moment.time)} for moment in why.timeline],
            "next_steps": list(why.next_steps),
            "hypotheses": list(why.hypotheses),
            "suspects": [suspect_to_document(one) for one in why.suspects],
        },
    }


def from_document(document: Document) -> Incident:
    """Return the incident that `to_document` described, to the millisecond."""
    why = document["explanation"]
    return Incident(
        id=document["id"],
        phase=Phase(document["phase"]),
        kind=Kind(document["kind"]),
        severity=Severity(document["severity"]),
        score=document["score"],
        title=document["title"],
        segment=Segment(**document["segment_parts"]),
        started_at=from_rfc3339(document["started_at"]),
        updated_at=from_rfc3339(document["updated_at"]),
        ended_at=None if document["ended_at"] is None else from_rfc3339(document["ended_at"]),
        event_count=document["event_count"],
        techniques=tuple(document["techniques"]),
        entities=tuple(document["entities"]),
        finding_ids=tuple(document["finding_ids"]),
        explanation=Explanation(
            sentence=why["sentence"],
            paragraph=why["paragraph"],
            contributions=tuple(_from_contribution(part) for part in why["contributions"]),
            lowered=tuple(why["lowered"]),
            counterfactual=why["counterfactual"],
            rarity=why["rarity"],
            evidence=tuple(why["evidence"]),
            timeline=tuple(Moment(from_rfc3339(m["time"]), m["text"], m["score"]) for m in why["timeline"]),
            next_steps=tuple(why["next_steps"]),
            hypotheses=tuple(why.get("hypotheses", ())),
            suspects=tuple(suspect_from_document(one) for one in why.get("suspects", ())),
        ),
        simulated=document.get("simulated", ""),
        explained=document.get("explained", ""),
        tier=document.get("tier", ""),
        finding_count=document.get("finding_count", len(document["finding_ids"])),
    )


def finding_to_document(finding: Finding) -> Document:
    """Return a finding as JSON-able values, with its deterministic ``id``."""
    document = asdict(finding)
    document |= {
        "id": finding.id,
        "kind": finding.kind.value,
        "segment": str(finding.segment),
        "segment_parts": asdict(finding.segment),
        "start": rfc3339(finding.start),
        "end": rfc3339(finding.end),
    }
    return {key: _plain(value) for key, value in document.items()}


def finding_from_document(document: Document) -> Finding:
    """Return the finding that `finding_to_document` described, to the millisecond."""
    fields = {key: value for key, value in document.items() if key not in ("id", "segment_parts")}
    numbers = ("actual", "expected", "lower", "upper", "counterfactual")
    fields |= {key: float("nan") if fields[key] is None else fields[key] for key in numbers}
    fields |= {key: tuple(fields[key]) for key in ("entities", "techniques", "evidence")}
    fields |= {
        "kind": Kind(fields["kind"]),
        "segment": Segment(**document["segment_parts"]),
        "start": from_rfc3339(fields["start"]),
        "end": from_rfc3339(fields["end"]),
    }
    return Finding(**fields)


def _contribution(part: Contribution) -> Document:
    document = {**asdict(part), "segment": str(part.segment), "segment_parts": asdict(part.segment)}
    return {key: _plain(value) for key, value in document.items()}


def suspect_to_document(one: Suspect) -> Document:
    """Return a suspect as JSON-able values."""
    parts = {"segment_parts": asdict(one.segment), "about_parts": asdict(one.about)}
    document = {**asdict(one), "segment": str(one.segment), "about": str(one.about), **parts}
    return {key: _plain(value) for key, value in document.items()}


def suspect_from_document(document: Document) -> Suspect:
    """Return the suspect that `suspect_to_document` described."""
    fields = {key: value for key, value in document.items() if not key.endswith("_parts")}
    numbers = ("actual", "lower", "upper")
    fields |= {key: float("nan") if fields[key] is None else fields[key] for key in numbers}
    places = {key: Segment(**document[f"{key}_parts"]) for key in ("segment", "about")}
    return Suspect(**{**fields, **places})


def _from_contribution(document: Document) -> Contribution:
    fields = {key: value for key, value in document.items() if key != "segment_parts"}
    numbers = ("actual", "expected", "lower", "upper")
    fields |= {key: float("nan") if fields[key] is None else fields[key] for key in numbers}
    return Contribution(**{**fields, "segment": Segment(**document["segment_parts"])})


def _plain(value: Any) -> Any:
    """Return what JSON can hold: no NaN, no tuple."""
    if isinstance(value, float) and not isfinite(value):
        return None
    return list(value) if isinstance(value, tuple) else value
