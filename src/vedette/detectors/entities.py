"""Several detectors on entities' days, calibrated each, and one verdict of them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.channels import (
    ACTED,
    FEATURES,
    SCALED,
    TELLING,
    busyness,
    common,
    series_of,
)
from vedette.detectors.groups import Groups
from vedette.detectors.holders import HELD, UNUSUAL, Holders
from vedette.detectors.hours import Hours
from vedette.detectors.jury import FALSE_FINDINGS, OFF_HOURS, Jury, blind, with_blind
from vedette.detectors.peers import Peers
from vedette.detectors.reasons import Facts
from vedette.errors import StateCorrupt
from vedette.records.day import SCOPES, EntityDay, Verdicts, first_entities
from vedette.records.observation import Measures, Occurrences, Scope
from vedette.records.score import State
from vedette.records.segment import Segment
from vedette.state.tree import Tree

Floats = NDArray[np.float64]

VERSION: Final = 2
OLDER: Final = (1,)
"""Versions that can be gone on from: `vedette.detectors.jury` says what is left out."""

SHARED: Final = 3
"""Entities that get an item on one day beyond which it is a rollout, not a surprise; or 1 % of those active."""
ROLLOUT: Final = 0.25
"""Share of the entities active on a day, and `SHARED` of them at least, whose new item is nobody's news: a release."""
MOST_ENTITIES: Final = 1 << 16
"""Entities judged: a large organization's people, accounts and hosts, in 240 MB."""
REGROUP: Final = 7
"""Days after which peers are sought anew."""


class EntityWatch:
    """The banks of all entities.

    Notes
    -----
    Each channel's surprise is calibrated on the past of all entities, since a single one has too few days; so is the
    what each family of channels says together, and the sum of what exceeds one decade in each family. So channels that
    are often odd count little, and of many that tell of the same thing none counts twice. What everybody does is odd of
    nobody: a number is held against how much more of it the middle entity has today (`common`), and an item that a
    quarter of them got today is a release.

    Parameters
    ----------
    groups
        Whose peers each entity's are, by entity number; without it, or with one name only, peers are learned.
    limit
        Entities judged, those that came first; the others' days are counted in `blind`.
    false_findings
        Bearable false findings a day.

    Cost: 3.5 KB an entity beside its items; 25 µs an entity-day.
    """

    def __init__(
        self, groups: Sequence[str] | None = None, limit: int = MOST_ENTITIES, false_findings: float = FALSE_FINDINGS
    ) -> None:
        self._groups = groups
        self._limit = limit
        self.blind = 0
        """Entity-days that were not judged because the limit was reached."""
        self._size = 0
        self._learned = Groups() if groups is None or len(set(groups)) <= 1 else None
        self._days_taken = 0
        self._holders, self._hours, self._peers = Holders(), Hours(), Peers()
        self._jury = Jury(false_findings)
        self._label = np.zeros(0, np.int64)

    def take(self, day: EntityDay) -> Verdicts:
        """Judge a day by those before it, then learn it; entities beyond the limit are BLIND."""
        known = first_entities(day, self._limit)
        refused = day.entity[len(known.entity) :]
        self.blind += len(refused)
        if not len(known.entity):
            return blind(day.start, refused)
        return with_blind(self._taken(known), refused)

    def _taken(self, day: EntityDay) -> Verdicts:
        self._grow(int(day.entity.max()) + 1)
        items = self._holders.score(day.items)
        strata = self._holders.strata(day.items)
        hours = self._hours.score(day.hours)
        times = self._takers(day.items, strata)
        values = self._values(day, strata, times, hours.surprise)
        usual = self._peers.score(self._measures(day, values))
        expected = usual.expected.reshape(values.shape)
        own = values.copy()
        own[:, SCALED] /= busyness(values[:, ACTED], expected[:, ACTED])[:, None]
        lift = common(own, expected)
        numbers = np.stack([values, lift * expected, lift * usual.upper.reshape(values.shape)])
        measures = self._measures(day, own)
        odd = self._peers.score(self._measures(day, own / lift))
        shape = (len(day.entity), len(FEATURES))
        ready = odd.state.reshape(shape)[:, 0] == State.READY
        newness = items.surprise / np.where(times > self._few, 3.0, 1.0) * ~self._rolled_out(day, times)
        first = self._firsts(day, newness)
        hour = np.zeros(len(day.entity))
        np.maximum.at(hour, np.searchsorted(day.entity, day.hours.slot), hours.surprise)
        surprise = np.concatenate([odd.surprise.reshape(shape), first, hour[:, None]], axis=1)
        verdicts = self._jury.judge(day, surprise, ready, self._label, Facts(numbers, newness, hours.surprise))
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
        return self._holders.nbytes + self._hours.nbytes + self._peers.nbytes + self._jury.nbytes

    def _grow(self, size: int) -> None:
        new = range(self._size, size)
        groups = ["entity"] * size if self._groups is None else self._groups
        segments = [Segment("", groups[entity], str(entity)) for entity in new]
        self._holders.grow([Scope(segment, name) for segment in segments for name in SCOPES])
        self._hours.grow([Scope(segment, "hour") for segment in segments])
        self._peers.grow([series_of(segment, name) for segment in segments for name in FEATURES])
        count = max(size - self._size, 0)
        if self._learned is not None:
            self._learned.grow(count)
        self._jury.grow(count)
        self._label = np.concatenate([self._label, np.zeros(count, np.int64)])
        self._size = max(size, self._size)

    def _takers(self, items: Occurrences, strata: NDArray[np.int8]) -> NDArray[np.int64]:
        """Return how many entities got each row's item on this same day."""
        kind = items.item ^ (items.slot % len(SCOPES)).astype(np.uint64)
        found, place = np.unique(kind, return_inverse=True)
        return np.bincount(place, strata != HELD, len(found)).astype(np.int64)[place]

    @property
    def _few(self) -> float:
        """How many entities may get an item on one day before it is less of a surprise."""
        return max(SHARED, 0.01 * self._size)

    def _rolled_out(self, day: EntityDay, times: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which rows are of items that so many got today that they are nobody's news."""
        return np.asarray(times > max(SHARED, ROLLOUT * len(day.entity)))

    def _values(self, day: EntityDay, strata: NDArray[np.int8], times: NDArray[np.int64], hours: Floats) -> Floats:
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
        rare = (strata >= UNUSUAL) & (times <= self._few)
        own = (strata != HELD) & ~self._rolled_out(day, times)
        for number, name in enumerate(SCOPES):
            here = scope == number
            numbers[f"new {name}"] = np.bincount(who[here], own[here], count)
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

    def snapshot(self) -> Tree:
        """Return the whole state; later learning does not change it."""
        return {
            "version": VERSION,
            "size": self._size,
            "blind": self.blind,
            "days": self._days_taken,
            "label": self._label.copy(),
            "learned": None if self._learned is None else self._learned.snapshot(),
            "holders": self._holders.snapshot(),
            "hours": self._hours.snapshot(),
            "peers": self._peers.snapshot(),
            "jury": self._jury.snapshot(),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") not in (VERSION, *OLDER):
            raise StateCorrupt(f"entities state: got version {tree.get('version')!r}, expected {VERSION}")
        self._size, self.blind, self._days_taken = int(tree["size"]), int(tree["blind"]), int(tree["days"])
        self._label = np.array(tree["label"])
        if self._learned is not None:
            self._learned.restore(tree["learned"])
        self._holders.restore(tree["holders"])
        self._hours.restore(tree["hours"])
        self._peers.restore(tree["peers"])
        self._jury.restore(tree["jury"])
