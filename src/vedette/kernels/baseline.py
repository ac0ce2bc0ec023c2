"""Score and learn seasonal baselines of many series: one row of two arrays a series."""

from __future__ import annotations

from math import exp, inf
from typing import Any

import numpy as np
from numba import njit

from vedette.kernels import baseline_layout as at
from vedette.kernels.baseline_judge import score_row
from vedette.kernels.baseline_series import (
    bounded,
    forecast,
    inward,
    is_count,
    kept_recent,
    moment_of,
    scale_square,
    sigma_of,
    thinness,
    youth,
)


@njit(cache=True, nogil=True, error_model="numpy")
def follow(number: Any, up: int, step: float, fade: float, target: float, part: float) -> None:
    """Take one window into the regression of `target` on `part`."""
    number[up] = number[up] * fade + step * target * part
    number[up + 1] = number[up + 1] * fade + step * part * part


@njit(cache=True, nogil=True, error_model="numpy")
def faded(elapsed: float, memory: float) -> float:
    """Return what is left after a step: exp(-elapsed / memory), as a fraction, for steps far below the memory."""
    return memory / (memory + elapsed)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_bucket(season: Any, bucket: int, y: float, step: float, seen: float) -> None:
    """Move a bucket towards `y`; ``seen`` are seconds spent in it so far."""
    old = season[bucket]
    if old != old:
        season[bucket] = y
    elif step > 0.0:
        season[bucket] = old + step / (seen + step) * (y - old)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_peaks(number: Any, season: Any, visit: float, away: float, memory: float) -> None:
    """Keep the highest and lowest deviation of each half-hour; known from the next day on."""
    if visit != number[at.VISIT]:
        bucket = int(number[at.VISIT]) % at.DAYS
        fade = exp(-1.0 / memory)
        if number[at.VISIT] > 0.0:
            high = float(season[at.HIGH_AT + bucket])
            low = float(season[at.LOW_AT + bucket])
            season[at.HIGH_AT + bucket] = max(number[at.VISIT_HIGH], high * fade if high == high else 0.0)
            season[at.LOW_AT + bucket] = min(number[at.VISIT_LOW], low * fade if low == low else 0.0)
        number[at.VISIT] = visit
        number[at.VISIT_HIGH] = 0.0
        number[at.VISIT_LOW] = 0.0
    number[at.VISIT_HIGH] = max(number[at.VISIT_HIGH], away)
    number[at.VISIT_LOW] = min(number[at.VISIT_LOW], away)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_spread(
    quantity: int, number: Any, residual: float, expected: float, weight: float, step: float, memory: float
) -> None:
    """Take one residual of what is no share into the spread."""
    if is_count(quantity):
        fade = faded(step, memory)
        number[at.SPREAD_A] = number[at.SPREAD_A] * fade + step * (residual * residual - expected)
        number[at.SPREAD_B] = number[at.SPREAD_B] * fade + step * expected * expected
    else:
        learn_sides(number, at.SPREAD_A, residual, thinness(quantity, number, weight), step, memory)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_correlation(
    number: Any, up: int, share: float, expected: float, weight: float, step: float, memory: float
) -> None:
    """Take a window's share into what is known of the correlation of its trials.

    By its pairs of trials: of two, both fail with a chance of ``p² + correlation · p (1 - p)``. One failure where none
    was expected says nothing of the correlation.
    """
    fade = faded(step, memory)
    trials = max(weight, 1.0)
    expected = min(max(expected, 0.0), 1.0)
    number[up] = number[up] * fade
    number[up + 1] = number[up + 1] * fade
    if trials > 1.0:
        both = max(share * (share * trials - 1.0) / (trials - 1.0), 0.0)
        number[up] += step * (both - expected * (2.0 * share - expected))
        number[up + 1] += step * expected * (1.0 - expected)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_sides(number: Any, up: int, residual: float, thin: float, step: float, memory: float) -> None:
    """Take one residual into the mean squares of both sides, most of it into its own."""
    gain = step / (min(number[at.SEEN], memory) + step)
    square = residual * residual / thin
    own = up if residual > 0.0 else up + 1
    other = up + 1 if residual > 0.0 else up
    number[own] += (1.6 * gain if gain < 0.5 else gain) * (square - number[own])
    number[other] += 0.4 * gain * (square - number[other])


@njit(cache=True, nogil=True, error_model="numpy")
def start_row(number: Any, start: float, width: float, y: float, weight: float) -> None:
    """Begin a series with its first window."""
    number[at.LAST] = start - width
    number[at.WIDTH] = width
    number[at.MEAN] = y
    number[at.LIMIT] = 3.0
    number[at.WEIGHT] = weight
    number[at.VISIT] = -1.0
    number[at.SHIFTED] = -1.0


