"""Who comes to a service that few come to: users, addresses and pairs of both in log lines, as items.

A log-in from an address that nobody used, a role that never read this bucket: each is an item that novelty judges.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.closed import Items, items_of
from vedette.features.columns import Labels, labels
from vedette.features.registry import Slots
from vedette.kernels.ints import distinct
from vedette.records import schema
from vedette.records.observation import Scope
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

CROWD: Final = 64
"""Different items of one window beyond which a service is a crowd's, in which new faces are usual: none is kept."""

USER: Final = "user"
CLIENT: Final = "client"
PAIR: Final = "user_client"

Place = tuple[int, int]
"""Start of a window, and number of a service's segment."""


class Arrivals:
    """Open windows of services, with who came to each.

    What is kept does not depend on the order of rows or on how the stream was cut: a crowd stays a crowd.
    """

    def __init__(self, segments: Slots[Segment], scopes: Slots[Scope]) -> None:
        self._segments = segments
        self._scopes = scopes
        self._open: dict[Place, dict[tuple[str, str], int]] = {}
        self._crowds: set[Place] = set()
        self._texts: dict[int, str] = {}

    def take(self, columns: pa.RecordBatch, window: Ints, service: Ints) -> None:
        """Take in log lines that are no requests; `service` is their segment's number, -1 for none."""
        user, client = labels(columns, schema.USER), labels(columns, schema.CLIENT)
        if not user.values and not client.values:
            return
        pair = (user.codes + 1) * (len(client.values) + 1) + client.codes + 1
        _, which = distinct(window)
        key = (which * (int(service.max(initial=0)) + 2) + service + 1) * (int(pair.max(initial=0)) + 1) + pair
        firsts, place = distinct(key)
        count = np.bincount(place, minlength=len(firsts)).tolist()
        for row, times in zip(firsts.tolist(), count, strict=True):
            if service[row] >= 0:
                self._note((int(window[row]), int(service[row])), _items(user, client, row), times)

    def _note(self, place: Place, items: Iterator[tuple[str, str]], times: int) -> None:
        if place in self._crowds:
            return
        held = self._open.setdefault(place, {})
        for item in items:
            held[item] = held.get(item, 0) + times
        if len(held) > CROWD:
            self._crowds.add(place)
            del self._open[place]

    def close(self, open_from: int) -> Items:
        """Return the items of windows before `open_from`."""
        due = sorted(place for place in self._open if place[0] < open_from)
        self._texts = {}
        rows = []
        for start, number in due:
            for (attribute, text), count in self._open.pop((start, number)).items():
                code = stable_hash(text)
                self._texts[code] = text
                rows.append((start, Scope(self._segments.keys[number], attribute), code, count))
        self._crowds = {place for place in self._crowds if place[0] >= open_from}
        return items_of(rows, self._scopes)

    @property
    def texts(self) -> list[str]:
        """The items of the windows that were closed last."""
        return list(self._texts.values())

    def starts(self) -> Ints:
        """Return the sorted starts of the open windows."""
        return np.unique(np.array([start for start, _ in self._open], np.int64))

    def snapshot(self) -> Tree:
        """Return the open windows as JSON-able rows."""
        return {
            "open": [[*place, [[*item, count] for item, count in held.items()]] for place, held in self._open.items()],
            "crowds": sorted(list(place) for place in self._crowds),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._open = {
            (start, number): {(attribute, text): count for attribute, text, count in held}
            for start, number, held in tree["open"]
        }
        self._crowds = {(start, number) for start, number in tree["crowds"]}


def _items(user: Labels, client: Labels, row: int) -> Iterator[tuple[str, str]]:
    """Yield what a row says of who came: the user, the address, and both together."""
    who = user.values[user.codes[row]] if user.codes[row] >= 0 else ""
    whence = client.values[client.codes[row]] if client.codes[row] >= 0 else ""
    if who:
        yield USER, who
    if whence:
        yield CLIENT, whence
    if who and whence:
        yield PAIR, f"{who} from {whence}"
