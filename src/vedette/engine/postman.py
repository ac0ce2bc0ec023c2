"""Delivers notifications: once when an incident fires, gets worse and ends; again where a receiver needs it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Lock
from typing import Any, Final

from vedette.engine.clock import now
from vedette.engine.receivers import Choose
from vedette.errors import Backpressure
from vedette.notify.base import DeliveryFailed, Document, Notifier
from vedette.notify.message import letter_id
from vedette.records.time import SECOND
from vedette.store.outbox import Outbox
from vedette.store.settings import Settings
from vedette.telemetry import metrics

POLL: Final = 1.0
FIRST_RETRY: Final = 2 * SECOND
LAST_RETRY: Final = 300 * SECOND

LOOK_EVERY: Final = 60.0
"""Seconds between looks whether a route has opened; hours are written in minutes."""

KEEP: Final = 30 * 86_400 * SECOND
"""How long a letter waits at most, and how long a delivered one is remembered."""

TOLD: Final = "postman.told"
"""Setting that holds what was last told to whom of each incident, so that a restart tells nothing twice."""

MAX_TOLD: Final = 1000


class Postman:
    """Queues letters on change and delivers them, with growing pauses after failures.

    Duties: `tell` returns at once, and raises `Backpressure` while nothing can be queued; `run` delivers to one
    receiver and blocks until `stop`, so that a slow one holds up nobody else; `watch` does the same for what is
    due by the clock. What is queued, and what was told, outlives a restart. The letters of one incident reach a
    receiver in their order; whoever heard of its beginning hears of its end.

    Parameters
    ----------
    firing
        Incidents that last since before the start.
    choose
        Who is told of an incident now; everybody if None.
    complete
        Adds to an incident's document what is only looked up once it is told.
    """

    def __init__(
        self,
        outbox: Outbox,
        notifiers: Sequence[Notifier],
        settings: Settings,
        firing: Sequence[Document],
        choose: Choose | None = None,
        complete: Callable[[Document], Document] = lambda incident: incident,
    ) -> None:
        self._outbox = outbox
        self._notifiers = {notifier.name: notifier for notifier in notifiers}
        self._settings = settings
        self._choose: Choose = choose or (lambda incident, moment: list(self._notifiers))
        self._complete = complete
        self._told = {key: self._by_name(value) for key, value in settings.get(TOLD, {}).items()}
        self._firing = {incident["id"]: incident for incident in firing}
        self._repeat_at: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        self._paused: dict[str, int] = {}
        self._lock = Lock()
        self.troubles: dict[str, str] = {}
        """Why the last delivery failed, by receiver; none where it did not."""
        outbox.keep(self._notifiers)

    @property
    def names(self) -> list[str]:
        """Names of all receivers."""
        return list(self._notifiers)

    def tell(self, incident: Document, moment: int) -> None:
        """Queue an incident for its receivers if it fired, changed severity or ended since they were last told."""
        if not self._notifiers or incident["phase"] == "pending":
            return
        with self._lock:
            if incident["phase"] == "firing":
                self._firing[incident["id"]] = incident
            else:
                self._firing.pop(incident["id"], None)
            self._queue(incident, moment)

    def _queue(self, incident: Document, moment: int) -> None:
        change = f"{incident['phase']}-{incident['severity']}"
        known = self._told.get(incident["id"], {})
        wanted = self._choose(incident, moment) if incident["phase"] == "firing" else known
        news = [name for name in wanted if name in self._notifiers and known.get(name) != change]
        if not news:
            return
        letter = self._complete(incident)
        for name in news:
            self._outbox.put(f"{letter_id(incident)}-{name}"[:200], name, incident["id"], letter, moment)
        told = {**self._told, incident["id"]: {**known, **dict.fromkeys(news, change)}}
        told = dict(list(told.items())[-MAX_TOLD:])
        self._settings.set(TOLD, told)
        self._told = told  # last, so that what could not be written is told again

    def run(self, name: str, stop: Event) -> None:
        """Deliver to one receiver until stopped."""
        while not stop.wait(POLL):
            self.repeat(name, now())
            with suppress(Backpressure):  # what could not be marked as delivered is delivered again
                self.deliver(name, now())

    def watch(self, stop: Event) -> None:
        """Look after routes that open, and what is too old, until stopped."""
        while not stop.wait(LOOK_EVERY):
            with suppress(Backpressure):
                self.remind(now())
                metrics.NOTIFY_EXPIRED.add(self._outbox.forget(now() - KEEP))

    def remind(self, moment: int) -> None:
        """Tell of what still fires to those whose hours have begun."""
        with self._lock:
            for incident in list(self._firing.values()):
                self._queue(incident, moment)

    def deliver(self, name: str, moment: int) -> None:
        """Deliver what is due to one receiver; after a failure it is left alone for a growing time."""
        if moment < self._paused.get(name, 0):
            return
        for letter in self._outbox.due(name, moment):
            if self._send(name, letter.payload, moment):
                self._outbox.done(letter.id, moment)
                self._failures[name] = 0
                continue
            self._outbox.retry(letter.id, moment + _pause(letter.attempts))
            self._paused[name] = moment + _pause(self._failures.get(name, 0))
            self._failures[name] = self._failures.get(name, 0) + 1
            return

    def repeat(self, name: str, moment: int) -> None:
        """Send again what fires, to a receiver that would forget it otherwise."""
        every = self._notifiers[name].repeat_after
        if every is None or moment < self._repeat_at.get(name, 0):
            return
        self._repeat_at[name] = moment + round(every * SECOND)
        with self._lock:
            firing = [one for one in self._firing.values() if name in self._told.get(one["id"], {})]
        for incident in firing:
            if not self._send(name, incident, moment):
                return

    def waiting(self, moment: int) -> dict[str, tuple[int, float]]:
        """Return how many letters wait for each receiver, and for how many seconds the oldest has."""
        found = self._outbox.waiting()
        return {
            name: (found[name].letters, max(moment - found[name].since, 0) / SECOND) if name in found else (0, 0.0)
            for name in self._notifiers
        }

    def _send(self, name: str, document: Document, moment: int) -> bool:
        try:
            self._notifiers[name].send(document, moment)
        except DeliveryFailed as error:
            metrics.NOTIFY_FAILED.add(1, name)
            self.troubles[name] = str(error)
            return False
        metrics.NOTIFIED.add(1, name)
        self.troubles.pop(name, None)
        return True

    def _by_name(self, told: Any) -> dict[str, str]:
        """Return what each receiver was told; the first release noted one change for all of them."""
        return dict.fromkeys(self._notifiers, told) if isinstance(told, str) else dict(told)


def _pause(failures: int) -> int:
    """Return the time until the next try, ns."""
    return min(FIRST_RETRY << min(failures, 30), LAST_RETRY)
