"""Score and learn seasonal baselines of many series: one row of two arrays a series.

The model and the source of each constant are described in `vedette.detectors.baseline`.
"""

from __future__ import annotations

from math import exp, inf, log, sqrt
from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.likelihood import (
    log_count_cdf,
    log_count_sf,
    log_share_cdf,
    log_share_sf,
    log_student_sf,
)

COUNT, RATIO, DURATION, SIZE, DISTINCT, GAUGE = 0, 1, 2, 3, 4, 5

SEEN, LAST, WIDTH, MEAN, LEVEL, RECENT = 0, 1, 2, 3, 4, 5
DAILY_UP, DAILY_DOWN, WEEKLY_UP, WEEKLY_DOWN, RECENT_UP, RECENT_DOWN = 6, 7, 8, 9, 10, 11
SPREAD_A, SPREAD_B, LIMIT, WEIGHT, TRIALS = 12, 13, 14, 15, 16
RUN, RUN_MEAN, VISIT, VISIT_HIGH, VISIT_LOW, SHIFTED, WINDOWS = 17, 18, 19, 20, 21, 22, 23
NUMBERS: Final = 24
"""Numbers of a series, float64: seconds of history, last window, its width; the model in the order in
which `forecast` adds it up; numerators and denominators of the three coefficients; spread; the run of
deviations; the highest and lowest of the present visit to a bucket; when a shift was
accepted last; windows observed."""

DAYS: Final = 48
"""Half-hour buckets of a day."""
WEEKS: Final = 56
"""Three-hour buckets of a week."""
WEEK_AT, HIGH_AT, LOW_AT = DAYS, DAYS + WEEKS, 2 * DAYS + WEEKS
BUCKETS: Final = 3 * DAYS + WEEKS
"""Seasons of a series, float32, NaN where never visited: by day, by week, highest and lowest by day."""

_DAY = 86_400.0
_WEEK = 7 * _DAY
_HALF_HOUR = 1800.0
_THREE_HOURS = 10_800.0
_GAP = 3600.0
_LN10 = 2.302585092994046
_YOUNG = 30.0
_BURST_COUNT = 30.0
_BURST_DISTINCT = 10.0
_T_SCALE = sqrt(4.0 / 6.0)
_T_BAND = 3.707
_Z_BAND = 2.576

LEVEL_MEMORY, MEAN_MEMORY, SPREAD_MEMORY, RECENT_MEMORY = 0, 1, 2, 3
DAILY_MEMORY, WEEKLY_MEMORY, PEAK_MEMORY, ACCEPT_AFTER, PROOF = 4, 5, 6, 7, 8
"""Places of the memory's lengths: seconds, except the three in visits to a bucket."""


@njit(cache=True, nogil=True)
def is_count(quantity: int) -> bool:
    """Say whether the quantity is a number of things."""
    return quantity == COUNT or quantity == DISTINCT


@njit(cache=True, nogil=True)
def is_logarithmic(quantity: int) -> bool:
    """Say whether the quantity is modelled by its logarithm."""
    return quantity == DURATION or quantity == SIZE


@njit(cache=True, nogil=True)
def inward(quantity: int, value: float) -> float:
    """Return the value as it is modelled."""
    return log(max(value, 1e-9)) if is_logarithmic(quantity) else min(max(value, -1e100), 1e100)


@njit(cache=True, nogil=True)
def outward(quantity: int, y: float) -> float:
    """Return the value that is modelled as `y`."""
    return exp(min(y, 690.0)) if is_logarithmic(quantity) else y


@njit(cache=True, nogil=True)
def moment_of(middle: float) -> tuple[int, float, float, int, float, float, float]:
    """Return where a moment lies; the same for all rows of a window.

    Bucket of the day, share of the next one, seconds into the half-hour; the same three of the week; the
    number of the half-hour since the epoch.
    """
    day = (middle % _DAY) / _HALF_HOUR - 0.5 + DAYS
    week = (middle % _WEEK) / _THREE_HOURS - 0.5 + WEEKS
    return (
        int(day) % DAYS,
        day - np.floor(day),
        middle % _HALF_HOUR,
        int(week) % WEEKS,
        week - np.floor(week),
        middle % _THREE_HOURS,
        np.floor(middle / _HALF_HOUR),
    )


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def coefficient(top: float, bottom: float, proof: float, guess: float) -> float:
    """Return how much of a component to use, in [0, 1]: what regression on past windows says, shrunk to a guess."""
    whole = bottom + proof
    if whole <= 0.0:
        return guess
    return min(max((top + guess * proof) / whole, 0.0), 1.0)


