"""Why an entity's day is odd: the channels that say most, as numbers and items that can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.channels import CHANNELS, FAMILIES, FEATURES
from vedette.records.day import SCOPES, EntityDay, Reason, bare, kinds_of

Floats = NDArray[np.float64]

SHOWN: Final = 4
"""Reasons given, of different families."""
TOLD: Final = 0.7
"""Decades from which a channel counts in its family, and is given as a reason: one day in five."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What reasons are told with: values, expected ones and upper bounds by feature; each item's and hour's newness."""

    numbers: Floats
    newness: Floats
    hours: Floats


def about(channel: str) -> NDArray[np.bool_]:
    """Return which channels are about the same as one: the number itself, what is new of a kind, and what adds up."""
    name = bare(channel)
    return np.array([bare(one) == name for one in CHANNELS])


def reasons_of(day: EntityDay, row: int, decades: Floats, facts: Facts) -> tuple[Reason, ...]:
    """Return the channel of each family that says most of a row, most telling first; about the same thing only one."""
    best = [max(family, key=lambda k: (decades[k], -k)) for family in FAMILIES]
    said = sorted((k for k in best if decades[k] >= TOLD), key=lambda k: (-decades[k], k))
    once = {bare(CHANNELS[k]): k for k in reversed(said)}
    shown = [k for k in said if once[bare(CHANNELS[k])] == k]
    return tuple(_reason(day, row, k, float(decades[k]), facts) for k in shown[:SHOWN])


def _reason(day: EntityDay, row: int, channel: int, decades: float, facts: Facts) -> Reason:
    name = CHANNELS[channel]
    first = name.removeprefix("first ")
    if first != name:
        scope = int(day.entity[row]) * len(SCOPES) + SCOPES.index(first)
        mine = np.flatnonzero(day.items.slot == scope)
        item = int(day.items.item[mine[np.argmax(facts.newness[mine])]])
        return Reason(name, decades, 1.0, float("nan"), float("nan"), item)
    number = name.removeprefix("adding up ")
    if number == "hour":
        mine = np.flatnonzero(day.hours.slot == int(day.entity[row]))
        hour = int(day.hours.item[mine[np.argmax(facts.hours[mine])]])
        return Reason(name, decades, 1.0, float("nan"), float("nan"), hour % 24)
    actual, expected, upper = (float(value) for value in facts.numbers[:, row, FEATURES.index(number)])
    return Reason(name, decades, actual, expected, upper, _action(day, row, number))


def _action(day: EntityDay, row: int, number: str) -> int:
    """Return the hash of the most frequent action that a counter of actions counts; 0 for other numbers."""
    if not number.startswith("action "):
        return 0
    scope = int(day.entity[row]) * len(SCOPES) + SCOPES.index("action")
    mine = np.flatnonzero(day.items.slot == scope)
    mine = mine[kinds_of(day.items.item[mine]) == int(number.removeprefix("action "))]
    return int(day.items.item[mine[np.argmax(day.items.count[mine])]]) if len(mine) else 0
