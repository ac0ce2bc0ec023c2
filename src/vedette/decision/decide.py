"""Scores to findings and incidents: the decision room's one entrance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vedette.decision.bounds import Anew, bounds, presentable
from vedette.decision.budget import Budget
from vedette.decision.burns import burning
from vedette.decision.evidence import Judge, Judgment
from vedette.decision.jobs import Habit, Jobs
from vedette.decision.levels import Number
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.outcries import odd_alerts
from vedette.decision.people import odd_days
from vedette.decision.plan import Planned
from vedette.decision.returns import Returns
from vedette.decision.rulings import Rulebook
from vedette.decision.selftest import group_of
from vedette.decision.suppress import Suppressions
from vedette.decision.together import apart
from vedette.errors import StateCorrupt
from vedette.records.alert import Outcry
from vedette.records.context import Notice
from vedette.records.day import Roll, Verdicts
from vedette.records.feature import Feature, feature_of
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident
from vedette.records.joint import Together, nothing_together
from vedette.records.objective import Burn
from vedette.records.observation import Measures, Scope, Series
from vedette.records.rule import Ruling
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.state.tree import Tree

VERSION = 8
OLDER = (7,)
"""Versions that can be gone on from: without unrest, the learning day's jobs, joint numbers and floods."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a window led to; ``p_value`` belongs to the rows of the window's measures.

    ``undecided`` are the series, by segment and feature, of open incidents that began at a change; ``hidden`` is the
    number of findings that a suppression held back.
    """

    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]
    p_value: NDArray[np.float64]
    threshold: float
    undecided: frozenset[tuple[Segment, str]] = frozenset()
    hidden: int = 0
    abstains: NDArray[np.bool_] | None = None
    """Rows of the measures whose calibration fails its test; None for none."""

    def shown(self, measured: Scores) -> Scores:
        """Return scores that say ABSTAIN where the calibration fails its test."""
        if self.abstains is None or not self.abstains.any():
            return measured
        return replace(measured, state=np.where(self.abstains, State.ABSTAIN, measured.state).astype(np.int8))


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a window beside its numbers and items: by rules, of users' days, alerts and error budgets."""

    rulings: Sequence[Ruling] = ()
    lived: Sequence[tuple[Roll, Verdicts]] = ()
    outcries: Sequence[Outcry] = ()
    burns: Sequence[Burn] = ()
    together: Together = field(default_factory=nothing_together)


