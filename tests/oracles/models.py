"""The slow, obvious way of the small models of `vedette.kernels.models` and of `vedette.kernels.rarity`."""

from __future__ import annotations

import math

import numpy as np

from vedette.kernels.rarity import (
    BEYOND,
    BINS,
    DAY_PACE,
    DAY_SLOTS,
    ENOUGH,
    FADE,
    HALF_HOUR,
    IMAGINED,
    IMAGINED_EXCESS,
    LOWEST,
    MOST,
    MOSTLY,
    STEP,
    TAIL,
    WEEK_PACE,
    WEEK_SLOTS,
)


def rarity(numbers: list[float]) -> list[float]:
    """Each number's decades, from a sorted list of the bins of all before it."""
    out, past = [], list[int]()
    for number in numbers:
        place = 0 if number <= math.exp(LOWEST) else min(int((math.log(number) - LOWEST) / STEP), BINS - 1)
        out.append(decades(sorted(past, reverse=True), place) if len(past) >= ENOUGH else 0.0)
        past.append(place)
    return out


def decades(past: list[int], place: int) -> float:
    """Rank within the past; beyond its top a Pareto tail."""
    total = len(past)
    wanted = max(TAIL * total, ENOUGH)
    edge = past[math.ceil(wanted) - 1] if math.ceil(wanted) <= total else 0
    if place <= edge:
        beyond = sum(one >= place for one in past)
        return max(-math.log10((beyond + 0.5) / (total + 1)), 0.0)
    top = [one for one in past if one >= edge]
    excess = IMAGINED * IMAGINED_EXCESS + sum((one - edge + 0.5) * STEP for one in top)
    hill = max(excess / (len(top) + IMAGINED), 0.05)
    found = -math.log10((len(top) + 1) / (total + 1)) + (place - edge) * STEP / hill / math.log(10)
    vouched = math.log10(total + 1)
    return min(max(vouched + BEYOND * (found - vouched) if found > vouched else found, 0.0), MOST)


def beginnings(times: list[float], above: list[float], hold: list[float], worse: float) -> list[bool]:
    """Whether a row is the first above 0 after a hold without any, or exceeds what was told last."""
    out = list[bool]()
    for i, height in enumerate(above):
        earlier = [j for j in range(i) if above[j] >= 0]
        fresh = not earlier or times[i] - times[earlier[-1]] > hold[i]
        told = [above[j] for j in range(i) if out[j]]
        out.append(height >= 0 and (fresh or height >= told[-1] + worse))
    return out


def restless(times: list[float], above: list[float], hold: list[float], memory: float, often: float) -> list[float]:
    """Decades by which the faded count of episodes before each row exceeds `often` a day."""
    begun = [i for i, one in enumerate(beginnings(times, above, hold, math.inf)) if one]
    out = []
    for i, now in enumerate(times):
        rate = sum(math.exp((times[j] - now) / memory) for j in begun if j < i) * 86_400 / memory
        out.append(math.log10(rate / often) if rate > often else 0.0)
    return out


def usual_at(times: list[float], numbers: list[float], bars: list[float]) -> list[float]:
    """The highest number of a half-hour that reached its bar on most visits, by dictionaries of visits."""
    visits: dict[tuple[str, int], list[tuple[bool, float]]] = {}
    out, present = [], list[int]()

    def recurring(key: tuple[str, int], pace: float) -> float:
        share = highest = 0.0
        for reached, number in visits.get(key, []):
            share += pace * (reached - share)
            highest = max(FADE * highest, number)
        return highest if share > MOSTLY else 0.0

    for i, time in enumerate(times):
        slot = math.floor(time / HALF_HOUR)
        if present and math.floor(times[present[0]] / HALF_HOUR) != slot:
            last = math.floor(times[present[0]] / HALF_HOUR)
            visit = any(numbers[j] >= bars[j] for j in present), max(0.0, *(numbers[j] for j in present))
            visits.setdefault(("day", last % DAY_SLOTS), []).append(visit)
            visits.setdefault(("week", last % WEEK_SLOTS), []).append(visit)
            present = []
        days = [recurring(("day", (slot + near) % DAY_SLOTS), DAY_PACE) for near in (-1, 0, 1)]
        out.append(max(recurring(("week", slot % WEEK_SLOTS), WEEK_PACE), *days))
        present.append(i)
    return out


def nearest(values: np.ndarray, length: int, held: int) -> list[float]:
    """Distance of each stretch from the nearest of those kept, where none had to give way."""
    kept, out = list[np.ndarray](), []
    for i in range(len(values)):
        if i < length:
            out.append(0.0)
            continue
        query = values[i - length + 1 : i + 1]
        out.append(min(math.dist(query, one) for one in kept) / math.sqrt(length) if len(kept) > 10 else 0.0)
        if i % max(1, length // 4) == 0:
            kept.append(query)
    assert len(kept) <= held
    return out


def season(values: list[float], times: list[float], period: float, slots: int) -> list[float]:
    """The mean of a slot's earlier values: what a pace of 0 and values without outliers give."""
    out, held = [], dict[int, list[float]]()
    for value, time in zip(values, times, strict=True):
        slot = min(int((time % period) / period * slots), slots - 1)
        mine = held.setdefault(slot, [])
        out.append(sum(mine) / len(mine) if mine else 0.0)
        mine.append(value)
    return out


def ridge(values: np.ndarray, features: np.ndarray, keep: float, prior: float) -> np.ndarray:
    """The error of each value from the weighted ridge regression on all before it, solved anew each time."""
    out = []
    for i in range(len(values)):
        weight = keep ** np.arange(i - 1, -1, -1.0)
        past = features[:i]
        left = past.T @ (past * weight[:, None]) + keep**i * np.eye(features.shape[1]) / prior
        solution = np.linalg.solve(left, past.T @ (values[:i] * weight))
        out.append(values[i] - features[i] @ solution)
    return np.array(out)
