"""A window's scores as they count, given what was planned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from vedette.decision.bounds import Anew
from vedette.records.context import PlannedEvent
from vedette.records.observation import Measures
from vedette.records.score import Scores

Floats = NDArray[np.float64]
Score = Callable[[Measures], Scores]


@dataclass(frozen=True, slots=True)
class Planned:
    """An event that bears on a window, and how, in words for an explanation."""

    event: PlannedEvent
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A window's scores as they count, given what was planned.

    ``teaches`` says which rows of the measures may be learned from; ``events`` are on in the window or, for changes,
    were lately.
    """

    measured: Scores
    occurred: Scores
    teaches: NDArray[np.bool_]
    events: tuple[Planned, ...]
    anew: Anew
    """How surprising other values would have been, under the same plan."""

    def taught(self, measures: Measures) -> tuple[Measures, NDArray[np.float64]]:
        """Return the rows that may be learned from, and their surprise."""
        if self.teaches.all():
            return measures, self.measured.surprise
        kept = replace(
            measures,
            slot=measures.slot[self.teaches],
            value=measures.value[self.teaches],
            weight=measures.weight[self.teaches],
        )
        return kept, self.measured.surprise[self.teaches]


def fitted(
    measures: Measures,
    measured: Scores,
    low: Floats,
    high: Floats,
    score: Score,
) -> Scores:
    """Judge numbers anew, each made smaller or larger by as much of its lift as fits it; bands are widened likewise."""
    rows = np.flatnonzero(((low < 1.0) | (high > 1.0)) & (measured.expected > 0.0) & (measures.value > 0.0))
    if not len(rows):
        return measured
    value = measures.value[rows]
    fit = value / np.clip(value / measured.expected[rows], low[rows], high[rows])
    again = score(replace(measures, slot=measures.slot[rows], value=fit, weight=measures.weight[rows]))
    surprise, lower, upper = measured.surprise.copy(), measured.lower.copy(), measured.upper.copy()
    surprise[rows] = np.minimum(surprise[rows], again.surprise)
    lower[rows] *= low[rows]
    upper[rows] *= high[rows]
    return replace(measured, surprise=surprise, lower=lower, upper=upper)


def rescored(measures: Measures, low: Floats, high: Floats, scores: Sequence[Score]) -> Anew:
    """Return what judges other values of some rows as `fitted` judges those of the window, by each of `scores`."""

    def anew(rows: NDArray[np.intp], value: Floats) -> tuple[Scores, ...]:
        asked = replace(measures, slot=measures.slot[rows], value=value, weight=measures.weight[rows])
        return tuple(fitted(asked, score(asked), low[rows], high[rows], score) for score in scores)

    return anew
