"""Ordinary traffic of many segments, window by window, with no fault in it unless one is asked for.

Windows are made as the features room would make them of single events: counts are drawn, shares are drawn from the
counts, and quantiles of latency are order statistics of as many requests as there were, drawn exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.decision.preview import Unseen
from vedette.records.feature import feature_of
from vedette.records.observation import Measures, Occurrences, Scope, Series
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window

Floats = NDArray[np.float64]

MINUTE: Final = 60 * SECOND
MINUTES: Final = 1440
START: Final = 1_767_571_200 * SECOND
"""A Monday, 00:00 UTC."""

ROUTES: Final = 5
FEATURES: Final = (
    "requests",
    "error_ratio",
    "missing_ratio",
    "latency_p50_seconds",
    "latency_p95_seconds",
    "response_bytes_mean",
    "clients",
)
TEMPLATES: Final = 24
"""Usual kinds of lines of a service; as many more that come once in one to sixty days."""
DENSE: Final = 0.3
"""As the features room has it: below this share of windows with events, silence is no observation."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How a segment usually behaves: requests a minute, rhythm, unrest, latency."""

    rate: tuple[float, float]
    day: float = 0.3
    weekend: float = 1.0
    unrest: float = 0.05
    memory: float = 30.0
    """Minutes after which an unrest has faded to 1/e."""
    sigma: float = 0.5
    pareto: float = 0.0
    """Exponent of the tail of latency; 0 is lognormal."""
    errors: float = 0.003
    bursts: float = 1e6
    """Weight of the beta prior that errors are drawn with; small is bursty."""
    job: float = 1.0
    """How many times the traffic of fifteen minutes at the same time of each night."""


HABITS: Final = {
    "busy": Habit((200.0, 600.0)),
    "sparse": Habit((0.05, 3.0)),
    "seasonal": Habit((40.0, 120.0), day=1.2),
    "weekend": Habit((60.0, 150.0), day=0.6, weekend=0.2),
    "job": Habit((20.0, 60.0), job=8.0),
    "heavy": Habit((30.0, 90.0), pareto=1.8),
    "restless": Habit((40.0, 120.0), unrest=0.3, memory=60.0),
    "faulty": Habit((60.0, 200.0), errors=0.02, bursts=60.0, sigma=0.8),
}
KINDS: Final = tuple(HABITS)


