"""How surprising a value is, given what was expected of its series; and the band around it."""

from __future__ import annotations

from math import inf, log, sqrt
from typing import Any

import numpy as np
from numba import njit

from vedette.kernels import baseline_layout as at
from vedette.kernels.baseline_series import (
    bounded,
    correlation,
    dispersion,
    forecast,
    inward,
    is_count,
    kept_recent,
    outward,
    share_sigma,
    sigma_of,
    spread_of,
)
from vedette.kernels.likelihood import log_count_cdf, log_count_sf, log_share_cdf, log_share_sf, log_student_sf


@njit(cache=True, nogil=True, error_model="numpy")
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
    if quantity == at.RATIO:
        return change >= least * min(expected, 1.0 - expected) and change * weight >= min(least_events, 3.0)
    return change >= least * abs(expected)


@njit(cache=True, nogil=True, error_model="numpy")
def log_share(share: float, expected: float, weight: float, correlated: float, upward: bool) -> float:
    """Return the logarithm of the chance of a share at least as far on one side."""
    trials = np.rint(max(weight, 1.0))
    hits = share * trials
    return (
        log_share_sf(hits, trials, expected, correlated)
        if upward
        else log_share_cdf(hits, trials, expected, correlated)
    )


@njit(cache=True, nogil=True, error_model="numpy")
def log_tail(quantity: int, number: Any, y: float, expected: float, weight: float, upward: bool, widen: float) -> float:
    """Return the logarithm of the chance of a value at least as far on one side."""
    if is_count(quantity):
        spread = dispersion(quantity, number, expected, widen)
        whole = np.rint(y)
        return log_count_sf(whole, expected, spread) if upward else log_count_cdf(whole, expected, spread)
    if quantity == at.RATIO:
        return log_share(y, expected, weight, dispersion(quantity, number, expected, widen), upward)
    sigma = sigma_of(quantity, number, expected, weight, upward, widen)
    return log_student_sf(abs(y - expected) / (sigma * at.T_SCALE))


@njit(cache=True, nogil=True, error_model="numpy")
def seen_before(number: Any, season: Any, bucket: int, away: float) -> tuple[float, float]:
    """Return the largest surprise that a deviation deserves after what other days had at this time, in two parts.

    The rank of the largest of the windows seen at this time of day; and, beyond the largest deviation so far, a
    Pareto tail with exponent 10.
    """
    offset = at.HIGH_AT if away > 0.0 else at.LOW_AT
    most = 0.0
    for near in (bucket, (bucket + 1) % at.DAYS):
        peak = abs(float(season[offset + near]))
        if peak > most:
            most = peak
    if most <= 0.0:
        return inf, inf
    windows = number[at.SEEN] / at.DAY * max(1.0, at.HALF_HOUR / number[at.WIDTH])
    return log(windows + 1.0) / at.LN10, 10.0 * max(0.0, log(abs(away) / most) / at.LN10)


