"""Sends incidents to Alertmanager's v2 API: stable labels, sent again while they last, resolved when over."""

from __future__ import annotations

import json
from typing import Any, Final

from vedette.notify.post import name_of, post
from vedette.records.time import SECOND, rfc3339

ENDS_AFTER: Final = 240 * SECOND
"""``endsAt`` while firing: four times the interval of sending again; a shorter one flaps."""


class Alertmanager:
    """One Alertmanager.

    Score and text are annotations. Labels that changed since the last time, such as a severity that
    rose, make another alert: the one of the old labels is resolved in the same request.
    """

    repeat_after = 60.0

    def __init__(self, url: str) -> None:
        self.name = name_of("alertmanager", url)
        self._url = url.rstrip("/") + "/api/v2/alerts"
        self._sent: dict[str, dict[str, Any]] = {}

    def send(self, incident: dict[str, Any], now: int) -> None:
        """Deliver one incident; raises `DeliveryFailed`."""
        fresh = alert(incident, now)
        before = self._sent.get(incident["id"], fresh)
        alerts = [fresh]
        if before["labels"] != fresh["labels"]:
            alerts.insert(0, {**before, "endsAt": rfc3339(now)})
        post(self._url, json.dumps(alerts).encode(), {"Content-Type": "application/json"})
        if incident["ended_at"]:
            self._sent.pop(incident["id"], None)
        else:
            self._sent[incident["id"]] = fresh


def alert(incident: dict[str, Any], now: int) -> dict[str, Any]:
    """Return an incident as a postable alert of the v2 API."""
    why = incident["explanation"]
    return {
        "labels": {
            "alertname": "VedetteIncident",
            "incident": incident["id"],
            "segment": incident["segment"],
            "service": incident["segment_parts"]["service"],
            "kind": incident["kind"],
            "severity": incident["severity"],
        },
        "annotations": {
            "summary": incident["title"],
            "description": why["paragraph"],
            "counterfactual": why["counterfactual"],
            "score": f"{incident['score']:g}",
            "techniques": ", ".join(incident["techniques"]),
        },
        "startsAt": incident["started_at"],
        "endsAt": incident["ended_at"] or rfc3339(now + ENDS_AFTER),
    }
