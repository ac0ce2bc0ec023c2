"""Scores to findings and incidents: the decision room's one entrance, and the page to read first.

What detectors say is judged by its evidence (`evidence`): numbers in `deviations`, items in `novelties`, numbers that
go together in `together`. Rules (`rulings`) and what is said already decided (`said`) join them. What people
suppressed (`suppress`), numbers on their way back (`returns`) and what a release made usual (`releases`) are taken out,
and what is left becomes incidents (`lifecycle`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vedette.decision.bounds import Anew
from vedette.decision.budget import Budget
from vedette.decision.deviations import Deviations
from vedette.decision.jobs import Habit
from vedette.decision.levels import Number
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.novelties import Novelties
from vedette.decision.plan import Planned
from vedette.decision.releases import told_of, unexplained
from vedette.decision.returns import Returns
from vedette.decision.rulings import Rulebook
from vedette.decision.said import NOTHING, Said
from vedette.decision.selftest import group_of
from vedette.decision.suppress import Suppressions
from vedette.decision.together import Spaces, apart
from vedette.decision.unsettled import NOTHING as HELD_NOTHING
from vedette.decision.unsettled import Holding
from vedette.errors import StateCorrupt
from vedette.records.context import Notice
from vedette.records.finding import Finding
from vedette.records.incident import Incident
from vedette.records.observation import Scope, Series
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

    ``undecided`` are the series, by segment and feature, of open incidents that began at a change; ``held`` is what
    open incidents must not make usual, and ``refused`` are services whose change must not become so; ``hidden`` is the
    number of findings that a verdict held back.
    """

    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]
    p_value: NDArray[np.float64]
    threshold: float
    undecided: frozenset[Number] = frozenset()
    held: Holding = HELD_NOTHING
    refused: frozenset[Segment] = frozenset()
    hidden: int = 0
    abstains: NDArray[np.bool_] | None = None
    """Rows of the measures whose calibration fails its test; None for none."""

    def shown(self, measured: Scores) -> Scores:
        """Return scores that say ABSTAIN where the calibration fails its test."""
        if self.abstains is None or not self.abstains.any():
            return measured
        return replace(measured, state=np.where(self.abstains, State.ABSTAIN, measured.state).astype(np.int8))


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
        self._numbers = Deviations()
        self._items = Novelties()
        self._joint = Spaces()
        self._rulebook = Rulebook()
        self._suppressions = Suppressions()
        self._returns = Returns()
        self._lifecycle = Lifecycle(Rules(resolve_after, change_window, budget))
        self._tests = 1
        """Rows that were ready in the latest window: so many tests share the budget."""

    def heed(self, notice: Notice) -> frozenset[Number]:
        """Take in what people announced or decided; returns the series whose new level was accepted."""
        self._suppressions.heed(notice)
        return self._lifecycle.heed(notice)

    def step(
        self,
        window: Window,
        measured: Scores,
        occurred: Scores,
        planned: Sequence[Planned] = (),
        said: Said = NOTHING,
        anew: Anew | None = None,
    ) -> Decision:
        """Decide on a window by what detectors and rules say, and what was planned.

        `anew` judges other values of the window's numbers; without it, counterfactuals are the edges of bands.
        """
        self._grow(window)
        bar = self._budget.bar(self._tests, window.width)
        threshold = self._budget.chance(self._tests, window.width)
        spared = {group_of(segment, feature) for segment, feature in self._lifecycle.explained(window.start)}
        numbers = self._numbers.judge(window, measured, bar, spared, self._lifecycle.held((), window.start).numbers)
        items = self._items.judge(window, occurred, bar, spared)
        joint = self._joint.judge(said.together, bar, spared)
        self._lifecycle.suspicion.weigh(window.measures, measured)
        found = (
            *self._numbers.findings(window, measured, numbers, threshold, anew),
            *self._items.findings(window, items, threshold),
            *apart(window, said.together, joint, threshold),
        )
        found += tuple(self._rulebook.findings(window, said.rulings, threshold, partial(self._is_busy, found)))
        silent = self._numbers.silent(window, measured, numbers) if said.turns else ()
        found += tuple(said.findings(window, planned, threshold, silent))
        visible, values = self._suppressions.visible(found, window.start), self._numbers.values(window)
        findings = told_of(said.changes, self._returns.without(visible), self._lifecycle.accepted)
        self._returns.step(window.end, findings, values)
        states = measured.state, items.scores.state, said.together.scores.state
        self._tests = max(sum(int((state == State.READY).sum()) for state in states), 1)
        incidents = tuple(self._lifecycle.step(window, findings, planned, values, said.changes))
        return Decision(
            findings,
            incidents,
            numbers.p_value,
            threshold,
            undecided=self._lifecycle.undecided(window.start),
            held=self._lifecycle.held(unexplained(said.changes, found), window.start),
            refused=self._lifecycle.refused,
            hidden=len(found) - len(visible),
            abstains=numbers.abstains,
        )

    def _grow(self, window: Window) -> None:
        self._numbers.grow(window.series)
        self._items.grow(window.scopes)
        self._lifecycle.suspicion.grow(window.series)

    def _is_busy(self, found: Sequence[Finding], segment: Segment) -> bool:
        """Say whether something deviates in a segment's service, or did so lately."""
        return self._lifecycle.is_open(segment) or any(one.segment.whole == segment.whole for one in found)

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
        judges = {"baseline": self._numbers.evidence, "novelty": self._items.evidence, "joint": self._joint.evidence}
        return {detector: judge.test.failing for detector, judge in judges.items()}

    @property
    def misbehaving(self) -> tuple[tuple[str, str], ...]:
        """Detector and feature that are wrong everywhere, with the name of the incident that they are folded into."""
        return self._lifecycle.misbehaving

    def habits(self, since: int) -> list[tuple[Series, Habit]]:
        """Return the series that deviate by the clock and did so last at or after `since` (ns), with when."""
        return self._numbers.habits(since)

    def snapshot(self) -> Tree:
        """Return the whole state; series and scopes are the features room's and come back by `grow`."""
        return {
            "version": VERSION,
            "tests": self._tests,
            **self._numbers.snapshot(),
            "items": self._items.evidence.snapshot(),
            **self._joint.snapshot(),
            "lifecycle": self._lifecycle.snapshot(),
            "rulebook": self._rulebook.snapshot(),
            "suppressions": self._suppressions.snapshot(),
            "returns": self._returns.snapshot(),
        }

    def restore(self, tree: Tree, series: Sequence[Series], scopes: Sequence[Scope]) -> None:
        """Become what `snapshot` described; raises `StateCorrupt` on another version."""
        if tree.get("version") not in (VERSION, *OLDER):
            raise StateCorrupt(f"decision state has version {tree.get('version')!r}, expected {VERSION}")
        self._tests = tree["tests"]
        self._numbers.restore(tree, series)
        self._items.restore(tree["items"], scopes)
        self._joint.restore(tree)
        self._lifecycle.restore(tree["lifecycle"], series)
        self._rulebook.restore(tree["rulebook"])
        self._suppressions.restore(tree["suppressions"])
        self._returns.restore(tree["returns"])
