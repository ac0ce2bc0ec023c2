"""The baseline of one series the obvious way: one class, plain numbers, lists with None for what was never seen.

Written from the model's description, with scipy for the likelihoods; nothing here is shared with the kernels.
"""

from dataclasses import dataclass, field
from math import exp, floor, inf, isfinite, log, log10, sqrt

import numpy as np
from scipy import special, stats

HOUR, DAY, WEEK = 3600.0, 86_400.0, 604_800.0
COUNT, RATIO, DURATION, SIZE, DISTINCT, GAUGE = range(6)


def clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


@dataclass
class Part:
    """A component of the forecast: how much of it to use is a regression on past windows."""

    top: float = 0.0
    bottom: float = 0.0

    def weight(self, proof: float, guess: float) -> float:
        whole = self.bottom + proof
        return clamp((self.top + guess * proof) / whole, 0.0, 1.0) if whole > 0 else guess

    def learn(self, step: float, fade: float, target: float, value: float) -> None:
        self.top = self.top * fade + step * target * value
        self.bottom = self.bottom * fade + step * value * value


@dataclass
class Sides:
    """Mean square of residuals above and below; a residual teaches its own side four times as much."""

    up: float = 0.0
    down: float = 0.0

    def learn(self, residual: float, thin: float, step: float, seen: float, memory: float) -> None:
        gain = step / (min(seen, memory) + step)
        square = residual**2 / thin
        own = 1.6 * gain if gain < 0.5 else gain
        up, down = (own, 0.4 * gain) if residual > 0 else (0.4 * gain, own)
        self.up += up * (square - self.up)
        self.down += down * (square - self.down)


