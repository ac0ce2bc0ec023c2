"""Sends incidents to Alertmanager's v2 API: stable labels, sent again while they last, resolved when over."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Final

from vedette.notify.base import Document
from vedette.notify.post import Door
from vedette.notify.words import USUAL, Words
from vedette.records.time import SECOND, rfc3339

ENDS_AFTER: Final = 240 * SECOND
"""``endsAt`` while firing: four times the interval of sending again; a shorter one flaps."""


class Alertmanager:
    """One Alertmanager.

    Score and text are annotations. Labels that changed since the last time, such as a severity that
    rose, make another alert: the one of the old labels is resolved in the same request. The door's secret
    is a bearer token, if any.
    """

    repeat_after = 60.0
    takes_digests = False
    keeps_open = True

    def __init__(self, name: str, door: Door, words: Words = USUAL) -> None:
        self.name = name
        self._words = words
        self._door = replace(door, url=door.url.rstrip("/") + "/api/v2/alerts")
        self._sent: dict[str, dict[str, Any]] = {}

    def send(self, document: Document, now: int) -> None:
        """Deliver one incident; raises `DeliveryFailed`."""
        incident, fresh = document, alert(document, self._words, now)
        before = self._sent.get(incident["id"], fresh)
        alerts = [fresh]
        if before["labels"] != fresh["labels"]:
            alerts.insert(0, {**before, "endsAt": rfc3339(now)})
        token = {"Authorization": f"Bearer {self._door.secret}"} if self._door.secret else {}
        self._door.post(json.dumps(alerts).encode(), {"Content-Type": "application/json", **token})
        if incident["ended_at"]:
            self._sent.pop(incident["id"], None)
        else:
            self._sent[incident["id"]] = fresh


def labels(incident: Document) -> dict[str, str]:
    """Return the labels of an incident, by which alerts are grouped and silences match."""
    return {
        "alertname": "VedetteIncident",
        "incident": incident["id"],
        "segment": incident["segment"],
        "service": incident["segment_parts"]["service"],
        "kind": incident["kind"],
        "severity": incident["severity"],
    }


def alert(incident: Document, words: Words, now: int) -> dict[str, Any]:
    """Return an incident as a postable alert of the v2 API."""
    why, link = incident["explanation"], words.link(incident["id"])
    return {
        "labels": labels(incident),
        "annotations": {
            "summary": words.title(incident),
            "description": words.text(incident),
            "counterfactual": why["counterfactual"],
            "score": f"{incident['score']:g}",
            "techniques": ", ".join(incident["techniques"]),
        },
        "startsAt": incident["started_at"],
        "endsAt": incident["ended_at"] or rfc3339(now + ENDS_AFTER),
        **({"generatorURL": link} if link else {}),
    }
