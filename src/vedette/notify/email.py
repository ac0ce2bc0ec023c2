"""Sends incidents by e-mail: plain text and HTML, the mails of one incident as one thread."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Final

from vedette.notify.base import DeliveryFailed, Document
from vedette.notify.cut import Cut
from vedette.notify.html import html
from vedette.notify.message import Message, message
from vedette.notify.plain import plain
from vedette.notify.post import DEADLINE, PAUSE, scrubbed
from vedette.notify.words import Words
from vedette.records.time import SECOND

SECURITIES: Final = ("starttls", "tls", "none")
PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
"""Submission (RFC 6409, RFC 8314) and relay."""


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server.

    Parameters
    ----------
    host, port
        Where it listens.
    security
        ``starttls`` and ``tls`` check the server's certificate; ``none`` is for a relay on this machine.
    user, password
        To sign in with; empty for none.
    ca_file
        Of a certificate authority to trust instead of the usual ones.
    timeout
        Seconds that one mail may take.
    """

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    timeout: float = DEADLINE


class Email:
    """One list of recipients.

    A recipient that the server refused, while it took others, is tried again alone, until a restart. When
    the server's answer to a whole mail is lost, the mail comes twice with one ``Message-ID``.
    """

    repeat_after = None
    takes_digests = True
    keeps_open = False

    def __init__(self, name: str, relay: Relay, sender: str, to: Sequence[str], words: Words) -> None:
        self.name = name
        self._relay, self._sender, self._to, self._words = relay, sender, tuple(to), words
        self._refused: dict[str, tuple[str, ...]] = {}

    def send(self, document: Document, now: int) -> None:
        """Deliver one mail; raises `DeliveryFailed`."""
        letter = message(document, self._words)
        mail = self._mail(letter, now)
        to = self._refused.get(letter.id, self._to)
        try:
            with Cut(self._relay.timeout) as cut:
                refused = _deliver(self._relay, cut, mail, parseaddr(self._sender)[1], to)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            late = cut.over or isinstance(error, TimeoutError)
            words = f"no answer within {self._relay.timeout:g} s" if late else f"{type(error).__name__} {error}"
            raise self._failed(words) from None
        if refused:
            self._refused[letter.id] = tuple(refused)
            raise self._failed(f"refused {', '.join(refused)}: {next(iter(refused.values()))}")
        self._refused.pop(letter.id, None)

    def _failed(self, words: str) -> DeliveryFailed:
        return DeliveryFailed(f"{self._relay.host}:{self._relay.port}: {scrubbed(words, [self._relay.password])}")

    def _mail(self, letter: Message, now: int) -> EmailMessage:
        mail, domain = EmailMessage(), parseaddr(self._sender)[1].rpartition("@")[2]
        mail["From"], mail["To"], mail["Subject"] = self._sender, ", ".join(self._to), letter.headline
        mail["Date"] = format_datetime(datetime.fromtimestamp(now // SECOND, UTC))
        mail["Message-ID"] = f"<{letter.id}@vedette.{domain}>"
        if letter.phase != "digest":
            mail["References"] = f"<{letter.subject}@vedette.{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Vedette-Incident"], mail["X-Vedette-Severity"] = letter.subject, letter.severity
        mail.set_content(plain(letter))
        mail.add_alternative(html(letter), subtype="html")
        return mail


class _Smtp(smtplib.SMTP):
    """`smtplib.SMTP` whose connection ends with a `Cut`, with TLS from the first byte if that is asked for."""

    def __init__(self, relay: Relay, cut: Cut, trust: ssl.SSLContext | None) -> None:
        self._cut, self._trust = cut, trust
        super().__init__(relay.host, relay.port, timeout=min(PAUSE, relay.timeout))

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        raw = socket.create_connection((host, port), timeout)
        self._cut.hold(raw)
        return self._trust.wrap_socket(raw, server_hostname=host) if self._trust else raw


def _deliver(
    relay: Relay, cut: Cut, mail: EmailMessage, sender: str, to: Sequence[str]
) -> dict[str, tuple[int, bytes]]:
    """Hand a mail to the server, and return the recipients that it refused while it took others."""
    trust = ssl.create_default_context(cafile=relay.ca_file or None)
    smtp = _Smtp(relay, cut, trust if relay.security == "tls" else None)
    try:
        if relay.security == "starttls":
            smtp.starttls(context=trust)
        if relay.user:
            smtp.login(relay.user, relay.password)
        return smtp.send_message(mail, sender, list(to))
    finally:
        with suppress(smtplib.SMTPException, OSError):  # the server has answered; how it says goodbye is its affair
            smtp.quit()
        smtp.close()
