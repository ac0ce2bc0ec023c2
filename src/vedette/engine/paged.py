"""Whom a replay would have told: the configured routes, hours and silences, applied in event time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from vedette.config.schema import Notify
from vedette.engine.receivers import make_choice, make_notifiers
from vedette.notify.route import Routes
from vedette.records.incident import Phase
from vedette.records.time import SECOND

Document = dict[str, Any]

EVERYBODY: Final = "everybody"
"""Who is told where nobody is configured."""

LOOK_EVERY: Final = 60 * SECOND
"""Event time between looks whether a route has opened, or a silence ended, for what fires."""


class Paged:
    """Notes who is told of each incident first.

    Notes
    -----
    As `vedette.engine.postman.Postman` does it, with event time for its clock: on firing, and once a minute for what
    still fires. An incident counts once for each receiver, however it changes. Silences are those that are kept now:
    of one that was over for 30 days nothing is known any more.

    Parameters
    ----------
    config
        Channels, routes and teams. Where there is no receiver at all, whatever fires counts as told.
    quiet
        Says whether a silence keeps an incident back at a time.
    """

    def __init__(self, config: Notify, quiet: Callable[[Document, int], bool]) -> None:
        self._anybody = bool(make_notifiers(config))
        self._choose = make_choice(config)
        self._routes = Routes(config.routes, config.teams)
        self._quiet = quiet
        self._told: dict[str, dict[str, None]] = {}
        self._firing: dict[str, Document] = {}
        self._looked = 0
        self._silenced: set[str] = set()
        self._digest: set[str] = set()

    def note(self, incident: Document, moment: int) -> None:
        """Take in an incident as it is at a time (ns)."""
        if incident["phase"] != Phase.FIRING.value:
            self._firing.pop(incident["id"], None)
            return
        self._firing[incident["id"]] = incident
        self._tell(incident, moment)

    def look(self, moment: int) -> None:
        """Tell of what still fires to those whose hours have begun."""
        if moment - self._looked < LOOK_EVERY:
            return
        self._looked = moment
        for incident in self._firing.values():
            self._tell(incident, moment)

    def _tell(self, incident: Document, moment: int) -> None:
        name = incident["id"]
        if any(route.digest and self._routes.fits(route, incident) for route in self._routes.routes):
            self._digest.add(name)
        wanted = self._choose(incident, moment) if self._anybody else [EVERYBODY]
        if wanted and self._quiet(incident, moment):
            self._silenced.add(name)
            return
        if wanted:
            self._told.setdefault(name, {}).update(dict.fromkeys(wanted))

    def numbers(self, fired: list[str]) -> dict[str, Any]:
        """Return of incidents that fired, by id: how many anybody was told of, by whom, and what became of the rest."""
        told = [name for name in fired if name in self._told]
        rest = set(fired) - set(told)
        return {
            "pages": len(told),
            "by_channel": dict(sorted(Counter(one for name in told for one in self._told[name]).items())),
            "silenced": len(rest & self._silenced),
            "digest_only": len((rest - self._silenced) & self._digest),
            "told_nobody": len(rest - self._silenced - self._digest),
        }
