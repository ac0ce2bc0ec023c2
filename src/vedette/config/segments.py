"""Reads ``[[segment]]``: which services go by another name, are of which tier, are not watched, or have few routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vedette.config.tables import read_table
from vedette.errors import ConfigError
from vedette.records.override import Override
from vedette.records.tier import tier_word

MOST: Final = 200
"""Overrides; each is tried for each new name."""

PATTERN: Final = 'a pattern of 1 to 200 characters, such as "checkout-*"'
NAME: Final = "a name of 1 to 200 characters on one line"
TIER: Final = 'a word of 1 to 60 characters, such as "database"'
ROUTES: Final = "a whole number from 0, of routes that are watched on their own"


def segments(value: Any) -> tuple[Override, ...]:
    """Return overrides in their order; raises `ValueError` for what is no list, `ConfigError` with every problem."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or len(value) > MOST:
        raise ValueError(f"at most {MOST} tables [[segment]] in vedette.toml")
    problems: list[str] = []
    found = [_override(f"segment[{number}]", table, problems) for number, table in enumerate(value)]
    if problems:
        raise ConfigError(problems)
    return tuple(one for one in found if one is not None)


def _override(key: str, table: Mapping[str, Any], problems: list[str]) -> Override | None:
    before = len(problems)
    read = read_table(key, table, READERS, problems)
    if "service" not in table:
        problems.append(f"{key}.service: got nothing, expected {PATTERN}")
    said = [option for option in ("name", "tier", "ignore", "routes") if option in table]
    if not said:
        problems.append(f"{key}: got no change, expected name, tier, ignore or routes")
    if table.get("ignore") is True:
        others = [option for option in said if option != "ignore"]
        problems += [f"{key}.{option}: got it beside ignore = true, expected one of both" for option in others]
    return Override(**read) if len(problems) == before else None


def _text(value: Any, wanted: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200 or not value.isprintable():
        raise ValueError(wanted)
    return value


def _tier(value: Any) -> str:
    if not isinstance(value, str) or not tier_word(value):
        raise ValueError(TIER)
    return tier_word(value)


def _whether(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _routes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(ROUTES)
    return value


READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "service": lambda value: _text(value, PATTERN),
    "environment": lambda value: _text(value, PATTERN),
    "name": lambda value: _text(value, NAME),
    "tier": _tier,
    "ignore": _whether,
    "routes": _routes,
}
"""Options of an override; the error of a reader says what is allowed."""
