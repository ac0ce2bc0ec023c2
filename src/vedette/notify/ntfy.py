"""Sends incidents to a topic of an ntfy server, for telephones."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from vedette.notify.base import DeliveryFailed, Document
from vedette.notify.message import Message, message
from vedette.notify.post import Door, scrubbed
from vedette.notify.words import Words

LARGEST: Final = 4096
"""Bytes of a message; ntfy makes a file of what is longer."""

_PRIORITY: Final = {"low": 2, "medium": 3, "high": 4, "critical": 5}
_TAGS: Final = {"firing": "rotating_light", "resolved": "white_check_mark", "digest": "bar_chart"}


class Ntfy:
    """One topic: the last part of the door's address; its secret is an access token, if any.

    The letter's id is the ``sequence_id``, by which servers from 2.16 on replace what is sent again.
    """

    repeat_after = None
    takes_digests = True
    keeps_open = False

    def __init__(self, name: str, door: Door, words: Words) -> None:
        self.name = name
        self._door, self._words = door, words

    def send(self, document: Document, now: int) -> None:
        """Deliver one message; raises `DeliveryFailed`."""
        del now
        headers = {"Content-Type": "application/json"}
        if self._door.secret:
            headers["Authorization"] = f"Bearer {self._door.secret}"
        parts = urlsplit(self._door.url)
        base, _, topic = parts.path.rstrip("/").rpartition("/")
        server = replace(self._door, url=urlunsplit(parts._replace(path=base + "/")))
        try:
            server.post(json.dumps(ntfy(message(document, self._words), topic)).encode(), headers)
        except DeliveryFailed as error:  # whoever knows a topic can read it
            raise DeliveryFailed(scrubbed(str(error), [topic])) from None


def ntfy(letter: Message, topic: str) -> dict[str, Any]:
    """Return a message as ntfy takes it in JSON."""
    lines = [letter.text, *(f"{name}: {value}" for name, value in letter.facts), *letter.notes]
    body: dict[str, Any] = {
        "topic": topic,
        "title": letter.headline,
        "message": _first_bytes("\n".join(lines), LARGEST),
        "priority": _PRIORITY[letter.severity] if letter.phase == "firing" else 2,
        "tags": [_TAGS[letter.phase], letter.kind],
        "sequence_id": letter.id,
    }
    if letter.link:
        body |= {"click": letter.link, "actions": [{"action": "view", "label": "Open", "url": letter.link}]}
    return body


def _first_bytes(text: str, most: int) -> str:
    """Return as much of a text as fits into bytes, whole characters only.

    >>> _first_bytes("p95 ≤ 1 s", 6)
    'p95 '
    """
    return text.encode()[:most].decode(errors="ignore")
