"""What a person gets: one episode, explained."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from vedette.records.finding import Kind
from vedette.records.segment import Segment


class Phase(StrEnum):
    """Life of an incident, in event time (Prometheus' words)."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How bad, by consequence; scores 25, 50, 70 and 90 upwards."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Contribution:
    """One feature's share of an incident's surprise, in percent; all shares sum to 100."""

    segment: Segment
    feature: str
    detector: str
    share: float
    actual: float
    expected: float
    lower: float
    upper: float
    unit: str
    text: str
    """For people: ``p95 latency 1.84 s, normally 0.29–0.41 s``."""
    counterfactual: str
    """For people: ``would not have fired if ≤ 0.41 s``."""
    item: str = ""
    """What was new or rare, or the rule that matched; empty for numbers."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of how the incident developed."""

    time: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Suspect:
    """A service, or a way between two, that may be the cause, and the number that speaks most against it."""

    segment: Segment
    share: float
    """How likely it is the cause, 0 to 1; all suspects together have at most 1."""
    about: Segment
    """Whose number it is: an operation, or a way."""
    feature: str
    actual: float
    lower: float
    upper: float
    unit: str
    text: str = ""
    """For people: ``median own time of stock SELECT stock 812 ms, normally 4–6 ms``."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why it fired, in the order a person reads it."""

    sentence: str
    paragraph: str
    contributions: tuple[Contribution, ...]
    lowered: tuple[str, ...]
    """What kept the score from being higher, and what was planned meanwhile."""
    counterfactual: str
    rarity: str
    """``a score like this appears about once in 19 days here``"""
    evidence: tuple[str, ...]
    timeline: tuple[Moment, ...]
    next_steps: tuple[str, ...]
    hypotheses: tuple[str, ...] = ()
    """What it may be, where it began at a change: a regression, or the new normal."""
    suspects: tuple[Suspect, ...] = ()
    """Which services, or ways between them, may be the cause along the graph of calls; the likeliest first."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One episode in one segment.

    Parameters
    ----------
    id
        Deterministic, from segment and first window.
    started_at, updated_at
        ns since the epoch; the first and the latest deviating window.
    ended_at
        ns since the epoch, or None while it lasts.
    score
        0–100, the highest so far.
    event_count
        Events in the deviating windows of the segment.
    finding_ids
        Those of the latest window. A store that has seen each window has all.
    finding_count
        Of all windows so far.
    """

    id: str
    phase: Phase
    kind: Kind
    severity: Severity
    score: float
    title: str
    segment: Segment
    started_at: int
    updated_at: int
    ended_at: int | None
    event_count: int
    techniques: tuple[str, ...]
    entities: tuple[str, ...]
    finding_ids: tuple[str, ...]
    explanation: Explanation = field(repr=False)
    finding_count: int = 0
    simulated: str = ""
    """Name of the simulation that it is of; empty for what is real."""
    explained: str = ""
    """The planned event that explains all of it, as was announced late; empty for none."""
    tier: str = ""
    """What its service is to the others, such as ``database``; empty where it is not known."""
