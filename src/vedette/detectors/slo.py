"""Service-level objectives: what is left of each error budget, and which burn too fast."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.tallies import ALL, Ints, Tally
from vedette.errors import StateCorrupt
from vedette.records.objective import ALERTS, HOUR, MINUTE, Alert, Budget, Burn, Indicator, Objective
from vedette.records.observation import Series
from vedette.records.segment import Segment
from vedette.records.window import Window
from vedette.state.tree import Tree

VERSION: Final = 1

FEATURE: Final = "error_ratio"
"""The series whose events and errors are counted."""

LEAST: Final = 3
"""Bad requests below which no alert fires: one failure among a night's few requests calls nobody."""

RINGS: Final = ((MINUTE, 60), (5 * MINUTE, 864), (6 * HOUR, 360))
"""Buckets for the last hour, the last three days, and the longest window that an objective may have, 90 days."""

SLACK: Final = 1e-9
"""Relative; exactly the rate of an alert is enough for it, whatever the rounding."""

Floats = NDArray[np.float64]
Key = tuple[str, str, str, str, float]


class Objectives:
    """The error budgets of a shard.

    Notes
    -----
    The burn rate is the share of bad requests over what the objective allows. An alert fires while it is reached over
    a long window and a short one (`ALERTS`). Nothing is learned, so that no habit hides a burn. **History that is
    missing counts as good**: in the first hour a burn must be as much faster as there is less of that hour, so that an
    alert always means the same share of the budget. The budget itself is reckoned at the traffic seen so far.

    It works where requests are many: with objective 99.9 %, one failure in seventy is a burn rate of 14.4. **It fails**
    for a service that answers nothing at all, which has no bad requests (`vedette.detectors.baseline` misses them), and
    for routes beyond `features.max_segments`.

    Cost: 20 KB a budget; 0.2 ms a window, 12 µs a budget and 45 µs one that burns. Bounded by the objectives and the
    segments watched.

    References
    ----------
    B. Beyer et al.: The Site Reliability Workbook, 2018, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts". We depart in
    what missing history means, and in `LEAST`.
    """

    name = "slo"

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self._objectives = tuple(objectives)
        self._begin()

    def _begin(self) -> None:
        self._rows: list[tuple[Objective, Segment]] = []
        self._slot = np.zeros(0, np.int32)
        self._allowed = np.zeros(0)
        self._born = np.zeros(0, np.int64)
        """Start of the first window that each row was counted in, ns; -1 before that."""
        self._seen = 0
        """Series known."""
        self._end = 0
        """End of the latest window, ns."""
        self._tallies = [Tally(*ring) for ring in RINGS]

    def grow(self, series: Sequence[Series]) -> None:
        """Take in the series that are new: the next slots, in order."""
        found = [
            (objective, one.segment, self._seen + place)
            for place, one in enumerate(series)
            if one.feature == FEATURE
            for objective in self._objectives
            if objective.concerns(one.segment)
        ]
        self._seen += len(series)
        if not found:
            return
        self._rows += [(objective, segment) for objective, segment, _ in found]
        self._slot = np.concatenate([self._slot, np.array([slot for _, _, slot in found], np.int32)])
        self._allowed = np.concatenate([self._allowed, np.array([objective.allowed for objective, _, _ in found])])
        self._born = np.concatenate([self._born, np.full(len(found), -1)])
        for tally in self._tallies:
            tally.grow(len(found))

    def take(self, window: Window) -> list[Burn]:
        """Count a window's requests; returns the budgets that burn too fast, in the order in which they came up."""
        self._end = window.end
        if not self._rows:
            return []
        self._born = np.where(self._born < 0, window.start, self._born)
        counts = self._counted(window)
        for tally in self._tallies:
            tally.advance(window.end)
            tally.add(counts)
        return list(self._burning())

    def budgets(self) -> list[Budget]:
        """Return what is left of every budget."""
        return [Budget(*row, self._left(number)) for number, row in enumerate(self._rows)]

    def _counted(self, window: Window) -> Ints:
        """Return the bad requests and all of each row, shape ``(n, 2)``."""
        measures = window.measures
        place = np.minimum(np.searchsorted(measures.slot, self._slot), max(len(measures.slot) - 1, 0))
        counts = np.zeros((len(self._rows), 2), np.int64)
        if not len(measures.slot):
            return counts
        seen = measures.slot[place] == self._slot
        total = np.where(seen, measures.weight[place], 0.0)
        counts[:, 0], counts[:, 1] = np.rint(np.where(seen, measures.value[place], 0.0) * total), total
        for row in np.flatnonzero(seen).tolist():
            objective, segment = self._rows[row]
            if objective.indicator is Indicator.LATENCY:
                counts[row] = window.context.slower(segment, objective.threshold)
        return counts

    def _burning(self) -> Iterator[Burn]:
        firing: dict[int, Alert] = {}
        for alert in reversed(ALERTS):
            firing |= dict.fromkeys(np.flatnonzero(self._fires(alert)).tolist(), alert)
        for row, alert in sorted(firing.items()):
            bad, total = self._sums(alert.long, slice(row, row + 1))[0].tolist()
            budget = Budget(*self._rows[row], self._left(row))
            yield Burn(budget, alert, bad, total, int(self._known(alert.long)[row]))

    def _fires(self, alert: Alert) -> NDArray[np.bool_]:
        """Say where an alert's rate is reached over both its windows."""
        (bad, total), (late, lately) = self._sums(alert.long).T, self._sums(alert.short).T
        burnt = bad * (self._known(alert.long) / alert.long)
        bound = alert.rate * self._allowed * (1.0 - SLACK)
        fires: NDArray[np.bool_] = (burnt >= bound * total) & (late >= bound * lately) & (late > 0) & (bad >= LEAST)
        return fires

    def _left(self, row: int) -> float:
        window = self._rows[row][0].window
        bad, total = self._sums(window, slice(row, row + 1))[0].tolist()
        burnt = bad / (self._allowed[row] * total) if total else 0.0
        return float(1.0 - burnt * self._known(window)[row] / window)

    def _sums(self, time: int, rows: slice = ALL) -> Ints:
        return next(tally for tally in self._tallies if tally.reach >= time).sums(time, rows)

    def _known(self, time: int) -> Ints:
        """Return how much of the last `time` ns there is history of, by row."""
        known: Ints = np.minimum(self._end - self._born, time)
        return known

    def _keys(self) -> list[Key]:
        """Return what each row counts; the same for objectives that differ in their targets only."""
        return [
            (segment.environment, segment.service, segment.operation, objective.indicator.value, objective.threshold)
            for objective, segment in self._rows
        ]

    def snapshot(self) -> Tree:
        """Return the whole state."""
        return {
            "version": VERSION,
            "end": self._end,
            "keys": [list(key) for key in self._keys()],
            "born": self._born.copy(),
            "counts": {str(number): tally.counts.copy() for number, tally in enumerate(self._tallies)},
        }

    def restore(self, tree: Tree, series: Sequence[Series]) -> None:
        """Become what `snapshot` described, for the objectives in force; those it does not know begin anew.

        So do all with an empty tree, of a release without objectives. Raises `StateCorrupt` on another version.
        """
        if tree and tree.get("version") != VERSION:
            raise StateCorrupt(f"state of objectives has version {tree.get('version')!r}, expected {VERSION}")
        self._begin()
        self.grow(series)
        if not tree:
            return
        self._end = int(tree["end"])
        saved: dict[Key, int] = {}
        for number, (*place, threshold) in enumerate(tree["keys"]):
            saved.setdefault((*place, float(threshold)), number)
        pairs = [(row, saved[key]) for row, key in enumerate(self._keys()) if key in saved]
        rows, olds = [row for row, _ in pairs], [old for _, old in pairs]
        self._born[rows] = tree["born"][olds]
        for number, tally in enumerate(self._tallies):
            tally.advance(self._end)
            tally.counts[rows] = tree["counts"][str(number)][olds]
