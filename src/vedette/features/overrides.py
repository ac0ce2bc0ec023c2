"""Services as the operator wants them: the first override that matches a service holds for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vedette.records.override import Override
from vedette.records.segment import Segment

MOST_KNOWN: Final = 10_000
"""Names whose override is remembered: pods come and go, and each brings its own."""

AS_IT_IS: Final = Override("*")


class Overrides:
    """Finds the segment of a service as its telemetry names it.

    Parameters
    ----------
    overrides
        In order; the first that matches holds.

    Cost: 1 µs an override and name, once.
    """

    def __init__(self, overrides: Sequence[Override] = ()) -> None:
        self._overrides = tuple(overrides)
        self._known: dict[tuple[str, str], Segment | None] = {}

    def segment(self, environment: str, service: str) -> Segment | None:
        """Return the segment of the whole service; None if it is not to be watched."""
        key = (environment, service)
        if key not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._found(environment, service)
        return self._known[key]

    def _found(self, environment: str, service: str) -> Segment | None:
        one = next((one for one in self._overrides if one.concerns(environment, service)), AS_IT_IS)
        return None if one.ignore else Segment(environment, one.name or service, "")

    def tier(self, segment: Segment) -> str:
        """Return what tier a whole service is said to be, ``""`` where nothing is said."""
        return next((one.tier for one in self._overrides if one.tier and one.bounds(segment)), "")

    def may_open(self, segment: Segment, routes: int) -> bool:
        """Say whether one more route of a service may be watched on its own, where `routes` already are."""
        most = next((one.routes for one in self._overrides if one.routes is not None and one.bounds(segment)), None)
        return most is None or routes < most
