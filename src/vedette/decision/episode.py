"""One episode of trouble: the findings that belong together, from the first to the last deviating window."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import blake2b
from math import inf
from typing import Final

from vedette.decision.afterword import Afterword
from vedette.decision.bounds import tighter
from vedette.decision.levels import MEASURED, Levels
from vedette.decision.lifts import FOLLOWING, Reach, reach
from vedette.decision.ranking import ranked, score, severity, weight
from vedette.records.context import PlannedEvent
from vedette.records.document import (
    finding_from_document,
    finding_to_document,
    suspect_from_document,
    suspect_to_document,
)
from vedette.records.drift import Change
from vedette.records.feature import feature_of
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Moment, Phase, Severity, Suspect
from vedette.records.notice import event_from_document, notice_to_document
from vedette.records.segment import Segment
from vedette.state.tree import Tree

Part = tuple[Segment, str, str]
"""Segment, feature and item of a finding: what an episode keeps one peak of."""

MOST_PARTS: Final = 1000
"""Features and items of an episode whose peaks are kept; of more, the heaviest."""
MOST_MOMENTS: Final = 100
"""Steps of an episode's beginning that are told; how it ends is told, too."""

FLOOD_SCORE: Final = 60.0
"""Score of a detector that misbehaves, and of a service that changed: a person must look, nobody must get up for it."""


