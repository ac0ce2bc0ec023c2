"""Which scopes hold which items, and how many of a pool hold each; the meaning is in `vedette.detectors.holders`."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.novelty import key_of, place_of

WHEN, HELD, OWNER = 0, 1, 2
ITEM: Final = 3
"""Numbers of a place, float64: time last seen, s; scopes that hold the item, for a pool; the scope, or -1."""
_POOLS: Final = np.int64(1) << np.int64(40)


@njit(cache=True, nogil=True)
def held(slots: Any, items: Any, pools: Any, keys: Any, values: Any, out: Any) -> None:
    """Write how many of the pool hold each item, or -1 where the scope itself does."""
    for i in range(slots.shape[0]):
        if keys[place_of(key_of(slots[i], items[i]), keys)] != 0:
            out[i] = -1.0
        else:
            place = place_of(key_of(pools[slots[i]] + _POOLS, items[i]), keys)
            out[i] = values[HELD, place] if keys[place] != 0 else 0.0


@njit(cache=True, nogil=True)
def learn(seconds: float, slots: Any, items: Any, pools: Any, keys: Any, values: Any) -> int:
    """Take rows in; returns the number of places newly taken: two a row at most, for which there must be room."""
    taken = 0
    for i in range(slots.shape[0]):
        key = key_of(slots[i], items[i])
        place = place_of(key, keys)
        fresh = keys[place] == 0
        if fresh:
            keys[place] = key
            values[HELD, place] = 0.0
            values[OWNER, place] = slots[i]
            taken += 1
        values[WHEN, place] = seconds
        pool = key_of(pools[slots[i]] + _POOLS, items[i])
        place = place_of(pool, keys)
        if keys[place] == 0:
            keys[place] = pool
            values[HELD, place] = 0.0
            values[OWNER, place] = -1.0
            taken += 1
        values[WHEN, place] = seconds
        values[HELD, place] += 1.0 if fresh else 0.0
    return taken
