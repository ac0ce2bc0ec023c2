"""How odd is odd enough: the alert budget turned into a threshold.

The operator says how many false incidents a day are bearable. Every ready series and scope is one
test a window; the budget is shared out among the tests of a day. That is a ceiling (Bonferroni),
not a quota: in quiet times nothing is reported.
"""

from __future__ import annotations

from math import log10
from typing import Final

from vedette.records.time import SECOND

DAY: Final = 86_400 * SECOND

ALLOWANCE: Final = 1.0
"""What each window's ``-log10 p`` must exceed to add evidence: p = 0.1."""

SLOPE: Final = 0.86
"""Decades of false-alarm chance per unit of evidence.

With ``-log10 p`` of a uniform p exponential at rate ln 10 and an allowance of 1, the root of
``E[exp(theta (x - 1))] = 1`` is theta = 1.98; P(evidence ≥ h) ≤ exp(-theta h) = 10^(-0.86 h) (Wald's
identity; D. Siegmund, Sequential Analysis, 1985, chapter 2).
"""


class Budget:
    """Shares out the bearable false incidents of a day.

    Parameters
    ----------
    per_day
        False incidents a day that are bearable, > 0.
    """

    def __init__(self, per_day: float) -> None:
        self.per_day = per_day

    def chance(self, tests: int, width: int) -> float:
        """Return the chance that one test may raise a false alarm in one window of `width` ns."""
        return min(self.per_day * width / DAY / max(tests, 1), 0.01)

    def bar(self, tests: int, width: int) -> float:
        """Return the evidence that a finding needs."""
        return -log10(self.chance(tests, width)) / SLOPE
