"""``/api/v1/notify``: channels without their secrets, and "send test"."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path

from vedette.api import models
from vedette.api.hosts import check_site
from vedette.api.reader import Document, Product
from vedette.notify.base import DeliveryFailed

router = APIRouter(prefix="/notify", tags=["notify"])

Name = Annotated[str, Path(max_length=200, description="as `GET /notify/channels` gives it")]


@router.get("/channels", response_model=models.Receivers)
def channels(product: Product) -> Document:
    """Return where notifications go, what waits, and what went wrong last."""
    return {"items": product.channels()}


@router.post("/{channel}/test", response_model=models.Tried, dependencies=[Depends(check_site)])
def test(product: Product, channel: Name) -> Document:
    """Send a test message, at once and outside the queue; 502 with the reason if the receiver does not take it."""
    try:
        found = product.try_channel(channel)
    except DeliveryFailed as error:
        raise HTTPException(502, f"{channel}: {error}") from None
    if not found:
        raise HTTPException(404, f"no channel {channel[:100]!r}; 'vedette notify channels' lists them")
    return {"channel": channel, "delivered": True}
