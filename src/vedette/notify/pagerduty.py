"""Sends incidents to PagerDuty's Events API v2: one alert an incident, triggered, kept up to date, resolved."""

from __future__ import annotations

import json
from typing import Any, Final

from vedette.notify.base import Document
from vedette.notify.message import EVERYWHERE, Message, message
from vedette.notify.post import Door
from vedette.notify.words import Words, clean

URL: Final = "https://events.pagerduty.com/v2/enqueue"
EUROPE: Final = "https://events.eu.pagerduty.com/v2/enqueue"

SUMMARY: Final = 1024
KEY: Final = 255
"""Characters that PagerDuty takes in a summary and in a deduplication key."""

_SEVERITY: Final = {"low": "info", "medium": "warning", "high": "error", "critical": "critical"}


class PagerDuty:
    """One integration; the door's secret is its routing key.

    A change of severity triggers again under the same key, which updates the alert and pages nobody anew.
    Vedette has no state "acknowledged", so that event is never sent.
    """

    repeat_after = None
    takes_digests = False
    keeps_open = True

    def __init__(self, name: str, door: Door, words: Words) -> None:
        self.name = name
        self._door, self._words = door, words

    def send(self, document: Document, now: int) -> None:
        """Deliver one event; raises `DeliveryFailed`."""
        del now
        body = event(document, message(document, self._words), self._door.secret)
        self._door.post(json.dumps(body).encode(), {"Content-Type": "application/json"})


def event(incident: Document, letter: Message, routing_key: str) -> dict[str, Any]:
    """Return an incident as an event of the API."""
    over = letter.phase == "resolved"
    parts = incident["segment_parts"]
    body: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": "resolve" if over else "trigger",
        "dedup_key": f"vedette-{letter.subject}"[:KEY],
        "client": "Vedette",
        "payload": {
            "summary": clean(letter.title, SUMMARY),
            "source": incident["segment"] or EVERYWHERE,
            "severity": _SEVERITY[letter.severity],
            "timestamp": incident["started_at"],
            "component": parts["service"],
            "group": parts["environment"],
            "class": letter.kind,
            "custom_details": {
                "letter": letter.id,
                "text": letter.text,
                **dict(letter.facts),
                "contributions": [f"{part.share or 0:.0f} % {part.text}; {part.note}" for part in letter.parts],
                "notes": list(letter.notes),
                "read on": letter.command,
            },
        },
    }
    if letter.link:
        body |= {"client_url": letter.link, "links": [{"href": letter.link, "text": "Open in Vedette"}]}
    return body
