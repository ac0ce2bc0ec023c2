"""An incident as an OCSF Detection Finding, for lakes and SIEMs that speak the Open Cybersecurity Schema.

What an incident has and OCSF has no place for is under ``unmapped.vedette``. Names of people and addresses are
the pseudonyms of the privacy gate: an observable of one is of type Other, unless it is an address that the
operator chose to keep.

References
----------
OCSF 1.8.0, class Detection Finding (2004); https://schema.ocsf.io/1.8.0/classes/detection_finding.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from ipaddress import ip_address
from typing import Any, Final

from vedette.notify.anomalies import INDICATORS, NAMED, SIGMA, analyses, milliseconds
from vedette.records.attack import Table
from vedette.records.controls import controls_of
from vedette.records.document import Document
from vedette.records.finding import Kind

VERSION: Final = "1.8.0"
CATEGORY: Final = 2
CLASS: Final = 2004
SEVERITIES: Final = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
"""Risk levels have the same names, and numbers that are less by one."""

STATUSES: Final = {1: "New", 2: "In Progress", 3: "Suppressed", 4: "Resolved"}
ANALYTICS: Final = {
    **dict.fromkeys((SIGMA, INDICATORS, "slo"), (1, "Rule")),
    **dict.fromkeys(("holders", "hours", "peers"), (2, "Behavioral")),
    "baseline": (3, "Statistical"),
    **dict.fromkeys(("novelty", "sequence", "ensemble", "forest", "payload", "traces"), (4, "Learning (ML/DL)")),
}
"""Detector → OCSF's type of analytic; a detector of others is of type Other under its own name."""

TARGET: Final = (3, "Affected")
ADDRESS: Final = (2, "IP Address")
USER: Final = (4, "User Name")
OTHER: Final = 99


class Activity(IntEnum):
    """What happened to the finding."""

    CREATE = 1
    UPDATE = 2
    CLOSE = 3


def detection_finding(incident: Document, table: Table, release: str, activity: Activity | None = None) -> Document:
    """Return an incident's document, with its findings where it has them, as a Detection Finding.

    Parameters
    ----------
    incident
        As `vedette.records.document.to_document` or the API gives it.
    table
        Says what its techniques are called; ids that are not in it are left out.
    release
        Of Vedette.
    activity
        None to tell by the incident: closed once it ended, created while its findings are of one window, else updated.

    Returns
    -------
    JSON-able values; times in ms since the epoch. ``time`` is when the incident became as it is described.
    """
    doing = activity or _activity(incident)
    severity, status = SEVERITIES[incident["severity"]], _status(incident)
    updated, end = milliseconds(incident["updated_at"]), milliseconds(incident["ended_at"] or incident["updated_at"])
    why = incident["explanation"]
    return {
        "activity_id": int(doing),
        "activity_name": doing.name.capitalize(),
        "category_uid": CATEGORY,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Detection Finding",
        "type_uid": CLASS * 100 + doing,
        "type_name": f"Detection Finding: {doing.name.capitalize()}",
        "severity_id": severity[0],
        "severity": severity[1],
        "risk_level_id": severity[0] - 1,
        "risk_level": severity[1],
        "risk_score": round(incident["score"]),
        "status_id": status,
        "status": STATUSES[status],
        "is_alert": doing is not Activity.CLOSE,
        "time": updated,
        "start_time": milliseconds(incident["started_at"]),
        "end_time": end,
        "count": incident["event_count"],
        "message": why["sentence"],
        "metadata": {
            "version": VERSION,
            "product": {"name": "Vedette", "vendor_name": "Vedette", "version": release},
            "uid": f"{incident['id']}-{updated}-{int(doing)}",
        },
        "finding_info": _info(incident, table),
        "anomaly_analyses": list(analyses(incident)),
        "evidences": [{"data": {"line": line}} for line in why["evidence"]],
        "observables": [_observable(place, one) for place, one in enumerate(incident["entities"])],
        "resources": [_resource(incident)],
        "unmapped": {"vedette": _rest(incident)},
        **_remediation(incident, table),
    }