@dataclass
class Model:
    """One series. Times in seconds; `accept` and the memories as in `vedette.detectors.baseline`."""

    quantity: int
    direction: int
    least: float
    width: float
    accept: float = 4 * HOUR
    level_memory: float = 6 * HOUR
    mean_memory: float = 7 * DAY
    spread_memory: float = 7 * DAY
    recent_memory: float = 1200.0
    seen: float = 0.0
    windows: int = 0
    last: float = 0.0
    mean: float = 0.0
    level: float = 0.0
    recent: float = 0.0
    weight: float = 0.0
    trials: float = 0.0
    limit: float = 3.0
    run: float = 0.0
    run_mean: float = 0.0
    level_run: float = 0.0
    sides: Sides = field(default_factory=Sides)
    away: Sides = field(default_factory=Sides)
    beyond: Part = field(default_factory=Part)
    beyond_base: Part = field(default_factory=Part)
    parts: list[Part] = field(default_factory=lambda: [Part(), Part(), Part()])
    days: list[float | None] = field(default_factory=lambda: [None] * 48)
    weeks: list[float | None] = field(default_factory=lambda: [None] * 56)
    highs: list[float] = field(default_factory=lambda: [0.0] * 48)
    lows: list[float] = field(default_factory=lambda: [0.0] * 48)
    visit: float = -1.0
    visit_high: float = 0.0
    visit_low: float = 0.0

    @property
    def counts(self) -> bool:
        return self.quantity in (COUNT, DISTINCT)

    @property
    def logarithmic(self) -> bool:
        return self.quantity in (DURATION, SIZE)

    def inward(self, value: float) -> float:
        return log(max(value, 1e-9)) if self.logarithmic else clamp(value, -1e100, 1e100)

    def outward(self, y: float) -> float:
        return exp(min(y, 690.0)) if self.logarithmic else y

    def between(self, season: list[float | None], place: float, empty: float) -> float:
        low, share = floor(place) % len(season), place - floor(place)
        first, second = season[low], season[(low + 1) % len(season)]
        if first is None:
            return empty if second is None else second
        return first if second is None else (1 - share) * first + share * second

    def dispersion(self, expected: float, widen: float) -> float:
        young = 1 / (1 + (self.windows / 30) ** 2)
        if self.quantity == RATIO:
            return self.correlation(self.beyond, widen)
        prior = (self.mean**2 + 0.01) * HOUR
        learned = (self.beyond.top + 0.05 * prior) / (self.beyond.bottom + prior)
        burst = (30 if self.quantity == COUNT else 10) / expected
        return clamp(learned, 0.01, 1e4) * (1 - young) + min(burst**2, 1e5) * young + 0.1 * widen

    def correlation(self, learned: Part, widen: float) -> float:
        young, prior = 1 / (1 + (self.windows / 30) ** 2), (self.mean + 0.01) * HOUR
        known = (learned.top + 0.02 * prior) / (learned.bottom + prior)
        return clamp(known, 0.003, 0.5) * (1 - young) + 0.3 * young + 0.02 * widen

    def square(self) -> float:
        if self.counts:
            mean = max(self.mean, 0.01)
            return mean + self.dispersion(mean, 0.0) * mean**2
        if self.quantity == RATIO:
            mean = clamp(self.mean, 0.001, 0.999)
            return mean * (1 - mean) / max(self.weight, 1.0)
        return (self.sides.up + self.sides.down) / 2

    def places(self, start: float) -> tuple[float, float, float]:
        middle = start + self.width / 2
        return middle, middle % DAY / 1800 - 0.5, middle % WEEK / 10_800 - 0.5

    def forecast(self, start: float) -> tuple[float, list[float], list[float]]:
        """Return base, the parts (daily, weekly) and the weights (daily, weekly, recent)."""
        _, day, week = self.places(start)
        proof = self.square() * 2 * HOUR
        parts = [0.0, 0.0]
        if self.seen >= DAY - self.width:
            parts[0] = self.between(self.days, day, self.mean) - self.mean
        if self.seen >= WEEK - self.width:
            parts[1] = self.between(self.weeks, week, 0.0)
        often = 1800 / self.width
        weights = [
            part.weight(proof, guess) for part, guess in zip(self.parts, (often / (often + 4), 0.0, 0.0), strict=True)
        ]
        return self.mean + self.level + weights[0] * parts[0] + weights[1] * parts[1], parts, weights

    def recently(self, start: float) -> float:
        return self.recent * exp(-max(start - self.last - self.width, 0.0) / self.recent_memory)

    def possible(self, y: float) -> float:
        if self.counts:
            return max(y, 0.5 * self.width / (self.seen + self.width))
        if self.quantity == RATIO:
            least = 0.5 / (self.trials + 1)
            return clamp(y, least, 1 - least)
        return y

    def thin(self, weight: float) -> float:
        if self.quantity == GAUGE or weight <= 0 or self.weight <= 0:
            return 1.0
        return 0.25 + 0.75 * min(self.weight / weight, 100.0)

    def spread(self, square: float, expected: float, weight: float, widen: float) -> float:
        if self.logarithmic:
            square += 4 / (1 + (self.windows / 30) ** 2) + 0.0004
        else:
            square += (0.0025 * HOUR / (self.seen + HOUR) + 1e-6) * expected**2 + 1e-18
        return sqrt(square * self.thin(weight)) * (1 + widen / 2)

    def sigma(self, expected: float, weight: float, upward: bool, widen: float) -> float:
        if self.counts:
            return sqrt(expected + self.dispersion(expected, widen) * expected**2)
        if self.quantity == RATIO:
            n = max(weight, 1.0)
            return sqrt(expected * (1 - expected) * (1 + (n - 1) * self.dispersion(expected, widen)) / n)
        return self.spread(self.sides.up if upward else self.sides.down, expected, weight, widen)

    def matters(self, value: float, expected: float, weight: float, events: float) -> bool:
        change = value - expected
        if change * self.direction < 0 or change == 0:
            return False
        if self.counts:
            return abs(change) >= max(self.least * expected, events)
        if self.quantity == RATIO:
            room = min(expected, 1 - expected)
            return abs(change) >= self.least * room and abs(change) * weight >= min(events, 3.0)
        return abs(change) >= self.least * abs(expected)

    def tail(self, y: float, expected: float, weight: float, widen: float) -> float:
        """Return ln of the chance of at least so much on this side."""
        upward = y > expected
        if self.counts:
            return self.count_tail(round(y), expected, 1 / self.dispersion(expected, widen), upward)
        if self.quantity == RATIO:
            return self.share_tail(y, expected, weight, self.dispersion(expected, widen))
        return self.student(y - expected, self.sigma(expected, weight, upward, widen))

    def share_tail(self, share: float, expected: float, weight: float, correlation: float) -> float:
        n, strength = round(max(weight, 1.0)), 1 / correlation - 1
        masses = stats.betabinom(n, expected * strength, (1 - expected) * strength).logpmf(np.arange(n + 1))
        hits = round(share * n)
        return float(np.logaddexp.reduce(masses[hits:] if share > expected else masses[: hits + 1]))

    def count_tail(self, count: int, expected: float, size: float, upward: bool) -> float:
        share = size / (size + expected)
        if not upward:
            return float(np.log(special.betainc(size, count + 1, share)))
        if count <= 0:
            return 0.0
        chance = special.betainc(count, size, expected / (size + expected))
        if chance > 1e-280:
            return log(chance)
        return float(np.logaddexp.reduce(stats.nbinom(size, share).logpmf(np.arange(count, count + 20_000))))

    def student(self, off: float, sigma: float) -> float:
        return float(stats.t.logsf(abs(off) / (sigma * sqrt(4 / 6)), 6))

    def score(self, start: float, value: float, weight: float) -> tuple[float, float]:
        """Return (surprise, expected)."""
        base, _, weights = self.forecast(start)
        expected = self.possible(base + weights[2] * self.recently(start))
        widen = max(0.0, 1 - self.seen / (2 * DAY))
        middle = self.outward(expected)
        if not isfinite(value):
            return 0.0, middle
        y, logarithm = self.inward(value), 0.0
        if self.matters(value, middle, weight, 5.0):
            logarithm = self.tail(y, expected, weight, widen)
        if self.quantity == RATIO:
            usual = self.possible(base)
            if self.matters(value, usual, weight, 5.0):
                other = self.share_tail(value, usual, weight, self.correlation(self.beyond_base, widen))
                if other < logarithm:
                    logarithm, middle = other, usual
        elif not self.counts:
            if self.matters(value, self.outward(base), weight, 0.0):
                square = self.away.up if y > base else self.away.down
                other = self.student(y - base, self.spread(square, base, weight, widen))
                if other < logarithm:
                    logarithm, middle = other, self.outward(base)
            logarithm = min(0.0, logarithm + log(2))
        if self.direction == 0:
            logarithm = min(0.0, logarithm + log(2))
        surprise = min(-logarithm / log(10), 300.0)
        return (min(surprise, self.bound(start, y - base)) if surprise > 1 else surprise), middle

    def bound(self, start: float, off: float) -> float:
        _, day, _ = self.places(start)
        peaks = self.highs if off > 0 else self.lows
        most = max(abs(peaks[floor(day) % 48]), abs(peaks[(floor(day) + 1) % 48]))
        if most == 0:
            return inf
        windows = self.seen / DAY * max(1.0, 1800 / self.width)
        return log10(windows + 1) + 10 * max(0.0, log10(abs(off) / most))

    def learn(self, start: float, value: float, weight: float) -> None:
        if not isfinite(value) or (self.quantity in (RATIO, DURATION, SIZE) and weight <= 0):
            return
        y = self.inward(value)
        if self.windows == 0:
            self.last, self.mean, self.weight = start - self.width, y, weight
        dt = clamp(start - self.last, self.width, HOUR)
        step = dt if self.counts or self.quantity == GAUGE else dt * min(weight / max(self.weight, 1e-9), 4.0)
        base, parts, weights = self.forecast(start)
        recent = self.recently(start)
        expected = self.possible(base + weights[2] * recent)
        sigma = self.sigma(expected, weight, y > expected, 0.0)
        deviation = (y - expected) / sigma
        reach = self.reach(sigma, weight)
        taken = clamp(y, expected - reach, expected + reach)
        if self.follow_run(deviation, y - base, dt):
            self.level += self.run_mean
            base, recent, taken = base + self.run_mean, 0.0, y
            expected = base
        self.learn_limit(deviation, dt)
        off = taken - base
        if self.quantity == RATIO:
            self.learn_correlation(self.beyond, taken, base + weights[2] * recent, weight, step)
            self.learn_correlation(self.beyond_base, taken, base, weight, step)
        else:
            self.learn_spread(taken - expected, expected, weight, step)
        if not self.counts and self.quantity != RATIO:
            self.away.learn(off, self.thin(weight), step, self.seen, self.spread_memory)
        fade = self.spread_memory / (self.spread_memory + dt)
        self.parts[2].learn(step, fade, off, recent)
        self.parts[0].learn(step, fade, off + weights[0] * parts[0], parts[0])
        self.parts[1].learn(step, fade, off + weights[1] * parts[1], parts[1])
        self.learn_seasons(start, step, taken, off + weights[1] * parts[1])
        self.learn_peaks(start, y - base)
        self.recent = recent + dt / (self.recent_memory + dt) * (off - recent)
        if self.seen > 0:
            self.level += step / (min(self.seen, self.level_memory) + step) * off
        self.mean += step / (min(self.seen, self.mean_memory) + step) * (taken - self.mean)
        self.weight += dt / (min(self.seen, self.level_memory) + dt) * (weight - self.weight)
        self.trials = self.trials * self.mean_memory / (self.mean_memory + dt) + weight
        self.learn_drift(dt)
        before, self.seen = self.seen, self.seen + dt
        self.windows += 1
        self.last = start
        if before < DAY - self.width <= self.seen:
            self.level -= self.forecast(start)[0] - base

    def reach(self, sigma: float, weight: float) -> float:
        if self.windows < 10:
            return inf
        if self.quantity == RATIO:
            events = 1 + 2 / (1 + (self.windows / 30) ** 2)
            return max(self.limit * sigma, events / max(weight, 1.0))
        return max(self.limit * sigma, 3.0 if self.counts else 0.0)

    def follow_run(self, deviation: float, off: float, dt: float) -> bool:
        if abs(deviation) <= 3 or self.seen < 2 * self.accept:
            self.run = max(abs(self.run) - 2 * dt, 0.0) * (1 if self.run > 0 else -1)
            return False
        sign = 1 if deviation > 0 else -1
        if self.run * sign <= 0:
            self.run, self.run_mean = 0.0, off
        self.run += sign * dt
        self.run_mean += dt / max(abs(self.run), dt) * (off - self.run_mean)
        if abs(self.run) < self.accept:
            return False
        self.run = 0.0
        return True

    def learn_limit(self, deviation: float, dt: float) -> None:
        pace = dt / (min(self.seen, self.spread_memory) + dt)
        if abs(deviation) <= self.limit:
            self.limit = max(self.limit / (1 + pace), 3.0)
        elif abs(self.run) <= dt:
            self.limit = min(self.limit * exp(min(99 * pace, 0.7)), 1e3)

    def learn_spread(self, residual: float, expected: float, weight: float, step: float) -> None:
        fade = self.spread_memory / (self.spread_memory + step)
        if self.counts:
            self.beyond.top = self.beyond.top * fade + step * (residual**2 - expected)
            self.beyond.bottom = self.beyond.bottom * fade + step * expected**2
        else:
            self.sides.learn(residual, self.thin(weight), step, self.seen, self.spread_memory)

    def learn_correlation(self, learned: Part, share: float, expected: float, weight: float, step: float) -> None:
        """Count the pairs of a window's trials of which both fail."""
        fade, n, expected = self.spread_memory / (self.spread_memory + step), max(weight, 1.0), clamp(expected, 0, 1)
        learned.top *= fade
        learned.bottom *= fade
        if n > 1:
            pairs = max(n * share * (n * share - 1), 0.0) / (n * (n - 1))
            learned.top += step * (pairs - 2 * share * expected + expected**2)
            learned.bottom += step * expected * (1 - expected)

    def learn_seasons(self, start: float, step: float, y: float, rest: float) -> None:
        middle, day, week = self.places(start)
        for season, place, length, cycle, target in (
            (self.days, day, 1800.0, DAY, y),
            (self.weeks, week, 10_800.0, WEEK, rest),
        ):
            seen = min(middle % length + floor(self.seen / cycle) * length, 4 * length)
            share = place - floor(place)
            for bucket, part in ((floor(place), 1 - share), (floor(place) + 1, share)):
                old = season[bucket % len(season)]
                if old is None:
                    season[bucket % len(season)] = target
                elif part > 0:
                    season[bucket % len(season)] = old + step * part / (seen + step * part) * (target - old)

    def learn_peaks(self, start: float, off: float) -> None:
        visit = floor((start + self.width / 2) / 1800)
        if visit != self.visit:
            if self.visit > 0:
                bucket = self.visit % 48
                self.highs[bucket] = max(self.visit_high, self.highs[bucket] * exp(-1 / 21))
                self.lows[bucket] = min(self.visit_low, self.lows[bucket] * exp(-1 / 21))
            self.visit, self.visit_high, self.visit_low = visit, 0.0, 0.0
        self.visit_high = max(self.visit_high, off)
        self.visit_low = min(self.visit_low, off)

    def learn_drift(self, dt: float) -> None:
        square = (self.away.up + self.away.down) / 2 if self.away.up > 0 else self.square()
        level = self.level
        if level**2 <= 4 * square or level * self.level_run < 0 or self.seen < 3 * DAY:
            self.level_run = 0.0
            return
        self.level_run += dt if level > 0 else -dt
        if abs(self.level_run) >= DAY:
            self.days = [None if day is None else day + level for day in self.days]
            self.mean += level
            self.level = self.level_run = 0.0
