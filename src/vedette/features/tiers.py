"""Which tier each service is of: as the operator says, as its telemetry says, or by the kinds of its spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.columns import Labels, distinct, ids, labels
from vedette.features.overrides import Overrides
from vedette.features.registry import Slots
from vedette.features.systems import system_tier
from vedette.records import schema
from vedette.records.call import call_of
from vedette.records.segment import Segment
from vedette.records.tier import BACKEND, CACHE, DATABASE, EXTERNAL, FRONTEND, QUEUE, WORKER, tier_word
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

ENTERED: Final = 0.5
"""Share of a service's requests from which on it is where they enter: those that no span of another began."""

MEMORY: Final = 1 << 20
"""Spans of a service at which what was counted is halved, so that a service whose part changes is told so."""

MOST_SAID: Final = 10_000
"""Different things said in a window, by service; what is said beyond them is not heard."""

STORES: Final = (DATABASE, CACHE, QUEUE)
SORTS: Final = 3 + len(STORES)
ENTRY, ANSWER, TAKE, STORE = range(4)
"""What a span is: a request that begins a trace, one that another span began, something taken from a queue; from
`STORE` on, in the order of `STORES`, what a database, cache or queue answers and tells of itself."""


@dataclass(slots=True)
class Part:
    """What is known of a service: the words of its telemetry and of its callers, and its spans of each sort."""

    told: str = ""
    sorts: list[int] = field(default_factory=lambda: [0] * SORTS)
    called: str = ""
    """What its callers' spans say that it is, where it sends none."""

    @property
    def tier(self) -> str:
        """What is told, else what the spans look like, else what callers say; ``""`` for nothing."""
        entries, answers, taken, *stored = self.sorts
        if self.told:
            return self.told
        if sum(stored) > entries + answers:
            return STORES[stored.index(max(stored))]
        if entries + answers:
            return FRONTEND if entries > ENTERED * (entries + answers) else BACKEND
        return WORKER if taken else self.called

    @property
    def silent(self) -> bool:
        """Say whether only its callers' spans tell of it."""
        return bool(self.called) and not self.told and not any(self.sorts)

    def add(self, sort: int, count: int) -> None:
        """Count spans of a sort."""
        self.sorts[sort] += count
        if sum(self.sorts) > MEMORY:
            self.sorts = [one // 2 for one in self.sorts]


class Tiers:
    """Follows the tiers of all services, window by window, so that they do not depend on how the stream was cut.

    Notes
    -----
    Where a service says two things in a window, the one that most records say counts.

    **It fails** where callers are not traced: what they call looks as if requests entered there.

    Parameters
    ----------
    segments
        The shard's, by number.
    overrides
        What the operator says of services.

    Cost: 35 ns a span, 2 ns for other records that say nothing of a tier; 100 bytes a service.
    """

    def __init__(self, segments: Slots[Segment], overrides: Overrides) -> None:
        self._segments = segments
        self._overrides = overrides
        self._waiting: dict[int, Counter[tuple[int, int, str]]] = {}
        """By window: records of a service that are of a sort (-1 for none) and say a tier."""
        self._parts: dict[int, Part] = {}

    def of(self, segment: Segment) -> str:
        """Return the tier of a segment's service as of the windows that are closed; ``""`` where it is not known.

        A way to an inferred service is of that one's tier: it has no segment of its own.
        """
        call = call_of(segment)
        whole = call.callee if call is not None and self.is_inferred(call.callee) else segment.whole
        return self._overrides.tier(whole) or self._part(whole).tier

    def is_inferred(self, service: Segment) -> bool:
        """Say whether a whole service is known by its callers' spans alone."""
        return self._part(service).silent

    def _part(self, service: Segment) -> Part:
        return self._parts.get(self._segments.numbers.get(service, -1), Part())

    def take(self, columns: pa.RecordBatch, window: Ints, service: Ints) -> None:
        """Take in records; `service` are numbers of segments, -1 for none."""
        tier, kind = labels(columns, schema.TIER), labels(columns, schema.SPAN_KIND)
        if not tier.values and not kind.values:
            return
        sort = _sorts(columns, kind) if kind.values else np.full(columns.num_rows, -1)
        rows = np.flatnonzero((service >= 0) & (tier.present | (sort >= 0)))
        if not len(rows):
            return
        starts, when = distinct(window[rows])
        whose, what = distinct(
            (service[rows] * (len(tier.values) + 1) + tier.codes[rows] + 1) * (SORTS + 1) + sort[rows] + 1
        )
        pairs, which = distinct(when * len(whose) + what)
        for pair, count in zip(pairs.tolist(), np.bincount(which).tolist(), strict=True):
            place, one = divmod(pair, len(whose))
            said, kept = divmod(int(whose[one]), SORTS + 1)
            slot, code = divmod(said, len(tier.values) + 1)
            word = tier_word(tier.values[code - 1]) if code else ""
            heard = self._waiting.setdefault(int(starts[place]), Counter())
            if len(heard) < MOST_SAID or (slot, kept - 1, word) in heard:
                heard[slot, kept - 1, word] += count

    def close(self, start: int) -> None:
        """Take in all that windows up to the one that begins at `start` brought."""
        for one in sorted(due for due in self._waiting if due <= start):
            self._learn(self._waiting.pop(one))

    def infer(self, called: Mapping[Segment, str]) -> None:
        """Take in what a window's calls say of services that send no telemetry: a system goes before a mere name."""
        for service, word in called.items():
            part = self._parts.setdefault(self._segments.numbers[service], Part())
            if word != EXTERNAL or not part.called:
                part.called = word

    def _learn(self, found: Counter[tuple[int, int, str]]) -> None:
        said: dict[int, Counter[str]] = {}
        for (slot, sort, word), count in sorted(found.items()):
            part = self._parts.setdefault(slot, Part())
            if sort >= 0:
                part.add(sort, count)
            if word:
                said.setdefault(slot, Counter())[word] += count
        for slot, words in said.items():
            self._parts[slot].told = max(words, key=lambda word: (words[word], word))

    def snapshot(self) -> Tree:
        """Return what is known and what waits, as JSON-able rows."""
        return {
            "waiting": [[start, [[*key, count] for key, count in one.items()]] for start, one in self._waiting.items()],
            "parts": [[slot, part.told, part.sorts, part.called] for slot, part in self._parts.items()],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; earlier releases knew no tiers, or fewer sorts of spans and no calls."""
        self._waiting = {
            start: Counter({(slot, sort, word): count for slot, sort, word, count in rows})
            for start, rows in tree.get("waiting", [])
        }
        self._parts = {
            slot: Part(told, [*sorts, *[0] * (SORTS - len(sorts))], *called)
            for slot, told, sorts, *called in tree.get("parts", [])
        }


def _sorts(columns: pa.RecordBatch, kind: Labels) -> Ints:
    """Return what each span is; -1 for what says nothing of its service."""
    below = ids(columns, schema.PARENT_SPAN_ID)[1]
    serves = np.array([value == "server" for value in kind.values] + [False], np.bool_)[kind.codes]
    takes = np.array([value == "consumer" for value in kind.values] + [False], np.bool_)[kind.codes]
    answers = np.where(below, ANSWER, ENTRY)
    database, broker = labels(columns, schema.DATABASE), labels(columns, schema.BROKER)
    for said, words in (
        (broker, [system_tier("", one) for one in broker.values]),
        (database, [system_tier(one, "") for one in database.values]),
    ):
        store = np.array([STORE + STORES.index(word) if word else -1 for word in words] + [-1])[said.codes]
        answers = np.where(store >= 0, store, answers)
    return np.where(serves, answers, np.where(takes, TAKE, -1))
