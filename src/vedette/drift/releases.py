"""`releases`: does a service do other things than before, for everybody?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.records.drift import Change
from vedette.records.observation import Measures, Quantity, Scope, Series
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window
from vedette.state.tree import Tree

Floats = NDArray[np.float64]

VERSION: Final = 1

MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

NEW: Final = 2.0
"""Decades of surprise from which on an item is new: one in a hundred at most was to be expected."""
MEMORY: Final = 30 * MINUTE
"""Time over which the share of new requests is taken."""
SHARE: Final = 0.1
"""Of a service's requests that must be new. A page more is told as a new endpoint; a release moves the traffic."""
LEAST: Final = 50.0
"""Requests within `MEMORY`, fading, of which a share is asked."""
LASTS: Final = 20 * MINUTE
"""Time for which it must be so: a deploy that is rolled back at once is none."""
BROAD: Final = 0.5
"""Different clients a request of what is new, as a share of that of the service: few clients are no release."""
GONE: Final = 0.01
"""Share of new requests below which what began is over."""

LOOK: Final = 30 * MINUTE
"""Time after which numbers are looked at and learned anew, again and again until nothing is left to learn."""
CALM: Final = 2
"""Looks in a row without anything to learn anew, after which the models have settled."""
OUTSIDE: Final = 0.5
"""Share of a look's windows that a number must lie outside its band to be learned anew."""
LEAST_WINDOWS: Final = 5

MOST_ITEMS: Final = 200
"""New items remembered of a scope, for a day."""
NAMED: Final = 8

ENDPOINT: Final = "endpoint"
SHAPE: Final = "request_shape"
FAILURES: Final = ("error_ratio", "denied_ratio", "missing_ratio")
ODD: Final = 3.0
"""Decades of surprise from which on a service fails more than usual."""
_REQUESTS, _CLIENTS, _FAILURES = 0, 1, 2
_ROLES: Final = {"requests": _REQUESTS, "clients": _CLIENTS, **dict.fromkeys(FAILURES, _FAILURES)}


@dataclass(slots=True)
class Service:
    """What is known of one service; sums fade over `MEMORY`."""

    new: float = 0.0
    total: float = 0.0
    new_requests: float = 0.0
    """Of the operations in which something is new."""
    new_clients: float = 0.0
    clients: float = 0.0
    since: int = 0
    lasting: int = 0
    noticed: int = 0
    share: float = 0.0
    retrained: int = 0
    calm: int = 0
    looked: int = 0
    settled: int = 0
    named: list[str] = field(default_factory=list)


