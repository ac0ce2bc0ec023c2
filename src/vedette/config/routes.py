"""Reads ``[[notify.routes]]`` and ``[notify.teams.NAME]``: which incidents go where, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from vedette.config.tables import choice, names, read_table, refuse
from vedette.errors import ConfigError
from vedette.notify.channel import Around, Channel, make
from vedette.notify.hours import HOURS, SCHEDULE, Hours, Schedule, hours, schedule
from vedette.notify.route import Route, Team
from vedette.records.finding import Kind
from vedette.records.incident import Severity


def teams(value: Any) -> Mapping[str, Team]:
    """Return teams by name; raises `ValueError` for what is no table, `ConfigError` with every problem."""
    if not isinstance(value, dict):
        raise ValueError("tables [notify.teams.NAME] in vedette.toml")
    problems: list[str] = []
    found = {}
    for name, table in value.items():
        key = f"notify.teams.{name}"
        read = read_table(key, table, TEAM, problems) if isinstance(table, dict) else {}
        if not isinstance(table, dict) or not table:
            problems.append(refuse(key, table, "services, environments, tiers or some of them"))
        found[name] = Team(**read)
    if problems:
        raise ConfigError(problems)
    return found


def routes(value: Any) -> tuple[Route, ...]:
    """Return routes in their order; raises `ValueError` for what is no list, `ConfigError` with every problem."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError("tables [[notify.routes]] in vedette.toml")
    problems: list[str] = []
    found = []
    for number, table in enumerate(value):
        key = f"notify.routes[{number}]"
        read = read_table(key, table, ROUTE, problems)
        if "channels" not in table:
            problems.append(f"{key}.channels: got nothing, expected a list of names of channels")
        found.append(Route(**{_NAMES.get(option, option): one for option, one in {"channels": (), **read}.items()}))
    if problems:
        raise ConfigError(problems)
    return tuple(found)


def unmatched(found: Sequence[Route], known: Mapping[str, Channel], owners: Mapping[str, Team]) -> list[str]:
    """Return what routes name and nobody defined, and digests that no channel of a route can show."""
    problems = []
    for number, route in enumerate(found):
        key = f"notify.routes[{number}]"
        problems += _missing(f"{key}.channels", route.channels, known, "channels")
        problems += _missing(f"{key}.teams", route.teams, owners, "teams")
        shown = [known[name] for name in route.channels if name in known]
        if route.digest and shown and not any(make(channel, Around()).takes_digests for channel in shown):
            types = ", ".join(dict.fromkeys(channel.type for channel in shown))
            wanted = "a channel that people read: email, slack, teams, ntfy or webhook"
            problems.append(f"{key}.digest: got channels of type {types} only, expected {wanted}")
    return problems


def _missing(key: str, wanted: Sequence[str], known: Mapping[str, object], what: str) -> list[str]:
    return [
        refuse(key, name, f"one of the {what} {', '.join(known) or '(there are none)'}{_near(name, known)}")
        for name in wanted
        if name not in known
    ]


def _near(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _kinds(value: Any) -> tuple[str, ...]:
    return tuple(map(choice([kind.value for kind in Kind]), names(value)))


def _hours(value: Any) -> Hours:
    if not isinstance(value, str):
        raise ValueError(HOURS)
    return hours(value)


def _schedule(value: Any) -> Schedule:
    if not isinstance(value, str):
        raise ValueError(SCHEDULE)
    return schedule(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


_NAMES: Final = {"continue": "more"}

TEAM: Final[Mapping[str, Callable[[Any], Any]]] = {"services": names, "environments": names, "tiers": names}
"""Options of a team."""

ROUTE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "channels": names,
    "teams": names,
    "min_severity": choice([level.value for level in Severity]),
    "kinds": _kinds,
    "hours": _hours,
    "continue": _flag,
    "digest": _schedule,
}
"""Options of a route."""
