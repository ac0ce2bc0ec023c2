"""``/api/v1``: status, segments, lanes, series, sources."""

from __future__ import annotations

import time
from typing import Annotated, Final

from fastapi import APIRouter, Query

from vedette.api import models
from vedette.api.reader import Document, Product, Reader
from vedette.errors import BadInput
from vedette.records.time import SECOND, from_rfc3339

router = APIRouter(tags=["watch"])

DAY: Final = 86_400 * SECOND


@router.get("/status", response_model=models.Status)
def status(product: Product) -> Document:
    """Return whether the watch can be trusted now."""
    return product.status()


@router.get("/segments", response_model=models.Segments)
def segments(product: Product, tier: models.TierFilter = None) -> Document:
    """Return all segments, or those of some tiers, and what those that learn still miss."""
    return {"items": [one for one in product.segments() if not tier or one["tier"] in tier]}


@router.get("/lanes", response_model=models.Lanes)
def lanes(
    product: Product,
    since: models.Moment | None = None,
    until: models.Moment | None = None,
    cells: Annotated[int, Query(ge=1, le=400)] = 96,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    tier: models.TierFilter = None,
) -> Document:
    """Return swim lanes; without times, the latest day that has data."""
    begin, end = _span(product, since, until)
    return product.lanes(since=begin, until=end, cells=cells, limit=limit, tiers=tier or None)


@router.get("/series", response_model=models.Series)
def series(
    product: Product,
    segment: Annotated[str, Query(max_length=2000)],
    feature: Annotated[str, Query(max_length=2000)] = "",
    since: models.Moment | None = None,
    until: models.Moment | None = None,
    points: Annotated[int, Query(ge=2, le=4000)] = 600,
) -> Document:
    """Return a number against its band; without a feature, the one with the highest score."""
    begin, end = _span(product, since, until)
    return product.series(segment=segment, feature=feature, since=begin, until=end, points=points)


@router.get("/sources", response_model=models.Sources)
def sources(product: Product) -> Document:
    """Return all ways in that were used so far."""
    return {"items": product.sources()}


def _span(product: Reader, since: int | None, until: int | None) -> tuple[int, int]:
    """Return the asked-for range; its end defaults to now, or to the latest data if that is older than a day."""
    if until is None:
        now = time.time_ns()
        latest = product.status()["data_to"]
        known = now if latest is None else from_rfc3339(latest) + 1
        until = known if known < now - DAY else now
    begin = until - DAY if since is None else since
    if begin >= until:
        raise BadInput("bad_range", detail=f"since {begin / SECOND:.0f} s is not before until {until / SECOND:.0f} s")
    return max(0, begin), until
