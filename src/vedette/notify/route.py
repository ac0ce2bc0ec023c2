"""Which incidents go to which channels: by team, severity, kind and hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from vedette.notify.base import Document
from vedette.notify.hours import Hours, Schedule
from vedette.records.incident import Severity

_RANK: Final = {level.value: rank for rank, level in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Team:
    """Who looks after what: names of services, environments and tiers, each perhaps with ``*``; empty for all."""

    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()

    def owns(self, incident: Document) -> bool:
        """Say whether an incident is this team's."""
        parts = incident["segment_parts"]
        placed = _any(parts["service"], self.services) and _any(parts["environment"], self.environments)
        return placed and _any(incident.get("tier", ""), self.tiers)


@dataclass(frozen=True, slots=True)
class Route:
    """One route; an incident takes it if all that is set fits.

    Parameters
    ----------
    channels
        Names of channels.
    teams
        Names of those that own the incident; empty for any.
    min_severity
        The least bad that goes this way.
    kinds
        Empty for any.
    hours
        When the route is open, or None for always.
    more
        Whether later routes are looked at as well (``continue``).
    digest
        When a digest of this route's incidents is sent, or None.
    """

    channels: tuple[str, ...]
    teams: tuple[str, ...] = ()
    min_severity: str = Severity.LOW.value
    kinds: tuple[str, ...] = ()
    hours: Hours | None = None
    more: bool = False
    digest: Schedule | None = None

    def open(self, moment: int) -> bool:
        """Say whether the route is open at a time (ns since the epoch)."""
        return self.hours is None or self.hours.hold(moment)


@dataclass(frozen=True, slots=True)
class Routes:
    """All routes in their order, and the teams that they name."""

    routes: tuple[Route, ...]
    teams: Mapping[str, Team]

    def fits(self, route: Route, incident: Document) -> bool:
        """Say whether an incident goes a way, at some hour."""
        return (
            (not route.teams or any(self.teams[name].owns(incident) for name in route.teams))
            and _RANK[incident["severity"]] >= _RANK[route.min_severity]
            and (not route.kinds or incident["kind"] in route.kinds)
        )

    def channels(self, incident: Document, moment: int) -> list[str]:
        """Return the channels that an incident goes to now, each once.

        The first open route that fits is the last one looked at, unless it says ``continue``.
        """
        found: dict[str, None] = {}
        for route in self.routes:
            if self.fits(route, incident) and route.open(moment):
                found |= dict.fromkeys(route.channels)
                if not route.more:
                    break
        return list(found)


def _any(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)
