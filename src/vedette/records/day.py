"""One day of users and other entities: what each used, when, and how much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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

GOOD: Final = ("success", "ok", "allow", "allowed", "accepted", "true", "1")
"""What an outcome is called that is no failure."""


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
        Masked name of each entity of the day, in the order of ``day.entity``.
    places
        Service in which each was most active, in the same order.
    text
        Gives what an item's hash stands for, ``""`` if it is none of this day.
    """

    day: EntityDay
    names: Sequence[str]
    places: Sequence[Segment]
    text: Callable[[int], str]

    def segment(self, row: int) -> Segment:
        """Return what a finding about an entity of the day is about: the user, in the service it was most active in."""
        place = self.places[row]
        return Segment(place.environment, place.service, f"user {self.names[row]}")

    def events(self) -> dict[Segment, int]:
        """Return the number of events of each entity of the day."""
        counts = self.day.numbers["events"].tolist()
        return {self.segment(row): int(count) for row, count in enumerate(counts)}


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was odd of an entity's day.

    Parameters
    ----------
    channel
        Name of the number, or ``first`` and a scope for an item that was new.
    decades
        How rare it is among all entities' days, ``-log10`` of the share.
    actual, expected, upper
        The number, what the entity's past and its peers let expect, and the upper end of the band; NaN for items.
    item
        Hash of the item, or of what a counter of actions counts; the hour of the day for hours; else 0.
    decisive
        Whether the day would surely have been no alert without it: as expected, or without what was new.
    """

    channel: str
    decades: float
    actual: float
    expected: float
    upper: float
    item: int = 0
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was said of the entities of a day; ``decades`` has a column for each channel of the detector.

    ``reasons`` is given for the rows that are an alert, most telling first. ``threshold`` is the p-value from which
    they are.
    """

    start: float
    entity: NDArray[np.int64]
    score: NDArray[np.float64]
    p_value: NDArray[np.float64]
    alert: NDArray[np.int8]
    state: NDArray[np.int8]
    decades: NDArray[np.float64]
    threshold: float = 0.0
    reasons: Mapping[int, tuple[Reason, ...]] = field(default_factory=dict)


def bare(channel: str) -> str:
    """Return what a channel is about.

    >>> bare("adding up new host"), bare("first host"), bare("bytes")
    ('host', 'host', 'bytes')
    """
    name = channel.removeprefix("adding up ")
    return name.removeprefix("first ").removeprefix("new ").removeprefix("unknown ")


def kinds_of(action: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the number of the counter that counts each action, by its hash."""
    return (action >> np.uint64(40)).astype(np.int64) % ACTION_KINDS


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
