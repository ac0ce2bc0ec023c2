"""Alerts of other tools in one window, and what is made of several of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vedette.records.segment import Segment


@dataclass(frozen=True, slots=True)
class Alert:
    """One kind of alert on one host in one window.

    Parameters
    ----------
    time
        When it came first in the window, ns since the epoch.
    segment
        The service that it was sent as: the tool's, or the one that it is about.
    host, name
        Masked; the host is ``""`` where the tool names none.
    urgency
        Place in `vedette.records.schema.URGENCIES`, the most urgent one of the window.
    count
        How often it came in the window.
    entities
        Masked identities behind the first one.
    """

    time: int
    segment: Segment
    host: str
    name: str
    urgency: int
    count: int
    entities: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[Any, ...]:
        """What alerts are sorted by; no two of a window are equal."""
        return self.time, self.segment.order, self.name, self.host

    def row(self) -> list[Any]:
        """Return it as JSON-able values."""
        parts = list(self.segment.order)
        return [self.time, parts, self.host, self.name, self.urgency, self.count, list(self.entities)]

    @classmethod
    def of(cls, row: list[Any]) -> Alert:
        """Return the alert that `row` described."""
        time, parts, host, name, urgency, count, entities = row
        return cls(time, Segment(*parts), host, name, urgency, count, tuple(entities))


@dataclass(frozen=True, slots=True)
class Oddity:
    """An alert that is new or rare here.

    Parameters
    ----------
    weight
        Its evidence, as `vedette.detectors.triage` counts it.
    days, since
        Number of days on which the site had it before, and of days that its source has been watched.
    visits
        In how many spans of ten minutes its host had it before.
    """

    alert: Alert
    weight: float
    days: int
    since: int
    visits: int


@dataclass(frozen=True, slots=True)
class Outcry:
    """Odd alerts that together deserve a person.

    Parameters
    ----------
    segment
        Where it is told: the service of the first of them.
    evidence, need
        Summed weight of all within half an hour, and what is told of.
    parts
        Those that were not told before, in order of time.
    """

    segment: Segment
    evidence: float
    need: float
    parts: tuple[Oddity, ...]
