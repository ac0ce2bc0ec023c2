"""``/api/v1/coverage``: which techniques were proved to be found, which proofs are stale, and what else stands."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from vedette.api import coverage_models as models
from vedette.api.hosts import check_site
from vedette.api.reader import Document, Product

router = APIRouter(prefix="/coverage", tags=["coverage"])


@router.get("", response_model=models.Coverage)
def coverage(product: Product) -> Document:
    """Return the last proof of each technique; only those that are not stale count as proved."""
    return product.coverage()


@router.get("/matrix", response_model=models.Matrix)
def matrix(product: Product) -> Document:
    """Return all techniques of ATT&CK with the rules, learned detectors, incidents and proofs that stand for them."""
    return product.matrix()


@router.get("/layer", responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}})
def layer(product: Product) -> JSONResponse:
    """Return the same as a layer of the ATT&CK Navigator, format 4.5."""
    named = {"Content-Disposition": 'attachment; filename="vedette-layer.json"'}
    return JSONResponse(product.layer(), headers=named)


@router.post("/proofs", response_model=models.Kept, dependencies=[Depends(check_site)])
def keep(product: Product, account: models.Account) -> Document:
    """Keep an account of `vedette prove`."""
    return {"kept": product.keep_proof(account.model_dump())}
