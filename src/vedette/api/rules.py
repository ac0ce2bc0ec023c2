"""``/api/v1/rules``: the rules in force, and how they are read again."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from vedette.api import models
from vedette.api.hosts import check_site
from vedette.api.reader import Document, Product

router = APIRouter(prefix="/rules", tags=["rules"])


@router.get("", response_model=models.Rules)
def rules(product: Product) -> Document:
    """Return how many rules are in force, and which were left out and why."""
    return product.rules()


@router.post("/reload", response_model=models.RulesReloaded, dependencies=[Depends(check_site)])
def reload(product: Product) -> Document:
    """Read the rules again; the old ones hold until the new ones are compiled, and stay if they can't be."""
    return product.reload_rules()
