"""Values of options as they may be shown: never a secret."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from vedette.config.schema import Config
from vedette.config.values import HIDDEN
from vedette.notify.hours import Hours, Schedule
from vedette.notify.post import masked
from vedette.records.objective import Objective
from vedette.records.override import Override
from vedette.records.time import SECOND


def shown(config: Config, option: str) -> Any:
    """Return the value of an option, JSON-able."""
    if option == "slo":
        return [_promised(objective) for objective in config.slo]
    if option == "segment":
        return [_overridden(override) for override in config.segment]
    section, _, name = option.partition(".")
    value = getattr(getattr(config, section), name)
    if option.endswith("secret"):
        return "…" if value else ""
    if option in HIDDEN:
        return [masked(url) for url in value]
    if option == "notify.channels":
        return {key: channel.shown() for key, channel in value.items()}
    if option == "notify.teams":
        return {key: _set(team) for key, team in value.items()}
    if option == "notify.routes":
        return [_set(route) for route in value]
    return str(value) if isinstance(value, Path) else value


def _set(record: Any) -> dict[str, Any]:
    """Return what is set of a route or a team, as it was written."""
    names = {one.name: getattr(record, one.name) for one in fields(record)}
    return {{"more": "continue"}.get(name, name): _plain(value) for name, value in names.items() if value}


def _promised(objective: Objective) -> dict[str, Any]:
    """Return what is set of an objective; times in seconds."""
    written = {**_set(objective), "window": objective.window / SECOND, "objective": objective.percent}
    return {name: value for name, value in written.items() if name != "percent"}


def _overridden(override: Override) -> dict[str, Any]:
    """Return what is set of an override; no routes at all are something that is set."""
    return {name: one for name, one in asdict(override).items() if one or (name == "routes" and one is not None)}


def _plain(value: Any) -> Any:
    if isinstance(value, (Hours, Schedule)):
        return value.text
    return list(value) if isinstance(value, tuple) else value
