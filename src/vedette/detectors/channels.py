"""What is said of an entity's day: numbers, the channels of surprise made of them, and families of channels."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.day import ACTION_KINDS, SCOPES
from vedette.records.observation import Direction, Quantity, Series
from vedette.records.segment import Segment

Floats = NDArray[np.float64]

VOLUMES: Final = ("events", "bytes", "failures", "jumps", "hosts", "resources", "off_events", "off_bytes")
KINDS: Final = tuple(f"action {number}" for number in range(ACTION_KINDS))
SIZES: Final = ("bytes", "off_bytes")
ADDED_UP: Final = (
    "bytes",
    "off_events",
    "off_bytes",
    "failures",
    "new host",
    "new resource",
    "resources",
    "hour",
    *KINDS,
)
FEATURES: Final = (*VOLUMES, *KINDS, *(f"new {name}" for name in SCOPES), *(f"unknown {name}" for name in SCOPES))
CHANNELS: Final = (*FEATURES, *(f"first {name}" for name in SCOPES), "hour", *(f"adding up {n}" for n in ADDED_UP))


def _families() -> list[list[int]]:
    families = (
        ("client", "country", "service–client"),
        ("host", "hosts", "failures"),
        ("process", "host–process"),
        ("resource", "resources"),
        ("service", "action"),
        ("events", "bytes", *KINDS),
        ("hour", "off_events", "off_bytes"),
        ("jumps",),
    )
    prefixes = ("", "new ", "unknown ", "first ")
    today = [{p + name for p in prefixes for name in family} for family in families]
    lately = {f"adding up {name}" for name in ADDED_UP}
    return [[k for k, name in enumerate(CHANNELS) if name in names] for names in (*today, lately)]


FAMILIES: Final = _families()
"""Channels that tell of the same thing: they speak together, so that nothing counts twice. What adds up over days is
a family of its own, as is a way too far for the time, which an address never met before says nothing of."""

MOST_BUSY: Final = 3.0
"""How many times as busy as usual a day may be called; beyond it is odd."""
COMMON: Final = 20
"""Entities that must usually have a number before it is said that all have more of it today."""
LEAST_LIFT: Final = 1.3
"""How many times as much as usual counts as more for everybody: less is how days differ."""
MOST_LIFT: Final = 3.0
"""How many times as much as usual everybody may have before it is odd of each."""
ACTED: Final = [FEATURES.index(name) for name in KINDS]
SCALED: Final = [
    k for k, name in enumerate(FEATURES) if name in (*KINDS, "bytes", "resources") or name.startswith("new")
]
"""Numbers that are more on a busy day; the number of events itself stays as it is."""
TELLING: Final = tuple(SCOPES.index(name) for name in ("service", "action", "process"))
"""Items that tell what somebody's work is; others are too many, or one's own."""


def series_of(segment: Segment, name: str) -> Series:
    """Return the series of one number of an entity, of which only more than usual matters."""
    quantity = Quantity.SIZE if name in SIZES else Quantity.COUNT
    return Series(segment, name, quantity, Direction.UP, 0.0)


def busyness(value: Floats, expected: Floats) -> Floats:
    """Return how many times as much as usual an entity does today: the median of its three actions or more, 1 to 3.

    So a busy day is odd once, in the number of events, not in all that comes with it; one action that grows alone
    does not move the median.
    """
    usual = expected >= 1.0
    ratio = np.where(usual, (value + 0.5) / (expected + 0.5), np.nan)
    enough = usual.sum(axis=1) >= 3
    middle = np.ones(len(value))
    middle[enough] = np.nanmedian(ratio[enough], axis=1) if enough.any() else 1.0
    return np.clip(middle, 1.0, MOST_BUSY)


def common(value: Floats, expected: Floats) -> Floats:
    """Return how many times as much as usual of each number everybody has today, 1 to 3: that of the middle entity.

    Those count that usually have some of it, and must be `COMMON`: a busy season or a new release is odd of nobody.

    >>> common(np.full((20, 1), 6.0), np.full((20, 1), 3.0)).tolist()
    [2.0]
    """
    ratio = np.where(expected >= 1.0, value / np.maximum(expected, 1.0), np.nan)
    enough = (expected >= 1.0).sum(axis=0) >= COMMON
    middle = np.ones(value.shape[1])
    middle[enough] = np.nanmedian(ratio[:, enough], axis=0)
    return np.where(middle >= LEAST_LIFT, np.minimum(middle, MOST_LIFT), 1.0)
