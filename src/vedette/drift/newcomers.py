"""What services are asked for that nobody ever asked of them before: new for a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from vedette.records.observation import Scope
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window
from vedette.state.tree import Tree

HOUR: Final = 3600 * SECOND
DAY: Final = 24 * HOUR

NEW: Final = 2.0
"""Decades of surprise from which on an item is new: one in a hundred at most was to be expected."""
MOST_ITEMS: Final = 200
"""New items remembered of a scope, for a day."""

ENDPOINT: Final = "endpoint"
SHAPE: Final = "request_shape"


class Newcomers:
    """The endpoints and forms of requests of a shard that are new, by scope.

    Cost: nothing in a window without news, else 2 µs a new item; 100 bytes an item.
    """

    def __init__(self) -> None:
        self._scopes: list[Scope] = []
        self._watched = np.zeros(0, np.bool_)
        """Scopes of endpoints and forms of requests."""
        self._young: dict[int, dict[int, int]] = {}
        """By scope, the new items and when they were first seen, ns."""

    def grow(self, scopes: Sequence[Scope]) -> None:
        """Take in new scopes: the next slots, in order."""
        if scopes:
            watched = [one.attribute in (ENDPOINT, SHAPE) for one in scopes]
            self._scopes += scopes
            self._watched = np.concatenate([self._watched, np.array(watched, np.bool_)])

    def take(self, window: Window, occurred: Scores) -> tuple[dict[Segment, float], list[Segment]]:
        """Take in a window; return the new requests of each operation, and the operations that are new as a whole."""
        if window.start // HOUR != window.end // HOUR:
            self._age(window.end)
        slot = window.occurrences.slot
        fresh = (occurred.state == State.READY) & (occurred.surprise >= NEW)
        if not self._young and not fresh.any():
            return {}, []
        known = np.zeros(len(self._scopes), np.bool_)
        known[list(self._young)] = True
        found, endpoints = dict[Segment, float](), list[Segment]()
        for row in np.flatnonzero(self._watched[slot] & (fresh | known[slot])).tolist():
            number, item = int(slot[row]), int(window.occurrences.item[row])
            if not self._is_young(number, item, window.start, fresh=bool(fresh[row])):
                continue
            segment = self._scopes[number].segment
            if self._scopes[number].attribute == ENDPOINT:
                segment = Segment(segment.environment, segment.service, window.context.item(item))
                endpoints.append(segment)
            # a request has several kinds of form: the one seen most often says how many requests are new at least
            found[segment] = max(found.get(segment, 0.0), float(window.occurrences.count[row]))
        return found, endpoints

    def count(self, service: Segment) -> int:
        """Return how many endpoints and forms of a service are new."""
        return sum(len(items) for scope, items in self._young.items() if self._scopes[scope].segment.whole == service)

    def _is_young(self, scope: int, item: int, start: int, *, fresh: bool) -> bool:
        items = self._young.get(scope, {})
        if item not in items and fresh and len(items) < MOST_ITEMS:
            self._young.setdefault(scope, {})[item] = start
            return True
        return start - items.get(item, start - DAY) < DAY

    def _age(self, now: int) -> None:
        """Forget what is no longer new, whether it comes again or not."""
        young = {
            scope: {item: since for item, since in items.items() if now - since < DAY}
            for scope, items in self._young.items()
        }
        self._young = {scope: items for scope, items in young.items() if items}

    def snapshot(self) -> Tree:
        """Return what is new; scopes are the features room's."""
        return {
            "young": [[scope, item, since] for scope, items in self._young.items() for item, since in items.items()]
        }

    def restore(self, tree: Tree, scopes: Sequence[Scope]) -> None:
        """Become what `snapshot` described."""
        self.__init__()  # type: ignore[misc]
        self.grow(scopes)
        for scope, item, since in tree["young"]:
            self._young.setdefault(scope, {})[item] = since
