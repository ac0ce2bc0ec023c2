"""Small causal models of one series: what each has not expected of the next value, in spreads.

Each step judges a row by the rows before it and then takes it in; `vedette.kernels.models_layout` says where its state
lies. `vedette.detectors.ensemble` says which models are used, and why.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels import models_layout as at
from vedette.kernels.rarity import ENOUGH, decades_of, place_of

CLIP: Final = 4.0
"""Spreads beyond which an outlier teaches no more: Huber's clipping, wide enough for tails to be learned."""
FIRST: Final = 30
"""Rows that are learned without clipping: before, a spread is not known."""
LEAST: Final = 1e-3
"""Least spread of what is standardized: a thousandth of the series' own; a constant has no residuals of note."""
RIDGE: Final = 10.0
"""Starting variance of coefficients: a prior that a few rows outweigh."""

DAY: Final = 86_400.0
WEEK: Final = 7 * DAY
MEMORY_DAYS: Final = 14.0
"""Mean and spread by which a series is standardized: two of the longest usual rhythm."""
SEASON_PACE: Final = 0.3
"""What a visit to a slot teaches it: Holt-Winters' customary value."""
COUNTED: Final = 250
"""Visits of a slot that are told apart."""


@njit(cache=True, nogil=True, error_model="numpy")
def counted(seen: float, square: float, away: float) -> float:
    """Return how many rows a spread rests on, with this one: one at the first that differs from a constant beginning.

    Without it, clipping at spreads would hold the spread of a series that began constant at 0 for ever.
    """
    return 1.0 if square == 0.0 and away != 0.0 and seen > FIRST else seen + 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def standardize(s: Any, value: float, memory: float) -> float:
    """Return a value in spreads from the mean so far, within 20; mean and spread fade over `memory` rows."""
    if s[at.ROWS] == 0.0:
        s[at.MEAN] = value
    spread = np.sqrt(s[at.SQUARE])
    away = value - s[at.MEAN]
    z = min(max(away / (spread + 1e-6 * abs(s[at.MEAN]) + 1e-12), -20.0), 20.0) if s[at.ROWS] > 1.0 else 0.0
    s[at.SEEN] = counted(s[at.SEEN], s[at.SQUARE], away)
    if s[at.SEEN] > FIRST + 1:
        away = min(max(away, -6.0 * spread), 6.0 * spread)
    pace = max(1.0 / s[at.SEEN], 1.0 / memory)
    s[at.MEAN] += pace * away
    s[at.SQUARE] += pace * (away * away - s[at.SQUARE])
    return z


@njit(cache=True, nogil=True, error_model="numpy")
def from_level(s: Any, place: int, value: float, level_pace: float, spread_pace: float) -> float:
    """Return the distance of a value from an exponential level before it, in spreads of that distance.

    Level, mean square and rows seen lie at `place` and after it.
    """
    if s[at.ROWS] == 0.0:
        s[place] = value
    away = value - s[place]
    spread = np.sqrt(s[place + 1]) + 1e-9 * (abs(s[place]) + 1e-9)
    far = abs(away) / spread if s[at.ROWS] > 5.0 else 0.0
    s[place + 2] = counted(s[place + 2], s[place + 1], away)
    if s[place + 2] > FIRST + 1:
        away = min(max(away, -CLIP * spread), CLIP * spread)
    s[place] += max(level_pace, 1.0 / (s[at.ROWS] + 1.0)) * away
    s[place + 1] += max(spread_pace, 1.0 / s[place + 2]) * (away * away - s[place + 1])
    return far


@njit(cache=True, nogil=True, error_model="numpy")
def season_before(s: Any, place: int, held: Any, visits: Any, slot: int, z: float, pace: float) -> float:
    """Return what a slot of earlier periods held, an exponential average; 0 where there was none.

    Mean square of what it did not expect, and rows, lie at `place` and after it.
    """
    before = 0.0
    if visits[slot] == 0:
        held[slot] = z
    else:
        before = held[slot]
        spread = 3.0 * np.sqrt(s[place])
        away = z - before
        s[place + 1] = counted(s[place + 1], s[place], away)
        if s[place + 1] > FIRST + 1:
            away = min(max(away, -spread), spread)
        s[place] += max(0.002, 1.0 / s[place + 1]) * (away * away - s[place])
        held[slot] += max(pace, 1.0 / (visits[slot] + 1.0)) * away
    if visits[slot] < COUNTED:
        visits[slot] += 1
    return before


