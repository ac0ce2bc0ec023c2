"""Counts per pair of numbers, such as (cell, client): an open-addressing table over arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2^64 / golden ratio: Knuth, The Art of Computer Programming 3, 6.4."""


@njit(cache=True, nogil=True)
def count_pairs(left: Any, right: Any, count: Any, table: Any, used: int) -> tuple[int, int]:
    """Add ``count[i]`` to the pair ``(left[i], right[i])``; pairs with a negative part are skipped.

    Parameters
    ----------
    left, right, count
        int64 arrays of one length; `count` has a column for each counter.
    table
        int64 rows of a key (0 = free) and its counters, side by side so that both come with one access to
        memory; their number is a power of two.
    used
        Number of taken places.

    Returns
    -------
    (done, used)
        Rows taken in before the table was two-thirds full, and the new number of taken places;
        `done` below the number of rows asks the caller to grow the table and go on from there.
    """
    mask = table.shape[0] - 1
    limit = table.shape[0] * 2 // 3
    for i in range(left.shape[0]):
        if left[i] < 0 or right[i] < 0:
            continue
        if used >= limit:
            return i, used
        key = ((left[i] + 1) << 32) | right[i]
        place = np.int64((np.uint64(key) * _MIX) >> np.uint64(32)) & mask
        while table[place, 0] != 0 and table[place, 0] != key:
            place = (place + 1) & mask
        if table[place, 0] == 0:
            table[place, 0] = key
            used += 1
        for k in range(count.shape[1]):
            table[place, k + 1] += count[i, k]
    return left.shape[0], used


@njit(cache=True, nogil=True)
def raise_to(most: Any, place: Any, counts: Any) -> None:
    """Raise each counter in ``most[place[i]]`` to that in ``counts[i]`` where it is more."""
    for i in range(place.shape[0]):
        for k in range(counts.shape[1]):
            most[place[i], k] = max(most[place[i], k], counts[i, k])


@njit(cache=True, nogil=True)
def drain(table: Any, left: Any, right: Any, out: Any) -> None:
    """Write all pairs of a table and their counters, in no particular order."""
    at = 0
    for place in range(table.shape[0]):
        key = table[place, 0]
        if key == 0:
            continue
        left[at] = (key >> 32) - 1
        right[at] = key & 0xFFFFFFFF
        for k in range(out.shape[1]):
            out[at, k] = table[place, k + 1]
        at += 1


@njit(cache=True, nogil=True)
def move(number: Any, left: Any, right: Any, counts: Any, lefts: Any, rights: Any, out: Any) -> int:
    """Write the pairs whose left part has a new number, under that; returns how many."""
    at = 0
    for i in range(left.shape[0]):
        new = number[left[i]]
        if new < 0:
            continue
        lefts[at], rights[at] = new, right[i]
        for k in range(counts.shape[1]):
            out[at, k] = counts[i, k]
        at += 1
    return at


class Pairs(NamedTuple):
    """Pairs and their counters: shapes ``(n,)``, ``(n,)`` and ``(n, k)``."""

    left: Ints
    right: Ints
    counts: Ints

    def moved(self, number: Ints) -> Pairs:
        """Return the pairs with ``left`` renumbered; those that become negative are left out."""
        new = Pairs(np.empty_like(self.left), np.empty_like(self.right), np.empty_like(self.counts))
        kept = move(number, *self, *new)
        return Pairs(*(column[:kept] for column in new))

    def and_of(self, more: Pairs) -> Pairs:
        """Return these pairs and then others."""
        return Pairs(*(np.concatenate(both) for both in zip(self, more, strict=True)))

    def sorted(self) -> Pairs:
        """Return the pairs by left, then right."""
        order = np.lexsort((self.right, self.left))
        return Pairs(self.left[order], self.right[order], self.counts[order])


class PairCounts:
    """How often each pair of non-negative 31-bit numbers did each of some things.

    Cost: about 10 ns a row; 8 bytes a place and counter and 8 more, places doubled when two thirds are taken.

    Parameters
    ----------
    counters
        How many things are counted.
    places
        Of the table, at first; a power of two.
    """

    def __init__(self, counters: int = 1, places: int = 1 << 10) -> None:
        self._counters = counters
        self._clear(places)

    def _clear(self, places: int) -> None:
        self._table = np.zeros((places, 1 + self._counters), np.int64)
        self._used = 0

    def add(self, left: Ints, right: Ints, counts: Ints) -> None:
        """Count the pairs of these rows, `counts` of shape ``(n, k)``; a negative part means "no pair here"."""
        start = 0
        while start < len(left):
            rows = slice(start, None)
            done, self._used = count_pairs(left[rows], right[rows], counts[rows], self._table, self._used)
            start += done
            if start < len(left):
                pairs = self.pairs()
                self._clear(len(self._table) * 2)
                self.add(*pairs)

    @property
    def places(self) -> int:
        """Size of the table."""
        return len(self._table)

    @classmethod
    def of(cls, pairs: Pairs, places: int = 1 << 10) -> PairCounts:
        """Return a table that holds these pairs, with `places` or more."""
        table = cls(pairs.counts.shape[1], max(places, 1 << (2 * len(pairs.left)).bit_length()))
        table.add(*pairs)
        return table

    def pairs(self) -> Pairs:
        """Return all pairs, in no particular order."""
        left, right = np.empty(self._used, np.int64), np.empty(self._used, np.int64)
        counts = np.empty((self._used, self._counters), np.int64)
        drain(self._table, left, right, counts)
        return Pairs(left, right, counts)

    def __len__(self) -> int:
        return self._used


def warm() -> None:
    """Compile the kernels."""
    one = np.zeros(1, np.int64)
    table = PairCounts()
    table.add(one, one, one[:, None])
    table.pairs().moved(one)
    raise_to(one[:, None], one, one[:, None])