@njit(cache=True, nogil=True)
def scale_square(quantity: int, number: Any) -> float:
    """Return the mean square of residuals that coefficients are proved against."""
    if is_count(quantity):
        mean = max(number[MEAN], 0.01)
        return mean + dispersion(quantity, number, mean, 0.0) * mean * mean
    if quantity == RATIO:
        mean = min(max(number[MEAN], 0.001), 0.999)
        return mean * (1.0 - mean) / max(number[WEIGHT], 1.0)
    return 0.5 * (number[SPREAD_A] + number[SPREAD_B])


@njit(cache=True, nogil=True)
def dispersion(quantity: int, number: Any, expected: float, widen: float) -> float:
    """Return the spread of counts beyond Poisson, or the correlation of the trials of one window.

    What was learned, next to a prior worth an hour; a series seen in few windows may burst.
    """
    windows = number[WINDOWS] / _YOUNG
    young = 1.0 / (1.0 + windows * windows)
    if quantity == RATIO:
        prior = number[MEAN] * _GAP
        learned = (number[SPREAD_A] + 0.02 * prior) / (number[SPREAD_B] + prior + 1e-12)
        return min(max(learned, 0.003), 0.5) * (1.0 - young) + 0.3 * young + 0.02 * widen
    prior = (number[MEAN] * number[MEAN] + 0.01) * _GAP
    learned = (number[SPREAD_A] + 0.05 * prior) / (number[SPREAD_B] + prior)
    burst = (_BURST_COUNT if quantity == COUNT else _BURST_DISTINCT) / expected
    return min(max(learned, 0.01), 1e4) * (1.0 - young) + min(burst * burst, 1e5) * young + 0.1 * widen


@njit(cache=True, nogil=True)
def forecast(
    quantity: int, number: Any, season: Any, moment: Any, proof: float
) -> tuple[float, float, float, float, float, float]:
    """Return (base, daily, weekly, and the coefficients of daily, weekly and recent) for a moment, as modelled.

    Base is mean + level + daily + weekly, each by its coefficient; recent deviations are for the caller to add.
    """
    square = scale_square(quantity, number) * proof
    daily = 0.0
    if number[SEEN] >= _DAY - number[WIDTH]:
        daily = blend(season, 0, DAYS, moment[0], moment[1], number[MEAN]) - number[MEAN]
    weekly = 0.0
    if number[SEEN] >= _WEEK - number[WIDTH]:
        weekly = blend(season, WEEK_AT, WEEKS, moment[3], moment[4], 0.0)
    by_day = coefficient(number[DAILY_UP], number[DAILY_DOWN], square, 0.5)
    by_week = coefficient(number[WEEKLY_UP], number[WEEKLY_DOWN], square, 0.0)
    base = number[MEAN] + number[LEVEL] + by_day * daily + by_week * weekly
    return base, daily, weekly, by_day, by_week, coefficient(number[RECENT_UP], number[RECENT_DOWN], square, 0.0)


@njit(cache=True, nogil=True)
def kept_recent(number: Any, start: float, width: float, memory: float) -> float:
    """Return what is left of the recent deviation after a gap."""
    gap = start - number[LAST] - width
    return number[RECENT] * exp(-gap / memory) if gap > 0.0 else number[RECENT]


@njit(cache=True, nogil=True)
def bounded(quantity: int, number: Any, y: float) -> float:
    """Return an expectation that the quantity can have: half an event in all of history at least."""
    if is_count(quantity):
        return max(y, 0.5 * number[WIDTH] / (number[SEEN] + number[WIDTH]))
    if quantity == RATIO:
        least = 0.5 / (number[TRIALS] + 1.0)
        return min(max(y, least), 1.0 - least)
    return y


@njit(cache=True, nogil=True)
def sigma_of(quantity: int, number: Any, expected: float, weight: float, upward: bool, widen: float) -> float:
    """Return the standard deviation of the modelled value around its expectation, on one side."""
    if is_count(quantity):
        return sqrt(expected + dispersion(quantity, number, expected, widen) * expected * expected)
    if quantity == RATIO:
        trials = max(weight, 1.0)
        inside = 1.0 + (trials - 1.0) * dispersion(quantity, number, expected, widen)
        return sqrt(expected * (1.0 - expected) * inside / trials)
    square = number[SPREAD_A] if upward else number[SPREAD_B]
    if is_logarithmic(quantity):
        # a size or a latency seen in few windows may be another one by a factor of seven
        windows = number[WINDOWS] / _YOUNG
        square += 4.0 / (1.0 + windows * windows) + 0.0004
    else:
        prior = 0.0025 * _GAP / (number[SEEN] + _GAP) + 1e-6
        square += prior * expected * expected + 1e-18
    return sqrt(square * thinness(quantity, number, weight)) * (1.0 + 0.5 * widen)


