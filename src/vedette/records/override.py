"""What the operator says of services: one name for many, what is not watched, how many routes are."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from vedette.records.segment import Segment


@dataclass(frozen=True, slots=True)
class Override:
    """Other than by itself, for the services that match.

    Parameters
    ----------
    service, environment
        Patterns with ``*``, ``?`` and ``[…]``, of ``service.name`` and ``deployment.environment.name``; an empty
        environment stands for all.
    name
        What they are called instead, as one service; empty for their own names.
    ignore
        Whether nothing of them is judged.
    tier
        What they are to the others, such as ``database``; empty for what telemetry says.
    routes
        Most routes that are watched on their own; None for no limit but that of all.
    """

    service: str
    environment: str = ""
    name: str = ""
    tier: str = ""
    ignore: bool = False
    routes: int | None = None

    def concerns(self, environment: str, service: str) -> bool:
        """Say whether it is about a service as its telemetry names it."""
        return fnmatchcase(service, self.service) and self._is_placed(environment)

    def bounds(self, segment: Segment) -> bool:
        """Say whether its tier and number of routes are those of a segment, which may go by its name already."""
        named = self.name == segment.service if self.name else fnmatchcase(segment.service, self.service)
        return named and self._is_placed(segment.environment)

    def _is_placed(self, environment: str) -> bool:
        return not self.environment or fnmatchcase(environment, self.environment)
