"""A series as numbers: where they are kept, and what they say of the next window.

The model and the source of each constant are described in `vedette.detectors.baseline`.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Any

import numpy as np
from numba import njit

from vedette.kernels import baseline_layout as at


@njit(cache=True, nogil=True, error_model="numpy")
def is_count(quantity: int) -> bool:
    """Say whether the quantity is a number of things."""
    return quantity == at.COUNT or quantity == at.DISTINCT


@njit(cache=True, nogil=True, error_model="numpy")
def is_logarithmic(quantity: int) -> bool:
    """Say whether the quantity is modelled by its logarithm."""
    return quantity == at.DURATION or quantity == at.SIZE


@njit(cache=True, nogil=True, error_model="numpy")
def inward(quantity: int, value: float) -> float:
    """Return the value as it is modelled."""
    return log(max(value, 1e-9)) if is_logarithmic(quantity) else min(max(value, -1e100), 1e100)


@njit(cache=True, nogil=True, error_model="numpy")
def outward(quantity: int, y: float) -> float:
    """Return the value that is modelled as `y`."""
    return exp(min(y, 690.0)) if is_logarithmic(quantity) else y


@njit(cache=True, nogil=True, error_model="numpy")
def moment_of(middle: float) -> tuple[int, float, float, int, float, float, float]:
    """Return where a moment lies; the same for all rows of a window.

    Bucket of the day, share of the next one, seconds into the half-hour; the same three of the week; the
    number of the half-hour since the epoch.
    """
    day = (middle % at.DAY) / at.HALF_HOUR - 0.5 + at.DAYS
    week = (middle % at.WEEK) / at.THREE_HOURS - 0.5 + at.WEEKS
    return (
        int(day) % at.DAYS,
        day - np.floor(day),
        middle % at.HALF_HOUR,
        int(week) % at.WEEKS,
        week - np.floor(week),
        middle % at.THREE_HOURS,
        np.floor(middle / at.HALF_HOUR),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def blend(season: Any, offset: int, size: int, low: int, share: float, empty: float) -> float:
    """Return what two neighboring buckets hold for a moment between their middles."""
    high = low + 1 if low + 1 < size else 0
    first = float(season[offset + low])
    second = float(season[offset + high])
    if first != first:
        return second if second == second else empty
    if second != second:
        return first
    return (1.0 - share) * first + share * second


@njit(cache=True, nogil=True, error_model="numpy")
def coefficient(top: float, bottom: float, proof: float, guess: float) -> float:
    """Return how much of a component to use, in [0, 1]: what regression on past windows says, shrunk to a guess."""
    whole = bottom + proof
    if whole <= 0.0:
        return guess
    return min(max((top + guess * proof) / whole, 0.0), 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def youth(number: Any) -> float:
    """Return how much of what is imagined of a young series still holds, from 1 to 0."""
    windows = number[at.WINDOWS] / at.YOUNG
    return float(1.0 / (1.0 + windows * windows))


@njit(cache=True, nogil=True, error_model="numpy")
def correlation(number: Any, up: int, widen: float) -> float:
    """Return the correlation of the trials of one window: what was learned at `up`, next to a prior.

    The prior is worth an hour, of one failure in a hundred at least: where hardly any came, little is known.
    """
    young = youth(number)
    prior = (number[at.MEAN] + 0.01) * at.GAP
    learned = (number[up] + 0.02 * prior) / (number[up + 1] + prior)
    return float(min(max(learned, 0.003), 0.5) * (1.0 - young) + 0.3 * young + 0.02 * widen)


@njit(cache=True, nogil=True, error_model="numpy")
def dispersion(quantity: int, number: Any, expected: float, widen: float) -> float:
    """Return the spread of counts beyond Poisson, or the correlation of the trials of one window.

    What was learned, next to a prior worth an hour; a series seen in few windows may burst.
    """
    if quantity == at.RATIO:
        return correlation(number, at.SPREAD_A, widen)
    young = youth(number)
    prior = (number[at.MEAN] * number[at.MEAN] + 0.01) * at.GAP
    learned = (number[at.SPREAD_A] + 0.05 * prior) / (number[at.SPREAD_B] + prior)
    burst = (at.BURST_COUNT if quantity == at.COUNT else at.BURST_DISTINCT) / expected
    return min(max(learned, 0.01), 1e4) * (1.0 - young) + min(burst * burst, 1e5) * young + 0.1 * widen


@njit(cache=True, nogil=True, error_model="numpy")
def scale_square(quantity: int, number: Any) -> float:
    """Return the mean square of residuals that coefficients are proved against."""
    if is_count(quantity):
        mean = max(number[at.MEAN], 0.01)
        return mean + dispersion(quantity, number, mean, 0.0) * mean * mean
    if quantity == at.RATIO:
        mean = min(max(number[at.MEAN], 0.001), 0.999)
        return mean * (1.0 - mean) / max(number[at.WEIGHT], 1.0)
    return 0.5 * (number[at.SPREAD_A] + number[at.SPREAD_B])


@njit(cache=True, nogil=True, error_model="numpy")
def forecast(
    quantity: int, number: Any, season: Any, moment: Any, proof: float
) -> tuple[float, float, float, float, float, float]:
    """Return (base, daily, weekly, and the coefficients of daily, weekly and recent) for a moment, as modelled.

    Base is mean + level + daily + weekly, each by its coefficient; recent deviations are for the caller to add.
    """
    square = scale_square(quantity, number) * proof
    daily = 0.0
    if number[at.SEEN] >= at.DAY - number[at.WIDTH]:
        daily = blend(season, 0, at.DAYS, moment[0], moment[1], number[at.MEAN]) - number[at.MEAN]
    weekly = 0.0
    if number[at.SEEN] >= at.WEEK - number[at.WIDTH]:
        weekly = blend(season, at.WEEK_AT, at.WEEKS, moment[3], moment[4], 0.0)
    # until it is proved: a bucket that holds the mean of many windows is worth more than one of few
    windows = at.HALF_HOUR / number[at.WIDTH]
    by_day = coefficient(number[at.DAILY_UP], number[at.DAILY_DOWN], square, windows / (windows + 4.0))
    by_week = coefficient(number[at.WEEKLY_UP], number[at.WEEKLY_DOWN], square, 0.0)
    base = number[at.MEAN] + number[at.LEVEL] + by_day * daily + by_week * weekly
    return base, daily, weekly, by_day, by_week, coefficient(number[at.RECENT_UP], number[at.RECENT_DOWN], square, 0.0)


@njit(cache=True, nogil=True, error_model="numpy")
def kept_recent(number: Any, start: float, width: float, memory: float) -> float:
    """Return what is left of the recent deviation after a gap."""
    gap = start - number[at.LAST] - width
    return number[at.RECENT] * exp(-gap / memory) if gap > 0.0 else number[at.RECENT]


@njit(cache=True, nogil=True, error_model="numpy")
def bounded(quantity: int, number: Any, y: float) -> float:
    """Return an expectation that the quantity can have: half an event in all of history at least."""
    if is_count(quantity):
        return max(y, 0.5 * number[at.WIDTH] / (number[at.SEEN] + number[at.WIDTH]))
    if quantity == at.RATIO:
        least = 0.5 / (number[at.TRIALS] + 1.0)
        return min(max(y, least), 1.0 - least)
    return y


@njit(cache=True, nogil=True, error_model="numpy")
def thinness(quantity: int, number: Any, weight: float) -> float:
    """Return how much wider than usual a number spreads that rests on fewer events than usual."""
    if quantity == at.GAUGE or weight <= 0.0 or number[at.WEIGHT] <= 0.0:
        return 1.0
    return 0.25 + 0.75 * min(number[at.WEIGHT] / weight, 100.0)


@njit(cache=True, nogil=True, error_model="numpy")
def share_sigma(expected: float, weight: float, correlated: float) -> float:
    """Return the standard deviation of a share of `weight` trials that are correlated so much."""
    trials = max(weight, 1.0)
    return sqrt(expected * (1.0 - expected) * (1.0 + (trials - 1.0) * correlated) / trials)


@njit(cache=True, nogil=True, error_model="numpy")
def sigma_of(quantity: int, number: Any, expected: float, weight: float, upward: bool, widen: float) -> float:
    """Return the standard deviation of the modelled value around its expectation, on one side."""
    if is_count(quantity):
        return sqrt(expected + dispersion(quantity, number, expected, widen) * expected * expected)
    if quantity == at.RATIO:
        return share_sigma(expected, weight, dispersion(quantity, number, expected, widen))
    square = number[at.SPREAD_A] if upward else number[at.SPREAD_B]
    return spread_of(quantity, number, square, expected, weight, widen)


@njit(cache=True, nogil=True, error_model="numpy")
def spread_of(quantity: int, number: Any, square: float, expected: float, weight: float, widen: float) -> float:
    """Return a standard deviation from its learned square, next to a prior that fades and a floor that stays."""
    if is_logarithmic(quantity):
        # a size or a latency seen in few windows may be another one by a factor of seven
        windows = number[at.WINDOWS] / at.YOUNG
        square += 4.0 / (1.0 + windows * windows) + 0.0004
    else:
        prior = 0.0025 * at.GAP / (number[at.SEEN] + at.GAP) + 1e-6
        square += prior * expected * expected + 1e-18
    return sqrt(square * thinness(quantity, number, weight)) * (1.0 + 0.5 * widen)
