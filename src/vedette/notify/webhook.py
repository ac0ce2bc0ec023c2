"""Sends incidents as JSON to a URL, as a CloudEvent in binary mode, signed if a secret is set."""

from __future__ import annotations

import json
from hashlib import sha256
from hmac import new as hmac
from typing import Any

from vedette.notify.post import name_of, post
from vedette.records.time import rfc3339


class Webhook:
    """One receiver.

    Parameters
    ----------
    url
        Where to POST.
    secret
        Key of the ``X-Vedette-Signature`` header, ``sha256=`` and the body's HMAC; empty for none.

    References
    ----------
    CloudEvents 1.0.2, HTTP protocol binding, section 3.1.
    """

    repeat_after = None

    def __init__(self, url: str, secret: str = "") -> None:
        self.name = name_of("webhook", url)
        self._url = url
        self._secret = secret

    def send(self, incident: dict[str, Any], now: int) -> None:
        """Deliver one incident; raises `DeliveryFailed`."""
        body = json.dumps(incident).encode()
        headers = {
            "Content-Type": "application/json",
            "ce-specversion": "1.0",
            "ce-type": f"vedette.incident.{incident['phase']}",
            "ce-source": "/vedette",
            "ce-id": f"{incident['id']}-{incident['phase']}-{incident['severity']}",
            "ce-time": rfc3339(now),
        }
        if self._secret:
            headers["X-Vedette-Signature"] = "sha256=" + hmac(self._secret.encode(), body, sha256).hexdigest()
        post(self._url, body, headers)