@njit(cache=True, nogil=True)
def thinness(quantity: int, number: Any, weight: float) -> float:
    """Return how much wider than usual a number spreads that rests on fewer events than usual."""
    if quantity == GAUGE or weight <= 0.0 or number[WEIGHT] <= 0.0:
        return 1.0
    return 0.25 + 0.75 * min(number[WEIGHT] / weight, 100.0)


@njit(cache=True, nogil=True)
def matters(
    quantity: int, direction: int, least: float, least_events: float, value: float, expected: float, weight: float
) -> bool:
    """Say whether a deviation is on a side that matters and large enough to matter."""
    change = value - expected
    if change * direction < 0.0 or change == 0.0:
        return False
    change = abs(change)
    if is_count(quantity):
        return change >= max(least * expected, least_events)
    if quantity == RATIO:
        return change >= least * min(expected, 1.0 - expected) and change * weight >= min(least_events, 3.0)
    return change >= least * abs(expected)


@njit(cache=True, nogil=True)
def log_tail(quantity: int, number: Any, y: float, expected: float, weight: float, upward: bool, widen: float) -> float:
    """Return the logarithm of the chance of a value at least as far on one side."""
    if is_count(quantity):
        spread = dispersion(quantity, number, expected, widen)
        whole = np.rint(y)
        return log_count_sf(whole, expected, spread) if upward else log_count_cdf(whole, expected, spread)
    if quantity == RATIO:
        trials = np.rint(max(weight, 1.0))
        spread = dispersion(quantity, number, expected, widen)
        hits = y * trials
        return log_share_sf(hits, trials, expected, spread) if upward else log_share_cdf(hits, trials, expected, spread)
    sigma = sigma_of(quantity, number, expected, weight, upward, widen)
    return log_student_sf(abs(y - expected) / (sigma * _T_SCALE))


@njit(cache=True, nogil=True)
def seen_before(number: Any, season: Any, bucket: int, away: float) -> float:
    """Return the largest surprise that a deviation deserves after what other days had at this time.

    No more than the rank of the largest of the windows seen at this time of day; beyond the largest
    deviation so far, a Pareto tail with exponent 6.
    """
    offset = HIGH_AT if away > 0.0 else LOW_AT
    most = 0.0
    for near in (bucket, (bucket + 1) % DAYS):
        peak = abs(float(season[offset + near]))
        if peak > most:
            most = peak
    if most <= 0.0:
        return inf
    windows = number[SEEN] / _DAY * max(1.0, _HALF_HOUR / number[WIDTH])
    return log(windows + 1.0) / _LN10 + 6.0 * max(0.0, log(abs(away) / most) / _LN10)


@njit(cache=True, nogil=True)
def band(quantity: int, number: Any, expected: float, weight: float, widen: float) -> tuple[float, float, float]:
    """Return expected value and central 99 % band in the value's own unit."""
    down = sigma_of(quantity, number, expected, weight, False, widen)
    up = sigma_of(quantity, number, expected, weight, True, widen)
    if is_count(quantity):
        # the gamma with the same two moments, by the cube root (Wilson and Hilferty, PNAS 1931)
        shape = expected * expected / (up * up)
        step = _Z_BAND / (3.0 * sqrt(shape))
        middle = 1.0 - 1.0 / (9.0 * shape)
        upper = expected * max(middle + step, 0.0) ** 3
        lower = expected * max(middle - step, 0.0) ** 3
        return expected, np.floor(lower), np.ceil(max(upper, expected + 1.0))
    if quantity == RATIO:
        room = 1.0 / max(weight, 1.0)
        return expected, max(0.0, expected - _Z_BAND * down), min(1.0, expected + _Z_BAND * up + room)
    reach = _T_BAND * _T_SCALE
    return (
        outward(quantity, expected),
        outward(quantity, expected - reach * down),
        outward(quantity, expected + reach * up),
    )


