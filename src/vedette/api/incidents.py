"""``/api/v1/incidents``: list, one, verdict."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query
from starlette.responses import Response

from vedette.api import forms, models
from vedette.api.hosts import check_site
from vedette.api.reader import Document, Product

router = APIRouter(prefix="/incidents", tags=["incidents"])

StateFilter = Literal["open", "pending", "firing", "resolved", "all"]

OPEN: Final = "firing"

Id = Annotated[str, "id or unique beginning of one"]


@router.get("", response_model=models.Incidents)
def list_incidents(
    product: Product,
    state: Annotated[list[StateFilter] | None, Query(description="any of these; open ones by default")] = None,
    severity: Annotated[list[models.Severity] | None, Query()] = None,
    segment: Annotated[str | None, Query(max_length=2000)] = None,
    tier: models.TierFilter = None,
    since: models.Moment | None = None,
    until: models.Moment | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Document:
    """Return incidents, newest first."""
    page = product.incidents(
        phases=_phases(state or ["open"]),
        severities=severity or None,
        segment=segment or None,
        tiers=tier or None,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor or None,
    )
    return {"items": page.items, "next": page.next}


@router.get("/{incident_id}", response_model=models.IncidentDetail, responses={200: {"content": forms.CONTENT}})
def one_incident(product: Product, incident_id: Id, format: forms.Form = "json") -> Document | Response:
    """Return an incident with its findings, in a form of ours or of another standard."""
    found = _found(product.incident(incident_id), incident_id)
    return found if format == "json" else forms.rendered(found, product.attack_table(), format)


@router.get("/{incident_id}/findings", response_model=models.Findings)
def findings(
    product: Product,
    incident_id: Id,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Document:
    """Return all findings of an incident, oldest first, part by part."""
    page = product.findings(incident_id, limit=limit, cursor=cursor or None)
    if page is None:
        raise _unknown(incident_id)
    return {"items": page.items, "next": page.next}


@router.post("/{incident_id}/verdict", response_model=models.JudgedIncident, dependencies=[Depends(check_site)])
def judge(product: Product, incident_id: Id, change: models.VerdictChange) -> Document:
    """Take in what a person says of an incident, or preview what that would do."""
    return _found(product.judge(incident_id, **change.model_dump()), incident_id)


def _phases(states: list[StateFilter]) -> list[str] | None:
    """Return the phases that states stand for; None for all."""
    return None if "all" in states else [OPEN if state == "open" else state for state in states]


def _found(document: Document | None, incident_id: str) -> Document:
    if document is None:
        raise _unknown(incident_id)
    return document


def _unknown(incident_id: str) -> HTTPException:
    return HTTPException(404, f"no incident {incident_id[:100]!r}; 'vedette incidents --state all' lists them")
