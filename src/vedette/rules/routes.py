"""Which events a log source means, and where they keep its fields: tables in ``mapping/*.yaml``, ours.

A route has ``when`` (field: values; a trailing ``*`` takes any ending), ``has`` and ``lacks`` (fields that are there,
or not), ``is`` (product, category, service; lists are all of them) and ``fields`` (the rule's name: where else its
value is). Facts of all routes that an event takes are joined by product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, Final

import yaml

from vedette.errors import ConfigError
from vedette.rules.model import Source

_KEYS: Final = {"when", "has", "lacks", "is", "fields"}
_FACTS: Final = ("product", "category", "service")


@dataclass(frozen=True, slots=True)
class Derived:
    """A value made of columns: their texts one behind another, percent-decoded if asked for.

    With ``find``, a regular expression of ours, the value is what its first group matches, null where it does not.
    """

    parts: tuple[str, ...]
    decoded: bool = False
    find: str = ""


Origin = str | Derived
"""A column by name, or what is made of some."""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of a mapping."""

    when: tuple[tuple[str, tuple[str, ...]], ...]
    has: tuple[str, ...]
    lacks: tuple[str, ...]
    facts: tuple[Source, ...]
    fields: tuple[tuple[str, tuple[Origin, ...]], ...]

    def takes(self, values: Mapping[str, str | None]) -> bool:
        """Say whether an event of these values takes the route."""
        return (
            all(values.get(name) is not None for name in self.has)
            and all(values.get(name) is None for name in self.lacks)
            and all(_among(values.get(name), wanted) for name, wanted in self.when)
        )


@dataclass(frozen=True, slots=True)
class Way:
    """What is known of events that take the same routes."""

    products: Mapping[str | None, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    origins: Mapping[str, tuple[Origin, ...]] = field(default_factory=dict)

    def leads_to(self, source: Source) -> bool:
        """Say whether a rule of a log source is for these events."""
        for product, (categories, services) in self.products.items():
            if (
                (source.product is None or source.product == product)
                and (source.category is None or source.category in categories)
                and (source.service is None or source.service in services)
            ):
                return True
        return False


def _among(value: str | None, wanted: Iterable[str]) -> bool:
    if value is None:
        return False
    low = value.lower()
    return any(low.startswith(one[:-1]) if one.endswith("*") else low == one for one in wanted)


class Routes:
    """All routes of the mapping files."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self.routes = tuple(routes)
        self.compared = tuple(dict.fromkeys(name for route in routes for name, _ in route.when))
        """Fields whose values routes depend on."""
        self.present = tuple(
            dict.fromkeys(name for route in routes for name in (*route.has, *route.lacks) if name not in self.compared)
        )
        """Fields of which routes ask only whether they are there."""
        places: dict[str, dict[Origin, None]] = {}
        for route in self.routes:
            for name, found in route.fields:
                places.setdefault(name, {}).update(dict.fromkeys(found))
        self._origins = {name: tuple(found) for name, found in places.items()}

    def origins(self, name: str) -> tuple[Origin, ...]:
        """Return where any route has a field."""
        return self._origins.get(name, ())

    def way(self, values: Mapping[str, str | None]) -> Way:
        """Return where an event of these values leads; nowhere if no route takes it."""
        products: dict[str | None, tuple[set[str], set[str]]] = {}
        origins: dict[str, dict[Origin, None]] = {}
        for route in self.routes:
            if not route.takes(values):
                continue
            for fact in route.facts:
                categories, services = products.setdefault(fact.product, (set(), set()))
                categories |= {fact.category} if fact.category else set()
                services |= {fact.service} if fact.service else set()
            for name, places in route.fields:
                origins.setdefault(name, {}).update(dict.fromkeys(places))
        return Way(
            {product: (frozenset(one), frozenset(two)) for product, (one, two) in products.items()},
            {name: tuple(places) for name, places in origins.items()},
        )


def routes_of(texts: Mapping[str, str]) -> Routes:
    """Read mapping files.

    Raises
    ------
    ConfigError
        Naming every route that is not as described here.
    """
    problems: list[str] = []
    routes: list[Route] = []
    for file, text in texts.items():
        for number, found in enumerate(yaml.safe_load(text)["routes"]):
            try:
                routes.append(_route(found))
            except (TypeError, KeyError, ValueError, AttributeError, re.error) as error:
                problems.append(f"{file}: route {number}: {error}")
    if problems:
        raise ConfigError(problems)
    return Routes(routes)


def own_routes() -> Routes:
    """Return the routes that come with Vedette."""
    folder = files("vedette.rules").joinpath("mapping")
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return routes_of({one.name: one.read_text(encoding="utf-8") for one in found})


def _route(found: Mapping[str, Any]) -> Route:
    unknown = set(found) - _KEYS
    if unknown or "is" not in found:
        raise ValueError(f"got {', '.join(sorted(found))}, expected 'is' and any of {', '.join(sorted(_KEYS))}")
    when = tuple(
        (name, tuple(str(one).lower() for one in _listed(values))) for name, values in found.get("when", {}).items()
    )
    return Route(
        when,
        tuple(_listed(found.get("has", []))),
        tuple(_listed(found.get("lacks", []))),
        _facts(found["is"]),
        tuple((name, tuple(map(_origin, _listed(places)))) for name, places in found.get("fields", {}).items()),
    )


def _facts(found: Mapping[str, Any]) -> tuple[Source, ...]:
    unknown = set(found) - set(_FACTS)
    if unknown:
        raise ValueError(f"got {', '.join(sorted(unknown))}, expected {', '.join(_FACTS)}")
    products = _listed(found.get("product", [None]))
    facts = [Source(product=product) for product in products]
    facts += [Source(product, category=one) for product in products for one in _listed(found.get("category", []))]
    return (
        *facts,
        *(Source(product, service=one) for product in products for one in _listed(found.get("service", []))),
    )


def _origin(found: Any) -> Origin:
    if isinstance(found, str):
        return found
    if set(found) - {"join", "decoded", "find"}:
        raise ValueError(f"got {', '.join(sorted(found))}, expected join, decoded and find")
    pattern = str(found.get("find", ""))
    if pattern and re.compile(pattern).groups < 1:
        raise ValueError(f"got the expression {pattern!r}, expected one with a group")
    return Derived(tuple(_listed(found["join"])), bool(found.get("decoded", False)), pattern)


def _listed(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]
