"""One closed window: what the features room hands on, and what an explanation may ask of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from vedette.records.alert import Alert
from vedette.records.call import Call
from vedette.records.day import Roll
from vedette.records.observation import Measures, Occurrences, Scope, Series
from vedette.records.rule import Mark
from vedette.records.segment import Segment
from vedette.records.session import NONE_ENDED, Ended, Remark


class Context(Protocol):
    """What happened in the window beyond its numbers. Asked only for findings, so it may be slow."""

    def events(self, segment: Segment) -> int:
        """Return the number of events of the segment."""
        ...

    def entities(self, segment: Segment) -> tuple[str, ...]:
        """Return the most active pseudonymous clients and users, those with failures first."""
        ...

    def evidence(self, segment: Segment, item: str = "") -> tuple[str, ...]:
        """Return masked example records, those that carry `item` or failed first; at most ten."""
        ...

    def slower(self, segment: Segment, seconds: float) -> tuple[int, int]:
        """Return how many of the segment's requests took longer, and how many have a duration at all."""
        ...

    def item(self, code: int) -> str:
        """Return the text behind an item's hash, ``""`` when it is not of this window."""
        ...


@dataclass(frozen=True, slots=True)
class Window:
    """A closed window of one shard.

    ``series`` and ``scopes`` are new in this window: the next slots, in order.
    """

    start: int
    width: int
    series: Sequence[Series]
    scopes: Sequence[Scope]
    measures: Measures
    occurrences: Occurrences
    context: Context
    marks: Sequence[Mark] = ()
    """What rules matched in it, in order of time."""
    days: Sequence[Roll] = ()
    """Days of users that are over with it."""
    calls: Sequence[Call] = ()
    """Ways between services that were used in it, in order."""
    alerts: Sequence[Alert] = ()
    """Those of other tools, one a kind and host, in order of time."""
    ended: Ended = NONE_ENDED
    """Sessions of log lines that are over with it."""
    remarks: Mapping[int, Remark] = field(default_factory=dict)
    """What detectors say of items of their own, by the item's hash."""

    @property
    def end(self) -> int:
        """First instant after the window, ns since the epoch."""
        return self.start + self.width
