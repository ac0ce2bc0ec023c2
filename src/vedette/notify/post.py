"""One HTTP POST with a deadline, and how a receiver is named without its secrets."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from time import monotonic
from typing import Final
from urllib.parse import urlsplit

from vedette.notify.base import DeliveryFailed

DEADLINE: Final = 10.0
"""Seconds in all."""

PAUSE: Final = 5.0
"""Seconds that the receiver may be silent."""

ENOUGH: Final = 200
"""Bytes of an answer that are read: for a message, not for keeping."""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send, and return if the answer is 2xx.

    Raises
    ------
    DeliveryFailed
        When there is no answer in time, or another one; names the host, never the path.
    """
    import httpx

    until = monotonic() + DEADLINE
    answer = b""
    try:
        with httpx.stream("POST", url, content=body, headers=dict(headers), timeout=PAUSE) as response:
            for part in response.iter_raw():
                answer += part[:ENOUGH]
                if len(answer) >= ENOUGH or monotonic() > until:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(f"{host_of(url)}: {type(error).__name__} {error}") from error
    if not response.is_success:
        raise DeliveryFailed(f"{host_of(url)} answered {response.status_code}: {answer.decode('utf-8', 'replace')}")


def host_of(url: str) -> str:
    """Return host and port: paths and passwords of webhooks are secrets.

    >>> host_of("https://user:secret@hooks.example.com:8443/services/T0/secret")
    'hooks.example.com:8443'
    """
    return urlsplit(url).netloc.rpartition("@")[2]


def name_of(kind: str, url: str) -> str:
    """Return a short name that tells receivers apart and holds no secret."""
    return f"{kind} {host_of(url)} {blake2b(url.encode(), digest_size=4).hexdigest()}"