@njit(cache=True, nogil=True)
def widening(number: Any) -> float:
    """Return how far from two days of history a series is, from 1 to 0."""
    return max(0.0, 1.0 - number[SEEN] / (2.0 * _DAY))


@njit(cache=True, nogil=True)
def score_row(
    quantity: int,
    direction: int,
    least: float,
    least_events: float,
    number: Any,
    season: Any,
    memory: Any,
    moment: Any,
    start: float,
    width: float,
    value: float,
    weight: float,
) -> tuple[float, float, float, float]:
    """Return (surprise, expected, lower, upper) of one observation of a series that has been seen before."""
    base, _, _, _, _, share = forecast(quantity, number, season, moment, memory[PROOF])
    expected = bounded(quantity, number, base + share * kept_recent(number, start, width, memory[RECENT_MEMORY]))
    widen = widening(number)
    middle_value, lower, upper = band(quantity, number, expected, weight, widen)
    if not np.isfinite(value) or not matters(quantity, direction, least, least_events, value, middle_value, weight):
        return 0.0, middle_value, lower, upper
    y = inward(quantity, value)
    logarithm = log_tail(quantity, number, y, expected, weight, y > expected, widen)
    if direction == 0:
        logarithm = min(0.0, logarithm + log(2.0))
    surprise = min(-logarithm / _LN10, 300.0)
    if surprise > 1.0:
        surprise = min(surprise, seen_before(number, season, moment[0], y - base))
    return max(surprise, 0.0), middle_value, lower, upper


@njit(cache=True, nogil=True)
def follow(number: Any, up: int, step: float, fade: float, target: float, part: float) -> None:
    """Take one window into the regression of `target` on `part`."""
    number[up] = number[up] * fade + step * target * part
    number[up + 1] = number[up + 1] * fade + step * part * part


@njit(cache=True, nogil=True)
def faded(elapsed: float, memory: float) -> float:
    """Return what is left after a step: exp(-elapsed / memory), as a fraction, for steps far below the memory."""
    return memory / (memory + elapsed)


@njit(cache=True, nogil=True)
def learn_bucket(season: Any, bucket: int, y: float, step: float, seen: float) -> None:
    """Move a bucket towards `y`; ``seen`` are seconds spent in it so far."""
    old = season[bucket]
    if old != old:
        season[bucket] = y
    elif step > 0.0:
        season[bucket] = old + step / (seen + step) * (y - old)


@njit(cache=True, nogil=True)
def learn_peaks(number: Any, season: Any, visit: float, away: float, memory: float) -> None:
    """Keep the highest and lowest deviation of each half-hour; known from the next day on."""
    if visit != number[VISIT]:
        bucket = int(number[VISIT]) % DAYS
        fade = exp(-1.0 / memory)
        if number[VISIT] > 0.0:
            high = float(season[HIGH_AT + bucket])
            low = float(season[LOW_AT + bucket])
            season[HIGH_AT + bucket] = max(number[VISIT_HIGH], high * fade if high == high else 0.0)
            season[LOW_AT + bucket] = min(number[VISIT_LOW], low * fade if low == low else 0.0)
        number[VISIT] = visit
        number[VISIT_HIGH] = 0.0
        number[VISIT_LOW] = 0.0
    number[VISIT_HIGH] = max(number[VISIT_HIGH], away)
    number[VISIT_LOW] = min(number[VISIT_LOW], away)


@njit(cache=True, nogil=True)
def learn_spread(
    quantity: int, number: Any, residual: float, expected: float, weight: float, step: float, memory: float
) -> None:
    """Take one residual into the spread."""
    if is_count(quantity):
        fade = faded(step, memory)
        number[SPREAD_A] = number[SPREAD_A] * fade + step * (residual * residual - expected)
        number[SPREAD_B] = number[SPREAD_B] * fade + step * expected * expected
    elif quantity == RATIO:
        fade = faded(step, memory)
        trials = max(weight, 1.0)
        inside = expected * (1.0 - expected)
        number[SPREAD_A] = number[SPREAD_A] * fade + step * (residual * residual - inside / trials)
        number[SPREAD_B] = number[SPREAD_B] * fade + step * inside * (1.0 - 1.0 / trials)
    else:
        gain = step / (min(number[SEEN], memory) + step)
        square = residual * residual / thinness(quantity, number, weight)
        # a residual of one side says a little of the other side's spread too
        side = SPREAD_A if residual > 0.0 else SPREAD_B
        other = SPREAD_B if residual > 0.0 else SPREAD_A
        number[side] += 1.6 * gain * (square - number[side]) if gain < 0.5 else gain * (square - number[side])
        number[other] += 0.4 * gain * (square - number[other])


