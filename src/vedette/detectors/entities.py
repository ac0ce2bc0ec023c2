"""Several detectors on entities' days, calibrated each, and one verdict of them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.channels import (
    ACTED,
    ADDED_UP,
    CHANNELS,
    FAMILIES,
    FEATURES,
    SCALED,
    TELLING,
    busyness,
    series_of,
)
from vedette.detectors.groups import Groups
from vedette.detectors.holders import HELD, UNUSUAL, Holders
from vedette.detectors.hours import Hours
from vedette.detectors.peers import Peers
from vedette.records.day import SCOPES, EntityDay, first_entities
from vedette.records.observation import Measures, Occurrences, Scope
from vedette.records.score import State
from vedette.records.segment import Segment
from vedette.stats.tail import TailBank

Floats = NDArray[np.float64]

DAY: Final = 86_400.0

OFF_HOURS: Final = 1.3
"""Decades from which an hour is off an entity's hours: it works in one such of twenty."""
SHARED: Final = 3
"""Entities that get an item on one day beyond which it is a rollout, not a surprise; or 1 % of those active."""
OFTEN: Final = 0.5
"""Share of days on which someone who takes things bit by bit is odd: every other day, or night."""
LEAST_RATE, MOST_RATE = 0.01, 0.45
"""Bounds of the share of days on which an entity is odd anyway."""
KNOWN: Final = 5.0
"""Days after which an entity's own share counts as much as everyone's."""
ODD: Final = 1.0
"""Decades from which a day counts as odd in a channel: one day in ten."""
WORTH: Final = 1.0
"""Decades of a family below which it says nothing: one day in ten. Of 0.7, 1 and 1.5, on the organizations of seeds
1 to 6, with 108 insertions: 89, 89, 84 % found."""
MOST_ENTITIES: Final = 1 << 16
"""Entities judged: a large organization's people, accounts and hosts, in 240 MB."""
REGROUP: Final = 7
"""Days after which peers are sought anew."""
FALSE_FINDINGS: Final = 1.0
"""Bearable false findings a day."""
HOLD: Final = 3.0
"""Days without another finding that end an episode."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What was said of the entities of a day; ``decades`` has a column for each of `CHANNELS`."""

    start: float
    entity: NDArray[np.int64]
    score: Floats
    p_value: Floats
    alert: NDArray[np.int8]
    state: NDArray[np.int8]
    decades: Floats


