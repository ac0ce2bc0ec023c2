"""What detectors see: numbers per series, items per scope, and vectors per space, one window at a time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.segment import Segment


class Quantity(IntEnum):
    """The kind of quantity, from which likelihood, direction and least effect are guessed."""

    COUNT = 0
    """Events in a window: never negative, Poisson-like or wider."""
    RATIO = 1
    """A share in [0, 1]; ``weight`` is the number of trials."""
    DURATION = 2
    """Seconds; skewed, positive."""
    SIZE = 3
    """Bytes; skewed, positive."""
    DISTINCT = 4
    """Number of different values (HyperLogLog estimate)."""
    GAUGE = 5
    """Any real number; both directions matter."""


LOGARITHMIC: Final = (Quantity.DURATION, Quantity.SIZE)
"""Quantities that are modelled by their logarithm."""
TINY: Final = 1e-9
"""Least number of which a logarithm is taken."""


class Direction(IntEnum):
    """Which side of normal is worth a finding."""

    UP = 1
    DOWN = -1
    BOTH = 0


@dataclass(frozen=True, slots=True)
class Series:
    """A numeric series: one feature of one segment.

    Parameters
    ----------
    segment
        Whose number it is.
    feature
        What is measured, with its unit: ``requests``, ``error_ratio``, ``latency_p95_seconds`` …
    quantity
        The kind of number.
    direction
        Which side matters.
    min_effect
        Least relative change worth a finding, such as 0.5 for half as much again.
    """

    segment: Segment
    feature: str
    quantity: Quantity
    direction: Direction
    min_effect: float


def deviation(series: Series, value: float, expected: float) -> float:
    """Return how far a number is off, in the terms in which its level is kept: a difference, or one of logarithms."""
    if series.quantity in LOGARITHMIC:
        return log(max(value, TINY) / max(expected, TINY))
    return value - expected


@dataclass(frozen=True, slots=True)
class Scope:
    """Where items are new or rare: one attribute of one segment (``vedette.request.shape`` of ``POST /checkout``)."""

    segment: Segment
    attribute: str


@dataclass(frozen=True, slots=True)
class Space:
    """Where vectors are odd: the same features, in the same order, of one segment (the metrics of a host)."""

    segment: Segment
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measures:
    """Numbers of one closed window; row *i* belongs to series ``slot[i]``.

    Parameters
    ----------
    start, width
        Window in ns since the epoch (UTC) and its length in ns.
    slot
        Series number, int32, unique within the window, shape ``(n,)``.
    value
        The number, float64, shape ``(n,)``.
    weight
        Number of events behind it, float64, shape ``(n,)``.
    """

    start: int
    width: int
    slot: NDArray[np.int32]
    value: NDArray[np.float64]
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Items seen in one closed window: scope ``slot[i]`` saw item ``item[i]`` ``count[i]`` times.

    Pairs ``(slot, item)`` are unique within the window; ``item`` is a 64-bit hash, shape ``(n,)``.
    """

    start: int
    width: int
    slot: NDArray[np.int32]
    item: NDArray[np.uint64]
    count: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors seen in one closed window: row *i* is of space ``slot[i]``, which may have several.

    ``values`` has shape ``(n, n_features)``, as many for all spaces of a bank; NaN is missing.
    """

    start: int
    width: int
    slot: NDArray[np.int32]
    values: NDArray[np.float64]
