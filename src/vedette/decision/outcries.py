"""Other tools' alerts that together deserve a person, as findings: one for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import nan
from typing import Final

from vedette.decision.points import CALLS
from vedette.records import schema
from vedette.records.alert import Oddity, Outcry
from vedette.records.finding import Finding, Kind
from vedette.records.window import Window

EACH: Final = 1.2
"""Decades beyond `CALLS` for each further time the evidence that is just told of: five times it is critical."""
MOST_DECADES: Final = 8.0


def odd_alerts(window: Window, outcry: Outcry, threshold: float) -> Iterator[Finding]:
    """Yield the findings of an outcry; each weighs by its share of the most telling one's evidence."""
    decades = min(CALLS + EACH * (outcry.evidence / outcry.need - 1.0), MOST_DECADES)
    most = max(part.weight for part in outcry.parts)
    for part in outcry.parts:
        alert = part.alert
        lies = decades * part.weight / most
        decisive = outcry.evidence - part.weight < outcry.need
        yield Finding(
            detector="triage",
            segment=outcry.segment,
            feature=f"alert: {alert.host or alert.segment.service}",
            kind=Kind.SECURITY,
            start=window.start,
            end=window.end,
            actual=float(alert.count),
            expected=part.days / max(part.since, part.days),
            lower=0.0,
            upper=0.0,
            p_value=threshold * 10.0**-lies,
            surprise=lies,
            threshold=threshold,
            counterfactual=0.0 if decisive else nan,
            unit="",
            item=alert.name,
            entities=alert.entities,
            evidence=window.context.evidence(alert.segment),
            told=told(part),
        )


def told(part: Oddity) -> str:
    """Return in words what is odd of an alert."""
    alert = part.alert
    where = f"on {alert.host}" if alert.host else f"of {alert.segment.service}"
    times = f", {alert.count} times" if alert.count > 1 else ""
    what = f"“{alert.name}” {where}{times}, of {schema.URGENCIES[alert.urgency]} urgency"
    watched = max(part.since, part.days)
    if part.days == 0:
        return f"{what}: nothing here had it in {_number(watched, 'day')}"
    site = f"the site had it on {part.days} of {_number(watched, 'day')}"
    if part.visits == 0:
        return f"{what}: {'this host' if alert.host else 'this service'} never had it; {site}"
    return f"{what}: in {_number(part.visits, 'span')} of ten minutes before; {site}"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'s' if count != 1 else ''}"
