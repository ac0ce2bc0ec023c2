"""Features as people say them: label and unit from the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vedette.records.feature import Feature


def label_of(feature: str) -> str:
    """Return how people say a feature; of a family, such as the rates of templates, the member.

    >>> label_of("latency_p95_seconds"), label_of("template_lines: lock wait"), label_of("other (3)")
    ('p95 latency', 'lock wait', 'other (3)')
    """
    name, _, member = feature.partition(": ")
    catalog = _catalog()
    return member or (catalog[name].label if name in catalog else feature)


def unit_of(feature: str) -> str:
    """Return the unit of a feature; empty where the catalog does not know it.

    >>> unit_of("latency_p95_seconds"), unit_of("metric: queue.size")
    ('s', '')
    """
    catalog, name = _catalog(), feature.partition(":")[0]
    return catalog[name].unit if name in catalog else ""


def _catalog() -> Mapping[str, Feature]:
    # numpy comes with the catalog: too slow for a server that is to listen at once
    from vedette.records.feature import CATALOG

    return CATALOG