@dataclass(slots=True)
class Episode:
    """Findings of one cause, growing window by window."""

    started: int
    seed: Segment
    phase: Phase = Phase.PENDING
    ended: int | None = None
    last: int = 0
    windows: int = 0
    events: int = 0
    peaks: dict[Part, Finding] = field(default_factory=dict)
    timeline: list[Moment] = field(default_factory=list)
    findings: int = 0
    fresh: list[str] = field(default_factory=list)
    """Ids of the findings of the latest window; older ones are the store's."""
    change: PlannedEvent | None = None
    """The deploy or other change after which it began."""
    planned: dict[str, str] = field(default_factory=dict)
    """What was planned meanwhile, in a sentence, by the event's id."""
    levels: Levels = field(default_factory=Levels)
    suspects: tuple[Suspect, ...] = ()
    """What may be the cause, as of the window that said most of it."""
    suspicion: float = 0.0
    """Nats against the first suspect in that window."""
    cause: str = ""
    """Who suffers, and why, where a suspect is likely."""
    closed: str = ""
    """Why a person closed it; it ends with the next window."""
    expired: bool = False
    """It is over only as nothing is odd any longer: what it misses never came back."""
    width: int = 0
    """Length of its first window, ns."""
    reached: dict[Part, Reach] = field(default_factory=dict)
    """How far outside of its range each number went, at the most."""
    afterwards: dict[str, Afterword] = field(default_factory=dict)
    """What events that were announced late say of it, by their id."""
    flood: str = ""
    """Detector and feature that misbehave, where it is of those (`vedette.decision.floods`)."""
    moved: Change | None = None
    """The service that changed for everybody, where it is of that (`vedette.decision.releases`)."""
    real: bool = False
    """A person judged it real."""
    wide: set[Segment] = field(default_factory=set)
    """Its services, where it is of those that began to deviate at once (`vedette.decision.outages`)."""

    @property
    def gathers(self) -> bool:
        """Say whether it takes what belongs to a misbehaving detector or a changed service, and nothing else."""
        return bool(self.flood) or self.moved is not None

    @property
    def id(self) -> str:
        """Deterministic name from the first finding's segment and window."""
        return blake2b(f"{self.seed}\0{self.started}".encode(), digest_size=5).hexdigest()

    @property
    def services(self) -> frozenset[Segment]:
        """The whole services that it has findings of, and that it began in."""
        return frozenset({self.seed.whole, *self.wide, *(segment.whole for segment, _, _ in self.peaks)})

    def suspect(self, nats: float, suspects: tuple[Suspect, ...]) -> None:
        """Take in what a window says of the cause, if it says more than those before."""
        if nats > self.suspicion and suspects:
            self.suspicion, self.suspects = nats, suspects

    def add(self, finding: Finding) -> None:
        """Take in a finding of the current window."""
        part = (finding.segment, finding.feature, finding.item)
        before = self.peaks.get(part)
        if before is None and len(self.timeline) < MOST_MOMENTS:
            label = feature_of(finding.feature).label
            place = finding.segment.operation or finding.segment.service
            what = "burns too fast" if finding.detector == "slo" else "leaves the learned range"
            self.timeline.append(Moment(finding.start, f"{label} of {place} {what}", score(finding)))
        peak = finding if before is None or finding.p_value <= before.p_value else before
        self.peaks[part] = peak if before is None else tighter(tighter(peak, before), finding)
        low, high = reach(finding)
        least, most = self.reached.get(part, (low, high))
        self.reached[part] = min(low, least), max(high, most)
        self.trim()
        if self.wide:
            self.wide.add(finding.segment.whole)
        if finding.detector in MEASURED:
            self.levels.leave((finding.segment, finding.feature), finding.lower, finding.upper)
        self.width = self.width or finding.end - finding.start
        self.fresh.append(finding.id)
        self.findings += 1
        self.last = finding.end

    def trim(self) -> None:
        """Let the lightest peaks go where there are too many."""
        while len(self.peaks) > MOST_PARTS:
            lightest = min(self.peaks, key=lambda one: (self.peaks[one].kind is Kind.SECURITY, weight(self.peaks[one])))
            del self.peaks[lightest], self.reached[lightest]

    @property
    def ranked(self) -> list[Finding]:
        """Peaks, the heaviest first."""
        return ranked(self.peaks.values())

    @property
    def span(self) -> int:
        """Time that each of its findings looks at, at least, ns: a user's day is not over for one that is quiet."""
        return min((peak.end - peak.start for peak in self.peaks.values()), default=0)

    @property
    def score(self) -> float:
        """0–100, the highest of the peaks."""
        return FLOOD_SCORE if self.gathers else max(score(peak) for peak in self.peaks.values())

    @property
    def severity(self) -> Severity:
        """Word for the score."""
        return severity(self.score)

    @property
    def kind(self) -> Kind:
        """Kind of the trouble that weighs most, by summed weight."""
        if self.gathers:
            return Kind.OPERATIONS
        totals: dict[Kind, float] = {}
        for peak in self.ranked:
            totals[peak.kind] = totals.get(peak.kind, 0.0) + weight(peak)
        return max(totals, key=lambda kind: (totals[kind], kind))

    @property
    def explained(self) -> str:
        """Name of what explains all of it, as was announced late; empty for nothing."""
        return next((one.name for one in self.afterwards.values() if one.excuses), "")

    @property
    def secure(self) -> bool:
        """Say whether something is of security that does not grow with the traffic by itself."""
        return any(one.kind is Kind.SECURITY and one.feature not in FOLLOWING for one in self.peaks.values())

    def drop(self, parts: Collection[Part]) -> None:
        """Let go of parts whose findings turn out to have been planned."""
        for part in parts:
            del self.peaks[part], self.reached[part]

    def snapshot(self) -> Tree:
        """Return the episode as JSON-able values."""
        return {
            "started": self.started,
            "seed": [self.seed.environment, self.seed.service, self.seed.operation],
            "phase": self.phase.value,
            "last": self.last,
            "windows": self.windows,
            "events": self.events,
            "peaks": [finding_to_document(peak) for peak in self.peaks.values()],
            "timeline": [[moment.time, moment.text, moment.score] for moment in self.timeline],
            "findings": self.findings,
            "change": None if self.change is None else notice_to_document(self.change),
            "planned": dict(self.planned),
            "levels": self.levels.snapshot(),
            "suspects": [suspect_to_document(one) for one in self.suspects],
            "suspicion": self.suspicion,
            "cause": self.cause,
            "closed": self.closed,
            "ended": self.ended,
            "expired": self.expired,
            "width": self.width,
            "reached": [list(reached) for reached in self.reached.values()],
            "afterwards": {name: [one.name, one.time, one.excuses] for name, one in self.afterwards.items()},
            "flood": self.flood,
            "moved": None if self.moved is None else self.moved.row(),
            "real": self.real,
            "wide": sorted(service.order for service in self.wide),
        }

    @classmethod
    def restored(cls, tree: Tree) -> Episode:
        """Return the episode that `snapshot` described."""
        found = [finding_from_document(document) for document in tree["peaks"]]
        peaks = {(peak.segment, peak.feature, peak.item): peak for peak in found}
        return cls(
            started=tree["started"],
            seed=Segment(*tree["seed"]),
            phase=Phase(tree["phase"]),
            last=tree["last"],
            windows=tree["windows"],
            events=tree["events"],
            peaks=peaks,
            timeline=[Moment(*row) for row in tree["timeline"]],
            findings=tree["findings"] if "findings" in tree else len(tree["finding_ids"]),
            change=None if tree["change"] is None else event_from_document(tree["change"]),
            planned=dict(tree["planned"]),
            levels=Levels.restored(tree["levels"]),
            suspects=tuple(suspect_from_document(one) for one in tree["suspects"]),
            suspicion=tree["suspicion"],
            cause=tree["cause"],
            closed=tree["closed"],
            ended=tree["ended"],
            expired=tree["expired"],
            width=tree["width"],
            reached={
                part: (_unbounded(low), _unbounded(high))
                for part, (low, high) in zip(peaks, tree["reached"], strict=True)
            },
            afterwards={name: Afterword(*row) for name, row in tree["afterwards"].items()},
            flood=tree.get("flood", ""),
            moved=None if tree.get("moved") is None else Change.of_row(tree["moved"]),
            real=tree.get("real", False),
            wide={Segment(*row) for row in tree.get("wide", [])},
        )


def _unbounded(factor: float | None) -> float:
    """Return a factor as it was before JSON, which has no infinity."""
    return inf if factor is None else factor
