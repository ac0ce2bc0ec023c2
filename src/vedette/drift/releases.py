"""`releases`: does a service do other things than before, for everybody?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.drift.newcomers import DAY, Newcomers
from vedette.drift.relearn import Relearning
from vedette.errors import StateCorrupt
from vedette.records.drift import Change
from vedette.records.observation import Measures, Scope, Series
from vedette.records.score import Scores
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window
from vedette.state.tree import Tree

Floats = NDArray[np.float64]

VERSION: Final = 1

MINUTE: Final = 60 * SECOND

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
NAMED: Final = 8

FAILURES: Final = ("error_ratio", "denied_ratio", "missing_ratio")
MOST_FAIL: Final = 0.5
"""Share of the requests of what is new that may fail: what is scanned for by many is not there."""
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
    new_failed: float = 0.0
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
    are new for `LASTS`, come from as many different clients as its requests usually do, and do not mostly fail, the
    service has been changed: a release, a migration, a client application's update. An attack is new,
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
        self._newcomers = Newcomers()
        self._relearning = Relearning()
        self._role = np.zeros(0, np.int8)
        """Of each series: requests, clients, share of failures, or -1."""
        self._whole = np.zeros(0, np.bool_)
        """Which series are of a whole service."""
        self._services: dict[Segment, int] = {}
        self._states: list[Service] = []
        self.changes: tuple[Change, ...] = ()
        """Those that are on, as of the latest window."""

    def grow(self, series: Sequence[Series], scopes: Sequence[Scope]) -> None:
        """Take in new series and scopes: the next slots, in order."""
        if series:
            roles = [_ROLES.get(one.feature, -1) for one in series]
            self._series += series
            self._role = np.concatenate([self._role, np.array(roles, np.int8)])
            whole = [not one.segment.operation for one in series]
            self._whole = np.concatenate([self._whole, np.array(whole, np.bool_)])
            self._relearning.grow(series, [self._place(one.segment) for one in series])
        self._newcomers.grow(scopes)

    def _place(self, segment: Segment) -> int:
        place = self._services.setdefault(segment.whole, len(self._services))
        if place == len(self._states):
            self._states.append(Service())
        return place

    def take(self, window: Window, measured: Scores, occurred: Scores) -> tuple[Change, ...]:
        """Take in a window and what was said of it; return the changes that are on, by service."""
        new, endpoints = self._newcomers.take(window, occurred)
        for segment in endpoints:
            named = self._states[self._place(segment)].named
            if len(named) < NAMED and segment.operation not in named:
                named.append(segment.operation)
        counts = self._counts(window.measures, every=bool(new) or any(one.noticed for one in self._states))
        fade = exp(-window.width / MEMORY)
        for service, place in self._services.items():
            total = counts.get(service)
            if total is not None:
                inside = {segment: count for segment, count in new.items() if segment.whole == service}
                self._weigh(self._states[place], inside, counts, total, window, fade)
        unsettled = [place for place, one in enumerate(self._states) if one.noticed and not one.settled]
        self._relearning.note(window.measures, measured, unsettled)
        self.changes = tuple(self._changes(window, counts))
        return self.changes

    def _counts(self, measures: Measures, *, every: bool) -> dict[Segment, Floats]:
        """Return requests, clients and share of failures of services; of every segment where that is asked for."""
        counts: dict[Segment, Floats] = {}
        role = self._role[measures.slot]
        asked = (role >= 0) & (every | self._whole[measures.slot])
        rows = np.flatnonzero(asked & np.isfinite(measures.value))
        for row in rows.tolist():
            slot = int(measures.slot[row])
            found = counts.setdefault(self._series[slot].segment, np.zeros(3))
            found[self._role[slot]] = max(found[self._role[slot]], measures.value[row])
        return counts

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
        requests = sum(float(one[_REQUESTS]) for one in inside)
        clients = sum(float(one[_CLIENTS]) for one in inside)
        failed = sum(float(one[_REQUESTS] * one[_FAILURES]) for one in inside)
        state.new = state.new * fade + sum(new.values())
        state.total = state.total * fade + float(total[_REQUESTS])
        state.clients = state.clients * fade + float(total[_CLIENTS])
        state.new_requests = state.new_requests * fade + requests
        state.new_clients = state.new_clients * fade + clients
        state.new_failed = state.new_failed * fade + failed
        if state.noticed:
            return
        if state.new < GONE * state.total:
            state.since = state.lasting = 0
            state.named = []
            return
        state.since = state.since or window.start
        share = state.new / max(state.total, 1.0)
        broad = state.new_clients * state.total >= BROAD * state.clients * state.new_requests > 0.0
        works = state.new_failed <= MOST_FAIL * state.new_requests
        holds = share >= SHARE and state.total >= LEAST and broad and works
        state.lasting = state.lasting + window.width if holds else 0
        if state.lasting >= LASTS:
            state.noticed, state.share, state.looked = window.end, min(share, 1.0), window.end
            state.retrained = state.calm = state.settled = 0

    def _changes(self, window: Window, counts: dict[Segment, Floats]) -> Iterator[Change]:
        for service, place in self._services.items():
            state = self._states[place]
            if not state.noticed:
                continue
            if window.end - state.noticed >= DAY:
                self._states[place] = Service()
                if state.settled:
                    continue
                # what still moves after a day is no longer the release's doing
                state.settled = window.end
            total = counts.get(service, np.ones(3))
            narrow = frozenset(
                segment
                for segment, (requests, clients, _) in counts.items()
                if segment.whole == service and clients * total[_REQUESTS] < BROAD * total[_CLIENTS] * requests
            )
            yield Change(
                service,
                state.since,
                state.noticed,
                state.share,
                self._newcomers.count(service),
                tuple(state.named),
                state.retrained,
                state.settled,
                narrow,
            )

    def retrain(self, now: int, refused: Collection[Segment] = ()) -> tuple[NDArray[np.int32], Floats]:
        """Return the slots of numbers whose level is to be shifted, and by how much, as the baseline keeps it.

        Nothing of the services in `refused` is learned anew: a person judged their change real trouble.
        """
        slots, by = list[int](), list[float]()
        for (service, place), state in zip(self._services.items(), self._states, strict=True):
            if not state.noticed or state.settled or service in refused or now - state.looked < LOOK:
                continue
            state.looked = now
            more, off = self._relearning.due(place)
            slots += more
            by += off
            state.retrained += len(more)
            state.calm = 0 if more else state.calm + 1
            state.settled = now if state.calm >= CALM else 0
        return np.array(slots, np.int32), np.array(by, np.float64)

    def snapshot(self) -> Tree:
        """Return the whole state; series and scopes are the features room's."""
        return {
            "version": VERSION,
            "services": [[*service.order] for service in self._services],
            "states": [asdict(one) for one in self._states],
            "newcomers": self._newcomers.snapshot(),
            "off": self._relearning.off.copy(),
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
        self.grow(series, ())
        self._newcomers.restore(tree.get("newcomers", {"young": []}), scopes)
        if tree:
            self._relearning.off = np.array(tree["off"])
