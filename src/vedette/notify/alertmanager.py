"""Sends incidents to Alertmanager's v2 API: stable labels, sent again while they last, resolved when over."""

from __future__ import annotations

import json
from typing import Any, Final

from vedette.notify.base import DeliveryFailed
from vedette.notify.post import post
from vedette.records.time import SECOND, rfc3339

ENDS_AFTER: Final = 240 * SECOND
"""``endsAt`` while firing: four times the interval of sending again; a shorter one flaps."""


class Alertmanager:
    """One Alertmanager.

    Labels are stable over an incident's life (a rise in severity resolves the alert of the old
    severity); score and text are annotations.
    """

    repeat_after = 60.0

    def __init__(self, url: str) -> None:
        self.name = f"alertmanager {url}"
        self._url = url.rstrip("/") + "/api/v2/alerts"
        self._severity: dict[str, str] = {}

    def send(self, incident: dict[str, Any], now: int) -> None:
        """Deliver one incident; raises `DeliveryFailed`."""
        before = self._severity.get(incident["id"])
        alerts = [alert(incident, now)]
        if before not in (None, incident["severity"]):
            alerts.insert(0, alert({**incident, "severity": before, "ended_at": rfc3339(now)}, now))
        status, text = post(self._url, json.dumps(alerts).encode(), {"Content-Type": "application/json"})
        if status >= 300:
            raise DeliveryFailed(f"{self._url} answered {status}: {text}")
        self._severity[incident["id"]] = incident["severity"]


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
            **({"attack": ",".join(incident["techniques"])} if incident["techniques"] else {}),
        },
        "annotations": {
            "summary": incident["title"],
            "description": why["paragraph"],
            "counterfactual": why["counterfactual"],
            "score": f"{incident['score']:g}",
        },
        "startsAt": incident["started_at"],
        "endsAt": incident["ended_at"] or rfc3339(now + ENDS_AFTER),
    }
