"""`joint`, live: the numbers of each whole service, judged together where none of them is odd alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.baseline import DAY, LEAST_EVENTS
from vedette.detectors.joint import Joint, Parts
from vedette.errors import StateCorrupt
from vedette.records.feature import feature_of
from vedette.records.joint import Part, Together, nothing_together
from vedette.records.observation import LOGARITHMIC, Measures, Quantity, Series, Space, Vectors
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.state.tree import Tree

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

VERSION: Final = 1

MEMBERS: Final = 12
"""Numbers of a service that are judged together: the first that it has; 1.6 KB a service."""

FEATURES: Final = ("requests", "calls", "metric", "metric_rate")
"""What is judged together: load, and what it costs. Latency rests on few requests, and is told alone; clients follow
requests in more than one way; shares are mostly zero, and lines of templates too many."""

COUNTED: Final = (Quantity.COUNT, Quantity.DISTINCT)

ALONE: Final = 3.0
"""Decades of a number's own surprise from which on it is odd alone, and `baseline` tells of it."""

BAND: Final = 3.6
"""Spreads to the edge of a central band of 99 %, of the Laplace distribution that they are judged by."""

NAMED: Final = 0.15
"""Least share of what is odd that is told."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A window's numbers by space, NaN where there is none; both of shape ``(n, MEMBERS)``.

    ``log`` says which are judged by their logarithm.
    """

    value: Floats
    log: Bools

    def inward(self) -> Floats:
        """Return the numbers in the terms of the model."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.log, np.log(self.value), self.value)

    def outward(self, inner: Floats) -> Floats:
        """Return such numbers in their own terms: the inverse."""
        with np.errstate(over="ignore"):
            return np.where(self.log, np.exp(inner), inner)


class JointWatch:
    """Which series belong together, and how they usually do.

    Notes
    -----
    A space is a service as a whole (with its environment), its members the first twelve of its numbers. These are
    compared as they are, durations and sizes by their logarithm: a rhythm that they share shows best how they go
    together. A window says nothing of a service in which one number is odd alone, or where what was planned keeps rows
    from teaching. A number counts on the side that matters for it, from `min_effect` of what goes with the others on,
    and counts from five events on.

    It fails where `vedette.detectors.joint` fails, and on the numbers beyond the first twelve.
    """

    name = "joint"

    def __init__(self, ready_after: float = DAY) -> None:
        self._ready_after = ready_after
        self._joint = Joint(MEMBERS, ready_after)
        self._series: list[Series] = []
        self._direction = np.zeros(0, np.int8)
        self._log, self._counted = np.zeros(0, np.bool_), np.zeros(0, np.bool_)
        """Of each series, whether it is judged by its logarithm, and whether it counts events."""
        self._least = np.zeros(0)
        self._spaces: dict[Segment, int] = {}
        self._members = np.zeros((0, MEMBERS), np.int64)
        self._place = np.zeros((0, 2), np.int64)
        """Space and column of each series, -1 for none."""
        self._untold: list[Segment] = []

    def grow(self, series: Sequence[Series]) -> None:
        """Take in new series: the next slots, in order."""
        if series:
            places = [self._placed(len(self._series) + number, one) for number, one in enumerate(series)]
            self._place = np.concatenate([self._place, np.array(places, np.int64)])
            direction = np.array([one.direction for one in series], np.int8)
            self._direction = np.concatenate([self._direction, direction])
            self._log = np.concatenate([self._log, [one.quantity in LOGARITHMIC for one in series]])
            self._counted = np.concatenate([self._counted, [one.quantity in COUNTED for one in series]])
            self._least = np.concatenate([self._least, np.array([one.min_effect for one in series])])
            self._series += series

    def _placed(self, slot: int, series: Series) -> tuple[int, int]:
        segment = series.segment
        if segment.operation or not segment.service or feature_of(series.feature).name not in FEATURES:
            return -1, -1
        space = self._spaces.setdefault(segment, len(self._spaces))
        if space == len(self._members):
            self._members = np.concatenate([self._members, np.full((1, MEMBERS), -1)])
            self._joint.grow([Space(segment, ())])
            self._untold.append(segment)
        column = int((self._members[space] >= 0).sum())
        if column == MEMBERS:
            return -1, -1
        self._members[space, column] = slot
        return space, column

    def take(self, measures: Measures, scores: Scores, teaches: Bools) -> Together:
        """Judge the window's services by what was learned before it, then learn them.

        Parameters
        ----------
        measures
            The window's numbers.
        scores
            What `baseline` says of each of them alone.
        teaches
            Which rows may be learned from, given what was planned.
        """
        told, self._untold = self._untold, []
        odd = (scores.state == State.READY) & (scores.surprise >= ALONE)
        slot, rows = self._rows(measures, odd | ~teaches)
        if not len(slot):
            return replace(nothing_together(), segments=told)
        window = Vectors(measures.start, measures.width, slot, rows.inward())
        parts = self._joint.parts(window)
        away = np.where(
            self._matters(slot, rows.value, rows.outward(parts.expected)), self._joint.fresh(window, parts.away), np.nan
        )
        judged = self._joint.weigh(window, away)
        self._joint.absorb(window, parts)
        return Together(slot, judged, told, lambda row: self._parts(int(slot[row]), row, rows, parts, away))

    def _rows(self, measures: Measures, barred: Bools) -> tuple[NDArray[np.int32], Rows]:
        """Return the spaces of the window, and their numbers; spaces with a barred row are left out."""
        (space, column), value, log = self._place[measures.slot].T, measures.value, self._log[measures.slot]
        left_out, there = np.zeros((2, len(self._members) + 1), np.bool_)
        left_out[space[barred]] = left_out[-1] = True  # no space is -1, the last
        taken = (np.isfinite(value) & (~log | (value > 0.0)) & ~left_out[space]).nonzero()[0]
        space, column = space[taken], column[taken]
        there[space] = True
        row = np.cumsum(there)[space] - 1
        spaces = there.nonzero()[0].astype(np.int32)
        numbers, logs = np.full((len(spaces), MEMBERS), np.nan), np.zeros((len(spaces), MEMBERS), np.bool_)
        numbers[row, column], logs[row, column] = value[taken], log[taken]
        return spaces, Rows(numbers, logs)

    def _matters(self, slot: NDArray[np.int32], value: Floats, goes: Floats) -> Bools:
        """Say which numbers are far enough from what goes with the others, on the side that matters for them."""
        series = np.maximum(self._members[slot], 0)
        off, least = value - goes, self._least[series] * np.abs(goes)
        least = np.where(self._counted[series], np.maximum(least, LEAST_EVENTS), least)
        with np.errstate(invalid="ignore"):
            matters: Bools = (np.abs(off) >= least) & (self._direction[series] * off >= 0.0)
        return matters

    def _parts(self, space: int, row: int, rows: Rows, parts: Parts, away: Floats) -> tuple[Part, ...]:
        far = np.nan_to_num(np.abs(away[row]))
        far = np.where(far >= NAMED * far.sum(), far, 0.0)
        low, high = (rows.outward(parts.expected + side * BAND * parts.spread)[row] for side in (-1.0, 1.0))
        goes, ties = rows.outward(parts.expected)[row], np.abs(self._joint.correlations(space))
        used = np.flatnonzero(np.isfinite(parts.expected[row])).tolist()
        numbers = {column: self._series[self._members[space, column]] for column in used}
        return tuple(
            Part(
                numbers[column],
                float(rows.value[row, column]),
                float(goes[column]),
                float(low[column]),
                float(high[column]),
                float(far[column] / far.sum()),
                tuple(
                    (numbers[other], float(rows.value[row, other]))
                    for other in sorted(used, key=lambda one: -ties[column, one])
                    if other != column
                ),
            )
            for column in sorted(used, key=lambda one: -far[one])
            if far[column] > 0.0
        )

    def snapshot(self) -> Tree:
        """Return what was learned; series come back by `restore`."""
        return {"version": VERSION, "joint": self._joint.snapshot()}

    def restore(self, tree: Tree, series: Sequence[Series]) -> None:
        """Become what `snapshot` described, of these series; nothing learned with an empty tree, of an older release.

        Raises `StateCorrupt` on another version.
        """
        self.__init__(self._ready_after)  # type: ignore[misc]
        self.grow(series)
        if not tree:
            return
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"state of joint numbers: got version {tree.get('version')!r}, expected {VERSION}")
        self._joint.restore(tree["joint"])
        self._untold = []

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return self._joint.nbytes