@njit(cache=True, nogil=True, error_model="numpy")
def regressed(s: Any, weight: int, square: int, features: Any, z: float, keep: float) -> float:
    """Return the residual of a value, in spreads, from a regression on features by all rows before.

    Recursive least squares with forgetting `keep` a row; residuals are clipped at three spreads before they teach.
    Coefficients lie at `weight`, their inverse covariance after them; mean square and rows at `square` and after it.
    Cost: 3 d² multiplications a row.
    """
    width = features.shape[0]
    inverse = weight + width
    if s[at.ROWS] == 0.0:
        s[square] = 1e-6
        for j in range(width):
            s[inverse + j * width + j] = RIDGE
    error = z
    for j in range(width):  # `np.dot` would need SciPy where this runs
        error -= s[weight + j] * features[j]
    spread = np.sqrt(s[square])
    residual = error / (spread + LEAST) if s[at.ROWS] > 20.0 else 0.0
    clipped = error
    s[square + 1] = counted(s[square + 1], s[square], error)
    if s[square + 1] > FIRST + 1:
        clipped = min(max(error, -3.0 * spread), 3.0 * spread)
    lead = np.empty(width)
    gain(s, inverse, features, keep, lead)
    for j in range(width):
        s[weight + j] += lead[j] * clipped
    s[square] += max(0.002, 1.0 / s[square + 1]) * (clipped * clipped - s[square])
    return residual


@njit(cache=True, nogil=True, error_model="numpy")
def gain(s: Any, inverse: int, row: Any, keep: float, lead: Any) -> None:
    """Write the gain of a row to `lead`, and take the row into the inverse covariance, whose trace is bounded."""
    width = row.shape[0]
    whole = keep
    for j in range(width):
        total = 0.0
        for k in range(width):
            total += s[inverse + j * width + k] * row[k]
        lead[j] = total
        whole += row[j] * total
    trace = 0.0
    for j in range(width):
        for k in range(width):
            cell = inverse + j * width + k
            s[cell] = (s[cell] - lead[j] * lead[k] / whole) / keep
        trace += s[inverse + j * width + j]
    if trace > 1e3 * width:
        for cell in range(inverse, inverse + width * width):
            s[cell] *= 1e3 * width / trace
    for j in range(width):
        lead[j] /= whole


