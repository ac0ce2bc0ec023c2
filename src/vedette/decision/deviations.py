"""Numbers that deviate: judged by their calibrated evidence, spared where they come by the clock, told as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from vedette.decision.bounds import Anew, bounds, presentable
from vedette.decision.evidence import Judge, Judgment
from vedette.decision.jobs import Habit, Jobs
from vedette.decision.levels import Number
from vedette.decision.newborn import Newborn
from vedette.decision.selftest import group_of
from vedette.decision.unsettled import fails
from vedette.records.feature import feature_of
from vedette.records.finding import Finding, Kind
from vedette.records.observation import Series
from vedette.records.score import Scores
from vedette.records.window import Window
from vedette.state.tree import Tree


class Deviations:
    """The numbers of a shard: what is gathered against each, and when it deviated before."""

    def __init__(self) -> None:
        self.evidence = Judge()
        self.jobs = Jobs()
        self._series: list[Series] = []
        self._slots: dict[Number, int] = {}
        self._grave = np.zeros(0, np.bool_)
        """Slots of shares of failures."""
        self._newborn = Newborn()

    def grow(self, series: Sequence[Series]) -> None:
        """Make room for new series."""
        self._name(series)
        self._newborn.grow(series)
        self.jobs.grow(_may_be_jobs(series))
        self.evidence.grow(_groups(series))

    def judge(
        self, window: Window, scores: Scores, bar: float, spared: Iterable[str], held: Iterable[Number] = ()
    ) -> Judgment:
        """Return verdicts on the rows of the window's measures; groups in `spared` are not tested.

        Numbers in `held` teach nothing.
        """
        slot = window.measures.slot
        slots = [self._slots[number] for number in sorted(held) if number in self._slots]
        return self.evidence.judge(
            slot, scores, bar, spared, window.measures.value, np.isin(slot, slots), self._grave[slot]
        )

    def findings(
        self, window: Window, scores: Scores, judged: Judgment, threshold: float, anew: Anew | None
    ) -> Iterator[Finding]:
        """Yield a finding for each row that is odd and does not come by the clock, and remember when it came.

        `anew` judges other values; without it, counterfactuals are the edges of bands.
        """
        measures = window.measures
        recurs = self.jobs.meet(measures.slot, window.start, scores, judged.near)
        passing = self._newborn.passing(window, scores)
        rows = np.flatnonzero(judged.odd & ~recurs & ~passing)
        edge = np.where(measures.value[rows] >= scores.expected[rows], scores.upper[rows], scores.lower[rows])
        if anew is not None and len(rows):
            edge = bounds(rows, measures.value[rows], scores.expected[rows], judged.bearable[rows], anew)
        for row, bound in zip(rows.tolist(), edge.tolist(), strict=True):
            series = self._series[measures.slot[row]]
            feature = feature_of(series.feature)
            actual, expected = float(measures.value[row]), float(scores.expected[row])
            yield Finding(
                detector="baseline",
                segment=series.segment,
                feature=series.feature,
                kind=feature.kind,
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
                unit=feature.unit,
                entities=window.context.entities(series.segment),
                techniques=feature.suggested(actual, expected),
                evidence=window.context.evidence(series.segment),
            )

    def silent(self, window: Window, scores: Scores, judged: Judgment) -> frozenset[Number]:
        """Return the numbers of which nothing is told: their calibration failed its test, or they were never grown."""
        rows = np.flatnonzero(judged.abstains | self._newborn.passing(window, scores))
        series = (self._series[slot] for slot in window.measures.slot[rows].tolist())
        return frozenset((one.segment, one.feature) for one in series)

    def values(self, window: Window) -> Callable[[Number], float | None]:
        """Return what gives a number's value in a window, None for none."""
        rows: dict[int, int] = {}

        def value_of(number: Number) -> float | None:
            if not rows:
                rows.update({slot: row for row, slot in enumerate(window.measures.slot.tolist())})
            row = rows.get(self._slots.get(number, -1))
            return None if row is None else float(window.measures.value[row])

        return value_of

    def habits(self, since: int) -> list[tuple[Series, Habit]]:
        """Return the series that deviate by the clock and did so last at or after `since` (ns), with when."""
        return [(self._series[habit.slot], habit) for habit in self.jobs.habits(since)]

    def snapshot(self) -> Tree:
        """Return the whole state; series are the features room's."""
        return {
            "numbers": self.evidence.snapshot(),
            "jobs": self.jobs.snapshot(),
            "newborn": self._newborn.snapshot(),
        }

    def restore(self, tree: Tree, series: Sequence[Series]) -> None:
        """Become what `snapshot` described; `series` are those of all slots."""
        evidence, jobs = tree["numbers"], tree["jobs"]
        self._series, self._slots, self._grave = [], {}, np.zeros(0, np.bool_)
        self._name(series)
        self._newborn.restore(tree.get("newborn", {}), series)
        self.evidence.restore(evidence, _groups(series))
        self.jobs.restore(jobs, _may_be_jobs(series))

    def _name(self, series: Sequence[Series]) -> None:
        self._slots |= {(one.segment, one.feature): slot for slot, one in enumerate(series, len(self._series))}
        self._series += series
        self._grave = np.concatenate([self._grave, np.array([fails(one.feature) for one in series], np.bool_)])


def _groups(series: Sequence[Series]) -> list[str]:
    return [group_of(one.segment, one.feature) for one in series]


def _may_be_jobs(series: Sequence[Series]) -> list[bool]:
    """Say which series may be spared where they come by the clock: security never is."""
    return [feature_of(one.feature).kind is not Kind.SECURITY for one in series]
