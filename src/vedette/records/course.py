"""A number whose course over hours is odd, and in which way."""

from __future__ import annotations

from dataclasses import dataclass

from vedette.records.observation import Series


@dataclass(frozen=True, slots=True)
class Turn:
    """A number whose course is odd.

    Parameters
    ----------
    series
        Which.
    actual, expected, lower, upper
        The mean of the last minutes (of durations, the geometric one) against what was expected of them, and the
        central band of 99 %.
    bearable
        Bound that each window of these minutes would have had to keep.
    model
        That which finds it oddest: ``level``, ``drifting``, ``season`` or ``pattern``; ``together`` for all of them.
    above
        Decades above the bar.
    """

    series: Series
    actual: float
    expected: float
    lower: float
    upper: float
    bearable: float
    model: str
    above: float
