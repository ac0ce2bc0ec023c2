"""Walks the kernels of `vedette.kernels.models` and `vedette.kernels.rarity` row by row, one step each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vedette.kernels import models, rarity
from vedette.kernels import models_layout as at

Numbers = Sequence[float] | np.ndarray


def standardized(values: Numbers, memory: float) -> np.ndarray:
    s, out = np.zeros(at.NUMBERS), []
    for row, value in enumerate(values):
        s[at.ROWS] = row
        out.append(models.standardize(s, value, memory))
    return np.array(out)


def from_level(values: Numbers, level_pace: float, spread_pace: float) -> np.ndarray:
    s, out = np.zeros(at.NUMBERS), []
    for row, value in enumerate(values):
        s[at.ROWS] = row
        out.append(models.from_level(s, at.SHIFT, value, level_pace, spread_pace))
    return np.array(out)


def season_before(values: Numbers, times: Numbers, period: float, slots: int, pace: float) -> np.ndarray:
    s, held, visits, out = np.zeros(at.NUMBERS), np.zeros(slots), np.zeros(slots, np.uint8), []
    for value, time in zip(values, times, strict=True):
        slot = min(int((time % period) / period * slots), slots - 1)
        out.append(models.season_before(s, at.DAY_SQUARE, held, visits, slot, value, pace))
    return np.array(out)


def regressed(values: np.ndarray, features: np.ndarray, keep: float) -> np.ndarray:
    width = features.shape[1]
    weight, square = 1, 1 + width + width * width
    s, out = np.zeros(square + 2), []
    for row, value in enumerate(values):
        s[at.ROWS] = row
        out.append(models.regressed(s, weight, square, features[row], value, keep))
    return np.array(out)


def from_neighbors(values: np.ndarray, length: int, held: int) -> np.ndarray:
    s, kept, out = np.zeros(at.NUMBERS), np.zeros((held, length)), []
    s[at.SHORT_RANDOM] = 1.0
    for row in range(len(values)):
        s[at.ROWS] = row
        past = np.zeros(length)
        recent = values[max(row - length + 1, 0) : row + 1]
        past[length - len(recent) :] = recent
        out.append(models.from_neighbors(s, at.SHORT_KEPT, past, kept))
    return np.array(out)


def rarities(numbers: Numbers) -> list[float]:
    bins, out = np.zeros(rarity.BINS, np.float32), []
    for total, number in enumerate(numbers):
        place = rarity.place_of(number)
        out.append(rarity.decades_of(bins, float(total), place) if total >= rarity.ENOUGH else 0.0)
        bins[place] += 1.0
    return out


def fresh() -> np.ndarray:
    s = np.full(rarity.NUMBERS, -np.inf)
    s[[rarity.OPEN, rarity.HIGHEST, rarity.REACHED, rarity.COUNT, rarity.TOLD]] = -1.0, 0.0, 0.0, 0.0, 0.0
    return s


def beginnings(times: Numbers, above: Numbers, hold: Numbers, worse: float) -> list[bool]:
    s = fresh()
    return [bool(rarity.begins(s, *row, worse)) for row in zip(times, above, hold, strict=True)]


def restless(times: Numbers, above: Numbers, hold: Numbers, memory: float, often: float) -> list[float]:
    s, out = fresh(), []
    for time, height, quiet in zip(times, above, hold, strict=True):
        out.append(rarity.restless(s, time, memory, often))
        rarity.count(s, time, height, quiet)
    return out


def usual_at(times: Numbers, numbers: Numbers, bars: Numbers) -> list[float]:
    s, slots = fresh(), np.zeros((rarity.DAY_SLOTS + rarity.WEEK_SLOTS, 2))
    return [rarity.usual_at(s, slots, *row) for row in zip(times, numbers, bars, strict=True)]