@njit(cache=True, nogil=True, error_model="numpy")
def learn_run(number: Any, deviation: float, off: float, dt: float, accept_after: float, start: float) -> bool:
    """Follow a run of deviations on one side; say whether it has become the new normal."""
    if abs(deviation) <= 3.0 or number[at.SEEN] < 2.0 * accept_after:
        number[at.RUN] = max(abs(number[at.RUN]) - 2.0 * dt, 0.0) * (1.0 if number[at.RUN] > 0.0 else -1.0)
        return False
    sign = 1.0 if deviation > 0.0 else -1.0
    if number[at.RUN] * sign <= 0.0:
        number[at.RUN] = 0.0
        number[at.RUN_MEAN] = off
    number[at.RUN] += sign * dt
    number[at.RUN_MEAN] += dt / max(abs(number[at.RUN]), dt) * (off - number[at.RUN_MEAN])
    if abs(number[at.RUN]) < accept_after:
        return False
    number[at.RUN] = 0.0
    number[at.SHIFTED] = start
    return True


@njit(cache=True, nogil=True, error_model="numpy")
def learn_limit(number: Any, deviation: float, dt: float, memory: float) -> None:
    """Let the limit of what teaches follow the deviation that one episode in a hundred windows exceeds."""
    pace = dt / (min(number[at.SEEN], memory) + dt)
    if abs(deviation) <= number[at.LIMIT]:
        number[at.LIMIT] = max(number[at.LIMIT] / (1.0 + pace), 3.0)
    elif abs(number[at.RUN]) <= dt:
        number[at.LIMIT] = min(number[at.LIMIT] * exp(min(99.0 * pace, 0.7)), 1e3)


@njit(cache=True, nogil=True, error_model="numpy")
def learn_seasons(number: Any, season: Any, memory: Any, moment: Any, step: float, y: float, rest: float) -> None:
    """Take a value into the day's buckets, and what the day does not explain into the week's."""
    seen = moment[2] + np.floor(number[at.SEEN] / at.DAY) * at.HALF_HOUR
    seen = min(seen, memory[at.DAILY_MEMORY] * at.HALF_HOUR)
    low = moment[0]
    learn_bucket(season, low, y, step * (1.0 - moment[1]), seen)
    learn_bucket(season, low + 1 if low + 1 < at.DAYS else 0, y, step * moment[1], seen)
    seen = moment[5] + np.floor(number[at.SEEN] / at.WEEK) * at.THREE_HOURS
    seen = min(seen, memory[at.WEEKLY_MEMORY] * at.THREE_HOURS)
    low = moment[3]
    learn_bucket(season, at.WEEK_AT + low, rest, step * (1.0 - moment[4]), seen)
    learn_bucket(season, at.WEEK_AT + (low + 1 if low + 1 < at.WEEKS else 0), rest, step * moment[4], seen)


@njit(cache=True, nogil=True, error_model="numpy")
def reach_of(quantity: int, number: Any, sigma: float, weight: float, width: float) -> float:
    """Return how far from what was expected a value may be to teach in full."""
    if number[at.WINDOWS] < 10.0:
        return inf
    reach = number[at.LIMIT] * sigma
    if is_count(quantity):
        return max(reach, 3.0)
    # a failure where there were none teaches in full, three of them while little is known
    return max(reach, (1.0 + 2.0 * youth(number)) / max(weight, 1.0)) if quantity == at.RATIO else reach


@njit(cache=True, nogil=True, error_model="numpy")
def learn_drift(quantity: int, number: Any, season: Any, dt: float, drift_after: float, start: float) -> None:
    """Follow how long the level has been two spreads away, and make it the mean of all hours when it stays so."""
    square = scale_square(quantity, number)
    if quantity != at.RATIO and number[at.AWAY_UP] > 0.0:
        square = 0.5 * (number[at.AWAY_UP] + number[at.AWAY_DOWN])
    level = number[at.LEVEL]
    if level * level <= 4.0 * square or level * number[at.LEVEL_RUN] < 0.0 or number[at.SEEN] < 3.0 * drift_after:
        number[at.LEVEL_RUN] = 0.0
        return
    number[at.LEVEL_RUN] += dt if level > 0.0 else -dt
    if abs(number[at.LEVEL_RUN]) < drift_after:
        return
    for bucket in range(at.DAYS):
        season[bucket] += level
    number[at.MEAN] += level
    number[at.LEVEL] = 0.0
    number[at.LEVEL_RUN] = 0.0
    number[at.SHIFTED] = start


