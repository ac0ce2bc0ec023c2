"""How far numbers are off since a change that nobody decided on: what their level is moved by if it is accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vedette.decision.levels import Number
from vedette.records.observation import Measures, Series, deviation
from vedette.records.score import Scores
from vedette.records.segment import Segment


class Offsets:
    """The mean deviation of each number in doubt, as the baseline models it."""

    def __init__(self) -> None:
        self._sums: dict[Number, list[float]] = {}
        """Sum and number of the deviations."""

    @property
    def numbers(self) -> Collection[Number]:
        """Those in doubt, segment and feature."""
        return self._sums.keys()

    def learn(
        self,
        measures: Measures,
        scores: Scores,
        good: NDArray[np.bool_],
        series: Sequence[Series],
        undecided: Iterable[Number],
    ) -> None:
        """Take in a window: `good` says which rows are judged, `undecided` which numbers are in doubt now."""
        self._sums = {number: self._sums.get(number, [0.0, 0.0]) for number in sorted(undecided)}
        if not self._sums:
            return
        for row, one in enumerate(series[slot] for slot in measures.slot.tolist()):
            sums = self._sums.get((one.segment, one.feature))
            if sums is not None and good[row]:
                sums[0] += deviation(one, float(measures.value[row]), float(scores.expected[row]))
                sums[1] += 1.0

    def accept(
        self, numbers: Iterable[Number], series: Sequence[Series]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Return the slots of numbers that are as they shall be, and by how much each is off; these are settled."""
        wanted = {number: self._sums.pop(number, [0.0, 0.0]) for number in numbers}
        if not wanted:
            return np.zeros(0, np.int32), np.zeros(0)
        offs = [
            (slot, wanted[one.segment, one.feature])
            for slot, one in enumerate(series)
            if (one.segment, one.feature) in wanted
        ]
        known = [(slot, total / count) for slot, (total, count) in offs if count]
        return np.array([slot for slot, _ in known], np.int32), np.array([by for _, by in known], np.float64)

    def snapshot(self) -> list[list[object]]:
        """Return the sums as JSON-able rows."""
        return [[*segment.order, feature, *sums] for (segment, feature), sums in self._sums.items()]

    def restore(self, rows: Iterable[Sequence[Any]]) -> None:
        """Become what `snapshot` described."""
        self._sums = {(Segment(*row[:3]), row[3]): [row[4], row[5]] for row in rows}
