"""What is said of numbers of one service that go together: which of them does not, and what it should be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedette.records.observation import Series
from vedette.records.score import Scores
from vedette.records.segment import Segment


@dataclass(frozen=True, slots=True)
class Part:
    """One number that does not go with the others.

    Parameters
    ----------
    series
        Which.
    actual, expected, lower, upper
        The number against what goes with the others, and its central band of 99 %.
    share
        Of all that is odd about the space, 0 to 1.
    others
        The numbers that it is forecast from, the most telling first, with their values.
    """

    series: Series
    actual: float
    expected: float
    lower: float
    upper: float
    share: float
    others: tuple[tuple[Series, float], ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Verdicts on the spaces of one window; ``segments`` are those of new spaces, the next slots in order.

    ``parts`` says of a row which numbers do not go with the others, the oddest first; asked only for findings.
    """

    slot: NDArray[np.int32]
    scores: Scores
    segments: Sequence[Segment]
    parts: Callable[[int], Sequence[Part]]


def nothing_together() -> Together:
    """Return that nothing is said of any space."""
    none = np.zeros(0)
    scores = Scores(none.astype(np.int8), none, none, none, none, none)
    return Together(none.astype(np.int32), scores, (), lambda row: ())
