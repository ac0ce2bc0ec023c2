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
def count_pairs(left: Any, right: Any, count: Any, keys: Any, counts: Any, used: int) -> tuple[int, int]:
    """Add ``count[i]`` to the pair ``(left[i], right[i])``; pairs with a negative part are skipped.

    Parameters
    ----------
    left, right, count
        int64 arrays of one length.
    keys, counts
        The table: uint64 keys (0 = free) and int64 counters; the length is a power of two.
    used
        Number of taken places.

    Returns
    -------
    (done, used)
        Rows taken in before the table was two-thirds full, and the new number of taken places;
        `done` below the number of rows asks the caller to grow the table and go on from there.
    """
    mask = keys.shape[0] - 1
    limit = keys.shape[0] * 2 // 3
    for i in range(left.shape[0]):
        if left[i] < 0 or right[i] < 0:
            continue
        if used >= limit:
            return i, used
        key = (np.uint64(left[i] + 1) << np.uint64(32)) | np.uint64(right[i])
        place = np.int64((key * _MIX) >> np.uint64(32)) & mask
        while keys[place] != 0 and keys[place] != key:
            place = (place + 1) & mask
        if keys[place] == 0:
            keys[place] = key
            used += 1
        counts[place] += count[i]
    return left.shape[0], used


class Pairs(NamedTuple):
    """Pairs and their counts, as columns."""

    left: Ints
    right: Ints
    counts: Ints

    def moved(self, number: Ints) -> Pairs:
        """Return the pairs with ``left`` renumbered; those that become negative are left out."""
        left = number[self.left]
        kept = left >= 0
        return Pairs(left[kept], self.right[kept], self.counts[kept])

    def sorted(self) -> Pairs:
        """Return the pairs by left, then right."""
        order = np.lexsort((self.right, self.left))
        return Pairs(self.left[order], self.right[order], self.counts[order])


class PairCounts:
    """How often each pair of non-negative 31-bit numbers occurred.

    Cost: about 10 ns a row; 16 bytes a place, places doubled when two thirds are taken.
    """

    def __init__(self, places: int = 1 << 10) -> None:
        self._clear(places)

    def _clear(self, places: int) -> None:
        self._keys = np.zeros(places, np.uint64)
        self._counts = np.zeros(places, np.int64)
        self._used = 0

    def add(self, left: Ints, right: Ints, count: Ints) -> None:
        """Count the pairs of these rows; a negative part means "no pair here"."""
        start = 0
        while start < len(left):
            rows = slice(start, None)
            done, self._used = count_pairs(left[rows], right[rows], count[rows], self._keys, self._counts, self._used)
            start += done
            if start < len(left):
                pairs = self.pairs()
                self._clear(len(self._keys) * 2)
                self.add(*pairs)

    @classmethod
    def of(cls, pairs: Pairs) -> PairCounts:
        """Return a table that holds these pairs."""
        table = cls(1 << max(10, (2 * len(pairs.left)).bit_length()))
        table.add(*pairs)
        return table

    def pairs(self) -> Pairs:
        """Return all pairs, in no particular order."""
        taken = np.flatnonzero(self._keys)
        keys = self._keys[taken]
        left = (keys >> np.uint64(32)).astype(np.int64) - 1
        right = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
        return Pairs(left, right, self._counts[taken])

    def __len__(self) -> int:
        return self._used


def warm() -> None:
    """Compile the kernel."""
    one = np.zeros(1, np.int64)
    PairCounts().add(one, one, one)
