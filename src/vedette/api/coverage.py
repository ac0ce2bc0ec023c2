"""``/api/v1/coverage``: which techniques were proved to be found, and which proofs are stale."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from vedette.api import models
from vedette.api.hosts import check_site
from vedette.api.reader import Document, Product

router = APIRouter(prefix="/coverage", tags=["coverage"])


@router.get("", response_model=models.Coverage)
def coverage(product: Product) -> Document:
    """Return the last proof of each technique; only those that are not stale count as proved."""
    return product.coverage()


@router.post("/proofs", response_model=models.Kept, dependencies=[Depends(check_site)])
def keep(product: Product, account: models.Account) -> Document:
    """Keep an account of `vedette prove`."""
    return {"kept": product.keep_proof(account.model_dump())}
