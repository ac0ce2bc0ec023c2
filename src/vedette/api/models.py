"""What the API says, as Pydantic models: the one source of OpenAPI and of the page's types.

Times are RFC 3339 in UTC with milliseconds, unless a field says epoch seconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    StringConstraints,
    WithJsonSchema,
    computed_field,
)

from vedette.api.names import label_of
from vedette.records.time import from_rfc3339

Phase = Literal["pending", "firing", "resolved"]
Kind = Literal["performance", "security", "operations"]
Severity = Literal["low", "medium", "high", "critical"]
Verdict = Literal["real", "expected", "noise"]
SegmentState = Literal["learning", "ready", "abstain", "blind"]

END_OF_TIME = (1 << 63) - 1
"""Latest time that fits the columns: ns since the epoch, year 2262."""


def _moment(text: object) -> int:
    moment = from_rfc3339(str(text))
    if not 0 <= moment <= END_OF_TIME:
        raise ValueError(f"{text}: expected a time between 1970 and 2262")
    return moment


TierFilter = Annotated[
    list[Annotated[str, StringConstraints(max_length=60)]] | None,
    Query(description="any of these tiers, such as database", max_length=50),
]

Moment = Annotated[
    int,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string", "format": "date-time"}, {"type": "number", "minimum": 0}],
            "description": "RFC 3339, or seconds since the epoch",
        }
    ),
]
"""A time in a query: ns since the epoch once read."""


class Problem(BaseModel):
    """What went wrong, after RFC 9457; served as ``application/problem+json``."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str
    request_id: str


class OpenIncidents(BaseModel):
    """Firing incidents by severity."""

    open: int
    critical: int
    high: int
    medium: int
    low: int


class Learned(BaseModel):
    """How many segments have a normal of their own by now."""

    ready: int
    learning: int
    total: int


class Budget(BaseModel):
    """Notifications of today against the bearable number."""

    used: float
    limit: float


class Calibration(BaseModel):
    """What fails the test of its calibration or misbehaves, and the incidents opened a day in four weeks."""

    failing: list[str]
    incidents_per_day: float


class Drift(BaseModel):
    """A service that works differently for everybody, for a day: since when, and what was learned anew."""

    service: str
    since: str
    noticed_at: str
    share: float
    kinds: int
    retrained: int
    settled_at: str | None


class Unreadable(BaseModel):
    """Records that could not be read."""

    total: int
    share: float


class Notifications(BaseModel):
    """What waits to be delivered, for how long the oldest has, and to whom the last delivery failed."""

    waiting: int
    lag_seconds: float
    failing: list[str]


class Tiles(BaseModel):
    """The numbers at the head of the overview."""

    incidents: OpenIncidents
    events_per_second: float
    events_total: int
    lag_seconds: float
    segments: Learned
    budget: Budget
    calibration: Calibration
    drift: list[Drift]
    unreadable: Unreadable
    notifications: Notifications


class Status(BaseModel):
    """Whether the watch can be trusted now."""

    version: str
    state: Literal["starting", "learning", "watching"]
    message: str
    started_at: str
    now: str
    data_from: str | None
    data_to: str | None
    tiles: Tiles


class SegmentParts(BaseModel):
    """A segment's name in parts; those unknown are empty."""

    environment: str
    service: str
    operation: str


class Named(BaseModel):
    """Something about a feature."""

    feature: str

    @computed_field  # type: ignore[prop-decorator]
    @property
    def label(self) -> str:
        """How people say the feature."""
        return label_of(self.feature)


class Contribution(Named):
    """One feature's share of an incident, in percent; all shares sum to 100."""

    segment: str
    segment_parts: SegmentParts
    detector: str
    share: float
    actual: float | None
    expected: float | None
    lower: float | None
    upper: float | None
    unit: str
    text: str
    counterfactual: str
    item: str = ""


class Suspect(Named):
    """A service, or a way between two (``cart → stock``), that may be the cause; `share` of 1 is certain."""

    segment: str
    segment_parts: SegmentParts
    share: float
    about: str
    about_parts: SegmentParts
    actual: float | None
    lower: float | None
    upper: float | None
    unit: str
    text: str


class Step(BaseModel):
    """One step of how an incident developed."""

    time: str
    text: str
    score: float


class Explanation(BaseModel):
    """Why it fired, in the order a person reads it. All text is masked and untrusted."""

    sentence: str
    paragraph: str
    contributions: list[Contribution]
    lowered: list[str]
    counterfactual: str
    rarity: str
    evidence: list[str]
    timeline: list[Step]
    next_steps: list[str]
    hypotheses: list[str] = []
    suspects: list[Suspect] = []


