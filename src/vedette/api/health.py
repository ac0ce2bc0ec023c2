"""Probes and our own metrics."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse

from vedette.api.models import Health
from vedette.api.reader import Product

probes = APIRouter(tags=["health"])
metered = APIRouter(tags=["health"])

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@metered.get("/metrics", response_class=PlainTextResponse)
def metrics(product: Product) -> PlainTextResponse:
    """Return our own metrics in the text format of Prometheus."""
    return PlainTextResponse(product.metrics_text(), media_type=PROMETHEUS)


@probes.get("/-/healthy", response_model=Health)
async def healthy() -> dict[str, str]:
    """Answer as long as the process does."""
    return {"status": "healthy"}


@probes.get("/-/ready", response_model=Health, responses={503: {"model": Health}})
def ready(product: Product) -> JSONResponse:
    """Answer 200 once recovery is over and events are taken in."""
    if product.ready():
        return JSONResponse({"status": "ready"})
    return JSONResponse({"status": "starting"}, 503, {"Retry-After": "1"})
