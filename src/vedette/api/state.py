"""What the running product says of itself: its status, its segments, and what sends to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vedette import __version__
from vedette.api.reader import Document
from vedette.engine.clock import now
from vedette.records.drift import Change
from vedette.records.feature import feature_of
from vedette.records.observation import Series
from vedette.records.score import State
from vedette.records.segment import Segment
from vedette.records.time import SECOND, rfc3339
from vedette.telemetry import metrics

if TYPE_CHECKING:
    from vedette.decision.decide import Decider
    from vedette.engine.product import Product  # heavy to import; the server listens before it is

DAY = 86_400 * SECOND


def status_of(product: Product | None, message: str, started: int) -> Document:
    """Return `vedette.api.models.Status`, of a product that may still be opening, with what is told meanwhile."""
    segments = segments_of(product)
    ready = sum(item["state"] == "ready" for item in segments)
    watching = product is not None and is_ready(product)
    state = "starting" if not watching else "watching" if ready else "learning"
    span = product.events.span() if product else None
    latest = product.engine.shard.extract.watermark.latest if product else 0
    counts = (
        product.incidents.count_by_severity() if product else dict.fromkeys(("low", "medium", "high", "critical"), 0)
    )
    total, bad = metrics.RECORDS.total(), metrics.REJECTED.total()
    return {
        "version": __version__,
        "state": state,
        "message": message or (product.trouble if product else ""),
        "started_at": rfc3339(started),
        "now": rfc3339(now()),
        "data_from": rfc3339(span[0]) if span else None,
        "data_to": rfc3339(latest) if latest else None,
        "tiles": {
            "incidents": {"open": sum(counts.values()), **counts},
            "events_per_second": product.gauges.events_per_second() if product else 0.0,
            "events_total": int(metrics.EVENTS.total()),
            "lag_seconds": product.gauges.lag_seconds() if product else 0.0,
            "segments": {"ready": ready, "learning": len(segments) - ready, "total": len(segments)},
            "budget": {
                "used": product.incidents.opened_since(now() - now() % DAY) if product else 0,
                "limit": product.config.decision.budget_per_day if product else 0.0,
            },
            "calibration": _calibration(product.engine.shard.decide if product else None),
            "drift": _drift(product.engine.shard.releases.changes if product else ()),
            "unreadable": {"total": int(bad), "share": bad / (total + bad) if total + bad else 0.0},
            "notifications": _notifications(product.channels() if product else []),
        },
    }


def is_ready(product: Product) -> bool:
    """Return whether recovery is over and events are taken in."""
    return product.recovered and not product.failed


def segments_of(product: Product | None) -> list[Document]:
    """Return all segments as `vedette.api.models.SegmentItem`, with what those that learn still miss."""
    if product is None:
        return []
    shard = product.engine.shard
    by_segment: dict[Segment, list[tuple[Series, int]]] = {}
    for slot, one in enumerate(list(shard.extract.series.keys)):
        by_segment.setdefault(one.segment, []).append((one, slot))
    states = shard.states
    tiers = shard.extract.tiers
    return [{**_segment(one, rows, states), "tier": tiers.of(one)} for one, rows in sorted(by_segment.items())]


def sources_of(product: Product | None) -> list[Document]:
    """Return `vedette.api.models.SourceItem` of all ways in that were used so far."""
    if product is None:
        return []
    return [
        {
            "source": name,
            "signal": source.signal,
            "events_total": source.events,
            "events_per_second": source.events * SECOND / max(now() - source.first, SECOND),
            "last_event_at": rfc3339(source.last) if source.last else None,
            "unreadable_total": source.unreadable,
        }
        for name, source in sorted(product.intake.sources.items())
    ]


def _notifications(channels: list[Document]) -> Document:
    return {
        "waiting": sum(one["waiting"] for one in channels),
        "lag_seconds": max((one["lag_seconds"] for one in channels), default=0.0),
        "failing": [one["name"] for one in channels if one["trouble"]],
    }


def _calibration(decide: Decider | None) -> Document:
    if decide is None:
        return {"failing": [], "incidents_per_day": 0.0}
    failing = [f"{detector}: {group}" for detector, groups in decide.abstaining.items() for group in groups]
    failing += [f"{flood} everywhere: incident {name}" for flood, name in decide.misbehaving]
    return {"failing": failing, "incidents_per_day": decide.realized}


def _drift(changes: Sequence[Change]) -> list[Document]:
    return [
        {
            "service": str(change.service),
            "since": rfc3339(change.since),
            "noticed_at": rfc3339(change.noticed),
            "share": change.share,
            "kinds": change.items,
            "retrained": change.retrained,
            "settled_at": rfc3339(change.settled) if change.settled else None,
        }
        for change in changes
    ]


def _segment(segment: Segment, rows: list[tuple[Series, int]], states: Any) -> Document:
    known = [(states.state[slot], states.missing[slot]) for _, slot in rows if slot < len(states.state)]
    ready = any(state == State.READY for state, _ in known)
    abstains = not ready and any(state == State.ABSTAIN for state, _ in known)
    missing = 0.0 if ready or abstains else min((float(wait) for _, wait in known), default=0.0)
    return {
        "segment": str(segment),
        "segment_parts": asdict(segment),
        "state": "ready" if ready else "abstain" if abstains else "learning",
        "missing_seconds": missing,
        "missing": _missing(missing, ready=ready, abstains=abstains),
        "features": [
            {"feature": one.feature, "unit": feature_of(one.feature).unit, "quantity": one.quantity.name.lower()}
            for one, _ in rows
        ],
    }


def _length(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _missing(seconds: float, *, ready: bool, abstains: bool) -> str:
    if abstains:
        return "abstains: its p-values fail the test of their calibration"
    return "" if ready else f"needs {_length(seconds)} more of history"