def _activity(incident: Document) -> Activity:
    if incident["ended_at"]:
        return Activity.CLOSE
    known = len({one["start"] for one in incident["findings"]}) if "findings" in incident else incident["finding_count"]
    return Activity.UPDATE if known > 1 else Activity.CREATE


def _status(incident: Document) -> int:
    """Return New, In Progress once a person called it real, Suppressed for noise, Resolved when it is over."""
    verdict = incident.get("verdict")
    if verdict in ("expected", "noise"):
        return 3
    if incident["ended_at"]:
        return 4
    return 2 if verdict == "real" else 1


def _info(incident: Document, table: Table) -> Document:
    rows: list[Document] = incident.get("findings") or incident["explanation"]["contributions"]
    found = dict.fromkeys((row["detector"], _title(row)) for row in rows)
    names = sorted(found, key=lambda pair: not (pair[1] and pair[1] in incident["title"]))
    analytics = [_analytic(*pair) for pair in names] or [{"type_id": 0, "type": "Unknown", "name": "vedette"}]
    return {
        "uid": incident["id"],
        "title": incident["title"],
        "desc": incident["explanation"]["paragraph"],
        "types": [incident["kind"]],
        "analytic": analytics[0],
        "related_analytics": analytics[1:],
        "attacks": list(_attacks(incident, table)),
        "created_time": milliseconds(incident["started_at"]),
        "first_seen_time": milliseconds(incident["started_at"]),
        "last_seen_time": milliseconds(incident["updated_at"]),
        "modified_time": milliseconds(incident["updated_at"]),
        "related_events": [{"uid": one["id"], "title": one["feature"]} for one in incident.get("findings", ())],
    }


def _title(row: Document) -> str:
    """Return the title of a finding's rule or indicator, empty where none made it or it is not known."""
    return str(row.get("item", "")) if row["detector"] in NAMED else ""


def _analytic(detector: str, title: str) -> Document:
    kind = ANALYTICS.get(detector, (OTHER, detector))
    return {"type_id": kind[0], "type": kind[1], "name": title or detector}


def _attacks(incident: Document, table: Table) -> Iterator[Document]:
    """Yield one attack object for each technique and each of its tactics; OCSF has one tactic in an object."""
    for identity in incident["techniques"]:
        technique = table.find(identity)
        if technique is None:
            continue
        above = table.techniques.get(technique.parent, technique)
        named: Document = {"technique": {"uid": above.id, "name": above.name, "src_url": above.url}}
        if above is not technique:
            named["sub_technique"] = {"uid": technique.id, "name": technique.name, "src_url": technique.url}
        for name in technique.tactics:
            tactic = table.tactics[name]
            yield {"version": table.version, "tactic": {"uid": tactic.id, "name": tactic.name}, **named}


def _observable(place: int, entity: str) -> Document:
    kind, _, value = entity.partition(" ")
    number, name = USER if kind == "user" else (OTHER, kind)
    if _is_address(value):
        number, name = ADDRESS
    return {"name": f"unmapped.vedette.entities[{place}]", "type_id": number, "type": name, "value": value or entity}


def _is_address(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _resource(incident: Document) -> Document:
    parts = incident["segment_parts"]
    made = {"uid": incident["segment"], "name": parts["service"] or incident["segment"], "type": "service"}
    return {**made, "role_id": TARGET[0], "role": TARGET[1], "namespace": parts["environment"] or "default"}


def _remediation(incident: Document, table: Table) -> Document:
    steps = incident["explanation"]["next_steps"]
    found = [table.find(identity) for identity in incident["techniques"]]
    tactics = {name for technique in found if technique for name in technique.tactics}
    controls = [
        {"name": f"Control {control.number}", "desc": control.asks, "version": "v8.1"}
        for control in controls_of(Kind(incident["kind"]), tactics)
    ]
    return {"remediation": {"desc": "\n".join(steps), "cis_controls": controls}} if steps or controls else {}


def _rest(incident: Document) -> Document:
    """Return what OCSF has no place for."""
    why = incident["explanation"]
    kept: dict[str, Any] = {name: incident[name] for name in ("kind", "phase", "score", "segment_parts", "entities")}
    told = ("contributions", "lowered", "counterfactual", "rarity", "timeline")
    return {**kept, "verdict": incident.get("verdict"), **{name: why[name] for name in told}}