@njit(cache=True, nogil=True, error_model="numpy")
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
    if not np.isfinite(value) or (quantity != at.GAUGE and weight <= 0.0 and not counts):
        return
    y = inward(quantity, value)
    if number[at.WINDOWS] == 0.0:
        start_row(number, start, width, y, weight)
    number[at.WIDTH] = width
    dt = min(max(start - number[at.LAST], width), at.GAP)
    # a number that rests on fewer events than usual teaches less
    step = dt if quantity == at.GAUGE or counts else dt * min(weight / max(number[at.WEIGHT], 1e-9), 4.0)
    base, daily, weekly, by_day, by_week, share = forecast(quantity, number, season, moment, memory[at.PROOF])
    recent = kept_recent(number, start, width, memory[at.RECENT_MEMORY])
    expected = bounded(quantity, number, base + share * recent)
    sigma = sigma_of(quantity, number, expected, weight, y > expected, 0.0)
    deviation = (y - expected) / sigma
    reach = reach_of(quantity, number, sigma, weight, width)
    clipped = min(max(y, expected - reach), expected + reach)
    if learn_run(number, deviation, y - base, dt, memory[at.ACCEPT_AFTER], start):
        number[at.LEVEL] += number[at.RUN_MEAN]
        base += number[at.RUN_MEAN]
        recent, clipped, expected = 0.0, y, base
    learn_limit(number, deviation, dt, memory[at.SPREAD_MEMORY])
    off = clipped - base
    if quantity == at.RATIO:
        lately = base + share * recent
        learn_correlation(number, at.SPREAD_A, clipped, lately, weight, step, memory[at.SPREAD_MEMORY])
        learn_correlation(number, at.AWAY_UP, clipped, base, weight, step, memory[at.SPREAD_MEMORY])
    else:
        learn_spread(quantity, number, clipped - expected, expected, weight, step, memory[at.SPREAD_MEMORY])
    if not counts and quantity != at.RATIO:
        learn_sides(number, at.AWAY_UP, off, thinness(quantity, number, weight), step, memory[at.SPREAD_MEMORY])
    fade = faded(dt, memory[at.SPREAD_MEMORY])
    follow(number, at.RECENT_UP, step, fade, off, recent)
    follow(number, at.DAILY_UP, step, fade, off + by_day * daily, daily)
    follow(number, at.WEEKLY_UP, step, fade, off + by_week * weekly, weekly)
    learn_seasons(number, season, memory, moment, step, clipped, off + by_week * weekly)
    learn_peaks(number, season, moment[6], y - base, memory[at.PEAK_MEMORY])
    number[at.RECENT] = recent + dt / (memory[at.RECENT_MEMORY] + dt) * (off - recent)
    seen = number[at.SEEN]
    number[at.LEVEL] += step / (min(seen, memory[at.LEVEL_MEMORY]) + step) * off if seen > 0.0 else 0.0
    number[at.MEAN] += step / (min(seen, memory[at.MEAN_MEMORY]) + step) * (clipped - number[at.MEAN])
    number[at.WEIGHT] += dt / (min(seen, memory[at.LEVEL_MEMORY]) + dt) * (weight - number[at.WEIGHT])
    number[at.TRIALS] = number[at.TRIALS] * faded(dt, memory[at.MEAN_MEMORY]) + weight
    learn_drift(quantity, number, season, dt, memory[at.DRIFT_AFTER], start)
    number[at.SEEN] = seen + dt
    number[at.WINDOWS] += 1.0
    number[at.LAST] = start
    if seen < at.DAY - width <= number[at.SEEN]:
        # the daily part joins from the next window on: hand over what the level held of it
        joined, _, _, _, _, _ = forecast(quantity, number, season, moment, memory[at.PROOF])
        number[at.LEVEL] -= joined - base


@njit(cache=True, nogil=True, error_model="numpy")
def missing_of(number: Any, width: float, ready_after: float) -> float:
    """Return the seconds of history that a series still lacks; ten windows at the very least."""
    return max(0.0, max(ready_after, 10.0 * width) - number[at.SEEN])


@njit(cache=True, nogil=True, error_model="numpy")
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
    """Judge each row of a window into ``out``: surprise, expected, lower, upper, missing, known, shape ``(6, n)``.

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
            out[5, i] = 0.0
            continue
        out[0, i], out[1, i], out[2, i], out[3, i], out[5, i] = score_row(
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


@njit(cache=True, nogil=True, error_model="numpy")
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
