"""Lists made by hand."""

from __future__ import annotations

from collections.abc import Sequence

from vedette.indicators.index import Index
from vedette.indicators.kept import Feed, merged, table_of
from vedette.indicators.model import Indicator
from vedette.indicators.values import kind_of, normal


def indicator(value: str, **facts: object) -> Indicator:
    """Return an indicator of what a value looks like."""
    kind = kind_of(value)
    return Indicator(kind, normal(kind, value, reserved=True), **facts)


def index(*indicators: Indicator, name: str = "feed") -> Index:
    """Return an index of one list."""
    return Index([feed(indicators, name)])


def feed(indicators: Sequence[Indicator], name: str = "feed") -> Feed:
    """Return a list as it is kept."""
    return Feed(name, table_of(name, merged(indicators)))