@njit(cache=True, nogil=True, error_model="numpy")
def band(quantity: int, expected: float, down: float, up: float, weight: float) -> tuple[float, float, float]:
    """Return expected value and central 99 % band in the value's own unit; `down` and `up` are the spreads."""
    if is_count(quantity):
        # the gamma with the same two moments, by the cube root (Wilson and Hilferty, PNAS 1931)
        shape = expected * expected / (up * up)
        step = at.Z_BAND / (3.0 * sqrt(shape))
        middle = 1.0 - 1.0 / (9.0 * shape)
        upper = expected * max(middle + step, 0.0) ** 3
        lower = expected * max(middle - step, 0.0) ** 3
        return expected, np.floor(min(lower, expected)), np.ceil(max(upper, expected + 1.0))
    if quantity == at.RATIO:
        room = 1.0 / max(weight, 1.0)
        return expected, max(0.0, expected - at.Z_BAND * down), min(1.0, expected + at.Z_BAND * up + room)
    reach = at.T_BAND * at.T_SCALE
    return (
        outward(quantity, expected),
        outward(quantity, expected - reach * down),
        outward(quantity, expected + reach * up),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def widening(number: Any) -> float:
    """Return how far from two days of history a series is, from 1 to 0."""
    return max(0.0, 1.0 - number[at.SEEN] / (2.0 * at.DAY))


@njit(cache=True, nogil=True, error_model="numpy")
def log_away(
    quantity: int,
    direction: int,
    least: float,
    least_events: float,
    number: Any,
    base: float,
    value: float,
    weight: float,
    widen: float,
) -> float:
    """Return the logarithm of the chance of a number so far from its base, whatever the recent past was.

    What lasts is odd for as long as it lasts, also where the forecast has followed it.
    """
    if quantity == at.RATIO:
        middle = bounded(quantity, number, base)
        if not matters(quantity, direction, least, least_events, value, middle, weight):
            return 0.0
        return log_share(value, middle, weight, correlation(number, at.AWAY_UP, widen), value > middle)
    middle = outward(quantity, base)
    if not matters(quantity, direction, least, 0.0, value, middle, weight):
        return 0.0
    away = inward(quantity, value) - base
    square = number[at.AWAY_UP] if away > 0.0 else number[at.AWAY_DOWN]
    return log_student_sf(abs(away) / (spread_of(quantity, number, square, base, weight, widen) * at.T_SCALE))


@njit(cache=True, nogil=True, error_model="numpy")
def band_away(quantity: int, number: Any, base: float, weight: float, widen: float) -> tuple[float, float, float]:
    """Return base and its 99 % band in the value's own unit."""
    if quantity == at.RATIO:
        middle = bounded(quantity, number, base)
        sigma = share_sigma(middle, weight, correlation(number, at.AWAY_UP, widen))
        return band(quantity, middle, sigma, sigma, weight)
    down = spread_of(quantity, number, number[at.AWAY_DOWN], base, weight, widen)
    up = spread_of(quantity, number, number[at.AWAY_UP], base, weight, widen)
    return band(quantity, base, down, up, weight)


@njit(cache=True, nogil=True, error_model="numpy")
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
) -> tuple[float, float, float, float, float]:
    """Return (surprise, expected, lower, upper, known) of one observation of a series that has been seen before.

    *known* is 1 where other days had hardly less at this time, which is all that keeps the surprise down.
    """
    base, _, _, _, _, share = forecast(quantity, number, season, moment, memory[at.PROOF])
    expected = bounded(quantity, number, base + share * kept_recent(number, start, width, memory[at.RECENT_MEMORY]))
    widen = widening(number)
    down = sigma_of(quantity, number, expected, weight, False, widen)
    up = sigma_of(quantity, number, expected, weight, True, widen)
    middle, lower, upper = band(quantity, expected, down, up, weight)
    if not np.isfinite(value):
        return 0.0, middle, lower, upper, 0.0
    y = inward(quantity, value)
    logarithm = 0.0
    if matters(quantity, direction, least, least_events, value, middle, weight):
        logarithm = log_tail(quantity, number, y, expected, weight, y > expected, widen)
    if not is_count(quantity):
        other = log_away(quantity, direction, least, least_events, number, base, value, weight, widen)
        if other < logarithm:
            logarithm = other
            middle, lower, upper = band_away(quantity, number, base, weight, widen)
        if quantity != at.RATIO:
            # the less likely of two; of a share they are one, but after a deviation
            logarithm = min(0.0, logarithm + log(2.0))
    if direction == 0:
        logarithm = min(0.0, logarithm + log(2.0))
    surprise = min(-logarithm / at.LN10, 300.0)
    known = 0.0
    if surprise > 1.0:
        rank, beyond = seen_before(number, season, moment[0], y - base)
        if surprise > rank + beyond:
            surprise = rank + beyond
            known = 1.0 if beyond <= at.HARDLY else 0.0
    return surprise if surprise > 0.0 else 0.0, middle, lower, upper, known
