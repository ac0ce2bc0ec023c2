"""One day of users and other entities: what each used, when, and how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.observation import Occurrences
from vedette.records.segment import Segment

ACTION_KINDS: Final = 8
"""Counters of actions, by hash: enough that the few that an entity has seldom share one."""

ATTRIBUTES: Final = ("host", "country", "client", "service", "action", "resource", "process")
PAIRINGS: Final = (("host", "process"), ("service", "client"))
SCOPES: Final = (*ATTRIBUTES, *(f"{one}–{other}" for one, other in PAIRINGS))
"""What items are held of: values of an attribute, and pairings of two."""


@dataclass(frozen=True, slots=True)
class EntityDay:
    """One day of all entities that were active: items by scope, hours, and numbers by name.

    Slots of `items` are ``entity * len(SCOPES) + scope``, those of `hours` are entities. ``hour_size`` has the bytes
    of each row of `hours`; ``numbers`` has one value for each of ``entity``, in its order.
    """

    start: float
    entity: NDArray[np.int64]
    items: Occurrences
    hours: Occurrences
    hour_size: NDArray[np.float64]
    numbers: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Roll:
    """A day with the names that people know its entities by.

    Parameters
    ----------
    names
        Masked name of each entity, by its number.
    places
        Service in which each entity of the day was most active, in the order of ``day.entity``.
    texts
        What an item's hash stands for, where it is known.
    """

    day: EntityDay
    names: Sequence[str]
    places: Sequence[Segment]
    texts: Mapping[int, str] = field(default_factory=dict)


def first_entities(day: EntityDay, limit: int) -> EntityDay:
    """Return the day of the entities below a number only."""
    count = int(np.searchsorted(day.entity, limit))
    if count == len(day.entity):
        return day
    hours = day.hours.slot < limit
    return EntityDay(
        day.start,
        day.entity[:count],
        _rows(day.items, day.items.slot < limit * len(SCOPES)),
        _rows(day.hours, hours),
        day.hour_size[hours],
        {name: values[:count] for name, values in day.numbers.items()},
    )


def _rows(window: Occurrences, keep: NDArray[np.bool_]) -> Occurrences:
    return Occurrences(window.start, window.width, window.slot[keep], window.item[keep], window.count[keep])
