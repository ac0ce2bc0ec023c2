"""What people announce and decide: planned events, and what follows from verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vedette.records.finding import Finding, Kind
from vedette.records.segment import Segment


class EventKind(StrEnum):
    """What sort of thing was planned."""

    SALE = "sale"
    CAMPAIGN = "campaign"
    HOLIDAY = "holiday"
    JOB = "job"
    MAINTENANCE = "maintenance"
    DEPLOY = "deploy"
    FLAG = "flag"
    SCALING = "scaling"


CHANGES: Final = frozenset({EventKind.DEPLOY, EventKind.FLAG, EventKind.SCALING})
"""Kinds that happen at a moment, after which things may be otherwise for good; the others last and pass."""


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """Something planned. One with an id that is known replaces it.

    Parameters
    ----------
    id
        Unique; letters, digits and ``-_.:``.
    kind
        Decides what it excuses, see `vedette.decision.context`.
    title
        As people say it; events of one kind and title are the same thing again, and share what is learned.
    start, end
        ns since the epoch, end exclusive; a change (`CHANGES`) ends when it begins.
    segments
        Services or segments, as text, that it concerns; empty for all.
    lift
        How many times the usual volume is expected, > 0; None to use what was learned.
    """

    id: str
    kind: EventKind
    title: str
    start: int
    end: int
    segments: tuple[str, ...] = ()
    lift: float | None = None

    def concerns(self, segment: Segment) -> bool:
        """Say whether a segment is among those that the event is about."""
        return not self.segments or segment.service in self.segments or str(segment) in self.segments

    def overlaps(self, start: int, end: int) -> bool:
        """Say whether the event is on in a part of ``start`` to ``end`` (ns)."""
        return self.start < end and start < self.end

    @property
    def name(self) -> str:
        """Kind and title, as in a sentence: ``sale “Black Friday”``."""
        return f"{self.kind.value} “{self.title}”"


class Verdict(StrEnum):
    """What a person says of an incident."""

    REAL = "real"
    EXPECTED = "expected"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Cause:
    """One deviation that a verdict was about: whose, which number or item, in which range, by whom.

    Parameters
    ----------
    segment, feature, item
        As in `Finding`; `item` is empty for numbers.
    lower, upper
        Range of the number; beyond it, it is another matter.
    entities
        Who was behind it, for what is about security; a deviation by others only is another matter. Empty: anybody.
    """

    segment: Segment
    feature: str
    item: str = ""
    lower: float = float("-inf")
    upper: float = float("inf")
    entities: tuple[str, ...] = ()

    def holds(self, finding: Finding) -> bool:
        """Say whether a finding has this cause."""
        same = (finding.segment, finding.feature, finding.item) == (self.segment, self.feature, self.item)
        if not same or (finding.kind is Kind.SECURITY and self.entities and not self._known(finding)):
            return False
        return bool(self.item) or self.lower <= finding.actual <= self.upper

    def _known(self, finding: Finding) -> bool:
        """Say whether everybody whom the finding names first was there before: one stranger is another matter."""
        return bool(finding.entities) and set(finding.entities[:1]) <= set(self.entities)


@dataclass(frozen=True, slots=True)
class Suppression:
    """Findings that a person does not want to see again, until it expires.

    Parameters
    ----------
    id
        Unique; the incident's, as there is one for an incident at most.
    incident, verdict
        What was judged, and how: expected or noise.
    causes
        What is hidden: findings of any of these.
    created, until
        ns since the epoch; findings of windows that begin at or after `until` are not hidden.
    note
        Why, in the person's words.
    """

    id: str
    incident: str
    verdict: Verdict
    causes: tuple[Cause, ...]
    created: int
    until: int
    note: str = ""

    def hides(self, finding: Finding) -> bool:
        """Say whether a finding is hidden."""
        return finding.start < self.until and any(cause.holds(finding) for cause in self.causes)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """An incident is real: what it is made of must not become usual.

    Parameters
    ----------
    id
        The incident's.
    causes
        The items that it is made of, which are as if never seen from here on.
    until
        ns since the epoch; windows that begin at or after it teach again.
    """

    id: str
    causes: tuple[Cause, ...]
    until: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An event, suppression or confirmation is taken back; learning and judging go on as if it ended now."""

    id: str


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """Other rules are in force from here on: the names of the compiled parts of their edition, in order."""

    parts: tuple[str, ...]


Notice = PlannedEvent | Suppression | Confirmation | Withdrawal | RulesInForce
"""What the journal hands the shard besides telemetry."""
