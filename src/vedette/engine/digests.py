"""Sends digests: by each route's schedule, what happened on that route."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b
from threading import Event
from typing import Final

from vedette.engine.clock import now
from vedette.errors import Backpressure
from vedette.notify.base import Document, Notifier
from vedette.notify.digest import digest
from vedette.notify.route import Route, Routes
from vedette.records.incident import Phase
from vedette.store.incidents import Incidents
from vedette.store.outbox import Outbox
from vedette.store.settings import Settings

LOOK_EVERY: Final = 30.0
"""Seconds between looks at the clock; schedules are written in minutes."""

SENT: Final = "postman.digests"
"""Setting that holds the end of the period that each route's last digest was about."""

PAGE: Final = 500


class Digests:
    """Queues a digest for each route whose time has come.

    A route that is new starts with its next appointment. After a time of being switched off only the digest of
    the last period is sent. An incident counts for every route that it fits, whichever it was told by;
    a simulated one for none.
    """

    def __init__(
        self,
        routes: Routes,
        notifiers: Mapping[str, Notifier],
        incidents: Incidents,
        outbox: Outbox,
        settings: Settings,
    ) -> None:
        self._routes = [route for route in routes.routes if route.digest is not None]
        self._fits = routes.fits
        self._notifiers = notifiers
        self._incidents = incidents
        self._outbox = outbox
        self._settings = settings

    def run(self, stop: Event) -> None:
        """Look at the clock until stopped."""
        while self._routes and not stop.wait(LOOK_EVERY):
            with suppress(Backpressure):  # queued by the next look
                self.step(now())

    def step(self, moment: int) -> None:
        """Queue what is due at a time (ns since the epoch)."""
        sent: dict[str, int] = self._settings.get(SENT, {})
        for route in self._routes:
            assert route.digest is not None
            key, (since, until) = _key(route), route.digest.latest(moment)
            if key in sent and sent[key] < until:
                self._queue(route, f"digest-{key}-{until // 1_000_000_000}", since, until, moment)
            if sent.get(key) != until:
                sent = {**sent, key: until}
                self._settings.set(SENT, sent)

    def _queue(self, route: Route, identity: str, since: int, until: int, moment: int) -> None:
        found = [one for one in self._all(since, until) if self._fits(route, one) and not one.get("simulated")]
        letter = digest(identity, since, until, found)
        for name in route.channels:
            if self._notifiers[name].takes_digests:
                self._outbox.put(f"{identity}-{name}"[:200], name, identity, letter, moment)

    def _all(self, since: int, until: int) -> list[Document]:
        found: list[Document] = []
        cursor = None
        while True:
            page = self._incidents.list(
                phases=[Phase.FIRING.value, Phase.RESOLVED.value], since=since, until=until, limit=PAGE, cursor=cursor
            )
            found += page.items
            cursor = page.next
            if cursor is None:
                return found


def _key(route: Route) -> str:
    """Return a name for what a route's digest is about; a route that is changed starts anew."""
    told = (route.channels, route.teams, route.min_severity, route.kinds, route.digest and route.digest.text)
    return blake2b(repr(told).encode(), digest_size=6).hexdigest()
