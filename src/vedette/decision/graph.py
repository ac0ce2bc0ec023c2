"""Who calls whom, as learned from spans: what trouble of one service means for others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vedette.records.call import Call
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.tree import Tree

MEMORY: Final = 86_400 * SECOND
"""A way that was not used for a day is forgotten: a daily job is not."""

MOST: Final = 1 << 14
"""Ways that are remembered; more are not learned until others are forgotten."""


class CallGraph:
    """The ways between whole services that were used of late.

    Examples
    --------
    >>> web, cart, stock = (Segment("", name, "") for name in ("web", "cart", "stock"))
    >>> graph = CallGraph()
    >>> graph.learn(0, [Call(web, cart), Call(cart, stock)])
    >>> graph.path(web, stock) == (web, cart, stock), graph.related(stock, web)
    (True, True)
    """

    def __init__(self) -> None:
        self._seen: dict[Call, int] = {}
        self._callees: dict[Segment, list[Segment]] = {}
        self._below: dict[Segment, frozenset[Segment]] = {}

    def learn(self, start: int, calls: Iterable[Call]) -> None:
        """Take in the ways used in a window that begins at `start`, ns."""
        fresh = {call: start for call in calls if call in self._seen or len(self._seen) < MOST}
        known = len(self._seen)
        self._seen |= fresh
        stale = [call for call, seen in self._seen.items() if start - seen > MEMORY]
        for call in stale:
            del self._seen[call]
        if stale or len(self._seen) != known:
            self._index()

    def below(self, service: Segment) -> frozenset[Segment]:
        """Return a service and all that it calls, directly or not."""
        found = self._below.get(service)
        if found is None:
            reached, todo = {service}, [service]
            while todo:
                more = [callee for callee in self._callees.get(todo.pop(), ()) if callee not in reached]
                reached |= set(more)
                todo += more
            found = self._below[service] = frozenset(reached)
        return found

    def related(self, one: Segment, other: Segment) -> bool:
        """Say whether a cause may lie below both: the one calls the other, or both call a third."""
        return one == other or bool(self.below(one) & self.below(other))

    def path(self, above: Segment, below: Segment) -> tuple[Segment, ...]:
        """Return the services on a shortest way down, both ends included; empty where there is none."""
        paths: list[tuple[Segment, ...]] = [(above,)]
        met = {above}
        for path in paths:
            if path[-1] == below:
                return path
            more = [callee for callee in self._callees.get(path[-1], ()) if callee not in met]
            met |= set(more)
            paths += [(*path, callee) for callee in more]
        return ()

    def _index(self) -> None:
        self._callees, self._below = {}, {}
        for call in sorted(self._seen):
            self._callees.setdefault(call.caller, []).append(call.callee)

    def snapshot(self) -> Tree:
        """Return the ways as JSON-able rows."""
        return {"ways": [[*call.caller.order, *call.callee.order, seen] for call, seen in self._seen.items()]}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._seen = {Call(Segment(*row[:3]), Segment(*row[3:6])): row[6] for row in tree["ways"]}
        self._index()
