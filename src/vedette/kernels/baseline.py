"""Score and update seasonal baselines of many series: one row of each array a series.

The meaning of every number is in `vedette.detectors.baseline`.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.likelihood import log_count_above, log_count_below, log_t_above, spread

HOURS: Final = 24
WEEK: Final = 56
"""Buckets of three hours in a week."""

LEVEL, RECENT_VALUE, RECENT_BASE, SPREAD, SPREAD_BASE, WEIGHT = 0, 1, 2, 3, 4, 5
FIRST, LAST, OUT_SINCE, OUT_SIGN, SEEN = 6, 7, 8, 9, 10
SCALARS: Final = 11

YOUNG: Final = 30.0
"""Observed windows until what was learned outweighs what is imagined of a young series."""

COUNT, RATIO, DURATION, SIZE, DISTINCT, GAUGE = 0, 1, 2, 3, 4, 5

_DAY = 86_400.0
_LOG10 = 2.302585092994046


@njit(cache=True, nogil=True)
def learned_space(quantity: int, value: float) -> float:
    """Return the value as it is modelled: logarithms of durations and sizes, others as they are."""
    if quantity == DURATION or quantity == SIZE:
        return log(max(value, 1e-9))
    return value


@njit(cache=True, nogil=True)
def base_of(scalar: Any, day: Any, day_seen: Any, week: Any, week_seen: Any, seconds: float) -> tuple[float, float]:
    """Return what this hour usually brings, and how many days of evidence it rests on.

    Shrunk from the week's bucket to the day's to the level, by the cycles that each has seen.
    """
    place = (seconds % _DAY) / 3600.0 - 0.5
    low = int(np.floor(place)) % HOURS
    high = (low + 1) % HOURS
    share = place - np.floor(place)
    seen = (1.0 - share) * day_seen[low] + share * day_seen[high]
    weight_low, weight_high = (1.0 - share) * day_seen[low], share * day_seen[high]
    mean = scalar[LEVEL]
    if weight_low + weight_high > 0.0:
        mean = (weight_low * day[low] + weight_high * day[high]) / (weight_low + weight_high)
    days = seen / 3600.0
    daily = (days * mean + scalar[LEVEL]) / (days + 1.0)
    bucket = int((seconds + 3 * _DAY) // 10_800.0) % WEEK
    weeks = week_seen[bucket] / 10_800.0
    return (weeks * week[bucket] + 1.5 * daily) / (weeks + 1.5), days


@njit(cache=True, nogil=True)
def forecast(quantity: int, scalar: Any, base: float) -> float:
    """Return the expected value in learned space: the base, corrected by how the last hours went against it."""
    if quantity == COUNT or quantity == DISTINCT:
        ratio = (scalar[RECENT_VALUE] + 1.0) / (scalar[RECENT_BASE] + 1.0)
        return max(base, 0.0) * min(max(ratio, 0.2), 5.0)
    if quantity == RATIO:
        return min(max(base, 0.0), 1.0)
    return base + scalar[RECENT_VALUE] - scalar[RECENT_BASE]


@njit(cache=True, nogil=True)
def dispersion_of(scalar: Any, days: float, center: float, unsure: float, floor: float, burst: float) -> float:
    """Return the negative binomial's dispersion.

    A series seen little may burst by `burst` events; an hour never seen before is allowed more.
    """
    learned = scalar[SPREAD] / scalar[SPREAD_BASE] if scalar[SPREAD_BASE] > 0.0 else 0.0
    young = YOUNG * YOUNG / (YOUNG * YOUNG + scalar[SEEN] * scalar[SEEN])
    wild = min(burst * burst / (center * center), 1e5)
    return min(max(learned, floor), 1e3) * (1.0 - young) + wild * young + unsure * max(0.0, 1.0 - days)


@njit(cache=True, nogil=True)
def sigma_of(quantity: int, scalar: Any, days: float, weight: float, unsure: float, floor: float) -> float:
    """Return the scale of residuals; fewer events than usual behind the number widen it."""
    variance = scalar[SPREAD] / scalar[SPREAD_BASE] if scalar[SPREAD_BASE] > 0.0 else 1.0
    if weight > 0.0 and weight < scalar[WEIGHT] and quantity != GAUGE:
        variance *= scalar[WEIGHT] / weight
    least = floor if quantity != GAUGE else floor * abs(scalar[LEVEL]) + 1e-9
    return sqrt(variance + least * least) * (1.0 + unsure * max(0.0, 1.0 - days))


@njit(cache=True, nogil=True)
def score_counts(value: float, mean: float, dispersion: float, direction: int) -> float:
    """Return the surprise of a count on the side(s) that matter."""
    up = log_count_above(value, mean, dispersion)
    down = log_count_below(value, mean, dispersion)
    if direction > 0:
        return -up / _LOG10
    if direction < 0:
        return -down / _LOG10
    return max(0.0, -(min(up, down) + log(2.0)) / _LOG10)


@njit(cache=True, nogil=True)
def score_residual(z: float, freedom: float, direction: int) -> float:
    """Return the surprise of a standardized residual on the side(s) that matter."""
    if direction > 0:
        return -log_t_above(z, freedom) / _LOG10
    if direction < 0:
        return -log_t_above(-z, freedom) / _LOG10
    return max(0.0, -(log_t_above(abs(z), freedom) + log(2.0)) / _LOG10)


@njit(cache=True, nogil=True)
def matters(quantity: int, direction: int, least: float, value: float, expected: float, weight: float) -> bool:
    """Say whether a deviation is on a side that matters and large enough to matter."""
    change = value - expected
    if (direction > 0 and change <= 0.0) or (direction < 0 and change >= 0.0):
        return False
    change = abs(change)
    if quantity == COUNT or quantity == DISTINCT:
        return change >= max(least * expected, 5.0)
    if quantity == RATIO:
        return change >= max(least * expected, 0.02) and change * weight >= 3.0
    if quantity == DURATION:
        return change >= max(least * expected, 0.002)
    if quantity == SIZE:
        return change >= max(least * expected, 64.0)
    return change >= least * abs(expected)


@njit(cache=True, nogil=True)
def score(
    seconds: float,
    slot: Any,
    value: Any,
    weight: Any,
    quantity: Any,
    direction: Any,
    least: Any,
    scalars: Any,
    day: Any,
    day_seen: Any,
    week: Any,
    week_seen: Any,
    ready_after: float,
    constants: Any,
    surprise: Any,
    expected: Any,
    lower: Any,
    upper: Any,
    missing: Any,
) -> None:
    """Judge each row by the state of its series; see `vedette.records.score.Scores`.

    ``constants``: dispersion floor of counts, of ratios, scale floor, degrees of freedom, extra
    width while an hour of the day was never seen, width of the band in standard deviations, burst
    of a young series' counts, and of its failures or distinct values.
    """
    width = constants[5]
    for i in range(slot.shape[0]):
        s = slot[i]
        kind = quantity[s]
        scalar = scalars[s]
        surprise[i] = 0.0
        history = scalar[LAST] - scalar[FIRST]
        missing[i] = max(0.0, ready_after - history) if scalar[SEEN] > 0.0 else ready_after
        if scalar[SEEN] < 2.0:
            expected[i] = np.nan
            lower[i] = np.nan
            upper[i] = np.nan
            missing[i] = max(missing[i], 1.0)
            continue
        base, days = base_of(scalar, day[s], day_seen[s], week[s], week_seen[s], seconds)
        mean = forecast(kind, scalar, base)
        if kind == COUNT or kind == DISTINCT or kind == RATIO:
            trials = max(weight[i], 1.0) if kind == RATIO else 1.0
            # half an event and a bit of doubt: a series of zeros does not make one event impossible
            center = max(mean * trials, 0.5 / (1.0 + scalar[SEEN]) * (trials if kind == RATIO else 1.0)) + 1e-6
            floor = constants[1] if kind == RATIO else constants[0]
            burst = constants[6] if kind == COUNT else constants[7]
            dispersion = dispersion_of(scalar, days, center, constants[4], floor, burst)
            wide = width * spread(center, dispersion)
            expected[i] = mean
            lower[i] = max(0.0, center - wide) / trials
            upper[i] = (center + wide + (1.0 if kind != RATIO else 0.0)) / trials
            if kind == RATIO:
                upper[i] = min(upper[i], 1.0)
            if matters(kind, direction[s], least[s], value[i], mean, weight[i]):
                surprise[i] = score_counts(np.rint(value[i] * trials), center, dispersion, direction[s])
        else:
            sigma = sigma_of(kind, scalar, days, weight[i], constants[4], constants[2])
            z = (learned_space(kind, value[i]) - mean) / sigma
            reach = width * 1.3 * sigma
            expected[i] = exp(mean) if kind != GAUGE else mean
            lower[i] = exp(mean - reach) if kind != GAUGE else mean - reach
            upper[i] = exp(mean + reach) if kind != GAUGE else mean + reach
            if matters(kind, direction[s], least[s], value[i], expected[i], weight[i]):
                surprise[i] = score_residual(z, constants[3], direction[s])


@njit(cache=True, nogil=True)
def toward(old: float, new: float, share: float) -> float:
    """Return `old` moved by `share` of the way to `new`."""
    return old + share * (new - old)


@njit(cache=True, nogil=True)
def clipped(kind: int, value: float, mean: float, spread_: float) -> float:
    """Return the value in learned space, no further than four standard deviations from what was expected."""
    return min(max(value, mean - 4.0 * spread_), mean + 4.0 * spread_)


@njit(cache=True, nogil=True)
def learn(
    seconds: float,
    width: float,
    slot: Any,
    value: Any,
    weight: Any,
    surprise: Any,
    quantity: Any,
    scalars: Any,
    day: Any,
    day_seen: Any,
    week: Any,
    week_seen: Any,
    memory: Any,
    constants: Any,
) -> None:
    """Take each row into the state of its series.

    ``memory``: seconds of the level's, the recent correction's and the scale's memory; in-bucket
    seconds of the day's and the week's; seconds after which a lasting change is the new normal; the
    surprise from which a value counts as an outlier.
    """
    for i in range(slot.shape[0]):
        s = slot[i]
        kind = quantity[s]
        scalar = scalars[s]
        x = learned_space(kind, value[i])
        if scalar[SEEN] == 0.0:
            scalar[FIRST] = seconds
            scalar[LEVEL] = x
            scalar[WEIGHT] = weight[i]
        base, days = base_of(scalar, day[s], day_seen[s], week[s], week_seen[s], seconds)
        mean = forecast(kind, scalar, base)
        counts = kind == COUNT or kind == DISTINCT
        trials = max(weight[i], 1.0) if kind == RATIO else 1.0
        if counts or kind == RATIO:
            floor = constants[1] if kind == RATIO else constants[0]
            center = max(mean * trials, 0.25)
            burst = constants[6] if kind == COUNT else constants[7]
            reach = spread(center, dispersion_of(scalar, days, center, constants[4], floor, burst)) / trials
        else:
            reach = sigma_of(kind, scalar, days, weight[i], constants[4], constants[2])
        sign = 1.0 if x > mean else -1.0
        outlier = surprise[i] >= memory[6] and scalar[SEEN] >= YOUNG
        if not outlier:
            scalar[OUT_SIGN] = 0.0
        elif scalar[OUT_SIGN] != sign:
            scalar[OUT_SIGN] = sign
            scalar[OUT_SINCE] = seconds
        accepted = outlier and seconds - scalar[OUT_SINCE] >= memory[5]
        taken = x
        if scalar[SEEN] >= YOUNG and not accepted:
            taken = clipped(kind, x, mean, reach)
        pace = 0.1 if outlier and not accepted else 1.0
        own = min(weight[i] / max(scalar[WEIGHT], 1.0), 1.0) if kind == RATIO else 1.0
        speed = 4.0 if accepted else 1.0
        step = pace * own * max(min(width * speed / memory[0], 1.0), 1.0 / (scalar[SEEN] + 1.0))
        scalar[LEVEL] = toward(scalar[LEVEL], taken, step)
        quick = pace * own * min(width * speed / memory[1], 1.0)
        scalar[RECENT_VALUE] = toward(scalar[RECENT_VALUE], taken, quick)
        scalar[RECENT_BASE] = toward(scalar[RECENT_BASE], base, quick)
        low = int((seconds % _DAY) // 3600.0) % HOURS
        share = pace * own * max(min(width * speed / memory[3], 1.0), width / (day_seen[s, low] + width))
        day[s, low] = toward(day[s, low], taken, share)
        day_seen[s, low] = min(day_seen[s, low] + pace * width, 3600.0 * 60.0)
        bucket = int((seconds + 3 * _DAY) // 10_800.0) % WEEK
        share = pace * own * max(min(width * speed / memory[4], 1.0), width / (week_seen[s, bucket] + width))
        week[s, bucket] = toward(week[s, bucket], taken, share)
        week_seen[s, bucket] = min(week_seen[s, bucket] + pace * width, 10_800.0 * 60.0)
        slow = pace * max(min(width / memory[2], 1.0), 1.0 / (scalar[SEEN] + 2.0))
        residual = taken - mean
        if scalar[SEEN] > 0.0:
            if counts:
                excess = residual * residual - max(mean, 0.25)
                scalar[SPREAD] = toward(scalar[SPREAD], max(excess, -0.5 * mean * mean), slow)
                scalar[SPREAD_BASE] = toward(scalar[SPREAD_BASE], max(mean * mean, 0.05), slow)
            elif kind == RATIO:
                center = max(mean * trials, 0.25)
                apart = residual * trials
                scalar[SPREAD] = toward(scalar[SPREAD], apart * apart - center, slow)
                scalar[SPREAD_BASE] = toward(scalar[SPREAD_BASE], max(center * center, 0.05), slow)
            else:
                scalar[SPREAD] = toward(scalar[SPREAD], residual * residual, slow)
                scalar[SPREAD_BASE] = toward(scalar[SPREAD_BASE], 1.0, slow)
        scalar[WEIGHT] = toward(scalar[WEIGHT], weight[i], step)
        scalar[LAST] = seconds + width
        scalar[SEEN] += 1.0
