"""Inferred services: what is called and sends no telemetry, as far as its callers' spans tell of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.features.closed import Row
from vedette.features.kin import Kin
from vedette.features.names import Names
from vedette.features.overrides import Overrides
from vedette.features.registry import Slots
from vedette.features.runs import ranked, runs
from vedette.features.systems import parted
from vedette.records.call import Call, way
from vedette.records.segment import Segment
from vedette.records.tier import EXTERNAL, QUEUE
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_CALLED: Final = 50
"""Inferred services that one service calls; calls to more, as of one that calls its customers' hosts, stay its own."""

NOBODY: Final = -1


class Inferred:
    """Measures the ways to databases, queues and third parties that send no spans, by their callers' spans.

    Notes
    -----
    A call counts where it says whom it calls (`vedette.features.systems`) and no service's span came below it, now or
    ever for what goes by that name: what answers with a span is measured by that. Of calls inside one another the
    outermost counts, with all of its time. What is sent to a queue counts whoever takes it out.

    **It fails** where a connection that can't be made leaves no span: then there are fewer calls, and the caller fails
    by itself; and it does not see what one query among many does that takes no twentieth of a caller's calls.

    Parameters
    ----------
    segments
        The shard's, by number.
    overrides
        What the operator says of services; inferred ones go by their names, too.
    room
        Segments beyond which none is opened.

    Cost: nothing where no call says whom it calls, else some 250 ns a span; two segments and four series a way.
    """

    def __init__(self, segments: Slots[Segment], overrides: Overrides, room: int) -> None:
        self._segments = segments
        self._overrides = overrides
        self._room = room
        self.systems = Names()
        self._speaking: set[int] = set()
        """Systems that answered with a span of their own."""
        self._ways: dict[tuple[int, int], int] = {}
        """Segment of the inferred service that a service calls by the number of a system."""
        self._called: Counter[int] = Counter()
        """Inferred services that are measured, by caller."""

    def places(self, found: Kin, callee: Ints) -> tuple[Ints, Flags]:
        """Return the inferred service that each fresh call reached, -1 for none, and which spans are within such calls.

        `callee` are the services with spans that calls reached, or would have reached.
        """
        rows = found.rows
        said = found.fresh & (rows.system >= 0)
        place = np.full(len(rows), NOBODY)
        if not said.any():
            return place, np.zeros(len(rows), np.bool_)
        queue = np.array([parted(one)[0] == QUEUE for one in self.systems.texts] + [False], np.bool_)[rows.system]
        answered = self._answered(found, callee)
        self._speaking.update(np.unique(rows.system[said & answered & ~queue]).tolist())
        speaking = np.isin(rows.system, list(self._speaking))
        chosen = said & (queue | ~(answered | speaking))
        chosen &= ~_within(found, chosen)
        place[chosen] = self._opened(rows.service[chosen], rows.system[chosen])
        return place, _within(found, place >= 0)

    def _answered(self, found: Kin, callee: Ints) -> Flags:
        """Say which spans a service's span came below, or would have: their own child, or one further down in them."""
        answered, inside = callee >= 0, _inside(found)
        answered[found.parent[found.called]] = True
        at = np.flatnonzero(answered)
        while len(at):
            above = found.parent[at[inside[at]]]
            at = above[~answered[above]]
            answered[at] = True
        return answered

    def _opened(self, service: Ints, system: Ints) -> Ints:
        """Return the segment of each pair of caller and system; new ones are opened in order of their names."""
        pairs, place = np.unique(service * len(self.systems) + system, return_inverse=True)
        known = [divmod(pair, len(self.systems)) for pair in pairs.tolist()]
        for caller, number in sorted(known, key=lambda one: (self._segments.keys[one[0]].order, self._name(one[1]))):
            if (caller, number) not in self._ways:
                self._open(caller, number)
        return np.array([self._ways.get(one, NOBODY) for one in known], np.int64)[place]

    def _open(self, caller: int, system: int) -> None:
        above = self._segments.keys[caller]
        below = self._overrides.segment(above.environment, self._name(system))
        if below is None or below == above or self._called[caller] >= MOST_CALLED:
            return
        needed = [one for one in (below, way(Call(above, below))) if one not in self._segments.numbers]
        if len(self._segments) + len(needed) > self._room:
            return
        for one in needed:
            self._segments.slot(one)
        self._called[caller] += way(Call(above, below)) in needed
        self._ways[caller, system] = self._segments.numbers[below]

    def _name(self, system: int) -> str:
        return parted(self.systems.texts[system])[1]

    def rows(self, found: Kin, place: Ints, stands_for: int) -> Iterator[Row]:
        """Yield calls, share of failed ones and times of the ways to inferred services."""
        made, size = np.flatnonzero(place >= 0), len(self._segments)
        key, seconds = found.rows.service[made] * size + place[made], (found.rows.end - found.rows.start)[made] / SECOND
        order = np.lexsort((seconds, key))
        key, seconds, failed = key[order], seconds[order], found.rows.failed[made[order]]
        for begin, end in runs(key):
            segment, count = way(self._call(int(key[begin]), size)), float(end - begin)
            yield segment, "calls", count * stands_for, count
            yield segment, "failed_calls_ratio", float(failed[begin:end].sum()) / count, count
            for feature, share in (("call_p50_seconds", 0.5), ("call_p95_seconds", 0.95)):
                yield segment, feature, ranked(seconds[begin:end], share), count

    def used(self, found: Kin, place: Ints) -> tuple[dict[Call, int], dict[Segment, str]]:
        """Return how often each way was used, and the tier of each inferred service."""
        made, size, systems = np.flatnonzero(place >= 0), len(self._segments), len(self.systems)
        ways, counts = np.unique(found.rows.service[made] * size + place[made], return_counts=True)
        tiers: dict[Segment, str] = {}
        for said in np.unique(place[made] * systems + found.rows.system[made]).tolist():
            slot, system = divmod(said, systems)
            tier, segment = parted(self.systems.texts[system])[0], self._segments.keys[slot]
            if tier != EXTERNAL or segment not in tiers:
                tiers[segment] = tier
        pairs = zip(ways.tolist(), counts.tolist(), strict=True)
        return {self._call(one, size): count for one, count in pairs}, tiers

    def _call(self, key: int, size: int) -> Call:
        caller, place = divmod(key, size)
        return Call(self._segments.keys[caller], self._segments.keys[place])

    def snapshot(self) -> Tree:
        """Return what is remembered of systems."""
        return {
            "systems": list(self.systems.texts),
            "speaking": sorted(self._speaking),
            "ways": [[*one, place] for one, place in self._ways.items()],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; an empty tree is of a release that inferred no services."""
        self.systems = Names(tree.get("systems", []))
        self._speaking = set(tree.get("speaking", []))
        self._ways = {(caller, system): place for caller, system, place in tree.get("ways", [])}
        self._called = Counter(caller for caller, _ in {(caller, place) for (caller, _), place in self._ways.items()})


def _inside(found: Kin) -> Flags:
    """Say which spans have a parent of the same service."""
    inside: Flags = (found.parent >= 0) & (found.rows.service[found.parent] == found.rows.service)
    return inside


def _within(found: Kin, chosen: Flags) -> Flags:
    """Say which spans are below a chosen one, in its service."""
    inside, within = _inside(found), np.zeros(len(found.rows), np.bool_)
    while True:
        deeper = inside & (chosen | within)[found.parent]
        if (deeper == within).all():
            return within
        within = deeper
