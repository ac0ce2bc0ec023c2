"""A channel as configured, and the notifier that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vedette.notify import email as mail
from vedette.notify import pagerduty, syslog
from vedette.notify.alertmanager import Alertmanager
from vedette.notify.base import Document, Notifier
from vedette.notify.ntfy import Ntfy
from vedette.notify.ocsf import detection_finding
from vedette.notify.post import DEADLINE, Door, masked
from vedette.notify.slack import Slack
from vedette.notify.teams import Teams
from vedette.notify.webhook import Webhook
from vedette.notify.words import USUAL, Words
from vedette.records.attack import Table, builtin


@dataclass(frozen=True, slots=True)
class Channel:
    """One receiver.

    Parameters
    ----------
    name, type
        As configured; `TYPES` lists the types.
    url, secret
        Both may hold secrets, and are never shown whole.
    timeout
        Seconds that one letter may take.
    title, template
        Templates of headline and text.
    ca_file
        Of a certificate authority to trust instead of the usual ones.
    server
        ``host`` or ``host:port`` of a mail or syslog server.
    security, user, sender, to
        Of mail.
    transport
        Of syslog.
    format
        Of a webhook.
    """

    name: str
    type: str
    url: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    timeout: float = DEADLINE
    title: str = USUAL.headline
    template: str = USUAL.body
    ca_file: str = ""
    server: str = ""
    security: str = mail.SECURITIES[0]
    user: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    transport: str = "tcp"
    format: str = "vedette"

    @property
    def door(self) -> Door:
        """Where it posts to."""
        return Door(self.url, self.secret, self.timeout, self.ca_file)

    def shown(self) -> dict[str, Any]:
        """Return what may be shown of it: never a secret, of an address only the host."""
        rows = {
            "type": self.type,
            "url": masked(self.url) if self.url else "",
            "secret": "…" if self.secret else "",
            **{name: getattr(self, name) for name in ("server", "user", "sender", "to")},
        }
        return {name: list(value) if name == "to" else value for name, value in rows.items() if value}


@dataclass(frozen=True, slots=True)
class Around:
    """What notifiers know of the rest of the product.

    Parameters
    ----------
    page
        Address of the page, for links; empty for none.
    release
        Of Vedette, for formats that name it.
    table
        What techniques are called.
    """

    page: str = ""
    release: str = ""
    table: Table = field(default_factory=builtin)


def place(server: str, port: int) -> tuple[str, int]:
    """Return host and port of a server; the port may be missing.

    >>> place("mail.example.com", 587), place("[::1]:25", 587)
    (('mail.example.com', 587), ('::1', 25))
    """
    host, colon, number = server.rpartition(":")
    if not colon or number.endswith("]"):
        return server.strip("[]"), port
    return host.strip("[]"), int(number)


def _email(channel: Channel, words: Words, around: Around) -> Notifier:
    del around
    host, port = place(channel.server, mail.PORTS[channel.security])
    relay = mail.Relay(host, port, channel.security, channel.user, channel.secret, channel.ca_file, channel.timeout)
    return mail.Email(channel.name, relay, channel.sender, channel.to, words)


def _syslog(channel: Channel, words: Words, around: Around) -> Notifier:
    host, port = place(channel.server, syslog.PORTS[channel.transport])
    server = syslog.Server(host, port, channel.transport, channel.ca_file, channel.timeout)
    return syslog.Syslog(channel.name, server, words, around.release)


def _webhook(channel: Channel, words: Words, around: Around) -> Notifier:
    del words
    if channel.format != "ocsf":
        return Webhook(channel.name, channel.door, channel.format)

    def translate(document: Document) -> Document:
        return detection_finding(document, around.table, around.release)

    return Webhook(channel.name, channel.door, "ocsf", translate)


TYPES: Final[Mapping[str, Callable[[Channel, Words, Around], Notifier]]] = {
    "alertmanager": lambda channel, words, _: Alertmanager(channel.name, channel.door, words),
    "email": _email,
    "ntfy": lambda channel, words, _: Ntfy(channel.name, channel.door, words),
    "pagerduty": lambda channel, words, _: pagerduty.PagerDuty(channel.name, channel.door, words),
    "slack": lambda channel, words, _: Slack(channel.name, channel.door, words),
    "syslog": _syslog,
    "teams": lambda channel, words, _: Teams(channel.name, channel.door, words),
    "webhook": _webhook,
}
"""Every type of channel, and what makes a notifier of it."""


def make(channel: Channel, around: Around) -> Notifier:
    """Return the notifier of a channel."""
    return TYPES[channel.type](channel, Words(around.page, channel.title, channel.template), around)
