"""What a number would have had to be so that nothing is found: the counterfactual of a deviation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import ceil, floor, isfinite, log10
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.decision.evidence import HALVINGS
from vedette.records.finding import Finding
from vedette.records.observation import Quantity
from vedette.records.score import Scores

Floats = NDArray[np.float64]

Anew = Callable[[NDArray[np.intp], Floats], tuple[Scores, ...]]
"""Judges other values of some rows of a window, given what was planned: as things are, and as if no deviation had begun
before the window, so that the forecast has not followed it."""

DIGITS: Final = 3
"""Digits that people are shown of a number."""

WHOLE: Final = (Quantity.COUNT, Quantity.DISTINCT)


def bounds(rows: NDArray[np.intp], actual: Floats, expected: Floats, bearable: Floats, anew: Anew) -> Floats:
    """Return the value furthest from what was expected, towards the actual one, whose surprise is bearable.

    Notes
    -----
    A value whose p-value adds no evidence may last for ever and give no finding; the edge of a 99 % band may not, as
    many windows at it are as odd as one far beyond. Surprise grows with the distance from what was expected, so that
    bisection finds it: to 2⁻²⁴ of the distance, in 25 calls of `anew`.

    Parameters
    ----------
    rows
        Of the window's measures, shape ``(n,)``; as are all others.
    actual, expected
        The number, and what was expected.
    bearable
        Largest surprise that adds no evidence.
    """
    side = np.where(actual >= expected, 1.0, -1.0)
    inside: Floats = side * np.min([side * one.expected for one in anew(rows, actual)], axis=0)
    outside = actual.copy()
    for _ in range(HALVINGS):
        middle = 0.5 * (inside + outside)
        worst = [np.where(side * (middle - one.expected) > 0.0, one.surprise, 0.0) for one in anew(rows, middle)]
        good = np.max(worst, axis=0) <= bearable
        inside, outside = np.where(good, middle, inside), np.where(good, outside, middle)
    return inside


def tighter(finding: Finding, before: Finding) -> Finding:
    """Return a finding with the bound that would have kept both it and one before it from being found."""
    up = finding.actual >= finding.expected
    if up != (before.actual >= before.expected):
        return finding
    both = finding.counterfactual, before.counterfactual
    return replace(finding, counterfactual=min(both) if up else max(both))


def presentable(bound: float, expected: float, quantity: Quantity) -> float:
    """Return a bound as people are shown it, rounded towards what was expected, so that what is shown holds.

    >>> presentable(0.41279, 0.35, Quantity.DURATION), presentable(17.8, 9.2, Quantity.COUNT)
    (0.412, 17.0)
    >>> presentable(3.2, 9.2, Quantity.COUNT), presentable(1234.5, 900.0, Quantity.GAUGE)
    (4.0, 1230.0)
    """
    if not isfinite(bound) or bound == 0.0:
        return bound
    inward = floor if bound > expected else ceil
    rounded = bound
    if quantity in WHOLE:
        rounded = float(inward(bound))
    elif not abs(bound) >= 10.0**9:
        scale = 10.0 ** (DIGITS - 1 - floor(log10(abs(bound))))
        rounded = inward(bound * scale) / scale
    beyond = (rounded - expected) * (bound - expected) < 0.0
    return bound if beyond else rounded
