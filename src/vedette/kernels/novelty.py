"""How often each (scope, item) occurred, decayed by time: score and update in an open-addressing table."""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
from numba import njit

from vedette.kernels.bytes import MIX1, MIX2
from vedette.kernels.likelihood import log_count_sf

TOTAL, NEW, FIRST, LAST = 0, 1, 2, 3
"""Per scope: decayed occurrences; of them new ones; first and last time, s."""

_LOG10 = 2.302585092994046


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
def score(
    seconds: float,
    slot: Any,
    item: Any,
    count: Any,
    scopes: Any,
    keys: Any,
    counts: Any,
    last: Any,
    memory: float,
    burst: float,
    rare: float,
    surprise: Any,
    chance: Any,
) -> None:
    """Judge each row: how likely are `count` occurrences of this item among those of its scope in this window?"""
    present = np.zeros(scopes.shape[0])
    for i in range(slot.shape[0]):
        present[slot[i]] += count[i]
    for i in range(slot.shape[0]):
        scope = scopes[slot[i]]
        fade = exp(-max(seconds - scope[LAST], 0.0) / memory)
        total, new = scope[TOTAL] * fade, scope[NEW] * fade
        fresh = (new + 0.5) / (total + 5.0)
        place = place_of(key_of(slot[i], item[i]), keys)
        share = fresh
        if keys[place] != 0:
            own = counts[place] * exp(-max(seconds - last[place], 0.0) / memory)
            share = max(own / (total + 1.0), fresh)
        chance[i] = min(share, 1.0)
        surprise[i] = 0.0
        if share > rare:
            continue
        # its own rows don't count among the others: a flood of one item must not make itself likely
        others = max(present[slot[i]] - count[i], 0.0) + 1.0
        expected = max(share * others / max(1.0 - share, 1e-3), 1e-12)
        surprise[i] = -log_count_sf(float(count[i]), expected, burst) / _LOG10


@njit(cache=True, nogil=True)
def learn(
    seconds: float,
    slot: Any,
    item: Any,
    count: Any,
    scopes: Any,
    keys: Any,
    counts: Any,
    last: Any,
    memory: float,
    most: float,
) -> int:
    """Take the rows in; returns how many places were newly taken. The table must have room for all rows."""
    taken = 0
    for i in range(slot.shape[0]):
        scope = scopes[slot[i]]
        if scope[FIRST] == 0.0:
            scope[FIRST] = seconds
        fade = exp(-max(seconds - scope[LAST], 0.0) / memory) if scope[LAST] > 0.0 else 1.0
        events = min(float(count[i]), most)
        scope[TOTAL] = scope[TOTAL] * fade + events
        scope[NEW] *= fade
        scope[LAST] = seconds
        key = key_of(slot[i], item[i])
        place = place_of(key, keys)
        if keys[place] == 0:
            keys[place] = key
            counts[place] = 0.0
            scope[NEW] += 1.0
            taken += 1
        else:
            counts[place] *= exp(-max(seconds - last[place], 0.0) / memory)
        counts[place] += events
        last[place] = seconds
    return taken


@njit(cache=True, nogil=True)
def move(keys: Any, counts: Any, last: Any, into_keys: Any, into_counts: Any, into_last: Any, since: float) -> int:
    """Copy the places seen at or after `since` into another, empty table; returns their number."""
    moved = 0
    for i in range(keys.shape[0]):
        if keys[i] != 0 and last[i] >= since:
            place = place_of(keys[i], into_keys)
            into_keys[place], into_counts[place], into_last[place] = keys[i], counts[i], last[i]
            moved += 1
    return moved
