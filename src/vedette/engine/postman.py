"""Delivers notifications: once when an incident fires, gets worse and ends; again where a receiver needs it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from threading import Event
from typing import Any, Final

from vedette.config.schema import Notify
from vedette.engine.clock import now
from vedette.errors import Backpressure
from vedette.notify.alertmanager import Alertmanager
from vedette.notify.base import DeliveryFailed, Notifier
from vedette.notify.webhook import Webhook
from vedette.records.time import SECOND
from vedette.store.outbox import Outbox
from vedette.store.settings import Settings
from vedette.telemetry import metrics

POLL: Final = 1.0
FIRST_RETRY: Final = 2 * SECOND
LAST_RETRY: Final = 300 * SECOND

TOLD: Final = "postman.told"
"""Setting that holds what was last told of each incident, so that a restart tells nothing twice."""

MAX_TOLD: Final = 1000


def make_notifiers(config: Notify) -> list[Notifier]:
    """Return the notifiers that the configuration asks for."""
    hooks: list[Notifier] = [Webhook(url, config.webhook_secret) for url in config.webhooks]
    return [*hooks, *(Alertmanager(url) for url in config.alertmanagers)]


class Postman:
    """Queues letters on change and delivers them, with growing pauses after failures.

    Duties: `tell` returns at once, and raises `Backpressure` while nothing can be queued; `run` blocks until
    `stop`. What is queued, and what was told, outlives a restart; `firing` are the incidents that lasted when
    it came.
    """

    def __init__(
        self, outbox: Outbox, notifiers: list[Notifier], settings: Settings, firing: Sequence[dict[str, Any]]
    ) -> None:
        self._outbox = outbox
        self._notifiers = {notifier.name: notifier for notifier in notifiers}
        self._settings = settings
        self._told: dict[str, str] = settings.get(TOLD, {})
        self._firing = {incident["id"]: incident for incident in firing}
        self._repeat_at: dict[str, int] = {}

    def tell(self, incident: dict[str, Any], moment: int) -> None:
        """Queue an incident for every receiver if it fired, changed severity or ended since it was last told."""
        if not self._notifiers or incident["phase"] == "pending":
            return
        change = f"{incident['phase']}-{incident['severity']}"
        if incident["phase"] == "firing":
            self._firing[incident["id"]] = incident
        else:
            self._firing.pop(incident["id"], None)
        if self._told.get(incident["id"]) == change:
            return
        for name in self._notifiers:
            self._outbox.put(f"{incident['id']}-{change}-{name}"[:200], name, incident, moment)
        told = {**self._told, incident["id"]: change}
        told = dict(list(told.items())[-MAX_TOLD:])
        self._settings.set(TOLD, told)
        self._told = told  # last, so that what could not be written is told again

    def run(self, stop: Event) -> None:
        """Deliver until stopped."""
        while not stop.wait(POLL):
            if self._notifiers:
                self._repeat(now())
                with suppress(Backpressure):  # what could not be marked as delivered is delivered again
                    self.deliver(now())

    def deliver(self, moment: int) -> None:
        """Deliver what is due; letters to receivers that are no longer configured are dropped."""
        for letter in self._outbox.due(moment):
            notifier = self._notifiers.get(letter.notifier)
            if notifier is None or self._send(notifier, letter.payload, moment):
                self._outbox.done(letter.id)
            else:
                pause = min(FIRST_RETRY * 2**letter.attempts, LAST_RETRY)
                self._outbox.retry(letter.id, moment + pause)

    def _repeat(self, moment: int) -> None:
        for notifier in self._notifiers.values():
            if notifier.repeat_after is None or moment < self._repeat_at.get(notifier.name, 0):
                continue
            self._repeat_at[notifier.name] = moment + round(notifier.repeat_after * SECOND)
            for incident in list(self._firing.values()):
                self._send(notifier, incident, moment)

    def _send(self, notifier: Notifier, incident: dict[str, Any], moment: int) -> bool:
        kind = notifier.name.partition(" ")[0]
        try:
            notifier.send(incident, moment)
        except DeliveryFailed:
            metrics.NOTIFY_FAILED.add(1, kind)
            return False
        metrics.NOTIFIED.add(1, kind)
        return True