class Incident(BaseModel):
    """One episode in one segment, explained."""

    id: str
    phase: Phase
    kind: Kind
    severity: Severity
    score: float
    title: str
    segment: str
    segment_parts: SegmentParts
    started_at: str
    updated_at: str
    ended_at: str | None
    event_count: int
    finding_count: int = 0
    techniques: list[str]
    entities: list[str]
    verdict: Verdict | None = None
    simulated: str = ""
    explained: str = ""
    tier: str = ""
    explanation: Explanation


class Finding(Named):
    """One deviation of one series in one window."""

    id: str
    detector: str
    segment: str
    kind: Kind
    start: str
    end: str
    actual: float | None
    expected: float | None
    lower: float | None
    upper: float | None
    p_value: float
    unit: str
    item: str
    entities: list[str]
    techniques: list[str]
    evidence: list[str]


class SimilarIncident(BaseModel):
    """A past incident that is like one; ``likeness`` is 0.5 to 1, ``shared`` says what both have, weightiest first."""

    id: str
    title: str
    segment: str
    severity: Severity
    kind: Kind
    started_at: str
    ended_at: str | None
    verdict: Verdict | None
    likeness: float
    shared: list[str]


class IncidentDetail(Incident):
    """An incident with the findings behind it, the first thousand of them, and past ones like it."""

    findings: list[Finding]
    similar: list[SimilarIncident]


class Findings(BaseModel):
    """A part of an incident's findings, oldest first; ``next`` is the cursor of the following part."""

    items: list[Finding]
    next: str | None


class Incidents(BaseModel):
    """A page of incidents, newest first; ``next`` is the cursor of the following one."""

    items: list[Incident]
    next: str | None


class VerdictChange(BaseModel):
    """What a person says of an incident; null takes it back. A preview changes nothing.

    ``force`` is for a verdict that would hide incidents that were judged real, which is refused otherwise.
    """

    verdict: Verdict | None
    note: str = Field(default="", max_length=2000)
    preview: bool = False
    force: bool = False


class Hidden(BaseModel):
    """An incident that would not have fired."""

    id: str
    title: str


class Effect(BaseModel):
    """What a verdict of expected or noise would have done in the past days, by replay of their findings."""

    days: int
    hidden_findings: int
    hidden_incidents: list[Hidden]
    incidents_before: int
    incidents_after: int
    real: list[str]
    """Ids of incidents judged real of which findings would be hidden."""
    judged_real: int
    """How many incidents were judged real."""
    until: str


class JudgedIncident(Incident):
    """An incident with its verdict, and what the verdict does."""

    effect: Effect | None = None


class SegmentFeature(Named):
    """A number that is watched in a segment."""

    unit: str
    quantity: str


class SegmentItem(BaseModel):
    """A segment, and what is missing until it is ready."""

    segment: str
    segment_parts: SegmentParts
    tier: str
    state: SegmentState
    missing_seconds: float
    missing: str
    features: list[SegmentFeature]


class Segments(BaseModel):
    """All segments."""

    items: list[SegmentItem]
    next: str | None = None


class Lane(BaseModel):
    """A row of the swim lanes; scores are 0–100, -1 while learning, null without data."""

    segment: str
    state: SegmentState
    scores: list[float | None]


class Lanes(BaseModel):
    """Swim lanes: all segments first, then the worst."""

    start: str
    step_seconds: int = Field(gt=0)
    cells: int
    rows: list[Lane]


class Series(Named):
    """One number against its band, at most as many points as asked for; ``t`` in epoch seconds."""

    segment: str
    unit: str
    t: list[float]
    actual: list[float | None]
    expected: list[float | None]
    lower: list[float | None]
    upper: list[float | None]
    score: list[float | None]


class SourceItem(BaseModel):
    """A way in, and what came through it."""

    source: str
    signal: str
    events_total: int
    events_per_second: float
    last_event_at: str | None
    unreadable_total: int


class Sources(BaseModel):
    """All ways in that were used so far."""

    items: list[SourceItem]


class ReceiverItem(BaseModel):
    """Where notifications go; of addresses only the host is shown, of secrets nothing."""

    name: str
    type: str
    target: str
    waiting: int
    lag_seconds: float
    trouble: str


class Receivers(BaseModel):
    """All channels."""

    items: list[ReceiverItem]


class Tried(BaseModel):
    """A test that was taken."""

    channel: str
    delivered: bool


class Rules(BaseModel):
    """The rules in force, and those that were left out: file, line and cause."""

    rules: int
    correlations: int
    indicators: int
    left_out: list[str]


class RulesReloaded(Rules):
    """The rules in force after they were read again, and how many differ from those before."""

    added: int
    changed: int
    removed: int


class Health(BaseModel):
    """Answer of the probes."""

    status: str
