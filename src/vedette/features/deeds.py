"""What users did on the day that is still open: rows of one hour each, whoever's and whatever they touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.columns import labels, numbers
from vedette.features.entities import DAY, Events, entity_days
from vedette.features.names import stable_hash
from vedette.features.registry import Slots
from vedette.kernels.bytes import MIX1, MIX2
from vedette.kernels.ints import distinct
from vedette.records import schema
from vedette.records.day import ATTRIBUTES, GOOD, Roll
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

MOST_ROWS: Final = 1 << 17
"""Different deeds of a day that are held: 14 MB. Later ones that differ from all of them are counted only."""
MOST_TEXTS: Final = 20_000
"""Names of a day's hosts, files and so on that are held, so that a finding can say what was new."""
HOUR: Final = 3600 * SECOND
DAY_NS: Final = int(DAY) * SECOND

COLUMNS: Final = {
    "host": (schema.HOST,),
    "country": (schema.COUNTRY,),
    "client": (schema.CLIENT,),
    "action": (schema.ACTION, schema.METHOD),
    "resource": (schema.RESOURCE, schema.PATH),
    "process": (schema.PROCESS,),
}
"""Where each attribute stands; of several columns, the first that says something."""

_HOUR, _ENTITY, _SEGMENT, _FAILED, _ITEMS = 0, 1, 2, 3, 4
_WIDTH: Final = _ITEMS + len(ATTRIBUTES)


@dataclass(slots=True)
class OpenDay:
    """Rows of a day: what stands for a deed, how often it was done, and bytes in all."""

    rows: Words = field(default_factory=lambda: np.zeros((64, _WIDTH), np.uint64))
    sums: Floats = field(default_factory=lambda: np.zeros((64, 2)))
    places: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    def add(self, keys: Words, rows: Words, sums: Floats) -> int:
        """Take in deeds, each once; return the number of events that found no place."""
        lost = 0
        at = np.empty(len(keys), np.int64)
        for place, key in enumerate(keys.tolist()):
            known = self.places.get(key, -1)
            if known < 0 and len(self.places) < MOST_ROWS:
                known = self.places[key] = len(self.places)
            elif known < 0:
                lost += int(sums[place, 0])
            at[place] = known
        size = len(self.places)
        if size > len(self.rows):
            more = max(size, 2 * len(self.rows)) - len(self.rows)
            self.rows = np.concatenate([self.rows, np.zeros((more, _WIDTH), np.uint64)])
            self.sums = np.concatenate([self.sums, np.zeros((more, 2))])
        held = at >= 0
        self.rows[at[held]] = rows[held]
        self.sums[at[held]] += sums[held]
        return lost

    def note(self, item: int, text: str) -> None:
        """Remember what an item's hash stands for."""
        if len(self.texts) < MOST_TEXTS:
            self.texts[item] = text