class Nothing(Unseen):
    """The context of windows that were made of numbers."""

    def events(self, segment: Segment) -> int:
        """Return 100: enough not to be called little."""
        del segment
        return 100

    def item(self, code: int) -> str:
        """Return the item's number as its text."""
        return f"line {code}"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is done to one segment: from a minute since the start, for some minutes."""

    segment: int
    minute: int
    minutes: int
    feature: str
    factor: float


class Traffic:
    """Segments of all habits, ten minutes or sixty days of them.

    Parameters
    ----------
    segments
        Number of segments; every fifth begins a service of its own.
    seed
        Of all chance.
    faults
        What is wrong, if anything.
    """

    def __init__(self, segments: int = 200, seed: int = 1, faults: tuple[Fault, ...] = ()) -> None:
        self._rng = rng = np.random.default_rng(seed)
        self.kinds = [KINDS[number % len(KINDS)] for number in range(segments)]
        habits = [HABITS[kind] for kind in self.kinds]
        self.segments = [Segment("", f"service{n // ROUTES}", f"GET /{n % ROUTES}") for n in range(segments)]
        self.series = [feature_of(name).series(segment) for segment in self.segments for name in FEATURES]
        services = [Segment("", f"service{n}", "") for n in range(-(-segments // ROUTES))]
        self.scopes = [Scope(service, "template") for service in services]
        low, high = np.array([habit.rate for habit in habits]).T
        self._rate = np.exp(rng.uniform(np.log(low), np.log(high)))
        self._phase, self._job_at = rng.uniform(0, MINUTES, segments), rng.integers(0, MINUTES, segments)
        self._day = np.array([habit.day for habit in habits])
        self._weekend = np.array([habit.weekend for habit in habits])
        self._unrest = np.array([habit.unrest for habit in habits])
        self._keep = np.exp(-1.0 / np.array([habit.memory for habit in habits]))
        self._sigma = np.array([habit.sigma for habit in habits])
        self._pareto = np.array([habit.pareto for habit in habits])
        self._errors = np.array([habit.errors for habit in habits])
        self._bursts = np.array([habit.bursts for habit in habits])
        self._job = np.array([habit.job for habit in habits])
        self._latency = rng.uniform(0.02, 0.4, segments)
        self._bytes = rng.uniform(500, 20_000, segments)
        self._people = rng.uniform(50, 2_000, segments)
        self._wander = np.zeros((2, segments))
        self._seen = np.zeros(segments, np.bool_)
        self._faults = faults
        usual = np.exp(rng.uniform(np.log(0.05), np.log(30.0), (len(services), TEMPLATES)))
        rare = 1.0 / (MINUTES * np.exp(rng.uniform(0.0, np.log(60.0), (len(services), TEMPLATES))))
        self._lines = np.concatenate([usual, rare], axis=1).ravel()

    def windows(self, days: int) -> Iterator[Window]:
        """Yield the windows of so many days, a minute each."""
        for day in range(days):
            values, weights, present = self._a_day(day)
            lines = self._rng.poisson(self._lines, (MINUTES, len(self._lines)))
            for minute in range(MINUTES):
                number = day * MINUTES + minute
                yield self._window(number, values[minute], weights[minute], present[minute], lines[minute])

    def _window(self, number: int, value: Floats, weight: Floats, present: NDArray[np.bool_], lines: Floats) -> Window:
        start, slot = START + number * MINUTE, np.flatnonzero(present).astype(np.int32)
        seen = np.flatnonzero(lines)
        series: list[Series] = self.series if number == 0 else []
        return Window(
            start,
            MINUTE,
            series,
            self.scopes if number == 0 else [],
            Measures(start, MINUTE, slot, value[slot], weight[slot]),
            Occurrences(
                start,
                MINUTE,
                (seen // (2 * TEMPLATES)).astype(np.int32),
                (seen + 1).astype(np.uint64),
                lines[seen].astype(np.int64),
            ),
            Nothing(),
        )

    def _a_day(self, day: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return values, weights and which are present, shape ``(minutes, series)``."""
        minutes = np.arange(MINUTES)[:, None]
        wander = self._wandering()
        rhythm = np.exp(self._day * np.sin(2 * np.pi * (minutes - self._phase) / MINUTES))
        # people go to bed: the change takes three hours around midnight
        hours = (day % 7) * 24 + minutes / 60
        off = np.clip((hours - 118.5) / 3.0, 0.0, 1.0) - np.clip((hours - 166.5) / 3.0, 0.0, 1.0)
        off = off + np.where(day >= 7, np.clip((1.5 - hours) / 3.0, 0.0, 1.0), 0.0)
        weekend = self._weekend**off
        at_job = (minutes - self._job_at) % MINUTES < 15
        job = np.where(at_job, self._job, 1.0)
        counts = self._rng.poisson(self._rate * rhythm * weekend * job * wander[0] * self._faulty(day, "requests"))
        slow = self._latency * wander[1] ** 0.5 * np.where(at_job & (self._job > 1), 2.0, 1.0)
        slow = slow * self._faulty(day, "latency_p95_seconds")
        chance = self._rng.beta(self._errors * self._bursts, (1 - self._errors) * self._bursts, counts.shape)
        chance = np.minimum(chance + self._faulty(day, "error_ratio") - 1.0, 1.0)
        some = np.maximum(counts, 1)
        middle, high = self._quantiles(some)
        columns = [
            counts.astype(np.float64),
            self._rng.binomial(counts, chance) / some,
            self._rng.binomial(counts, 0.01) / some,
            slow * middle,
            slow * high,
            self._bytes * self._rng.gamma(2.0 * some) / (2.0 * some),
            np.rint(self._people * -np.expm1(-counts / self._people)),
        ]
        happened, count_like = counts > 0, np.array([name == "requests" for name in FEATURES])
        self._seen |= happened.any(axis=0)
        dense = happened.mean(axis=0) >= DENSE
        present = happened[:, :, None] | (count_like & (self._seen & dense)[:, None])
        shape = (MINUTES, len(self.series))
        return (
            np.stack(columns, axis=2).reshape(shape),
            np.repeat(counts[:, :, None], len(FEATURES), axis=2).reshape(shape).astype(np.float64),
            np.broadcast_to(present, (*counts.shape, len(FEATURES))).reshape(shape),
        )

    def _wandering(self) -> Floats:
        """Return how restless rate and latency are, shape ``(2, minutes, segments)``, mean about 1."""
        steps = self._rng.normal(size=(MINUTES, *self._wander.shape)) * self._unrest * np.sqrt(1 - self._keep**2)
        walk = np.empty_like(steps)
        for minute in range(MINUTES):
            self._wander = self._wander * self._keep + steps[minute]
            walk[minute] = self._wander
        restless: Floats = np.exp(np.moveaxis(walk, 1, 0))
        return restless

    def _quantiles(self, counts: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Return median and 95th percentile of so many latencies, relative to the median of all."""
        rank95, rank50 = np.maximum(np.rint(0.95 * counts), 1), np.maximum(np.rint(0.5 * counts), 1)
        high = self._rng.beta(rank95, counts + 1 - rank95)
        middle = high * np.where(rank50 < rank95, self._rng.beta(rank50, np.maximum(rank95 - rank50, 1)), 1.0)
        return self._of_share(middle), self._of_share(high)

    def _of_share(self, share: Floats) -> Floats:
        from scipy.special import ndtri

        normal = np.exp(self._sigma * ndtri(share))
        tail = (2.0 * (1.0 - share)) ** (-1.0 / np.where(self._pareto > 0, self._pareto, 1.0))
        chosen: Floats = np.where(self._pareto > 0, tail, normal)
        return chosen

    def _faulty(self, day: int, feature: str) -> Floats:
        factor = np.ones((MINUTES, len(self.segments)))
        for fault in self._faults:
            begin = fault.minute - day * MINUTES
            if fault.feature == feature and begin < MINUTES and begin + fault.minutes > 0:
                factor[max(begin, 0) : begin + fault.minutes, fault.segment] *= fault.factor
        return factor