@njit(cache=True, nogil=True)
def start_row(number: Any, start: float, width: float, y: float, weight: float) -> None:
    """Begin a series with its first window."""
    number[LAST] = start - width
    number[WIDTH] = width
    number[MEAN] = y
    number[LIMIT] = 3.0
    number[WEIGHT] = weight
    number[VISIT] = -1.0
    number[SHIFTED] = -1.0


@njit(cache=True, nogil=True)
def learn_run(number: Any, deviation: float, off: float, dt: float, accept_after: float, start: float) -> bool:
    """Follow a run of deviations on one side; say whether it has become the new normal."""
    if abs(deviation) <= 3.0 or number[SEEN] < 2.0 * accept_after:
        number[RUN] = max(abs(number[RUN]) - 2.0 * dt, 0.0) * (1.0 if number[RUN] > 0.0 else -1.0)
        return False
    sign = 1.0 if deviation > 0.0 else -1.0
    if number[RUN] * sign <= 0.0:
        number[RUN] = 0.0
        number[RUN_MEAN] = off
    number[RUN] += sign * dt
    number[RUN_MEAN] += dt / max(abs(number[RUN]), dt) * (off - number[RUN_MEAN])
    if abs(number[RUN]) < accept_after:
        return False
    number[RUN] = 0.0
    number[SHIFTED] = start
    return True


@njit(cache=True, nogil=True)
def learn_limit(number: Any, deviation: float, dt: float, memory: float) -> None:
    """Let the limit of what teaches follow the deviation that one episode in a hundred windows exceeds."""
    pace = dt / (min(number[SEEN], memory) + dt)
    if abs(deviation) <= number[LIMIT]:
        number[LIMIT] = max(number[LIMIT] / (1.0 + pace), 3.0)
    elif abs(number[RUN]) <= dt:
        number[LIMIT] = min(number[LIMIT] * exp(min(99.0 * pace, 0.7)), 1e3)


@njit(cache=True, nogil=True)
def learn_seasons(number: Any, season: Any, memory: Any, moment: Any, step: float, y: float, rest: float) -> None:
    """Take a value into the day's buckets, and what the day does not explain into the week's."""
    seen = moment[2] + np.floor(number[SEEN] / _DAY) * _HALF_HOUR
    seen = min(seen, memory[DAILY_MEMORY] * _HALF_HOUR)
    low = moment[0]
    learn_bucket(season, low, y, step * (1.0 - moment[1]), seen)
    learn_bucket(season, low + 1 if low + 1 < DAYS else 0, y, step * moment[1], seen)
    seen = moment[5] + np.floor(number[SEEN] / _WEEK) * _THREE_HOURS
    seen = min(seen, memory[WEEKLY_MEMORY] * _THREE_HOURS)
    low = moment[3]
    learn_bucket(season, WEEK_AT + low, rest, step * (1.0 - moment[4]), seen)
    learn_bucket(season, WEEK_AT + (low + 1 if low + 1 < WEEKS else 0), rest, step * moment[4], seen)


@njit(cache=True, nogil=True)
def reach_of(quantity: int, number: Any, sigma: float, weight: float, width: float) -> float:
    """Return how far from what was expected a value may be to teach in full."""
    if number[WINDOWS] < 10.0:
        return inf
    reach = number[LIMIT] * sigma
    if is_count(quantity):
        return max(reach, 3.0)
    return max(reach, 3.0 / max(weight, 1.0)) if quantity == RATIO else reach