class Decider:
    """Calibrates scores, applies the budget, and keeps the episodes of a shard.

    Parameters
    ----------
    budget
        Bearable false incidents a day.
    resolve_after
        Time without a deviation after which an incident is over, ns.
    change_window
        Time after a change in which what begins may be its doing, ns.
    """

    def __init__(self, budget: float, resolve_after: int, change_window: int = 0) -> None:
        self._budget = Budget(budget)
        self._series: list[Series] = []
        self._slots: dict[Number, int] = {}
        self._scopes: list[Scope] = []
        self._numbers = Judge()
        self._items = Judge()
        self._spaces: list[Segment] = []
        self._joint = Judge()
        self._jobs = Jobs()
        self._lifecycle = Lifecycle(Rules(resolve_after, change_window, budget))
        self._suppressions = Suppressions()
        self._returns = Returns()
        self._rulebook = Rulebook()
        self._tests = 1

    def heed(self, notice: Notice) -> frozenset[tuple[Segment, str]]:
        """Take in what people announced or decided; returns the series whose new level was accepted."""
        self._suppressions.heed(notice)
        return self._lifecycle.heed(notice)

    def step(
        self,
        window: Window,
        measured: Scores,
        occurred: Scores,
        planned: Sequence[Planned] = (),
        said: Said = Said(),
        anew: Anew | None = None,
    ) -> Decision:
        """Decide on a window by what detectors and rules say, and what was planned.

        `anew` judges other values of the window's numbers; without it, counterfactuals are the edges of bands.
        """
        self._grow(window, said.together.segments)
        bar = self._budget.bar(self._tests, window.width)
        threshold = self._budget.chance(self._tests, window.width)
        spared = {group_of(segment, feature) for segment, feature in self._lifecycle.explained(window.start)}
        numbers = self._numbers.judge(window.measures.slot, measured, bar, spared, window.measures.value)
        self._lifecycle.suspicion.weigh(window.measures, measured)
        rows = _most_surprising(window.occurrences.slot, occurred.surprise)
        items = self._items.judge(window.occurrences.slot[rows], _rows(occurred, rows), bar, spared)
        together = said.together
        joint = self._joint.judge(together.slot, together.scores, bar, spared)
        found = (
            *self._deviations(window, measured, numbers, threshold, anew),
            *self._novelties(window, rows, occurred, items, threshold),
            *apart(window, together, joint, threshold),
        )
        found += tuple(self._rulebook.findings(window, said.rulings, threshold, partial(self._is_busy, found)))
        found += tuple(one for roll, verdicts in said.lived for one in odd_days(window, roll, verdicts))
        found += tuple(told for outcry in said.outcries for told in odd_alerts(window, outcry, threshold))
        found += tuple(burning(window, said.burns, planned, threshold))
        visible, values = self._suppressions.visible(found, window.start), self._values(window)
        findings = self._returns.without(visible)
        self._returns.step(window.end, findings, values)
        states = measured.state, occurred.state[rows], together.scores.state
        self._tests = max(sum(int((state == State.READY).sum()) for state in states), 1)
        incidents = tuple(self._lifecycle.step(window, findings, planned, values))
        undecided = self._lifecycle.undecided(window.start)
        hidden = len(found) - len(visible)
        return Decision(findings, incidents, numbers.p_value, threshold, undecided, hidden, numbers.abstains)

    @property
    def realized(self) -> float:
        """Incidents opened a day here, over the last four weeks."""
        return self._lifecycle.history.per_day

    @property
    def roots(self) -> dict[Segment, float]:
        """How likely each service, or way between two, is the cause of what is wrong now, 0 to 1."""
        return self._lifecycle.suspicion.shares()

    @property
    def abstaining(self) -> dict[str, tuple[str, ...]]:
        """What fails the test of its calibration, by detector: the feature and the service that it is of."""
        tests = {"baseline": self._numbers.test, "novelty": self._items.test, "joint": self._joint.test}
        return {detector: test.failing for detector, test in tests.items()}

    @property
    def misbehaving(self) -> tuple[tuple[str, str], ...]:
        """Detector and feature that are wrong everywhere, with the name of the incident that they are folded into."""
        return self._lifecycle.misbehaving

    def habits(self, since: int) -> list[tuple[Series, Habit]]:
        """Return the series that deviate by the clock and did so last at or after `since` (ns), with when."""
        return [(self._series[habit.slot], habit) for habit in self._jobs.habits(since)]

    def _values(self, window: Window) -> Callable[[Number], float | None]:
        """Return what gives a number's value in a window, None for none."""
        rows: dict[int, int] = {}

        def value_of(number: Number) -> float | None:
            if not rows:
                rows.update({slot: row for row, slot in enumerate(window.measures.slot.tolist())})
            row = rows.get(self._slots.get(number, -1))
            return None if row is None else float(window.measures.value[row])

        return value_of

    def _is_busy(self, found: Sequence[Finding], segment: Segment) -> bool:
        """Say whether something deviates in a segment's service, or did so lately."""
        return self._lifecycle.is_open(segment) or any(one.segment.whole == segment.whole for one in found)

    def _grow(self, window: Window, spaces: Sequence[Segment]) -> None:
        first = len(self._series)
        self._slots |= {(one.segment, one.feature): slot for slot, one in enumerate(window.series, first)}
        self._series += window.series
        self._scopes += window.scopes
        self._jobs.grow(_may_be_jobs(window.series))
        self._lifecycle.suspicion.grow(window.series)
        self._numbers.grow([group_of(one.segment, one.feature) for one in window.series])
        self._items.grow([group_of(one.segment, one.attribute) for one in window.scopes])
        self._spaces += spaces
        self._joint.grow([group_of(one, "together") for one in spaces])

    def _deviations(
        self, window: Window, scores: Scores, judged: Judgment, threshold: float, anew: Anew | None
    ) -> Iterator[Finding]:
        measures: Measures = window.measures
        rows = np.flatnonzero(judged.odd & ~self._jobs.meet(measures.slot, window.start, scores, judged.near))
        edge = np.where(measures.value[rows] >= scores.expected[rows], scores.upper[rows], scores.lower[rows])
        if anew is not None and len(rows):
            edge = bounds(rows, measures.value[rows], scores.expected[rows], judged.bearable[rows], anew)
        for row, bound in zip(rows.tolist(), edge.tolist(), strict=True):
            series = self._series[measures.slot[row]]
            actual, expected = float(measures.value[row]), float(scores.expected[row])
            yield Finding(
                detector="baseline",
                segment=series.segment,
                feature=series.feature,
                kind=feature_of(series.feature).kind,
                start=window.start,
                end=window.end,
                actual=actual,
                expected=expected,
                lower=float(scores.lower[row]),
                upper=float(scores.upper[row]),
                p_value=float(judged.chance[row]),
                surprise=float(scores.surprise[row]),
                threshold=threshold,
                counterfactual=presentable(bound, expected, series.quantity),
                unit=feature_of(series.feature).unit,
                entities=window.context.entities(series.segment),
                techniques=_techniques(feature_of(series.feature), actual, expected),
                evidence=window.context.evidence(series.segment),
            )

    def _novelties(
        self, window: Window, rows: NDArray[np.intp], scores: Scores, judged: Judgment, threshold: float
    ) -> Iterator[Finding]:
        occurrences = window.occurrences
        for place in np.flatnonzero(judged.odd).tolist():
            row = int(rows[place])
            scope = self._scopes[occurrences.slot[row]]
            code = int(occurrences.item[row])
            remark = window.remarks.get(code)
            item = remark.item if remark else window.context.item(code)
            feature = feature_of(scope.attribute)
            yield Finding(
                detector=remark.detector if remark else "novelty",
                segment=scope.segment,
                feature=scope.attribute,
                kind=feature.kind,
                start=window.start,
                end=window.end,
                actual=float(occurrences.count[row]),
                expected=float(scores.expected[row]),
                lower=0.0,
                upper=0.0,
                p_value=float(judged.chance[place]),
                surprise=float(scores.surprise[row]),
                threshold=threshold,
                counterfactual=0.0,
                unit=feature.unit,
                item=item,
                entities=window.context.entities(scope.segment),
                techniques=_techniques(feature, 1.0, 0.0),
                evidence=remark.evidence if remark else window.context.evidence(scope.segment, item),
                told=remark.told if remark else "",
            )

    def snapshot(self) -> Tree:
        """Return the whole state; series and scopes are the features room's and come back by `grow`."""
        return {
            "version": VERSION,
            "tests": self._tests,
            "numbers": self._numbers.snapshot(),
            "items": self._items.snapshot(),
            "joint": self._joint.snapshot(),
            "spaces": [[one.environment, one.service] for one in self._spaces],
            "jobs": self._jobs.snapshot(),
            "lifecycle": self._lifecycle.snapshot(),
            "rulebook": self._rulebook.snapshot(),
            "suppressions": self._suppressions.snapshot(),
            "returns": self._returns.snapshot(),
        }

    def restore(self, tree: Tree, series: Sequence[Series], scopes: Sequence[Scope]) -> None:
        """Become what `snapshot` described; raises `StateCorrupt` on another version."""
        if tree.get("version") not in (VERSION, *OLDER):
            raise StateCorrupt(f"decision state has version {tree.get('version')!r}, expected {VERSION}")
        self._series, self._scopes = list(series), list(scopes)
        self._slots = {(one.segment, one.feature): slot for slot, one in enumerate(series)}
        self._tests = tree["tests"]
        self._numbers.restore(tree["numbers"], [group_of(one.segment, one.feature) for one in series])
        self._items.restore(tree["items"], [group_of(one.segment, one.attribute) for one in scopes])
        if "joint" in tree:
            self._spaces = [Segment(environment, service, "") for environment, service in tree["spaces"]]
            self._joint.restore(tree["joint"], [group_of(one, "together") for one in self._spaces])
        self._jobs.restore(tree["jobs"], _may_be_jobs(series))
        self._lifecycle.restore(tree["lifecycle"], series)
        self._rulebook.restore(tree["rulebook"])
        self._suppressions.restore(tree["suppressions"])
        self._returns.restore(tree["returns"])


def _may_be_jobs(series: Sequence[Series]) -> list[bool]:
    """Say which series may be spared where they come by the clock: security never is."""
    return [feature_of(one.feature).kind is not Kind.SECURITY for one in series]


def _most_surprising(slot: NDArray[np.int32], surprise: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return one row per slot, the most surprising one; the first where several are."""
    order = np.lexsort((np.arange(len(slot)), -surprise, slot))
    first = np.flatnonzero(np.diff(slot[order], prepend=-1))
    return order[first]


def _rows(scores: Scores, rows: NDArray[np.intp]) -> Scores:
    return Scores(
        scores.state[rows],
        scores.surprise[rows],
        scores.expected[rows],
        scores.lower[rows],
        scores.upper[rows],
        scores.missing[rows],
    )


def _techniques(feature: Feature, actual: float, expected: float) -> tuple[str, ...]:
    """Return the technique that a rise of the feature suggests; a fall suggests none."""
    return (feature.technique,) if feature.technique and actual > expected else ()
