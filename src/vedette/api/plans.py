"""Planned events and silences between what the API says and what the product keeps."""

from __future__ import annotations

from hashlib import blake2b

from vedette.api.reader import Document
from vedette.engine.offers import Offer
from vedette.engine.silences import Matcher, Silence
from vedette.records.context import CHANGES, EventKind, PlannedEvent
from vedette.records.time import rfc3339


def event_of(document: Document) -> PlannedEvent:
    """Return the event that a `plan_models.NewEvent` describes; without an id it gets one of kind, title and start."""
    kind, title, start = EventKind(document["kind"]), document["title"], document["start"]
    name = document["id"] or blake2b(f"{kind.value}\0{title}\0{start}".encode(), digest_size=8).hexdigest()
    end = start if kind in CHANGES else document["end"]
    return PlannedEvent(name, kind, title, start, end, tuple(document["segments"]), document["lift"])


def shown(event: PlannedEvent, moment: int) -> Document:
    """Return an event as `plan_models.Event`."""
    return {
        "id": event.id,
        "kind": event.kind.value,
        "title": event.title,
        "start": rfc3339(event.start),
        "end": rfc3339(event.end),
        "segments": list(event.segments),
        "lift": event.lift,
        "state": "over" if event.end <= moment else "ahead" if event.start > moment else "on",
    }


def offered(offer: Offer) -> Document:
    """Return a job that was found as `plan_models.Job`."""
    return {
        "id": offer.id,
        "service": offer.service,
        "numbers": list(offer.labels),
        "start": rfc3339(offer.start),
        "end": rfc3339(offer.end),
        "every_days": offer.days,
        "times": offer.times,
    }


def silence_of(document: Document) -> Silence:
    """Return the silence that a `plan_models.NewSilence` describes."""
    return Silence(
        document["id"],
        tuple(Matcher(**one) for one in document["matchers"]),
        document["startsAt"],
        document["endsAt"],
        document["createdBy"],
        document["comment"],
    )