@njit(cache=True, nogil=True, error_model="numpy")
def from_neighbors(s: Any, place: int, past: Any, kept: Any) -> float:
    """Return how far the last rows lie from the nearest stretch kept from before; 0 while there are few.

    Root of the mean squared difference. ``past`` are the last rows with the newest, as many as a stretch of ``kept``
    has, whose number and that of a generator lie at `place` and after it. A stretch is kept every quarter length; of
    more than there is room for, one takes a place drawn by a fixed generator (that of the C standard's example), so old
    ones fade by chance. Cost: at most as many operations as ``kept`` has numbers, a fifth of it on average, since a
    distance is given up once it exceeds the nearest so far.
    """
    rows, length = kept.shape
    row = int(s[at.ROWS])
    far = 0.0
    if row < length:
        return far
    count = int(s[place])
    if count > 10:
        best = np.inf
        for k in range(min(count, rows)):
            total = 0.0
            for j in range(length):
                step = past[j] - kept[k, j]
                total += step * step
                if total > best:
                    break
            best = min(best, total)
        far = np.sqrt(best / length)
    if row % max(1, length // 4) == 0:
        slot = count
        if count >= rows:
            random = (int(s[place + 1]) * 1_103_515_245 + 12_345) & 0x7FFFFFFF
            s[place + 1] = random
            slot = (random >> 8) % rows
        for j in range(length):
            kept[slot, j] = past[j]
        s[place] += 1.0
    return far


@njit(cache=True, nogil=True, error_model="numpy")
def step(
    value: float,
    time: float,
    width: float,
    s: Any,
    seasons: Any,
    visits: Any,
    days: Any,
    short: Any,
    long: Any,
    out: Any,
) -> None:
    """Write to ``out`` what each model did not expect of a row, not negative, in spreads, and take the row in.

    Parameters
    ----------
    value, time, width
        Of the row: finite; epoch seconds; sampling interval, seconds.
    s, seasons, visits, days, short, long
        State of the series, as `models_layout` has it; ``days`` holds one standardized row for each interval of a day.
    """
    day = max(DAY / width, 2.0)
    last = s[at.LAST]
    if s[at.ROWS] == 0.0:
        last = value
        s[at.SHORT_RANDOM] = s[at.LONG_RANDOM] = 1.0
    z = standardize(s, value, MEMORY_DAYS * day)
    slots = int(min(day, at.DAY_SLOTS))
    slot = min(int((time % DAY) / DAY * slots), slots - 1)
    by_day = season_before(s, at.DAY_SQUARE, seasons[: at.DAY_SLOTS], visits[: at.DAY_SLOTS], slot, z, SEASON_PACE)
    slots = int(min(7.0 * day, at.WEEK_SLOTS))
    slot = min(int((time % WEEK) / WEEK * slots), slots - 1)
    by_week = season_before(s, at.WEEK_SQUARE, seasons[at.DAY_SLOTS :], visits[at.DAY_SLOTS :], slot, z, SEASON_PACE)
    slot = min(int((time % DAY) / DAY * days.shape[0]), days.shape[0] - 1)
    yesterday = days[slot]
    past = s[at.PAST : at.PAST + at.LONG]
    near = np.empty(at.NEAR)
    near[0], near[1], near[2], near[3] = 1.0, past[at.LONG - 1], past[at.LONG - 2], past[at.LONG - 3]
    near[4], near[5], near[6], near[7] = s[at.RECENT], by_day, by_week, yesterday
    far = np.empty(at.FAR)
    far[0], far[1], far[2], far[3], far[4] = 1.0, by_day, by_week, yesterday, s[at.TODAY]
    keep = 1.0 - 1.0 / (10.0 * day)
    predicted = regressed(s, at.NEAR_WEIGHT, at.NEAR_SQUARE, near, z, keep)
    season = regressed(s, at.FAR_WEIGHT, at.FAR_SQUARE, far, z, keep)
    s[at.DRIFTING] += (z - s[at.DRIFTING]) / 36.0
    s[at.LASTING] += 2.0 / 7.0 * (season - s[at.LASTING])
    for j in range(at.LONG - 1):
        past[j] = past[j + 1]
    past[at.LONG - 1] = z
    out[0] = abs(z)
    out[1] = from_level(s, at.JUMP, value - last, 0.0, 1.0 / (3.0 * day))
    out[2] = from_level(s, at.SHIFT, value, 1.0 / max(day / 8.0, 3.0), 1.0 / (7.0 * day))
    out[3] = abs(s[at.DRIFTING])
    out[4] = abs(predicted)
    out[5] = abs(season)
    out[6] = abs(s[at.LASTING])
    out[7] = from_neighbors(s, at.SHORT_KEPT, past[at.LONG - at.SHORT :], short)
    out[8] = from_neighbors(s, at.LONG_KEPT, past, long)
    s[at.RECENT] += 2.0 / (0.1 * day + 2.0) * (z - s[at.RECENT])
    s[at.TODAY] += (z - s[at.TODAY]) / day
    days[slot] = z
    s[at.LAST] = value
    s[at.ROWS] += 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def judge(
    slot: Any,
    value: Any,
    time: Any,
    width: float,
    numbers: Any,
    seasons: Any,
    visits: Any,
    days: Any,
    short: Any,
    long: Any,
    bins: Any,
    out: Any,
) -> None:
    """Write decades of rarity of each row by each model; rows of one slot are in order.

    Parameters
    ----------
    slot, value, time
        Of each row, shape ``(n,)``; width is that of all, seconds.
    numbers, seasons, visits, days, short, long, bins
        State of each slot: the first axis.
    out
        Shape ``(n, MODELS)``.
    """
    for i in range(slot.shape[0]):
        k = slot[i]
        total = numbers[k, at.ROWS]
        step(value[i], time[i], width, numbers[k], seasons[k], visits[k], days[k], short[k], long[k], out[i])
        for model in range(at.MODELS):
            place = place_of(out[i, model])
            out[i, model] = decades_of(bins[k, model], total, place) if total >= ENOUGH else 0.0
            bins[k, model, place] += 1.0
