"""Which tier each service is of: as the operator says, as its telemetry says, or by the kinds of its spans."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.columns import Labels, distinct, ids, labels
from vedette.features.overrides import Overrides
from vedette.features.registry import Slots
from vedette.records import schema
from vedette.records.segment import Segment
from vedette.records.tier import BACKEND, FRONTEND, WORKER, tier_word
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

ENTERED: Final = 0.5
"""Share of a service's requests from which on it is where they enter: those that no span of another began."""

MEMORY: Final = 1 << 20
"""Spans of a service at which what was counted is halved, so that a service whose part changes is told so."""

MOST_SAID: Final = 10_000
"""Different things said in a window, by service; what is said beyond them is not heard."""

ENTRY, ANSWER, TAKE = range(3)
"""What a span is: a request that begins a trace, one that another span began, something taken from a queue."""


@dataclass(slots=True)
class Part:
    """What is known of a service: the word of its telemetry, and how many spans of each sort it had."""

    told: str = ""
    sorts: list[int] = field(default_factory=lambda: [0, 0, 0])

    @property
    def tier(self) -> str:
        """What is told, else what the spans look like; ``""`` for neither."""
        entries, answers, taken = self.sorts
        if self.told:
            return self.told
        if entries + answers:
            return FRONTEND if entries > ENTERED * (entries + answers) else BACKEND
        return WORKER if taken else ""

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
        """Return the tier of a segment's service as of the windows that are closed; ``""`` where it is not known."""
        slot = self._segments.numbers.get(segment.whole, -1)
        part = self._parts.get(slot)
        return self._overrides.tier(segment.whole) or (part.tier if part else "")

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
        whose, what = distinct((service[rows] * (len(tier.values) + 1) + tier.codes[rows] + 1) * 4 + sort[rows] + 1)
        pairs, which = distinct(when * len(whose) + what)
        for pair, count in zip(pairs.tolist(), np.bincount(which).tolist(), strict=True):
            place, one = divmod(pair, len(whose))
            said, kept = divmod(int(whose[one]), 4)
            slot, code = divmod(said, len(tier.values) + 1)
            word = tier_word(tier.values[code - 1]) if code else ""
            heard = self._waiting.setdefault(int(starts[place]), Counter())
            if len(heard) < MOST_SAID or (slot, kept - 1, word) in heard:
                heard[slot, kept - 1, word] += count

    def close(self, start: int) -> None:
        """Take in all that windows up to the one that begins at `start` brought."""
        for one in sorted(due for due in self._waiting if due <= start):
            self._learn(self._waiting.pop(one))

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
            "parts": [[slot, part.told, part.sorts] for slot, part in self._parts.items()],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; an empty tree is of a release that knew no tiers."""
        self._waiting = {
            start: Counter({(slot, sort, word): count for slot, sort, word, count in rows})
            for start, rows in tree.get("waiting", [])
        }
        self._parts = {slot: Part(told, list(sorts)) for slot, told, sorts in tree.get("parts", [])}


def _sorts(columns: pa.RecordBatch, kind: Labels) -> Ints:
    """Return what each span is; -1 for what says nothing of its service."""
    below = ids(columns, schema.PARENT_SPAN_ID)[1]
    serves = np.array([value == "server" for value in kind.values] + [False], np.bool_)[kind.codes]
    takes = np.array([value == "consumer" for value in kind.values] + [False], np.bool_)[kind.codes]
    return np.where(serves, np.where(below, ANSWER, ENTRY), np.where(takes, TAKE, -1))
