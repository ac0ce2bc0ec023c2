"""How rare a number is among those before it, and which rows begin an episode.

`vedette.detectors.ensemble` says what is made of it.
"""

from __future__ import annotations

from math import exp, log, log10
from typing import Any, Final

import numpy as np
from numba import njit

BINS: Final = 192
LOWEST: Final = -4.0
STEP: Final = 0.05
"""Bins by the natural logarithm of the number: 5 % wide, from 0.018 to 270; what is beyond goes to the ends."""

ENOUGH: Final = 10.0
"""Numbers seen before one is judged."""
TAIL: Final = 0.02
"""Share of the past that the tail is fitted to, at least ten numbers: a customary choice for Hill's estimator."""
IMAGINED: Final = 30.0
IMAGINED_EXCESS: Final = 0.2
"""Numbers that the tail is believed to hold beside the past's, and their mean excess (a Pareto tail of index 5): a
young series does not know its tail. Varied from 10 to 100 and .1 to 1: NAB moved by 12 points, VUS-PR by .06."""
BEYOND: Final = 0.5
"""What a decade is worth beyond those that so short a past can vouch for."""
MOST: Final = 30.0
"""Decades at most."""

DAY: Final = 86_400.0
HALF_HOUR: Final = 1800.0
DAY_SLOTS: Final = 48
WEEK_SLOTS: Final = 336
FADE: Final = 0.95
MOSTLY: Final = 0.5
DAY_PACE: Final = 0.3
WEEK_PACE: Final = 0.4
"""What is left of a half-hour's highest number at its next visit; the share of visits from which it recurs; the pace of
that share: two days, or two weeks, in a row make a job (1 - 0.7² = .51)."""

OPEN: Final = 0
"""The half-hour that is not over, since the epoch."""
HIGHEST: Final = 1
REACHED: Final = 2
"""Of that half-hour: its highest number, and whether one reached its bar."""
BEFORE: Final = 3
"""Time of the row before."""
COUNT: Final = 4
COUNTED: Final = 5
"""Episodes of late, and when one was above the bar last."""
LATEST: Final = 6
TOLD: Final = 7
"""When an episode that is told of was above the bar last, and how far it was then."""
NUMBERS: Final = 8
RULES: Final = ("before_bar", "recurs", "worse", "memory", "often", "rise")
"""Decades below the bar from which episodes are kept account of; by which a row exceeds what recurs at its time, and an
episode what it was; seconds and episodes a day beyond which the bar rises, and decades for ten times as many."""


@njit(cache=True, nogil=True, error_model="numpy")
def place_of(number: float) -> int:
    """Return the bin of a number; what is not above 0 goes to the first."""
    if not number > exp(LOWEST):
        return 0
    return min(int((log(number) - LOWEST) / STEP), BINS - 1)


@njit(cache=True, nogil=True, error_model="numpy")
def decades_of(bins: Any, total: float, place: int) -> float:
    """Return -log10 of the chance of a number in this bin or beyond, by the bins of the past.

    Within the past it is the rank; beyond its top 2 % a Pareto tail by Hill's estimator, next to
    what is imagined of it.
    """
    edge, beyond = BINS - 1, float(bins[BINS - 1])
    top = max(TAIL * total, ENOUGH)
    while edge > 0 and beyond < top:
        edge -= 1
        beyond += bins[edge]
    if place <= edge:
        for k in range(place, edge):
            beyond += bins[k]
        return min(max(-log10((beyond + 0.5) / (total + 1.0)), 0.0), MOST)
    excess = IMAGINED * IMAGINED_EXCESS
    for k in range(edge, BINS):
        excess += bins[k] * (k - edge + 0.5) * STEP
    hill = max(excess / (beyond + IMAGINED), 0.05)
    decades = -log10((beyond + 1.0) / (total + 1.0)) + (place - edge) * STEP / hill / log(10.0)
    vouched = log10(total + 1.0)
    if decades > vouched:
        decades = vouched + BEYOND * (decades - vouched)
    return min(max(decades, 0.0), MOST)


@njit(cache=True, nogil=True, error_model="numpy")
def visited(slot: Any, reached: bool, highest: float, pace: float) -> None:
    """Take one visit into a half-hour's share of visits that reached the bar, and its highest number, which fades."""
    slot[0] += pace * ((1.0 if reached else 0.0) - slot[0])
    slot[1] = max(FADE * slot[1], highest)


