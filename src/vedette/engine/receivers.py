"""Who is told: the notifiers of the configuration, the routes to them, and how one is tried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vedette import __version__
from vedette.config.schema import Notify
from vedette.notify.alertmanager import Alertmanager
from vedette.notify.base import Document, Notifier
from vedette.notify.channel import Around, make
from vedette.notify.post import Door, masked, name_of
from vedette.notify.route import Routes
from vedette.notify.sample import sample
from vedette.notify.webhook import Webhook
from vedette.notify.words import Words
from vedette.records.attack import Table, builtin

Choose = Callable[[Document, int], Sequence[str]]
"""Returns the names of the receivers of an incident at a time (ns since the epoch)."""


def make_notifiers(config: Notify, table: Table | None = None) -> list[Notifier]:
    """Return the notifiers that the configuration asks for; called again, it returns others of the same names."""
    hooks = [Webhook(name_of("webhook", url), Door(url, config.webhook_secret)) for url in config.webhooks]
    words, around = Words(config.link), Around(config.link, __version__, table or builtin())
    managers = [Alertmanager(name_of("alertmanager", url), Door(url), words) for url in config.alertmanagers]
    return [*hooks, *managers, *(make(channel, around) for channel in config.channels.values())]


def make_choice(config: Notify) -> Choose:
    """Return who is told of what: channels by the routes, all of them where there are no routes.

    ``notify.webhooks`` and ``notify.alertmanagers`` are outside the routes and hear of everything. Of what is
    simulated nobody hears, unless ``notify.simulated``.
    """
    routes = Routes(config.routes, config.teams)
    always = [notifier.name for notifier in make_notifiers(config) if notifier.name not in config.channels]

    def choose(incident: Document, moment: int) -> Sequence[str]:
        if incident.get("simulated") and not config.simulated:
            return []
        ways = routes.channels(incident, moment) if config.routes else list(config.channels)
        return [*always, *ways]

    return choose


def describe(config: Notify) -> dict[str, dict[str, Any]]:
    """Return every receiver by its name, as it may be shown."""
    hooks = {name_of("webhook", url): {"type": "webhook", "url": masked(url)} for url in config.webhooks}
    managers = {
        name_of("alertmanager", url): {"type": "alertmanager", "url": masked(url)} for url in config.alertmanagers
    }
    return {**hooks, **managers, **{name: channel.shown() for name, channel in config.channels.items()}}


def target_of(described: dict[str, Any]) -> str:
    """Return where a receiver is, in one line: host, server or recipients."""
    return str(described.get("url") or ", ".join(described.get("to", ())) or described.get("server", ""))


def try_out(notifier: Notifier, moment: int) -> None:
    """Send a test, and where it would stay open its end as well.

    Raises
    ------
    DeliveryFailed
        When the receiver does not take it.
    """
    notifier.send(sample(moment), moment)
    if notifier.keeps_open:
        notifier.send(sample(moment, "resolved"), moment)
