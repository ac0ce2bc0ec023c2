"""The product on one page: decode → match → protect → journal ══ extract → score → decide → report.

Two halves meet at the journal. The gateway is stateless and may run many times over; it
acknowledges only what is durable, and nothing unmasked passes it. The shard is deterministic: the
same chunks give the same findings, to the byte, whether they come live, from a backfill or after a
crash, and however the stream was cut into chunks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace

from vedette.decision.cause import likely
from vedette.decision.context import Plans
from vedette.decision.decide import Decider, Decision
from vedette.decision.points import Points
from vedette.decision.said import Said
from vedette.detectors.alerts import AlertWatch
from vedette.detectors.baseline import Baseline
from vedette.detectors.course_watch import CourseWatch
from vedette.detectors.entities import EntityWatch
from vedette.detectors.novelty import Novelty
from vedette.detectors.sessions import SessionWatch
from vedette.detectors.slo import Objectives
from vedette.detectors.together import JointWatch
from vedette.drift.releases import ReleaseWatch
from vedette.features.extract import Extractor
from vedette.journal.log import Chunk
from vedette.privacy.gate import Gate
from vedette.records.batch import Decoded, RawBatch, SafeBatch
from vedette.records.context import Notice, RulesInForce
from vedette.records.incident import Incident
from vedette.records.report import Report
from vedette.records.score import States
from vedette.records.simulation import marked
from vedette.records.window import Window
from vedette.rules.chain import Chain
from vedette.state.tree import Tree

Match = Callable[[RawBatch], RawBatch]
"""Single-event rules run on raw data, before the gate, and mark the rows they match."""

Append = Callable[[Sequence[SafeBatch], bytes | None], "Future[int]"]
"""The journal's door: done, with the chunk's number, once it is durable."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """What every receiver hands its decoded telemetry to."""

    match: Match
    gate: Gate
    append: Append

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        """Match, mark what is simulated, protect and journal; the future is done once every record is durable."""
        del source
        matched = (self.match(batch) for batch in decoded.batches)
        safe = [
            self.gate.protect(RawBatch(batch.signal, marked(batch.columns, decoded.simulation))) for batch in matched
        ]
        return self.append(safe, digest)


class Shard:
    """What is learned and decided: the stateful half, with no clock, no disk and no chance in it."""

    def __init__(
        self,
        extract: Extractor,
        chain: Chain,
        baseline: Baseline,
        novelty: Novelty,
        joint: JointWatch,
        sessions: SessionWatch,
        entities: EntityWatch,
        alerts: AlertWatch,
        objectives: Objectives,
        courses: CourseWatch,
        releases: ReleaseWatch,
        plans: Plans,
        decide: Decider,
    ) -> None:
        self.extract = extract
        self.chain = chain
        self.baseline = baseline
        self.novelty = novelty
        self.joint = joint
        self.sessions = sessions
        self.entities = entities
        self.alerts = alerts
        self.objectives = objectives
        self.courses = courses
        self.releases = releases
        self.plans = plans
        self.decide = decide
        self.states = States()

    def step(self, chunk: Chunk) -> Report:
        """Take in one sealed chunk and report on the windows that it closes."""
        for notice in chunk.notices:
            self._heed(notice)
        return self._report(self.extract.step(chunk.batches, chunk.tick))

    def finish(self) -> Report:
        """Close the windows that are still open, as at the end of a file."""
        return self._report(self.extract.flush())

    def _heed(self, notice: Notice) -> None:
        """Take in what people announced or decided; what they accept as normal is normal from now on."""
        if isinstance(notice, RulesInForce):
            self.chain.adopt(notice.parts)
            return
        self.plans.heed(notice)
        self.baseline.shift(*self.plans.accept(self.decide.heed(notice)))

    def _report(self, windows: Iterable[Window]) -> Report:
        points = Points(self.extract.series.keys)
        decisions = [self._judge(window, points) for window in windows]
        return Report(
            findings=tuple(finding for decision in decisions for finding in decision.findings),
            incidents=tuple(incident for decision in decisions for incident in decision.incidents),
            points=points.table(),
            windows=len(decisions),
            hidden=sum(decision.hidden for decision in decisions),
        )

    def _judge(self, window: Window, points: Points) -> Decision:
        """Score a window by what was learned before it, decide, and only then learn from it."""
        self.baseline.grow(window.series)
        self.novelty.grow(window.scopes)
        self.joint.grow(window.series)
        self.objectives.grow(window.series)
        self.courses.grow(window.series)
        self.releases.grow(window.series, window.scopes)
        self.plans.grow(window)
        window = self.sessions.take(window)
        sharp = self.plans.sharp(window)
        measured = self.baseline.score(window.measures, sharp)
        self.novelty.forget(window.occurrences, self.plans.disowned(window))
        occurred = self.sessions.weigh(window, self.novelty.score(window.occurrences))
        rulings = self.chain.step(window.marks)
        lived = [(roll, self.entities.take(roll.day)) for roll in window.days]
        outcries = self.alerts.take(window.alerts)
        burns = self.objectives.take(window)
        scores = (lambda rows: self.baseline.score(rows, sharp)), (lambda rows: self.baseline.score_afresh(rows, sharp))
        plan = self.plans.weigh(window, measured, occurred, *scores)
        together = self.joint.take(window.measures, plan.measured, plan.teaches)
        turns = self.courses.take(window.measures, plan.measured, plan.teaches)
        changes = self.releases.take(window, measured, occurred)
        said = Said(rulings, lived, outcries, burns, together, turns, changes)
        decision = self.decide.step(window, plan.measured, plan.occurred, plan.events, said, plan.anew)
        self.baseline.learn(*plan.taught(window.measures))
        self.baseline.shift(*self.releases.retrain(window.end, decision.refused))
        self.novelty.learn(window.occurrences, occurred.surprise)
        self.plans.learn(window.measures, measured, plan, decision.undecided, decision.held)
        points.add(window, decision.shown(plan.measured), decision.p_value, decision.threshold)
        self.states.note(window.measures.slot, decision.shown(measured))
        return replace(decision, incidents=tuple(replace(one, tier=self._tier(one)) for one in decision.incidents))

    def _tier(self, incident: Incident) -> str:
        """Return the tier of an incident's service; of what it waits for, where that is known by its callers alone."""
        tiers, cause = self.extract.tiers, likely(incident.explanation.suspects)
        return tiers.of(incident.segment if cause is None or not tiers.is_inferred(cause) else cause)

    def snapshot(self) -> Tree:
        """Return all that was learned, as of the last step."""
        return {
            "extract": self.extract.snapshot(),
            "chain": self.chain.snapshot(),
            "baseline": self.baseline.snapshot(),
            "novelty": self.novelty.snapshot(),
            "joint": self.joint.snapshot(),
            "sessions": self.sessions.snapshot(),
            "entities": self.entities.snapshot(),
            "alerts": self.alerts.snapshot(),
            "objectives": self.objectives.snapshot(),
            "courses": self.courses.snapshot(),
            "releases": self.releases.snapshot(),
            "plans": self.plans.snapshot(),
            "decide": self.decide.snapshot(),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self.extract.restore(tree["extract"])
        self.chain.restore(tree["chain"])
        self.baseline.restore(tree["baseline"])
        self.novelty.restore(tree["novelty"])
        self.joint.restore(tree.get("joint", {}), self.extract.series.keys)
        self.sessions.restore(tree.get("sessions", {}))
        self.entities.restore(tree["entities"])
        self.alerts.restore(tree.get("alerts", {}))
        self.objectives.restore(tree.get("objectives", {}), self.extract.series.keys)
        self.courses.restore(tree.get("courses", {}), self.extract.series.keys)
        self.releases.restore(tree.get("releases", {}), self.extract.series.keys, self.extract.scopes.keys)
        self.plans.restore(tree.get("plans", {}), self.extract.series.keys, self.extract.scopes.keys)
        self.decide.restore(tree["decide"], self.extract.series.keys, self.extract.scopes.keys)
