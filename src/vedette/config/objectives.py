"""Reads ``[[slo]]``: what share of a service's requests shall be good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from vedette.config.tables import choice, read_table, refuse
from vedette.errors import ConfigError
from vedette.records.objective import Indicator, Objective
from vedette.records.time import SECOND

MOST: Final = 200
"""Objectives: 20 KB of state each, and each environment."""

WINDOW: Final = 'a time from "3d", the longest window of an alert, to "90d"'
PERCENT: Final = "a percentage from 50 to below 100, such as 99.9"
THRESHOLD: Final = 'a time from "1ms" to "1h" within which a good request is answered'
NEEDED: Final = {"name": "a name", "service": "the name of a service", "objective": PERCENT}


def objectives(value: Any) -> tuple[Objective, ...]:
    """Return objectives in their order; raises `ValueError` for what is no list, `ConfigError` with every problem."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or len(value) > MOST:
        raise ValueError(f"at most {MOST} tables [[slo]] in vedette.toml")
    problems: list[str] = []
    found = [_objective(f"slo[{number}]", table, problems) for number, table in enumerate(value)]
    names = [table.get("name") for table in value]
    problems += [
        refuse(f"slo[{number}].name", name, "a name that no other objective has")
        for number, name in enumerate(names)
        if isinstance(name, str) and name in names[:number]
    ]
    if problems:
        raise ConfigError(problems)
    return tuple(one for one in found if one is not None)


def _objective(key: str, table: Mapping[str, Any], problems: list[str]) -> Objective | None:
    before = len(problems)
    read = read_table(key, table, READERS, problems)
    problems += [
        f"{key}.{option}: got nothing, expected {wanted}" for option, wanted in NEEDED.items() if option not in table
    ]
    is_latency = table.get("indicator") == Indicator.LATENCY.value
    if is_latency and "threshold" not in table:
        problems.append(f"{key}.threshold: got nothing, expected {THRESHOLD}")
    if "threshold" in table and not is_latency:
        problems.append(refuse(f"{key}.threshold", table["threshold"], 'indicator = "latency" beside it'))
    if len(problems) > before:
        return None
    return Objective(**{_NAMES.get(option, option): one for option, one in read.items()})


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= 80 or not value.isprintable() or ":" in value:
        raise ValueError("a text of 1 to 80 characters on one line, without a colon")
    return value.strip()


def _segment(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError('a text that is not empty; leave the option out for "all"')
    return value


def _percent(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 50 <= value < 100:
        raise ValueError(PERCENT)
    return float(value)


def _time(value: Any, least: float, most: float, wanted: str) -> float:
    from vedette.config.values import duration  # that module lists the readers of this one

    try:
        seconds = duration(value)
    except ValueError:
        seconds = 0.0
    if not least <= seconds <= most:
        raise ValueError(wanted)
    return seconds


_NAMES: Final = {"objective": "percent"}

READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": _name,
    "service": _segment,
    "route": _segment,
    "environment": _segment,
    "indicator": lambda value: Indicator(choice([one.value for one in Indicator])(value)),
    "objective": _percent,
    "threshold": lambda value: _time(value, 1e-3, 3600.0, THRESHOLD),
    "window": lambda value: round(_time(value, 3 * 86_400.0, 90 * 86_400.0, WINDOW) * SECOND),
}
"""Options of an objective; the error of a reader says what is allowed."""
