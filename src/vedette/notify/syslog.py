"""Sends incidents to a syslog server, RFC 5424 with a CEF line, over UDP, TCP or TLS."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from vedette.notify.base import DeliveryFailed, Document
from vedette.notify.cef import cef_line
from vedette.notify.cut import Cut
from vedette.notify.message import Message, message
from vedette.notify.post import DEADLINE, PAUSE
from vedette.notify.words import Words
from vedette.records.time import rfc3339

TRANSPORTS: Final = ("udp", "tcp", "tls")
PORTS: Final = {"udp": 514, "tcp": 601, "tls": 6514}
"""As registered: RFC 5426, 6587 and 5425."""

FACILITY: Final = 13
"""Log audit (RFC 5424, table 1): what watches others."""

_LEVEL: Final = {"low": 5, "medium": 4, "high": 3, "critical": 2}
"""Notice, warning, error, critical (RFC 5424, table 2)."""

DATAGRAM: Final = 2048
"""Bytes of a UDP message: what every receiver should take (RFC 5426, 3.2)."""

GOODBYE: Final = 2.0
"""Seconds that we wait for the receiver to read to the end and close."""


@dataclass(frozen=True, slots=True)
class Server:
    """A syslog server.

    Parameters
    ----------
    host, port
        Where it listens.
    transport
        ``udp``, ``tcp`` or ``tls``; ``tls`` checks the server's certificate.
    ca_file
        Of a certificate authority to trust instead of the usual ones.
    timeout
        Seconds that one line may take.
    """

    host: str
    port: int
    transport: str = "tcp"
    ca_file: str = ""
    timeout: float = DEADLINE


class Syslog:
    """One server.

    Syslog has no answers. Over TCP and TLS we close our side and wait until the server has read to the
    end, so a server that dies while reading is a failed delivery. Over UDP nothing is ever known.
    """

    repeat_after = None
    takes_digests = False
    keeps_open = False

    def __init__(self, name: str, server: Server, words: Words, release: str) -> None:
        self.name = name
        self._server, self._words, self._release = server, words, release
        self._host = socket.gethostname() or "-"

    def send(self, document: Document, now: int) -> None:
        """Deliver one line; raises `DeliveryFailed`."""
        letter = message(document, self._words)
        told = {**document, "title": letter.title, "explanation": {**document["explanation"], "sentence": letter.text}}
        line = syslog_line(letter, cef_line(told, self._release), self._host, now)
        server = self._server
        try:
            with Cut(server.timeout) as cut:
                (_send_datagram if server.transport == "udp" else _send_stream)(server, line, cut)
        except OSError as error:
            late = cut.over or isinstance(error, TimeoutError)
            words = f"no answer within {server.timeout:g} s" if late else f"{type(error).__name__} {error}"
            raise DeliveryFailed(f"{server.host}:{server.port}: {words}") from error


def syslog_line(letter: Message, body: str, host: str, now: int) -> bytes:
    """Return one RFC 5424 message; its structured data holds the letter's id, for who wants to compare."""
    level = _LEVEL[letter.severity] if letter.phase == "firing" else 6
    head = f"<{FACILITY * 8 + level}>1 {rfc3339(now)} {_word(host, 255)} vedette - {letter.phase}"
    return f'{head} [vedette@32473 letter="{_word(letter.id, 200)}"] {body}'.encode()


def _word(text: str, most: int) -> str:
    """Return printable ASCII without what ends a field."""
    return "".join(char if "!" <= char <= "~" and char not in '"]\\' else "_" for char in text)[:most]


def _send_datagram(server: Server, line: bytes, cut: Cut) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind, protocol) as connection:
        connection.settimeout(min(PAUSE, server.timeout))
        cut.hold(connection)
        connection.connect(address)
        connection.send(line[:DATAGRAM].decode(errors="ignore").encode())


def _send_stream(server: Server, line: bytes, cut: Cut) -> None:
    raw = socket.create_connection((server.host, server.port), min(PAUSE, server.timeout))
    cut.hold(raw)
    with _secured(raw, server) as connection:
        connection.sendall(b"%d %s" % (len(line), line))  # octet counting, RFC 6587 3.4.1
        connection.settimeout(GOODBYE)
        if isinstance(connection, ssl.SSLSocket):
            with suppress(ssl.SSLError, TimeoutError):
                connection.unwrap()
            return
        connection.shutdown(socket.SHUT_WR)
        with suppress(TimeoutError):
            while connection.recv(4096):
                pass


def _secured(raw: socket.socket, server: Server) -> socket.socket:
    if server.transport != "tls":
        return raw
    try:
        return ssl.create_default_context(cafile=server.ca_file or None).wrap_socket(raw, server_hostname=server.host)
    except OSError:
        raw.close()
        raise
