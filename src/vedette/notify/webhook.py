"""Sends incidents as JSON to a URL, signed if a secret is set: our own document, or one of two standards."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from hmac import new as hmac
from typing import Any, Final

from vedette.notify.base import Document
from vedette.notify.message import letter_id
from vedette.notify.post import Door
from vedette.records.time import rfc3339

SOURCE: Final = "/vedette"

FORMATS: Final = ("vedette", "cloudevents", "ocsf")
"""Our document as a CloudEvent in binary mode; in structured mode, for who sees no headers; an OCSF finding."""


class Webhook:
    """One receiver; the door's secret is the key of the ``X-Vedette-Signature`` header, ``sha256=`` and the HMAC.

    Parameters
    ----------
    kind
        One of `FORMATS`.
    translate
        Makes an OCSF finding of an incident; digests have no such form.

    References
    ----------
    CloudEvents 1.0.2, HTTP protocol binding, sections 3.1 (binary) and 3.2 (structured).
    """

    repeat_after = None
    keeps_open = False

    def __init__(
        self, name: str, door: Door, kind: str = "vedette", translate: Callable[[Document], Document] | None = None
    ) -> None:
        self.name = name
        self.takes_digests = translate is None
        self._door, self._kind, self._translate = door, kind, translate

    def send(self, document: Document, now: int) -> None:
        """Deliver one document; raises `DeliveryFailed`."""
        event = attributes(document, now)
        if self._kind == "cloudevents":
            headers = {"Content-Type": "application/cloudevents+json"}
            body = json.dumps({**event, "datacontenttype": "application/json", "data": document}).encode()
        else:
            headers = {"Content-Type": "application/json", **{f"ce-{name}": text for name, text in event.items()}}
            body = json.dumps(self._translate(document) if self._translate else document).encode()
        if self._door.secret:
            headers["X-Vedette-Signature"] = "sha256=" + hmac(self._door.secret.encode(), body, sha256).hexdigest()
        self._door.post(body, headers)


def attributes(document: Document, now: int) -> dict[str, Any]:
    """Return the attributes of a CloudEvent; source and id together name the letter for good."""
    digest = document["phase"] == "digest"
    return {
        "specversion": "1.0",
        "type": "vedette.digest" if digest else f"vedette.incident.{document['phase']}",
        "source": SOURCE,
        "id": document["id"] if digest else letter_id(document),
        "time": rfc3339(now),
        "subject": document["id"],
    }