@njit(cache=True, nogil=True, error_model="numpy")
def usual_at(s: Any, slots: Any, time: float, number: float, bar: float) -> float:
    """Return the highest number that recurs in this half-hour: on most days of late, or in the last two weeks; else 0.

    A half-hour counts where a number reached its bar; of days the neighboring half-hours count, too. ``slots`` are
    those of a day, then those of a week, shape ``(DAY_SLOTS + WEEK_SLOTS, 2)``.
    """
    slot = np.floor(time / HALF_HOUR)
    if slot != s[OPEN]:
        if s[OPEN] >= 0.0:
            reached = s[REACHED] > 0.0
            visited(slots[int(s[OPEN] % DAY_SLOTS)], reached, s[HIGHEST], DAY_PACE)
            visited(slots[DAY_SLOTS + int(s[OPEN] % WEEK_SLOTS)], reached, s[HIGHEST], WEEK_PACE)
        s[HIGHEST], s[REACHED], s[OPEN] = 0.0, 0.0, slot
    day, week = int(slot % DAY_SLOTS), DAY_SLOTS + int(slot % WEEK_SLOTS)
    usual = slots[week, 1] if slots[week, 0] > MOSTLY else 0.0
    for near in ((day - 1) % DAY_SLOTS, day, (day + 1) % DAY_SLOTS):
        if slots[near, 0] > MOSTLY:
            usual = max(usual, slots[near, 1])
    s[HIGHEST] = max(s[HIGHEST], number)
    if number >= bar:
        s[REACHED] = 1.0
    return usual


@njit(cache=True, nogil=True, error_model="numpy")
def restless(s: Any, time: float, memory: float, often: float) -> float:
    """Return by how many decades episodes came more often than `often` a day, in the last `memory` seconds; else 0."""
    if s[BEFORE] > -np.inf:
        s[COUNT] *= exp((s[BEFORE] - time) / memory)
    s[BEFORE] = time
    rate = s[COUNT] * DAY / memory
    return log10(rate / often) if rate > often else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def count(s: Any, time: float, above: float, hold: float) -> None:
    """Count an episode where one begins: where a row is above the bar, and none was for `hold` seconds."""
    if above >= 0.0:
        if time - s[COUNTED] > hold:
            s[COUNT] += 1.0
        s[COUNTED] = time


@njit(cache=True, nogil=True, error_model="numpy")
def begins(s: Any, time: float, above: float, hold: float, worse: float) -> int:
    """Return 1 where an episode begins, 2 where it gets worse by `worse` than it was when told of last, else 0.

    `above` is how far the row lies over the bar; below 0 nothing begins. An episode ends with `hold` seconds in which
    nothing was above.
    """
    if not above >= 0.0:
        return 0
    told = 1 if time - s[LATEST] > hold else 2 if above >= s[TOLD] + worse else 0
    if told > 0:
        s[TOLD] = above
    s[LATEST] = time
    return told


@njit(cache=True, nogil=True, error_model="numpy")
def episodes(
    slot: Any, times: Any, peaks: Any, bars: Any, holds: Any, rules: Any, numbers: Any, slots: Any, out: Any
) -> None:
    """Write what `begins` returns of each row, and how far that lies above its bar, in decades.

    Parameters
    ----------
    slot, times, peaks, bars, holds
        Of each row, in order of time: series, epoch seconds, decades, decades from which it is told, seconds of quiet
        that end an episode; shape ``(n,)``.
    rules
        As `RULES` names them.
    numbers, slots
        State of each series, ``(series, NUMBERS)`` and ``(series, DAY_SLOTS + WEEK_SLOTS, 2)``.
    out
        Shape ``(n, 2)``.
    """
    before_bar, recurs, worse, memory, often, rise = rules
    for i in range(slot.shape[0]):
        s = numbers[slot[i]]
        usual = usual_at(s, slots[slot[i]], times[i], peaks[i], bars[i])
        above = peaks[i] - bars[i]
        if usual > 0.0:
            above = min(above, peaks[i] - usual - recurs)
        raised = restless(s, times[i], memory, often)
        count(s, times[i], above + before_bar, holds[i])
        above -= rise * raised
        out[i, 0] = begins(s, times[i], above + before_bar, holds[i], worse)
        out[i, 1] = above
