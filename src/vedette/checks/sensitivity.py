"""What is the smallest change that would be noticed, and how fast: the learned state tried with scaled history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.decision.budget import Budget
from vedette.decision.evidence import Judge
from vedette.decision.lifecycle import AT_ONCE
from vedette.decision.points import scores_of
from vedette.decision.selftest import group_of
from vedette.detectors.baseline import Baseline
from vedette.records.observation import Direction, Measures, Quantity, Series
from vedette.records.score import State
from vedette.records.time import SECOND
from vedette.state.tree import Tree

FACTORS: Final = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)
FALLS: Final = (0.75, 0.5, 0.25, 0.1, 0.0)
SHARES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Added to a share, where factors say nothing: most shares are nought."""

HOURS: Final = (0, 6, 12, 18)
"""Hours after the end of what was learned at which a change is tried: by day and by night."""

WINDOWS: Final = 15
"""Windows that a change is given to be noticed."""

DAY: Final = 86_400 * SECOND
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Past = Mapping[int, tuple[Floats, Floats]]
"""By the start of a window (ns), for each slot: what was measured, NaN for nothing, and the events behind it."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned, as of a snapshot.

    Parameters
    ----------
    series
        By slot.
    baseline, numbers
        States of the baseline and of the judge of its numbers.
    ready_after
        As configured, s.
    budget, tests
        Bearable false incidents a day; series and scopes that are judged each window.
    end
        Start of the first window that was not learned, ns.
    width, lateness
        Of a window, and what is waited for after it, ns.
    """

    series: Sequence[Series]
    baseline: Tree
    numbers: Tree
    ready_after: float
    budget: float
    tests: int
    end: int
    width: int
    lateness: int


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was tried: ``by`` multiplies, or is added to shares."""

    by: float
    up: bool
    share: bool

    def concerns(self, series: Series) -> bool:
        """Say whether the change makes sense for a series, and is on a side that matters there."""
        wanted = (Direction.UP, Direction.BOTH) if self.up else (Direction.DOWN, Direction.BOTH)
        return series.direction in wanted and self.share == (series.quantity is Quantity.RATIO and self.up)

    def apply(self, values: Floats, counts: Mask) -> Floats:
        """Return changed values; a count of nothing is changed as one of one."""
        if self.share:
            return np.minimum(values + self.by, 1.0)
        base = np.where(counts & self.up, np.maximum(values, 1.0), values)
        return np.where(counts, np.round(base * self.by), base * self.by)


@dataclass(frozen=True, slots=True)
class Noticed:
    """The smallest rise and fall that were noticed at every hour tried, with the longest time until the incident, s.

    None where none was; ``up`` or ``down`` is empty where that side does not matter.
    """

    series: Series
    up: tuple[float, float] | None
    down: tuple[float, float] | None
    sides: tuple[bool, bool]


CHANGES: Final = (
    *(Change(by, True, False) for by in FACTORS),
    *(Change(by, True, True) for by in SHARES),
    *(Change(by, False, False) for by in FALLS),
)
"""Smallest first on each side."""


def sensitivity(learned: Learned, past: Past, progress: Callable[[int, int], None]) -> list[Noticed]:
    """Try changes on every series that is judged; returns those that have a past at one of the hours at least.

    Notes
    -----
    From the learned state on, the windows of a day before come again, changed, until the change is noticed: until its
    evidence passes the budget with a score that calls at once, or in two windows. **It fails** to tell how one change
    hides another: each series is tried by itself. Novelty and rules are not tried.

    Deterministic, no chance in it. Cost: about 1 ms a series for all changes and hours.
    """
    count = len(learned.series)
    found: dict[bool, list[tuple[float, float] | None]] = {True: [None] * count, False: [None] * count}
    seen = np.zeros(count, np.bool_)
    for number, change in enumerate(CHANGES):
        progress(number, len(CHANGES))
        wanted = np.array([change.concerns(one) for one in learned.series], np.bool_)
        wanted &= np.array([one is None for one in found[change.up]], np.bool_)
        tried, longest = _everywhere(learned, past, change, wanted)
        seen |= tried
        for slot in np.flatnonzero(tried & np.isfinite(longest)).tolist():
            found[change.up][slot] = change.by, float(longest[slot])
    sides = [(one.direction is not Direction.DOWN, one.direction is not Direction.UP) for one in learned.series]
    return [
        Noticed(one, found[True][slot], found[False][slot], sides[slot])
        for slot, one in enumerate(learned.series)
        if seen[slot]
    ]


def _everywhere(learned: Learned, past: Past, change: Change, wanted: Mask) -> tuple[Mask, Floats]:
    """Try a change at all hours; returns which series could be tried, and the longest time in s, inf for not at all."""
    tried, longest = np.zeros(len(wanted), np.bool_), np.zeros(len(wanted))
    for hour in HOURS:
        known, seconds = _once(learned, past, change, wanted, learned.end + hour * 3600 * SECOND)
        tried |= known
        longest = np.where(known, np.maximum(longest, seconds), longest)
    return tried, longest


def _once(learned: Learned, past: Past, change: Change, wanted: Mask, begin: int) -> tuple[Mask, Floats]:
    """Try a change from a time on."""
    bank, judge = Baseline(ready_after=learned.ready_after), Judge()
    bank.restore(learned.baseline)
    groups = [group_of(one.segment, one.feature) for one in learned.series]
    judge.restore(learned.numbers, groups)
    budget = Budget(learned.budget)
    bar, threshold = budget.bar(learned.tests, learned.width), budget.chance(learned.tests, learned.width)
    counts = np.array([one.quantity in (Quantity.COUNT, Quantity.DISTINCT) for one in learned.series], np.bool_)
    known, seconds, odd = np.zeros(len(wanted), np.bool_), np.full(len(wanted), np.inf), np.zeros(len(wanted), np.int64)
    begin -= begin % learned.width
    for number in range(WINDOWS):
        start = begin + number * learned.width
        values, weights = past.get(start - DAY, (None, None))
        if values is None or weights is None:
            continue
        slot = np.flatnonzero(wanted & np.isfinite(values)).astype(np.int32)
        window = Measures(start, learned.width, slot, change.apply(values[slot], counts[slot]), weights[slot])
        scores = bank.score(window)
        # all series change at once: that tests no calibration
        verdict = judge.judge(slot, scores, bar, groups, window.value)
        known[slot] |= scores.state == State.READY
        odd[slot] += verdict.odd
        calls = verdict.odd & ((scores_of(verdict.chance, threshold) >= AT_ONCE) | (odd[slot] > 1))
        after = ((number + 1) * learned.width + learned.lateness) / SECOND
        seconds[slot[calls]] = np.minimum(seconds[slot[calls]], after)
        bank.learn(window, scores.surprise)
    return known, seconds