class ReleaseWatch:
    """Whether services have changed for everybody, and what of their numbers has to be learned anew.

    Notes
    -----
    An endpoint, or a form of requests, that has never been seen is new for a day. Where a tenth of a service's requests
    are new for `LASTS`, come from as many different clients as its requests usually do, and no more of them fail than
    usually do, the service has been changed: a release, a migration, a client application's update. An attack is new,
    too, but comes from few clients, a scan by many finds nothing there, and a fault makes the usual slow or wrong. From
    then on, numbers that keep lying outside their band are set to where they are, every half hour, until two half hours
    in a row leave nothing to learn. Shares of failures are never learned anew: a release that fails more is worse.

    It works for services with requests. **It fails** on releases that change only what is inside (the same endpoints
    and forms, other times), which is what announced deploys and a level's own learning are for, on those that a few
    clients of many use, and on attacks by as many clients as there are customers.

    Cost: 0.1 ms a window in which nothing is new; 1 KB a service.
    """

    name = "releases"

    def __init__(self) -> None:
        self._series: list[Series] = []
        self._scopes: list[Scope] = []
        self._watched = np.zeros(0, np.bool_)
        """Scopes of endpoints and forms of requests."""
        self._role = np.zeros(0, np.int8)
        """Of each series: requests, clients, share of failures, or -1."""
        self._number = np.zeros(0, np.int64)
        """Of each series that may be learned anew, its service's; else -1."""
        self._services: dict[Segment, int] = {}
        self._states: list[Service] = []
        self._young: dict[int, dict[int, int]] = {}
        """By scope, the new items and when they were first seen, ns."""
        self._off = np.zeros((0, 3))
        """Of each series since the last look: sum of deviations, windows, windows outside of the band."""
        self.changes: tuple[Change, ...] = ()
        """Those that are on, as of the latest window."""

    def grow(self, series: Sequence[Series], scopes: Sequence[Scope]) -> None:
        """Take in new series and scopes: the next slots, in order."""
        if series:
            roles = [_ROLES.get(one.feature, -1) for one in series]
            numbers = [self._place(one.segment) if _learned(one) else -1 for one in series]
            self._series += series
            self._role = np.concatenate([self._role, np.array(roles, np.int8)])
            self._number = np.concatenate([self._number, np.array(numbers, np.int64)])
            self._off = np.concatenate([self._off, np.zeros((len(series), 3))])
        if scopes:
            watched = [one.attribute in (ENDPOINT, SHAPE) for one in scopes]
            self._scopes += scopes
            self._watched = np.concatenate([self._watched, np.array(watched, np.bool_)])

    def _place(self, segment: Segment) -> int:
        place = self._services.setdefault(segment.whole, len(self._services))
        if place == len(self._states):
            self._states.append(Service())
        return place

    def take(self, window: Window, measured: Scores, occurred: Scores) -> tuple[Change, ...]:
        """Take in a window and what was said of it; return the changes that are on, by service."""
        new = self._new(window, occurred)
        counts = self._counts(window.measures)
        failing = self._failing(window.measures, measured)
        fade = exp(-window.width / MEMORY)
        for service, place in self._services.items():
            total = counts.get(service)
            if total is not None:
                inside = {segment: count for segment, count in new.items() if segment.whole == service}
                self._weigh(self._states[place], inside, counts, total, window, fade)
                if service in failing:
                    self._states[place].lasting = 0
        self._note(window.measures, measured)
        if window.start // HOUR != window.end // HOUR:
            self._age(window.end)
        self.changes = tuple(self._changes(window, counts))
        return self.changes

    def _new(self, window: Window, occurred: Scores) -> dict[Segment, float]:
        """Return the number of requests of each operation that are new: of an endpoint, or in their form."""
        slot = window.occurrences.slot
        fresh = (occurred.state == State.READY) & (occurred.surprise >= NEW)
        if not self._young and not fresh.any():
            return {}
        known = np.zeros(len(self._scopes), np.bool_)
        known[list(self._young)] = True
        found: dict[Segment, float] = {}
        for row in np.flatnonzero(self._watched[slot] & (fresh | known[slot])).tolist():
            number, item = int(slot[row]), int(window.occurrences.item[row])
            if not self._is_young(number, item, window, fresh=bool(fresh[row])):
                continue
            scope, count = self._scopes[number], float(window.occurrences.count[row])
            segment = scope.segment
            if scope.attribute == ENDPOINT:
                name = window.context.item(item)
                segment = Segment(segment.environment, segment.service, name)
                named = self._states[self._place(segment)].named
                if len(named) < NAMED and name not in named:
                    named.append(name)
            found[segment] = max(found.get(segment, 0.0), count)
        return found

    def _is_young(self, scope: int, item: int, window: Window, *, fresh: bool) -> bool:
        items = self._young.get(scope, {})
        since = items.get(item)
        if since is None and fresh and len(items) < MOST_ITEMS:
            since = self._young.setdefault(scope, {})[item] = window.start
        if since is not None and window.start - since >= DAY:
            del items[item]
            if not items:
                del self._young[scope]
            return False
        return since is not None

    def _counts(self, measures: Measures) -> dict[Segment, Floats]:
        """Return requests and clients of every segment of the window that has requests."""
        counts: dict[Segment, Floats] = {}
        role = self._role[measures.slot]
        rows = np.flatnonzero((role >= 0) & (role < _FAILURES) & np.isfinite(measures.value))
        for row in rows.tolist():
            slot = int(measures.slot[row])
            both = counts.setdefault(self._series[slot].segment, np.zeros(2))
            both[self._role[slot]] = measures.value[row]
        return counts

    def _failing(self, measures: Measures, measured: Scores) -> set[Segment]:
        """Return the services of which more fails than usual."""
        odd = (self._role[measures.slot] == _FAILURES) & (measured.surprise >= ODD)
        return {self._series[slot].segment.whole for slot in measures.slot[odd].tolist()}

    def _age(self, now: int) -> None:
        """Forget what is no longer new, whether it comes again or not."""
        young = {
            scope: {item: since for item, since in items.items() if now - since < DAY}
            for scope, items in self._young.items()
        }
        self._young = {scope: items for scope, items in young.items() if items}

    def _weigh(
        self,
        state: Service,
        new: dict[Segment, float],
        counts: dict[Segment, Floats],
        total: Floats,
        window: Window,
        fade: float,
    ) -> None:
        """Bring what is known of a service up to date, and notice a change."""
        inside = [counts[segment] for segment in new if segment in counts]
        requests, clients = np.sum(inside, axis=0).tolist() if inside else (0.0, 0.0)
        state.new = state.new * fade + sum(new.values())
        state.total = state.total * fade + float(total[_REQUESTS])
        state.clients = state.clients * fade + float(total[_CLIENTS])
        state.new_requests = state.new_requests * fade + requests
        state.new_clients = state.new_clients * fade + clients
        if state.noticed:
            return
        if state.new < GONE * state.total:
            state.since = state.lasting = 0
            state.named = []
            return
        state.since = state.since or window.start
        share = state.new / max(state.total, 1.0)
        broad = state.new_clients * state.total >= BROAD * state.clients * state.new_requests > 0.0
        holds = share >= SHARE and state.total >= LEAST and broad
        state.lasting = state.lasting + window.width if holds else 0
        if state.lasting >= LASTS:
            state.noticed, state.share, state.looked = window.end, min(share, 1.0), window.end
            state.retrained = state.calm = state.settled = 0

    def _note(self, measures: Measures, measured: Scores) -> None:
        """Take in how far the numbers of changed services are off."""
        changed = np.array([one.noticed > 0 and not one.settled for one in self._states] + [False], np.bool_)
        if not changed.any():
            return
        rows = np.flatnonzero(
            changed[self._number[measures.slot]] & (measured.state == State.READY) & np.isfinite(measures.value)
        )
        for row in rows.tolist():
            slot, value, expected = int(measures.slot[row]), float(measures.value[row]), float(measured.expected[row])
            outside = not measured.lower[row] <= value <= measured.upper[row]
            self._off[slot] += _off(self._series[slot], value, expected), 1.0, outside

    def _changes(self, window: Window, counts: dict[Segment, Floats]) -> Iterator[Change]:
        for service, place in self._services.items():
            state = self._states[place]
            if not state.noticed:
                continue
            if window.end - state.noticed >= DAY:
                self._states[place] = Service()
                continue
            total = counts.get(service, np.ones(2))
            narrow = frozenset(
                segment
                for segment, (requests, clients) in counts.items()
                if segment.whole == service and clients * total[_REQUESTS] < BROAD * total[_CLIENTS] * requests
            )
            items = sum(
                len(held) for scope, held in self._young.items() if self._scopes[scope].segment.whole == service
            )
            yield Change(
                service,
                state.since,
                state.noticed,
                state.share,
                items,
                tuple(state.named),
                state.retrained,
                state.settled,
                narrow,
            )

    def retrain(self, now: int) -> tuple[NDArray[np.int32], Floats]:
        """Return the slots of numbers whose level is to be shifted, and by how much, as the baseline keeps it."""
        slots, by = list[int](), list[float]()
        for place, state in enumerate(self._states):
            if not state.noticed or state.settled or now - state.looked < LOOK:
                continue
            state.looked = now
            mine = np.flatnonzero(self._number == place)
            off, windows, outside = self._off[mine].T
            moved = (windows >= LEAST_WINDOWS) & (outside >= OUTSIDE * windows)
            slots += mine[moved].tolist()
            by += (off[moved] / windows[moved]).tolist()
            self._off[mine] = 0.0
            state.retrained += int(moved.sum())
            state.calm = 0 if moved.any() else state.calm + 1
            state.settled = now if state.calm >= CALM else 0
        return np.array(slots, np.int32), np.array(by, np.float64)

    def snapshot(self) -> Tree:
        """Return the whole state; series and scopes are the features room's."""
        return {
            "version": VERSION,
            "services": [[*service.order] for service in self._services],
            "states": [asdict(one) for one in self._states],
            "young": [[scope, item, since] for scope, items in self._young.items() for item, since in items.items()],
            "off": self._off.copy(),
        }

    def restore(self, tree: Tree, series: Sequence[Series], scopes: Sequence[Scope]) -> None:
        """Become what `snapshot` described; nothing learned with an empty tree, of an older release.

        Raises `StateCorrupt` on another version.
        """
        self.__init__()  # type: ignore[misc]
        if tree and tree.get("version") != VERSION:
            raise StateCorrupt(f"state of releases: got version {tree.get('version')!r}, expected {VERSION}")
        if tree:
            self._services = {Segment(*row): place for place, row in enumerate(tree["services"])}
            self._states = [Service(**{**row, "named": list(row["named"])}) for row in tree["states"]]
        self.grow(series, scopes)
        if tree:
            self._off = np.array(tree["off"])
            for scope, item, since in tree["young"]:
                self._young.setdefault(scope, {})[item] = since


def _learned(series: Series) -> bool:
    """Say whether a number may be learned anew: no share, and none of one client or user."""
    return series.quantity is not Quantity.RATIO and not series.feature.endswith("_max")


def _off(series: Series, value: float, expected: float) -> float:
    """Return how far a number is off, in the terms in which the baseline keeps its level."""
    if series.quantity in (Quantity.DURATION, Quantity.SIZE):
        return float(np.log(max(value, 1e-9) / max(expected, 1e-9)))
    return value - expected
