"""``/api/v1/context``: what is planned; ``/api/v1/silences``: of what nobody is told, also as Alertmanager's API v2."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path

from vedette.api import plan_models as models
from vedette.api.hosts import check_site
from vedette.api.reader import Document, Product

router = APIRouter(tags=["context"])
alertmanager = APIRouter(tags=["alertmanager"])
"""The part of Alertmanager's API v2 that ``amtool silence`` asks."""

Identity = Annotated[str, Path(max_length=200)]


@router.get("/context", response_model=models.PlannedEvents)
def list_events(product: Product) -> Document:
    """Return the planned events that are ahead, on, or were over within the last 30 days."""
    return {"items": product.planned()}


@router.post("/context", response_model=models.Planned, dependencies=[Depends(check_site)])
def plan(product: Product, events: models.NewEvents) -> Document:
    """Announce events; acknowledged when they are durable. One with an id that is known replaces it."""
    return product.plan([event.model_dump() for event in events.items])


@router.delete("/context/{event_id}", status_code=204, dependencies=[Depends(check_site)])
def withdraw(product: Product, event_id: Identity) -> None:
    """Take an event back."""
    if not product.withdraw(event_id):
        raise HTTPException(404, f"no event {event_id[:100]!r}; 'vedette context list' lists them")


@router.get("/context/jobs", response_model=models.Jobs)
def list_jobs(product: Product) -> Document:
    """Return what deviates daily or weekly at the same time, and that nobody announced."""
    return {"items": product.jobs()}


@router.post("/context/jobs/{job_id}", response_model=models.Planned, dependencies=[Depends(check_site)])
def adopt(product: Product, job_id: Identity, wanted: models.Adopted) -> Document:
    """Announce a job that was found: its occurrences from now on become planned events of kind job."""
    planned = product.adopt(job_id, wanted.title, wanted.days)
    if planned is None:
        raise HTTPException(404, f"no job {job_id[:100]!r}; 'vedette context jobs' lists them")
    return planned


@router.get("/silences", response_model=models.Silences)
def list_silences(product: Product) -> Document:
    """Return the silences that are ahead, active, or ended within the last 30 days."""
    return {"items": product.silences()}


@router.post("/silences", response_model=models.SilenceAdded, dependencies=[Depends(check_site)])
def silence(product: Product, wanted: models.NewSilence) -> Document:
    """Tell nobody of incidents that fulfil every matcher, until the end; the body is that of Alertmanager's API v2."""
    return {"silenceID": product.silence(wanted.model_dump())}


@router.delete("/silences/{silence_id}", status_code=204, dependencies=[Depends(check_site)])
def end_silence(product: Product, silence_id: Identity) -> None:
    """End a silence now."""
    if not product.end_silence(silence_id):
        raise HTTPException(404, f"no silence {silence_id[:100]!r} that lasts; 'vedette silence list' lists them")


@alertmanager.get("/silences", response_model=list[models.DatedSilence])
def list_as_alertmanager(product: Product) -> list[Document]:
    """Return the silences as Alertmanager does."""
    return [{**one, "updatedAt": one["startsAt"]} for one in product.silences()]


@alertmanager.post("/silences", response_model=models.SilenceAdded, dependencies=[Depends(check_site)])
def silence_as_alertmanager(product: Product, wanted: models.NewSilence) -> Document:
    """Add a silence as Alertmanager does."""
    return silence(product, wanted)


@alertmanager.delete("/silence/{silence_id}", status_code=200, dependencies=[Depends(check_site)])
def end_as_alertmanager(product: Product, silence_id: Identity) -> None:
    """End a silence as Alertmanager does."""
    end_silence(product, silence_id)
