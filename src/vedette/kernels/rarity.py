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
def rarity(numbers: Any, out: Any) -> None:
    """Write how rare each number is among those before it, in decades; 0 for the first ten.

    `numbers` is float64, at least 0, shape ``(n,)``. Cost: one pass over 192 bins a row.
    """
    bins = np.zeros(BINS)
    total = 0.0
    for i in range(len(numbers)):
        place = place_of(numbers[i])
        out[i] = decades_of(bins, total, place) if total >= ENOUGH else 0.0
        bins[place] += 1.0
        total += 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def beginnings(times: Any, above: Any, hold: Any, worse: float, out: Any) -> None:
    """Write true where an episode begins, or gets worse by `worse` than it was when told of last.

    `above` is how far each row lies over the bar; below 0 nothing begins. An episode ends with `hold` seconds, one
    number a row, in which nothing was above.
    """
    latest, told = -np.inf, 0.0
    for i in range(len(above)):
        out[i] = False
        if not above[i] >= 0.0:
            continue
        fresh = times[i] - latest > hold[i]
        if fresh or above[i] >= told + worse:
            out[i] = True
            told = above[i]
        latest = times[i]


@njit(cache=True, nogil=True, error_model="numpy")
def restless(times: Any, above: Any, hold: Any, memory: float, often: float, out: Any) -> None:
    """Write by how many decades episodes came more often than `often` a day, over the last `memory` seconds; else 0.

    Episodes are counted as `beginnings` has them, without those that get worse; the count fades, and a row is not
    counted yet when its own number is written.
    """
    latest, count = -np.inf, 0.0
    for i in range(len(above)):
        if i > 0:
            count *= exp((times[i - 1] - times[i]) / memory)
        rate = count * DAY / memory
        out[i] = log10(rate / often) if rate > often else 0.0
        if above[i] >= 0.0:
            if times[i] - latest > hold[i]:
                count += 1.0
            latest = times[i]


@njit(cache=True, nogil=True, error_model="numpy")
def usual_at(times: Any, numbers: Any, bars: Any, out: Any) -> None:
    """Write the highest number that recurs in this half-hour: on most days of late, or in the last two weeks; else 0.

    A half-hour counts where a number reached its bar; of days the neighboring half-hours count, too.
    """
    daily, weekly = np.zeros((DAY_SLOTS, 2)), np.zeros((WEEK_SLOTS, 2))
    highest, reached, open_slot = 0.0, False, -1.0
    for i in range(len(numbers)):
        slot = np.floor(times[i] / HALF_HOUR)
        if slot != open_slot:
            if open_slot >= 0.0:
                visited(daily[int(open_slot % DAY_SLOTS)], reached, highest, DAY_PACE)
                visited(weekly[int(open_slot % WEEK_SLOTS)], reached, highest, WEEK_PACE)
            highest, reached, open_slot = 0.0, False, slot
        day, week = int(slot % DAY_SLOTS), int(slot % WEEK_SLOTS)
        out[i] = weekly[week, 1] if weekly[week, 0] > MOSTLY else 0.0
        for near in (day - 1, day, (day + 1) % DAY_SLOTS):
            if daily[near, 0] > MOSTLY:
                out[i] = max(out[i], daily[near, 1])
        highest, reached = max(highest, numbers[i]), reached or numbers[i] >= bars[i]


@njit(cache=True, nogil=True, error_model="numpy")
def visited(slot: Any, reached: bool, highest: float, pace: float) -> None:
    """Take one visit into a half-hour's share of visits that reached the bar, and its highest number, which fades."""
    slot[0] += pace * ((1.0 if reached else 0.0) - slot[0])
    slot[1] = max(FADE * slot[1], highest)