@njit(cache=True, nogil=True)
def learn_row(
    quantity: int,
    number: Any,
    season: Any,
    memory: Any,
    moment: Any,
    start: float,
    width: float,
    value: float,
    weight: float,
) -> None:
    """Take one observation into its series."""
    counts = is_count(quantity)
    if not np.isfinite(value) or (quantity != GAUGE and weight <= 0.0 and not counts):
        return
    y = inward(quantity, value)
    if number[WINDOWS] == 0.0:
        start_row(number, start, width, y, weight)
    number[WIDTH] = width
    dt = min(max(start - number[LAST], width), _GAP)
    # a number that rests on fewer events than usual teaches less
    step = dt if quantity == GAUGE or counts else dt * min(weight / max(number[WEIGHT], 1e-9), 4.0)
    base, daily, weekly, by_day, by_week, share = forecast(quantity, number, season, moment, memory[PROOF])
    recent = kept_recent(number, start, width, memory[RECENT_MEMORY])
    expected = bounded(quantity, number, base + share * recent)
    sigma = sigma_of(quantity, number, expected, weight, y > expected, 0.0)
    deviation = (y - expected) / sigma
    reach = reach_of(quantity, number, sigma, weight, width)
    clipped = min(max(y, expected - reach), expected + reach)
    if learn_run(number, deviation, y - base, dt, memory[ACCEPT_AFTER], start):
        number[LEVEL] += number[RUN_MEAN]
        base += number[RUN_MEAN]
        recent, clipped, expected = 0.0, y, base
    learn_limit(number, deviation, dt, memory[SPREAD_MEMORY])
    learn_spread(quantity, number, clipped - expected, expected, weight, step, memory[SPREAD_MEMORY])
    off = clipped - base
    fade = faded(dt, memory[SPREAD_MEMORY])
    follow(number, RECENT_UP, step, fade, off, recent)
    follow(number, DAILY_UP, step, fade, off + by_day * daily, daily)
    follow(number, WEEKLY_UP, step, fade, off + by_week * weekly, weekly)
    learn_seasons(number, season, memory, moment, step, clipped, off + by_week * weekly)
    learn_peaks(number, season, moment[6], y - base, memory[PEAK_MEMORY])
    number[RECENT] = recent + dt / (memory[RECENT_MEMORY] + dt) * (off - recent)
    seen = number[SEEN]
    number[LEVEL] += step / (min(seen, memory[LEVEL_MEMORY]) + step) * off if seen > 0.0 else 0.0
    number[MEAN] += step / (min(seen, memory[MEAN_MEMORY]) + step) * (clipped - number[MEAN])
    number[WEIGHT] += dt / (min(seen, memory[LEVEL_MEMORY]) + dt) * (weight - number[WEIGHT])
    number[TRIALS] = number[TRIALS] * faded(dt, memory[MEAN_MEMORY]) + weight
    number[SEEN] = seen + dt
    number[WINDOWS] += 1.0
    number[LAST] = start
    if seen < _DAY - width <= number[SEEN]:
        # the daily part joins from the next window on: hand over what the level held of it
        joined, _, _, _, _, _ = forecast(quantity, number, season, moment, memory[PROOF])
        number[LEVEL] -= joined - base


@njit(cache=True, nogil=True)
def missing_of(number: Any, width: float, ready_after: float) -> float:
    """Return the seconds of history that a series still lacks; ten windows at the very least."""
    return max(0.0, max(ready_after, 10.0 * width) - number[SEEN])


@njit(cache=True, nogil=True)
def score(
    slots: Any,
    values: Any,
    weights: Any,
    start: float,
    width: float,
    kinds: Any,
    least: Any,
    numbers: Any,
    seasons: Any,
    memory: Any,
    limits: Any,
    out: Any,
) -> None:
    """Judge each row of a window into ``out``: surprise, expected, lower, upper, missing, shape ``(5, n)``.

    Parameters
    ----------
    kinds
        Quantity and direction of each slot, int8, shape ``(slots, 2)``.
    least
        Least relative change of each slot.
    limits
        Seconds until ready, and the least number of events of a change.
    """
    moment = moment_of(start + 0.5 * width)
    for i in range(slots.shape[0]):
        slot = slots[i]
        number = numbers[slot]
        out[4, i] = missing_of(number, width, limits[0])
        if out[4, i] > 0.0:
            out[0, i] = 0.0
            out[1, i] = np.nan
            out[2, i] = np.nan
            out[3, i] = np.nan
            continue
        out[0, i], out[1, i], out[2, i], out[3, i] = score_row(
            kinds[slot, 0],
            kinds[slot, 1],
            least[slot],
            limits[1],
            number,
            seasons[slot],
            memory,
            moment,
            start,
            width,
            values[i],
            weights[i],
        )


@njit(cache=True, nogil=True)
def learn(
    slots: Any,
    values: Any,
    weights: Any,
    start: float,
    width: float,
    kinds: Any,
    numbers: Any,
    seasons: Any,
    memory: Any,
) -> None:
    """Take each row of a window into its series."""
    moment = moment_of(start + 0.5 * width)
    for i in range(slots.shape[0]):
        slot = slots[i]
        learn_row(kinds[slot, 0], numbers[slot], seasons[slot], memory, moment, start, width, values[i], weights[i])
