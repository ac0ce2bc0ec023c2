"""Events of users and other entities → what each did on each day: items, hours, volumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.bytes import MIX1, MIX2
from vedette.records.day import ACTION_KINDS, SCOPES, EntityDay, kinds_of
from vedette.records.observation import Occurrences
from vedette.records.time import SECOND

DAY: Final = 86_400.0
HOP: Final = 2 * 3600.0
"""Seconds within which nobody gets to another country: less than a flight with the ways to and from it."""
FASTEST: Final = 1000.0 / 3600.0
"""Kilometers a second beyond which nobody travels: an airliner's speed."""
NEAR: Final = 200.0
"""Kilometers that looking up an address may be wrong by."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Events:
    """Columns of events, in order of time.

    ``items`` has 64-bit hashes by name of `ATTRIBUTES`, 0 for null; absent attributes are left out. ``entity``
    numbers entities in order of first occurrence; ``latitude, longitude`` are degrees, NaN where unknown. A row may
    stand for ``times`` events of the same hour, with the sum of their sizes; without it, for one.
    """

    seconds: Floats
    entity: NDArray[np.int64]
    items: Mapping[str, NDArray[np.uint64]]
    size: Floats
    failed: NDArray[np.bool_]
    latitude: Floats
    longitude: Floats
    times: Floats | None = None

    @property
    def weight(self) -> Floats:
        """Events behind each row."""
        return np.ones(len(self.seconds)) if self.times is None else self.times


def entity_days(events: Events) -> Iterator[EntityDay]:
    """Yield the days on which anything happened, in their order.

    Cost: 0.5 µs an event and attribute, for sorting; memory of one day beside the events.
    """
    edges = np.flatnonzero(np.diff(events.seconds // DAY, prepend=-1.0, append=np.inf))
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        yield _one_day(_sliced(events, first, last))


def _sliced(events: Events, first: int, last: int) -> Events:
    part = slice(first, last)
    return Events(
        events.seconds[part],
        events.entity[part],
        {name: column[part] for name, column in events.items.items()},
        events.size[part],
        events.failed[part],
        events.latitude[part],
        events.longitude[part],
        None if events.times is None else events.times[part],
    )


def _one_day(events: Events) -> EntityDay:
    start = float(events.seconds[0] // DAY * DAY)
    active, row = np.unique(events.entity, return_inverse=True)
    times = events.weight
    numbers: dict[str, Floats] = {
        "events": np.bincount(row, times).astype(np.float64),
        "bytes": np.bincount(row, events.size).astype(np.float64),
        "failures": np.bincount(row, events.failed * times).astype(np.float64),
        "jumps": np.bincount(row, _jumps(events)).astype(np.float64),
    }
    if "action" in events.items:
        kind = kinds_of(events.items["action"])
        for number in range(ACTION_KINDS):
            numbers[f"action {number}"] = np.bincount(row, (kind == number) * times).astype(np.float64)
    slots, items, counts = [], [], []
    for number, name in enumerate(SCOPES):
        item = _items_of(events, name)
        if item is None:
            continue
        given = np.flatnonzero(item != 0)
        entity, value, count = _grouped(events.entity[given], item[given], times[given])
        slots.append(entity * len(SCOPES) + number)
        items.append(value)
        counts.append(count)
        if name in ("host", "resource"):
            numbers[f"{name}s"] = np.bincount(np.searchsorted(active, entity), minlength=len(active)).astype(np.float64)
    hour = ((events.seconds // DAY + 3) % 7 * 24 + events.seconds % DAY // 3600).astype(np.int64)
    at, place = np.unique(events.entity * 168 + hour, return_inverse=True)
    hours = _window(start, at // 168, (at % 168).astype(np.uint64), np.bincount(place, times).astype(np.float64))
    if slots:
        held = _window(start, np.concatenate(slots), np.concatenate(items), np.concatenate(counts))
    else:
        held = _window(start, np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0))
    return EntityDay(start, active, held, hours, np.bincount(place, events.size).astype(np.float64), numbers)


def _window(start: float, slot: NDArray[np.int64], item: NDArray[np.uint64], count: Floats) -> Occurrences:
    return Occurrences(
        int(start) * SECOND, int(DAY) * SECOND, slot.astype(np.int32), item.astype(np.uint64), count.astype(np.int64)
    )


def _items_of(events: Events, name: str) -> NDArray[np.uint64] | None:
    one, _, other = name.partition("–")
    if not other:
        return events.items.get(one)
    if one not in events.items or other not in events.items:
        return None
    left, right = events.items[one], events.items[other]
    pair = (left * np.uint64(MIX1)) ^ (right * np.uint64(MIX2)) | np.uint64(1)
    return np.where((left == 0) | (right == 0), np.uint64(0), pair)


def _grouped(
    entity: NDArray[np.int64], item: NDArray[np.uint64], times: Floats
) -> tuple[NDArray[np.int64], NDArray[np.uint64], Floats]:
    order = np.lexsort((item, entity))
    entity, item, times = entity[order], item[order], times[order]
    new = np.ones(len(entity), np.bool_)
    new[1:] = (entity[1:] != entity[:-1]) | (item[1:] != item[:-1])
    begins = np.flatnonzero(new)
    return entity[begins], item[begins], np.add.reduceat(times, begins) if len(begins) else np.zeros(0)


def _jumps(events: Events) -> Floats:
    """Return 1 for each event that its entity can't have traveled to since its last: by distance, else by country."""
    count = len(events.seconds)
    jumps = np.zeros(count)
    country = events.items.get("country", np.zeros(count, np.uint64))
    order = np.lexsort((events.seconds, events.entity))
    order = order[(country[order] != 0) | ~np.isnan(events.latitude[order])]
    one, other = order[:-1], order[1:]
    gap = events.seconds[other] - events.seconds[one]
    far = distance(events.latitude[one], events.longitude[one], events.latitude[other], events.longitude[other])
    by_country = (country[one] != country[other]) & (country[one] != 0) & (country[other] != 0) & (gap < HOP)
    jumped = np.where(np.isnan(far), by_country, (far > NEAR) & (far > FASTEST * gap))
    jumps[other] = jumped & (events.entity[one] == events.entity[other])
    return jumps


def distance(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Return kilometers between places on a sphere, in degrees (haversine).

    >>> float(distance(np.array([52.5]), np.array([13.4]), np.array([48.9]), np.array([2.4]))[0].round())
    871.0
    """
    a, b, c, d = (np.radians(degrees) for degrees in (lat1, lon1, lat2, lon2))
    half = np.sin((c - a) / 2.0) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2.0) ** 2
    return np.asarray(12_742.0 * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
