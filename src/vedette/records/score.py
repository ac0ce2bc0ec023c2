"""What a detector says of a window: a score, or the state that keeps it from having one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class State(IntEnum):
    """Why a verdict may or may not be acted on. Nobody is paged unless READY."""

    LEARNING = 0
    READY = 1
    ABSTAIN = 2
    """The calibration test failed, or maintenance is on and nothing is judged."""
    BLIND = 3
    """Evicted, shed, or the source is silent."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Verdicts on the rows of one `Measures` or `Occurrences`, in their order; all of shape ``(n,)``.

    Parameters
    ----------
    state
        `State` per row, int8.
    surprise
        ``-log10`` of the model's own probability of something at least as odd, ≥ 0 and finite;
        0 where the state is LEARNING. Not calibrated: `vedette.decision.evidence` does that.
    expected, lower, upper
        What the model would have bet on, and its central band; NaN while learning. For
        occurrences, ``expected`` is the probability of an item that new or rare.
    missing
        Seconds of history still needed before READY; 0 when ready.
    known
        Rows that only what other days had at this time keeps from being odder; None where that is not asked.
    """

    state: NDArray[np.int8]
    surprise: NDArray[np.float64]
    expected: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    missing: NDArray[np.float64]
    known: NDArray[np.bool_] | None = None

    def rows(self, rows: NDArray[np.intp]) -> Scores:
        """Return the verdicts on some rows, in their order."""
        return Scores(
            self.state[rows],
            self.surprise[rows],
            self.expected[rows],
            self.lower[rows],
            self.upper[rows],
            self.missing[rows],
            None if self.known is None else self.known[rows],
        )


class States:
    """The latest state of every series, for people who ask whether it is learning."""

    def __init__(self) -> None:
        self.state = np.zeros(0, np.int8)
        self.missing = np.zeros(0)

    def note(self, slot: NDArray[np.int32], scores: Scores) -> None:
        """Take in a window's verdicts."""
        size = max(len(self.state), int(slot.max(initial=-1)) + 1)
        self.state = np.concatenate([self.state, np.zeros(size - len(self.state), np.int8)])
        self.missing = np.concatenate([self.missing, np.zeros(size - len(self.missing))])
        self.state[slot] = scores.state
        self.missing[slot] = scores.missing
