"""Spans to observations: own times and errors of operations, and calls along the ways between services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.features.callees import Callees
from vedette.features.closed import ClosedCalls, Items, Numbers, Row, items_of, numbers_from
from vedette.features.inferred import Inferred
from vedette.features.kin import Kin, kin
from vedette.features.names import Names
from vedette.features.overrides import Overrides
from vedette.features.registry import Slots
from vedette.features.runs import medians, ranked, runs
from vedette.features.spans import MOST, NONE, Held, SpanRows, joined
from vedette.records.call import Call, way
from vedette.records.observation import Scope, Series
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

LONGEST: Final = 120 * SECOND
"""Spans that last longer are not measured, and a child waits so long for its parent: most servers and clients give up
after 30 to 60 s. At least the length of a window."""


class Traces:
    """Open windows of spans, and what is remembered of who calls whom.

    A span counts in the window in which it **ends**: its children have ended and come before. It is measured only
    as part of a tree, for of a span without relatives the request tells all.

    Parameters
    ----------
    segments, series, scopes
        Of the shard.
    width
        Length of a window, ns.
    room
        Segments beyond which no operation is measured anew, so that routes find room.
    most
        Spans of one window that are held.
    overrides
        What the operator says of services.
    """

    def __init__(
        self,
        segments: Slots[Segment],
        series: Slots[Series],
        scopes: Slots[Scope],
        width: int,
        room: int,
        most: int = MOST,
        overrides: Overrides | None = None,
    ) -> None:
        self._segments, self._series, self._scopes = segments, series, scopes
        self.longest = max(LONGEST, width)
        self._patience = -(-self.longest // width) * width
        self._room = room
        self.names = Names()
        self.inferred = Inferred(segments, overrides or Overrides(), room)
        self._held = Held(most)
        self._waiting = NONE
        self._since = np.zeros(0, np.int64)
        """Window in which each waiting span ended."""
        self._callees = Callees()
        self._callers: set[tuple[int, int]] = set()
        """Operations that call others, by service and name."""
        self.unjoined = 0
        """Spans so far whose parent did not come in time."""
        self.blind = 0
        """Spans so far of operations that are too many to be measured."""

    @property
    def thinned(self) -> int:
        """Spans so far that were let go because their window had too many."""
        return self._held.thinned

    def take(self, window: Ints, rows: SpanRows) -> None:
        """Take in spans; `window` is the start of the one in which each ended."""
        self._held.add(window, rows)

    def starts(self, until: int) -> Ints:
        """Return the sorted starts of the windows up to `until` that hold spans."""
        return np.array([start for start in self._held.starts() if start <= until], np.int64)

    def close(self, open_from: int) -> tuple[Numbers, Items, ClosedCalls]:
        """Close the windows before `open_from`."""
        rows: list[tuple[int, Row]] = []
        calls: dict[int, dict[Call, int]] = {}
        events: dict[int, dict[Segment, int]] = {}
        reached: dict[int, dict[Call, int]] = {}
        tiers: dict[int, dict[Segment, str]] = {}
        for start in [start for start in self._held.starts() if start < open_from]:
            fresh, stands_for = self._held.take(start)
            calls[start], events[start] = {}, {}
            if not (len(self._waiting) or fresh.above.any() or fresh.calling.any()):
                continue  # of spans without relatives the requests tell all
            found = self._join(start, fresh)
            callee = self._callees.expected(found)
            place, within = self.inferred.places(found, callee)
            measured = [
                *self._operations(found, ~within & (place < 0)),
                *self._ways(found, np.where(place < 0, callee, -1), stands_for),
                *self.inferred.rows(found, place, stands_for),
            ]
            rows += [(start, row) for row in measured]
            calls[start] = self._used(found)
            used, tiers[start] = self.inferred.used(found, place)
            reached[start] = dict(sorted((calls[start] | used).items()))
            for segment, _, _, count in measured:
                events[start][segment] = max(events[start].get(segment, 0), int(count))
        return numbers_from(rows, self._series), self._items(calls), ClosedCalls(reached, events, tiers)

    def _join(self, start: int, fresh: SpanRows) -> Kin:
        """Join a window's spans with each other and with those that wait; keep those whose parent may still come.

        Of spans that came twice, as exporters repeat them, the first is kept.
        """
        whole = joined([self._waiting, fresh])
        since = np.append(self._since, np.full(len(fresh), start))
        _, first = np.unique(whole.key, return_index=True)
        first.sort()
        found = kin(whole.only(first), first >= len(self._since))
        lost, since = (found.rows.above != 0) & (found.parent < 0), since[first]
        patient = lost & (start - since < self._patience)
        self.unjoined += int((lost & ~patient).sum())
        self._waiting, self._since = found.rows.only(patient), since[patient]
        return found

    def _operations(self, found: Kin, local: NDArray[np.bool_]) -> Iterator[Row]:
        """Yield own times, own errors and numbers of calls of the window's operations; `local` spans call no system."""
        rows = np.flatnonzero(found.related & local & (found.callee < 0))
        self.blind += int((found.rows.name[rows] < 0).sum())
        rows = rows[found.rows.name[rows] >= 0]
        rows = rows[np.lexsort((found.own[rows], found.rows.name[rows], found.rows.service[rows]))]
        service, name = found.rows.service[rows], found.rows.name[rows]
        for begin, end in runs(service, name):
            group, count = rows[begin:end], float(end - begin)
            segment = self._operation(int(service[begin]), int(name[begin]))
            if segment is None:
                self.blind += end - begin
                continue
            for feature, share in (("own_time_p50_seconds", 0.5), ("own_time_p95_seconds", 0.95)):
                yield segment, feature, ranked(found.own[group], share), count
            yield segment, "own_error_ratio", float(found.origin[group].sum()) / count, count
            made, caller = float(found.children[group].sum()), (int(service[begin]), int(name[begin]))
            if made:
                self._callers.add(caller)
            if caller in self._callers:
                yield segment, "calls_mean", made / count, count

    def _operation(self, service: int, name: int) -> Segment | None:
        """Return an operation's segment, None where there are too many."""
        whole = self._segments.keys[service]
        segment = Segment(whole.environment, whole.service, self.names.texts[name])
        if segment in self._segments.numbers or len(self._segments) < self._room:
            return segment if self._segments.slot(segment) >= 0 else None
        return None

    def _ways(self, found: Kin, callee: Ints, stands_for: int) -> Iterator[Row]:
        """Yield calls, time on the way and unanswered calls of the ways that the window's spans took."""
        called, made = found.called, np.flatnonzero(found.fresh & (callee >= 0))
        silent = made[found.callee[made] < 0]
        caller = np.concatenate([found.rows.service[found.parent[called]], found.rows.service[silent]])
        reached = np.concatenate([found.rows.service[called], callee[silent]])
        failed = made[(found.callee[made] < 0) | found.origin[made]]
        size = len(self._segments)
        ways, counts = np.unique(caller * size + reached, return_counts=True)
        lost = np.bincount(
            np.searchsorted(ways, found.rows.service[failed] * size + callee[failed]), minlength=len(ways)
        )
        answered = made[found.callee[made] >= 0]
        times = medians(found.rows.service[answered] * size + callee[answered], found.own[answered])
        for key, count, without in zip(ways.tolist(), counts.tolist(), lost.tolist(), strict=True):
            segment = self._way(*divmod(key, size))
            if segment is None:
                self.blind += count
                continue
            yield segment, "calls", float(count * stands_for), float(count)
            yield segment, "unanswered_ratio", without / count, float(count)
            if key in times:
                yield segment, "way_p50_seconds", *times[key]

    def _way(self, caller: int, callee: int) -> Segment | None:
        ends = Call(self._segments.keys[caller], self._segments.keys[callee])
        return way(ends) if self._segments.slot(way(ends)) >= 0 else None

    def _items(self, calls: dict[int, dict[Call, int]]) -> Items:
        """Return whom each service called."""
        return items_of(
            (
                (start, Scope(call.caller, "callee"), stable_hash(call.callee.service), count)
                for start, ways in calls.items()
                for call, count in ways.items()
            ),
            self._scopes,
        )

    def _used(self, found: Kin) -> dict[Call, int]:
        """Return how often somebody answered on each way."""
        keys, size = self._segments.keys, len(self._segments)
        caller, callee = found.rows.service[found.parent[found.called]], found.rows.service[found.called]
        ways, counts = np.unique(caller * size + callee, return_counts=True)
        used = {
            Call(keys[way // size], keys[way % size]): count
            for way, count in zip(ways.tolist(), counts.tolist(), strict=True)
        }
        return dict(sorted(used.items()))

    def snapshot(self) -> Tree:
        """Return the spans that are held, and what is remembered of operations."""
        return {
            "names": list(self.names.texts),
            "held": self._held.snapshot(),
            "waiting": self._waiting.tree(),
            "since": self._since.copy(),
            "targets": self._callees.snapshot(),
            "callers": sorted(list(one) for one in self._callers),
            "inferred": self.inferred.snapshot(),
            "unjoined": self.unjoined,
            "blind": self.blind,
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self.names = Names(tree["names"])
        self._held.restore(tree["held"])
        self._waiting, self._since = SpanRows.of(tree["waiting"]), np.array(tree["since"])
        self._callees.restore(tree["targets"])
        self._callers = {(service, name) for service, name in tree["callers"]}
        self.inferred.restore(tree.get("inferred", {}))
        self.unjoined, self.blind = int(tree["unjoined"]), int(tree["blind"])