class EntityWatch:
    """The banks of all entities.

    Notes
    -----
    Each channel's surprise is calibrated on the past of all entities, since a single one has too few days; so is the
    greatest of each family of channels, and the sum of what exceeds one decade in each family. So channels that are
    often odd count little, and many that tell of the same thing no more than one.

    Parameters
    ----------
    groups
        Whose peers each entity's are, by entity number; of one name, peers are learned.
    limit
        Entities judged, those that came first; the others' days are counted in `blind`.

    Cost: 3.5 KB an entity beside its items; 25 µs an entity-day.
    """

    def __init__(self, groups: Sequence[str], limit: int = MOST_ENTITIES) -> None:
        self._groups = groups
        self._limit = limit
        self.blind = 0
        """Entity-days that were not judged because the limit was reached."""
        self._size = 0
        self._learned = Groups() if len(set(groups)) <= 1 else None
        self._days_taken = 0
        self._holders, self._hours, self._peers = Holders(), Hours(), Peers()
        self._channels, self._families, self._whole = TailBank(), TailBank(), TailBank()
        self._families.grow(len(FAMILIES))
        self._channels.grow(len(CHANNELS))
        self._whole.grow(1)
        self._sums = np.zeros((0, len(ADDED_UP)))
        self._odd = np.zeros((0, len(ADDED_UP)))
        self._days = np.zeros(0)
        self._label = np.zeros(0, np.int64)
        self._told = np.zeros(0)

    def take(self, day: EntityDay) -> Verdicts:
        """Judge a day by those before it, then learn it; entities beyond the limit are BLIND."""
        known = first_entities(day, self._limit)
        refused = day.entity[len(known.entity) :]
        self.blind += len(refused)
        if not len(known.entity):
            return _blind(day.start, refused)
        return _with(self._taken(known), _blind(day.start, refused))

    def _taken(self, day: EntityDay) -> Verdicts:
        self._grow(int(day.entity.max()) + 1)
        items = self._holders.score(day.items)
        strata = self._holders.strata(day.items)
        hours = self._hours.score(day.hours)
        values = self._values(day, strata, hours.surprise)
        expected = self._peers.score(self._measures(day, values)).expected.reshape(values.shape)
        values[:, SCALED] /= busyness(values[:, ACTED], expected[:, ACTED])[:, None]
        measures = self._measures(day, values)
        odd = self._peers.score(measures)
        shape = (len(day.entity), len(FEATURES))
        ready = odd.state.reshape(shape)[:, 0] == State.READY
        first = self._firsts(day, items.surprise / np.where(self._shared(day.items, strata), 3.0, 1.0))
        hour = np.zeros(len(day.entity))
        np.maximum.at(hour, np.searchsorted(day.entity, day.hours.slot), hours.surprise)
        surprise = np.concatenate([odd.surprise.reshape(shape), first, hour[:, None]], axis=1)
        verdicts = self._judge(day, surprise, ready)
        self._holders.learn(day.items, items.surprise)
        self._hours.learn(day.hours, hours.surprise)
        self._peers.learn(measures, odd.surprise)
        self._regroup(day)
        return verdicts

    def _regroup(self, day: EntityDay) -> None:
        """Learn who is like whom, and once a week let peers be those."""
        if self._learned is None:
            return
        telling = np.isin(day.items.slot % len(SCOPES), TELLING)
        who = day.items.slot[telling] // len(SCOPES)
        hour = day.hours.item % np.uint64(24) + np.uint64(1)
        entity = np.concatenate([who, day.hours.slot]).astype(np.int64)
        self._learned.learn(entity, np.concatenate([day.items.item[telling], hour]))
        self._days_taken += 1
        if self._days_taken % REGROUP == 0:
            label = self._label = self._learned.labels()
            everyone = np.arange(self._size, dtype=np.int32)
            self._hours.regroup(everyone, label)
            slot = everyone[:, None] * len(FEATURES) + np.arange(len(FEATURES), dtype=np.int32)[None, :]
            group = label[:, None] * len(FEATURES) + np.arange(len(FEATURES))[None, :]
            self._peers.regroup(slot.ravel(), group.ravel())

    @property
    def nbytes(self) -> int:
        """Memory held by the banks, in bytes."""
        return self._holders.nbytes + self._hours.nbytes + self._peers.nbytes + self._channels.nbytes

    def _grow(self, size: int) -> None:
        new = range(self._size, size)
        segments = [Segment("", self._groups[entity], str(entity)) for entity in new]
        self._holders.grow([Scope(segment, name) for segment in segments for name in SCOPES])
        self._hours.grow([Scope(segment, "hour") for segment in segments])
        self._peers.grow([series_of(segment, name) for segment in segments for name in FEATURES])
        count = max(size - self._size, 0)
        if self._learned is not None:
            self._learned.grow(count)
        self._sums = np.concatenate([self._sums, np.zeros((count, len(ADDED_UP)))])
        self._odd = np.concatenate([self._odd, np.zeros((count, len(ADDED_UP)))])
        self._label = np.concatenate([self._label, np.zeros(count, np.int64)])
        self._days = np.concatenate([self._days, np.zeros(count)])
        self._told = np.concatenate([self._told, np.full(count, -np.inf)])
        self._size = max(size, self._size)

    def _shared(self, items: Occurrences, strata: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Say which rows are of items that many got on this same day."""
        kind = items.item ^ (items.slot % len(SCOPES)).astype(np.uint64)
        found, place = np.unique(kind, return_inverse=True)
        times = np.bincount(place, strata != HELD, len(found))[place]
        return np.asarray(times > max(SHARED, 0.01 * self._size))

    def _values(self, day: EntityDay, strata: NDArray[np.int8], hours: Floats) -> Floats:
        """Return the numbers of each entity, one column for each of `FEATURES`."""
        off = hours > OFF_HOURS
        at = np.searchsorted(day.entity, day.hours.slot)
        count = len(day.entity)
        numbers = {
            **day.numbers,
            "off_events": np.bincount(at, day.hours.count * off, count),
            "off_bytes": np.bincount(at, day.hour_size * off, count),
        }
        scope = day.items.slot % len(SCOPES)
        who = np.searchsorted(day.entity, day.items.slot // len(SCOPES))
        rare = (strata >= UNUSUAL) & ~self._shared(day.items, strata)
        for number, name in enumerate(SCOPES):
            here = scope == number
            numbers[f"new {name}"] = np.bincount(who[here], strata[here] != HELD, count)
            numbers[f"unknown {name}"] = np.bincount(who[here], rare[here], count)
        return np.stack([numbers.get(name, np.zeros(count)) for name in FEATURES], axis=1)

    def _measures(self, day: EntityDay, values: Floats) -> Measures:
        slot = day.entity[:, None] * len(FEATURES) + np.arange(len(FEATURES))[None, :]
        weight = np.ones(values.size)
        return Measures(day.items.start, day.items.width, slot.astype(np.int32).ravel(), values.ravel(), weight)

    def _firsts(self, day: EntityDay, surprise: Floats) -> Floats:
        """Return the greatest surprise of an entity's items in each scope."""
        found = np.zeros((len(day.entity), len(SCOPES)))
        who = np.searchsorted(day.entity, day.items.slot // len(SCOPES))
        np.maximum.at(found, (who, day.items.slot % len(SCOPES)), surprise)
        return found

    def _judge(self, day: EntityDay, surprise: Floats, ready: NDArray[np.bool_]) -> Verdicts:
        given = surprise.shape[1]
        decades = np.zeros((len(surprise), len(CHANNELS)))
        decades[:, :given] = self._calibrated(surprise, 0)
        added = [CHANNELS.index(name) for name in ADDED_UP]
        odd = decades[:, added] > ODD
        odd[:, ADDED_UP.index("hour")] = surprise[:, CHANNELS.index("hour")] > OFF_HOURS
        sums = self._added(day.entity, odd, ready) * odd
        decades[:, given:] = self._calibrated(sums, given)
        told_by = np.stack([decades[:, channels].max(axis=1) for channels in FAMILIES], axis=1)
        slot = np.broadcast_to(np.arange(len(FAMILIES), dtype=np.int32), told_by.shape)
        p_value = self._families.p_value(slot.ravel(), told_by.ravel()).reshape(told_by.shape)
        self._families.learn(slot[ready].ravel(), told_by[ready].ravel(), DAY / max(int(ready.sum()), 1))
        total = np.maximum(-np.log10(p_value) - WORTH, 0.0).sum(axis=1) * ready
        none = np.zeros(len(total), np.int32)
        p_value = self._whole.p_value(none, total)
        self._learn(np.concatenate([surprise, sums], axis=1)[ready], total[ready])
        alert = ready & (p_value * max(int(ready.sum()), 1) <= FALSE_FINDINGS)
        told = alert & (day.start - self._told[day.entity] > HOLD * DAY)
        self._told[day.entity[alert]] = day.start
        state = np.where(ready, State.READY, State.LEARNING).astype(np.int8)
        return Verdicts(
            day.start, day.entity, 1.0 - 2.0 ** (-total / 4.0), p_value, told.astype(np.int8), state, decades
        )

    def _added(self, entity: NDArray[np.int64], odd: NDArray[np.bool_], ready: NDArray[np.bool_]) -> Floats:
        """Return the evidence that odd days come more often than they did (Page's CUSUM of likelihood ratios)."""
        label = self._label[: self._size]
        odd_days = np.zeros((int(label.max()) + 1, len(ADDED_UP)))
        np.add.at(odd_days, label, self._odd)
        days = np.bincount(label, self._days)
        usual = (odd_days + 1.0) / (days[:, None] + 10.0)
        rate = (self._odd[entity] + KNOWN * usual[label[entity]]) / (self._days[entity, None] + KNOWN)
        rate = np.clip(rate, LEAST_RATE, MOST_RATE)
        step = np.where(odd, np.log10(OFTEN / rate), np.log10((1.0 - OFTEN) / (1.0 - rate)))
        sums = np.maximum(self._sums[entity] + step, 0.0) * ready[:, None]
        self._sums[entity] = sums
        self._odd[entity[ready]] += odd[ready]
        self._days[entity[ready]] += 1.0
        return np.asarray(sums)

    def _calibrated(self, surprise: Floats, channel: int) -> Floats:
        slot = np.broadcast_to(np.arange(channel, channel + surprise.shape[1]), surprise.shape)
        p_value = self._channels.p_value(slot.astype(np.int32).ravel(), surprise.ravel())
        return np.asarray(-np.log10(p_value).reshape(surprise.shape))

    def _learn(self, surprise: Floats, total: Floats) -> None:
        slot = np.broadcast_to(np.arange(surprise.shape[1], dtype=np.int32), surprise.shape)
        each = DAY / max(len(total), 1)
        self._channels.learn(slot.ravel(), surprise.ravel(), each)
        self._whole.learn(np.zeros(len(total), np.int32), total, each)


def _blind(start: float, entity: NDArray[np.int64]) -> Verdicts:
    count = len(entity)
    state = np.full(count, State.BLIND, np.int8)
    none = np.zeros((count, len(CHANNELS)))
    return Verdicts(start, entity, np.zeros(count), np.ones(count), np.zeros(count, np.int8), state, none)


def _with(one: Verdicts, other: Verdicts) -> Verdicts:
    names = [field.name for field in fields(Verdicts)[1:]]
    return Verdicts(one.start, *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))
