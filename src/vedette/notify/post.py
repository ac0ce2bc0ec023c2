"""One HTTP POST with a deadline, and how a receiver is named without its secrets."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from time import monotonic
from typing import Final
from urllib.parse import unquote, urlsplit

from vedette.notify.base import DeliveryFailed
from vedette.notify.cut import Cut

DEADLINE: Final = 10.0
"""Seconds in all."""

PAUSE: Final = 5.0
"""Seconds that the receiver may be silent."""

ENOUGH: Final = 200
"""Bytes of an answer that are read: for a message, not for keeping."""

SECRET_AT_LEAST: Final = 4
"""Characters from which a part of an address is taken out of messages: shorter ones are words such as ``v2``."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a channel posts to.

    Parameters
    ----------
    url
        With whatever secrets its path or user part holds.
    secret
        A key or token that goes with it; never shown.
    timeout
        Seconds in all that a POST may take.
    ca_file
        Of a certificate authority to trust instead of the usual ones; empty for those.
    """

    url: str = field(repr=False)
    secret: str = field(default="", repr=False)
    timeout: float = DEADLINE
    ca_file: str = ""

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Send, and return if the answer is 2xx.

        Raises
        ------
        DeliveryFailed
            When there is no answer in time, or another one; names the host, never the path, and takes
            secrets out of what the receiver said.
        """
        try:
            status, answer = self._ask(body, headers)
        except DeliveryFailed as error:
            raise DeliveryFailed(f"{host_of(self.url)}: {self._scrubbed(str(error))}") from None
        if not 200 <= status < 300:
            raise DeliveryFailed(f"{host_of(self.url)} answered {status}: {self._scrubbed(answer)}")

    def _ask(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        import httpx

        until, answer = monotonic() + self.timeout, b""
        trust = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else True
        with Cut(self.timeout) as cut:
            try:
                with (
                    httpx.Client(verify=trust, timeout=min(PAUSE, self.timeout)) as client,
                    client.stream(
                        "POST", self.url, content=body, headers=dict(headers), extensions={"trace": cut.trace}
                    ) as response,
                ):
                    for part in response.iter_raw():
                        answer += part[:ENOUGH]
                        if len(answer) >= ENOUGH or monotonic() > until:
                            break
            except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
                late = cut.over or isinstance(error, httpx.TimeoutException)
                words = f"no answer within {self.timeout:g} s" if late else f"{type(error).__name__} {error}"
                raise DeliveryFailed(words) from error
        return response.status_code, answer[:ENOUGH].decode("utf-8", "replace")

    def _scrubbed(self, text: str) -> str:
        return scrubbed(text, [self.secret, *secrets_of(self.url)])


def secrets_of(url: str) -> list[str]:
    """Return the parts of an address that may be secret, longest first: path, query, user and password."""
    parts = urlsplit(url)
    found = {parts.path, parts.query, parts.username or "", parts.password or "", *parts.path.split("/")}
    found |= {unquote(one) for one in found}
    return sorted((one for one in found if len(one) >= SECRET_AT_LEAST), key=len, reverse=True)


def scrubbed(text: str, secrets: list[str]) -> str:
    """Return text without secrets.

    >>> scrubbed("no such path /services/T0/hunter2", ["hunter2"])
    'no such path /services/T0/…'
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text


def host_of(url: str) -> str:
    """Return host and port: paths and passwords of webhooks are secrets.

    >>> host_of("https://user:secret@hooks.example.com:8443/services/T0/secret")
    'hooks.example.com:8443'
    """
    return urlsplit(url).netloc.rpartition("@")[2]


def masked(url: str) -> str:
    """Return an address as it may be shown.

    >>> masked("https://user:secret@hooks.example.com/services/T0/secret")
    'https://hooks.example.com/…'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{host_of(url)}{'/…' if parts.path.strip('/') or parts.query else ''}"


def name_of(kind: str, url: str) -> str:
    """Return a short name that tells receivers apart and holds no secret."""
    return f"{kind} {host_of(url)} {blake2b(url.encode(), digest_size=4).hexdigest()}"
