"""Ordinary, odd and constant windows for the laws: made up, seeded, the same at every call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from vedette.records.observation import Direction, Measures, Occurrences, Quantity, Scope, Series, Space, Vectors
from vedette.records.segment import Segment
from vedette.records.time import SECOND

START: Final = 1_767_571_200 * SECOND
"""2026-01-05, a Monday, midnight UTC."""
WIDTH: Final = 300 * SECOND
"""Windows of five minutes: a day in 288 steps."""


Shown = TypeVar("Shown", Measures, Occurrences, Vectors, covariant=True)
Keyed = TypeVar("Keyed", Series, Scope, Space, covariant=True)


class Trial(Protocol[Shown, Keyed]):
    """What the laws show to a detector.

    ``ordinary``, ``odd`` and ``constant`` are pure: the same step gives the same window. All windows of
    one step have the same slots in the same order, and step *n* comes right after step *n - 1*.
    """

    @property
    def keys(self) -> Sequence[Keyed]:
        """What the slots stand for."""
        ...

    @property
    def steps(self) -> int:
        """Windows after which a detector must be ready."""
        ...

    def ordinary(self, step: int) -> Shown:
        """Return a window of ordinary times."""
        ...

    def odd(self, step: int, row: int) -> Shown:
        """Return the ordinary window with one row made plainly anomalous."""
        ...

    def constant(self, step: int) -> Shown:
        """Return a window in which nothing ever changes."""
        ...


class SeriesTrial:
    """One series of each quantity with a daily rhythm, and a sparse one.

    Parameters
    ----------
    steps
        Windows after which a detector must be ready; default one day.
    seed
        Of the noise.
    """

    def __init__(self, steps: int = 288, seed: int = 7) -> None:
        self.steps = steps
        self._seed = seed
        segment = Segment("test", "shop", "GET /")
        self.keys = tuple(
            Series(segment, f"{quantity.name.lower()}_{place}", quantity, Direction.BOTH, 0.1)
            for place, quantity in enumerate((*Quantity, Quantity.COUNT))
        )

    def ordinary(self, step: int) -> Measures:
        """Return a window of ordinary times."""
        rng = np.random.default_rng((self._seed, step))
        day = 1.0 + 0.5 * np.sin(2.0 * np.pi * step / 288.0)
        trials = int(rng.poisson(200 * day)) + 1
        values = {
            Quantity.COUNT: float(rng.poisson(300 * day)),
            Quantity.RATIO: rng.binomial(trials, 0.02) / trials,
            Quantity.DURATION: 0.2 * day * float(rng.lognormal(0.0, 0.1)),
            Quantity.SIZE: 5000.0 * float(rng.lognormal(0.0, 0.2)),
            Quantity.DISTINCT: float(rng.poisson(40 * day)),
            Quantity.GAUGE: 60.0 + 10.0 * day + float(rng.normal()),
        }
        row = [values[key.quantity] for key in self.keys]
        row[-1] = float(rng.poisson(0.2))
        return self._window(step, row, trials)

    def odd(self, step: int, row: int) -> Measures:
        """Return the ordinary window with one value far beyond all before it."""
        window = self.ordinary(step)
        value = window.value.copy()
        value[row] = 0.9 if self.keys[row].quantity is Quantity.RATIO else 30.0 * value[row] + 100.0
        return replace(window, value=value)

    def constant(self, step: int) -> Measures:
        """Return a window in which every number is what it always is."""
        return self._window(step, [0.5 if key.quantity is Quantity.RATIO else 45.0 for key in self.keys], 100)

    def _window(self, step: int, values: Sequence[float], trials: int) -> Measures:
        slots = np.arange(len(self.keys), dtype=np.int32)
        weight = np.full(len(slots), float(trials))
        return Measures(START + step * WIDTH, WIDTH, slots, np.array(values, np.float64), weight)


class ItemsTrial:
    """Scopes that see the same few items over and over; the last sees new ones all the time.

    Parameters
    ----------
    steps
        Windows after which a detector must be ready; default one day.
    seed
        Of the draws.
    """

    def __init__(self, steps: int = 288, seed: int = 7) -> None:
        self.steps = steps
        self._seed = seed
        self.keys = tuple(
            Scope(Segment("test", "shop", f"POST /{place}"), "vedette.request.shape") for place in range(4)
        )

    def ordinary(self, step: int) -> Occurrences:
        """Return a window of ordinary times: one row a scope, so that rows stand for scopes."""
        rng = np.random.default_rng((self._seed, step))
        items = rng.choice(5, len(self.keys), p=[0.4, 0.3, 0.15, 0.1, 0.05]).astype(np.uint64)
        items[-1] = rng.integers(1, 2**63)
        return self._window(step, items, 1 + rng.poisson(1.0, len(items)))

    def odd(self, step: int, row: int) -> Occurrences:
        """Return the ordinary window with one row's item never seen before, thirty times."""
        window = self.ordinary(step)
        items, counts = window.item.copy(), window.count.copy()
        items[row], counts[row] = 2**63 + step, 30
        return replace(window, item=items, count=counts)

    def constant(self, step: int) -> Occurrences:
        """Return a window in which every scope sees its one item once."""
        return self._window(step, np.ones(len(self.keys), np.uint64), np.ones(len(self.keys), np.int64))

    def _window(self, step: int, items: NDArray[np.uint64], counts: NDArray[np.int64]) -> Occurrences:
        slots = np.arange(len(self.keys), dtype=np.int32)
        return Occurrences(START + step * WIDTH, WIDTH, slots, items.astype(np.uint64), counts.astype(np.int64))


class VectorsTrial:
    """Hosts whose six numbers move together with a daily load, one vector a window and host.

    Parameters
    ----------
    steps
        Windows after which a detector must be ready; default one day.
    seed
        Of the noise.
    """

    def __init__(self, steps: int = 288, seed: int = 7) -> None:
        self.steps = steps
        self._seed = seed
        names = ("cpu", "requests", "memory", "disk", "network", "constant")
        self.keys = tuple(Space(Segment("test", f"host-{place}", ""), names) for place in range(4))

    def ordinary(self, step: int) -> Vectors:
        """Return a window of ordinary times."""
        rng = np.random.default_rng((self._seed, step))
        load = 1.0 + 0.5 * np.sin(2.0 * np.pi * step / 288.0) + rng.normal(0.0, 0.05, len(self.keys))
        noise = rng.normal(0.0, 1.0, (len(self.keys), 6))
        return self._window(
            step, load[:, None] * [30, 500, 0, 0, 200, 0] + noise * [1, 9, 2, 3, 5, 0] + [0, 0, 60, 40, 0, 5]
        )

    def odd(self, step: int, row: int) -> Vectors:
        """Return the ordinary window with one host's numbers far outside."""
        window = self.ordinary(step)
        values = window.values.copy()
        values[row, :5] = [100.0, 0.0, 99.0, 99.0, 0.0]
        return replace(window, values=values)

    def constant(self, step: int) -> Vectors:
        """Return a window in which every number is what it always is."""
        return self._window(step, np.full((len(self.keys), 6), 45.0))

    def _window(self, step: int, values: NDArray[np.float64]) -> Vectors:
        slots = np.arange(len(self.keys), dtype=np.int32)
        return Vectors(START + step * WIDTH, WIDTH, slots, np.asarray(values, np.float64))