class Deeds:
    """The open days of users, by name of user.

    Days are those of UTC and close with the first window that ends with them or later. What is held does not depend
    on how the stream was cut.

    Parameters
    ----------
    segments
        The shard's segments, by number.
    most_entities
        Users watched, those that came first; others' events are counted in `blind`.
    """

    def __init__(self, segments: Slots[Segment], most_entities: int) -> None:
        self._segments = segments
        self._entities: Slots[str] = Slots(most_entities)
        self._days: dict[int, OpenDay] = {}
        self.blind = 0
        """Events of users beyond the limit, and of deeds beyond `MOST_ROWS` a day."""

    def take(self, columns: pa.RecordBatch, stamps: Ints, service: Ints) -> None:
        """Take in events; `service` is the number of each row's segment, -1 for none."""
        user = labels(columns, schema.USER)
        if not user.values:
            return
        named = [number for number, name in enumerate(user.values) if name]
        inside = np.flatnonzero(np.isin(user.codes, named) & (service >= 0))
        if not len(inside):
            return
        whose, place = distinct(user.codes[inside])
        slots = np.array([self._entities.slot(user.values[code]) for code in user.codes[inside[whose]].tolist()])
        entity = slots[place]
        known = entity >= 0
        self.blind += int(len(known) - known.sum())
        inside, entity = inside[known], entity[known]
        columns = columns.take(pa.array(inside))
        start = stamps[inside] // DAY_NS * DAY_NS
        for day in np.unique(start).tolist():
            rows = np.flatnonzero(start == day)
            part = columns if len(rows) == len(start) else columns.take(pa.array(rows))
            self._add(day, part, stamps[inside[rows]], entity[rows], service[inside[rows]])

    def _add(self, day: int, columns: pa.RecordBatch, stamps: Ints, entity: Ints, service: Ints) -> None:
        held = self._days.setdefault(day, OpenDay())
        rows = np.zeros((len(stamps), _WIDTH), np.uint64)
        rows[:, _HOUR] = stamps // HOUR
        rows[:, _ENTITY], rows[:, _SEGMENT], rows[:, _FAILED] = entity, service, failures(columns)
        for number, name in enumerate(ATTRIBUTES):
            rows[:, _ITEMS + number] = self._services(service) if name == "service" else _items(columns, name, held)
        size = numbers(columns, schema.RESPONSE_SIZE), numbers(columns, schema.REQUEST_SIZE)
        moved = np.maximum(np.nan_to_num(size[0]), 0.0) + np.maximum(np.nan_to_num(size[1]), 0.0)
        key = np.zeros(len(stamps), np.uint64)
        for column in rows.T:
            key = (key ^ column) * np.uint64(MIX1)
            key ^= (key >> np.uint64(29)) * np.uint64(MIX2)
        first, place = distinct(key.view(np.int64))
        count, total = np.bincount(place, minlength=len(first)), np.bincount(place, moved, len(first))
        sums = np.stack([count.astype(np.float64), total], axis=1)
        self.blind += held.add(key[first], rows[first], sums)

    def _services(self, service: Ints) -> Words:
        numbers, place = np.unique(service, return_inverse=True)
        hashes = [stable_hash(str(self._segments.keys[number])) | 1 for number in numbers.tolist()]
        return np.array(hashes, np.uint64)[place]

    def close(self, end: int) -> list[Roll]:
        """Remove and return the days that are over at `end`, ns since the epoch."""
        due = sorted(day for day in self._days if day + DAY_NS <= end)
        return [self._roll(self._days.pop(day)) for day in due]

    def _roll(self, held: OpenDay) -> Roll:
        count = len(held.places)
        order = np.lexsort((np.arange(count), held.rows[:count, _HOUR]))
        rows, sums = held.rows[order], held.sums[order]
        entity = rows[:, _ENTITY].astype(np.int64)
        nowhere = np.full(count, np.nan)
        events = Events(
            rows[:, _HOUR].astype(np.float64) * 3600.0,
            entity,
            {name: rows[:, _ITEMS + number] for number, name in enumerate(ATTRIBUTES)},
            sums[:, 1],
            rows[:, _FAILED] > 0,
            nowhere,
            nowhere,
            sums[:, 0],
        )
        day = next(entity_days(events))
        return Roll(day, self._entities.keys, self._places(day.entity, rows, sums[:, 0]), held.texts)

    def _places(self, active: Ints, rows: Words, times: Floats) -> list[Segment]:
        """Return the service in which each entity was most active; of equal ones the first."""
        pair, place = np.unique(rows[:, [_ENTITY, _SEGMENT]], axis=0, return_inverse=True)
        total = np.bincount(place.ravel(), times, len(pair))
        order = np.lexsort((pair[:, 1], -total, pair[:, 0]))
        first = order[np.flatnonzero(np.diff(pair[order, 0].astype(np.int64), prepend=-1))]
        best = dict(zip(pair[first, 0].tolist(), pair[first, 1].tolist(), strict=True))
        return [self._segments.keys[best[number]] for number in active.tolist()]

    def snapshot(self) -> Tree:
        """Return the open days, and the names."""
        return {
            "entities": list(self._entities.keys),
            "blind": self.blind,
            "days": {str(start): _tree(day) for start, day in self._days.items()},
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._entities.load(tree["entities"])
        self.blind = int(tree["blind"])
        self._days = {int(start): _day(day) for start, day in tree["days"].items()}


def failures(columns: pa.RecordBatch) -> NDArray[np.bool_]:
    """Say which events failed: by status, by error, or by outcome."""
    outcome = labels(columns, schema.OUTCOME)
    bad = np.array([text.lower() not in (*GOOD, "") for text in outcome.values] + [False], np.bool_)
    failed = (numbers(columns, schema.STATUS) >= 400) | bad[outcome.codes]
    return np.asarray(failed | labels(columns, schema.ERROR_TYPE).present)


def _items(columns: pa.RecordBatch, name: str, held: OpenDay) -> Words:
    """Return the hash of each row's value of an attribute, 0 where it has none."""
    found = np.zeros(columns.num_rows, np.uint64)
    for column in reversed(COLUMNS[name]):
        shown = labels(columns, column)
        if not shown.values:
            continue
        first, place = distinct(shown.codes)
        hashes = [_hashed(shown.values, code, held) for code in shown.codes[first].tolist()]
        value = np.array(hashes, np.uint64)[place]
        found = np.where(value != 0, value, found)
    return found


def _hashed(values: Sequence[str], code: int, held: OpenDay) -> int:
    if code < 0 or not values[code]:
        return 0
    item = stable_hash(values[code]) | 1
    held.note(item, values[code])
    return item


def _tree(day: OpenDay) -> Tree:
    count = len(day.places)
    return {
        "rows": day.rows[:count].copy(),
        "sums": day.sums[:count].copy(),
        "keys": np.array(list(day.places), np.uint64),
        "texts": [[item, text] for item, text in day.texts.items()],
    }


def _day(tree: Tree) -> OpenDay:
    places = {key: place for place, key in enumerate(np.array(tree["keys"], np.uint64).tolist())}
    if not places:
        return OpenDay(texts={int(item): text for item, text in tree["texts"]})
    texts = {int(item): text for item, text in tree["texts"]}
    return OpenDay(np.array(tree["rows"], np.uint64), np.array(tree["sums"]), places, texts)
