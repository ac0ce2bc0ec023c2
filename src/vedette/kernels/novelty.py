"""Which items each scope has seen, in one open-addressing table; the meaning is in `vedette.detectors.novelty`."""

from __future__ import annotations

from math import exp, log10
from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import MIX1, MIX2

VISITS, SINGLES, EVENTS, FIRST, LAST, LOST, FRESH, BEARABLE = 0, 1, 2, 3, 4, 5, 6, 7
SCOPE: Final = 8
"""Numbers of a scope, float64: faded sum of windows in which its items were seen; those of items seen in one
window only; occurrences; first and latest time, s (0 = none); visits of evicted items; of the window being
learned, the new items and how many of them may count as such."""

SEEN, WHEN, CREDIT, OWNER = 0, 1, 2, 3
ITEM: Final = 4
"""Numbers of an item, float64: faded windows in which it was seen, latest time, what it adds to its scope's
`SINGLES`, its scope."""

_MOST = 300.0


@njit(cache=True, nogil=True)
def key_of(slot: Any, item: Any) -> Any:
    """Return the table's key of an item of a scope, never 0."""
    key = (np.uint64(slot) + np.uint64(1)) * MIX1 ^ item * MIX2
    return key ^ (key >> np.uint64(31)) | np.uint64(1)


@njit(cache=True, nogil=True)
def place_of(key: Any, keys: Any) -> Any:
    """Return the place that holds `key`, or the free one where it would go; `keys` has a free place."""
    mask = keys.shape[0] - 1
    place = np.int64(key >> np.uint64(20)) & mask
    while keys[place] != 0 and keys[place] != key:
        place = (place + 1) & mask
    return place


@njit(cache=True, nogil=True)
def left_of(since: float, seconds: float, memory: float) -> float:
    """Return the share of what was learned at `since` that has not faded."""
    return exp(-(seconds - since) / memory) if seconds > since else 1.0


@njit(cache=True, nogil=True)
def score(
    seconds: float,
    slots: Any,
    items: Any,
    counts: Any,
    scopes: Any,
    keys: Any,
    values: Any,
    memory: float,
    rare: float,
    out: Any,
) -> None:
    """Write surprise and the chance of an item as new or rare to ``out``, shape ``(2, n)``."""
    for i in range(slots.shape[0]):
        scope = scopes[slots[i]]
        left = left_of(scope[LAST], seconds, memory)
        whole = scope[VISITS] * left + 2.0
        chance = ((scope[SINGLES] + scope[LOST]) * left + 1.0) / whole
        place = place_of(key_of(slots[i], items[i]), keys)
        if keys[place] != 0:
            chance += values[SEEN, place] * left_of(values[WHEN, place], seconds, memory) / whole
        out[0, i] = 0.0
        out[1, i] = min(chance, 1.0)
        if chance < rare:
            usual = max(2.0 * scope[EVENTS] / max(scope[VISITS], 1.0), 2.0)
            repeats = (counts[i] - 1) * -log10(1.0 - 1.0 / usual)
            out[0, i] = min(repeats - log10(chance), _MOST)


@njit(cache=True, nogil=True)
def count_fresh(
    seconds: float, slots: Any, items: Any, scopes: Any, keys: Any, memory: float, most_fresh: float
) -> None:
    """Fade the scopes of a window to its time and count the items that are new to each.

    `most_fresh` of them may count as new, and twice as many as were to be expected.
    """
    for i in range(slots.shape[0]):
        scope = scopes[slots[i]]
        if scope[FIRST] == 0.0:
            scope[FIRST] = seconds
        if seconds != scope[LAST]:
            left = left_of(scope[LAST], seconds, memory)
            for number in (VISITS, SINGLES, EVENTS, LOST):
                scope[number] *= left
            scope[LAST] = seconds
            scope[FRESH] = 0.0
            scope[BEARABLE] = most_fresh
        scope[BEARABLE] += 2.0 * (scope[SINGLES] + scope[LOST] + 1.0) / (scope[VISITS] + 2.0)
        if keys[place_of(key_of(slots[i], items[i]), keys)] == 0:
            scope[FRESH] += 1.0


@njit(cache=True, nogil=True)
def learn(
    seconds: float,
    slots: Any,
    items: Any,
    counts: Any,
    scopes: Any,
    keys: Any,
    values: Any,
    memory: float,
    most_events: float,
) -> int:
    """Take the rows in after `count_fresh`; returns the number of places newly taken.

    The table must have room for all rows. An item seen in one window only adds its `CREDIT` to its scope's
    `SINGLES`: all of one window no more than is bearable.
    """
    taken = 0
    for i in range(slots.shape[0]):
        scope = scopes[slots[i]]
        scope[VISITS] += 1.0
        scope[EVENTS] += min(float(counts[i]), most_events)
        key = key_of(slots[i], items[i])
        place = place_of(key, keys)
        if keys[place] == 0:
            keys[place] = key
            values[SEEN, place] = 1.0
            values[CREDIT, place] = min(1.0, scope[BEARABLE] / max(scope[FRESH], 1.0))
            values[OWNER, place] = slots[i]
            scope[SINGLES] += values[CREDIT, place]
            taken += 1
        else:
            left = left_of(values[WHEN, place], seconds, memory)
            values[SEEN, place] = values[SEEN, place] * left + 1.0
            scope[SINGLES] = max(scope[SINGLES] - values[CREDIT, place] * left, 0.0)
            values[CREDIT, place] = 0.0
        values[WHEN, place] = seconds
    return taken


@njit(cache=True, nogil=True)
def forget(slots: Any, items: Any, scopes: Any, keys: Any, values: Any, memory: float) -> None:
    """Let the rows' items be ones that their scopes never had; what is known of others stays."""
    for i in range(slots.shape[0]):
        scope = scopes[slots[i]]
        place = place_of(key_of(slots[i], items[i]), keys)
        if keys[place] != 0:
            credit = values[CREDIT, place] * left_of(values[WHEN, place], scope[LAST], memory)
            scope[SINGLES] = max(scope[SINGLES] - credit, 0.0)
            values[SEEN, place] = values[CREDIT, place] = 0.0


@njit(cache=True, nogil=True)
def move(keys: Any, values: Any, into_keys: Any, into_values: Any, since: float) -> int:
    """Copy the places seen at or after `since` into another, empty table; returns their number."""
    moved = 0
    for i in range(keys.shape[0]):
        if keys[i] != 0 and values[WHEN, i] >= since:
            place = place_of(keys[i], into_keys)
            into_keys[place] = keys[i]
            for row in range(values.shape[0]):
                into_values[row, place] = values[row, i]
            moved += 1
    return moved


@njit(cache=True, nogil=True)
def note_lost(keys: Any, values: Any, scopes: Any, since: float, memory: float) -> None:
    """Charge what is evicted, last seen before `since`, to the scopes that it belongs to."""
    for i in range(keys.shape[0]):
        if keys[i] != 0 and values[WHEN, i] < since:
            scope = scopes[np.int64(values[OWNER, i])]
            left = left_of(values[WHEN, i], scope[LAST], memory)
            scope[LOST] += values[SEEN, i] * left
            scope[SINGLES] = max(scope[SINGLES] - values[CREDIT, i] * left, 0.0)
