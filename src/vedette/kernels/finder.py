"""Thousands of texts looked for in many values: by one rare gram of each text, then by comparison.

Every place of a value costs independent loads, a multiplication and a test of one bit, so places overlap in the
processor where an automaton's steps wait for one another; and the tables are kilobytes, where Aho-Corasick's for the
command lines of SigmaHQ has 49 MB.

Notes
-----
It fails to be fast where texts consist of nothing but common grams, as ``.exe`` alone; it stays right.

References
----------
M. Crochemore et al., Speeding up two string-matching algorithms, Algorithmica 12, 1994; S. Wu and U. Manber, A fast
algorithm for multi-pattern searching, TR-94-17, University of Arizona, 1994. We keep their grams, and never skip.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import MIX1, MIX2, load64, same

CONTAINS, STARTS, ENDS, EQUALS = range(4)
"""Where in a value a text must be."""
GRAM: Final = 4
ANCHOR: Final = 8
"""Bytes of a gram of a text that may be anywhere, and of one that stands at an end."""
BITS: Final = 18
"""Of the filter: 32 KB, which stays in the first cache."""
FULL: Final = -1
MASKS: Final = np.array([(1 << 8 * size) - 1 for size in range(ANCHOR + 1)], np.uint64)


@njit(cache=True, nogil=True)
def place_of(gram: Any, size: Any, where: Any) -> Any:
    """Return the bit of a gram of some size; ``where`` is `CONTAINS`, `STARTS` or `ENDS`."""
    return np.int64(((gram + np.uint64(size + 16 * where) * MIX2) * MIX1) >> np.uint64(64 - BITS))


@njit(cache=True, nogil=True)
def enter(texts: Any, entries: Any, grams: Any, filter_: Any, heads: Any, after: Any, sizes: Any) -> None:
    """Fill the filter, its lists, and by the first two bytes of inner grams which sizes there are.

    ``entries`` has where, size of gram, start of gram in ``texts`` by row.
    """
    for e in range(entries.shape[0]):
        where, size, at = entries[e, 0], entries[e, 1], entries[e, 2]
        gram = load64(texts, at) & MASKS[size]
        grams[e] = gram
        place = place_of(gram, size, where)
        filter_[place >> 6] |= np.uint64(1) << np.uint64(place & 63)
        slot = place & (heads.shape[0] - 1)
        after[e] = heads[slot]
        heads[slot] = e
        if where == CONTAINS:
            pair = np.int64(gram) & 65535
            if size == 1:
                for second in range(256):
                    sizes[pair + 256 * second] |= np.uint8(2)
            else:
                sizes[pair] |= np.uint8(1 << size)


@njit(cache=True, nogil=True)
def _folded(data: Any, start: Any, end: Any, scratch: Any, fold: Any) -> bool:
    """Copy a value and eight zeros, ASCII capitals as small letters if asked for; say whether it is ASCII."""
    high = np.uint8(0)
    for p in range(start, end):
        byte = data[p]
        high |= byte
        scratch[p - start] = byte | np.uint8(32) if fold and byte >= 65 and byte <= 90 else byte
    for p in range(end - start, end - start + 8):
        scratch[p] = 0
    return bool(high < 128)


@njit(cache=True, nogil=True)
def _candidates(
    scratch: Any, length: Any, filter_: Any, sizes: Any, anchors: Any, found: Any, grams: Any
) -> Any:  # fmt: skip
    """Write where a gram may be that some text has, as place, size, where and list; return how many."""
    count = 0
    for k in range(anchors.shape[0]):
        where, size = anchors[k, 0], anchors[k, 1]
        if size <= length:
            p = 0 if where == STARTS else length - size
            gram = load64(scratch, p) & MASKS[size]
            place = place_of(gram, size, where)
            if (filter_[place >> 6] >> np.uint64(place & 63)) & np.uint64(1):
                found[count, 0], found[count, 1], found[count, 2], found[count, 3] = p, size, where, place
                grams[count] = gram
                count += 1
    for p in range(length):
        word = load64(scratch, p)
        some = sizes[np.int64(word & np.uint64(65535))]
        if some == 0:
            continue
        for size in range(1, GRAM + 1):
            if (some >> size) & 1 and p + size <= length:
                gram = word & MASKS[size]
                place = place_of(gram, size, CONTAINS)
                if (filter_[place >> 6] >> np.uint64(place & 63)) & np.uint64(1):
                    found[count, 0], found[count, 1], found[count, 2], found[count, 3] = p, size, CONTAINS, place
                    grams[count] = gram
                    count += 1
    return count


@njit(cache=True, nogil=True)
def find(
    data: Any, starts: Any, stops: Any, fold: Any, scratch: Any, texts: Any, spans: Any, entries: Any, grams: Any,
    filter_: Any, heads: Any, after: Any, sizes: Any, anchors: Any, tests: Any, targets: Any, seen: Any, wide: Any,
    out: Any,
) -> Any:  # fmt: skip
    """Write ``(value, target)`` once for each target of a value, in order of values; return how many, or `FULL`.

    Parameters
    ----------
    data, starts, stops
        The values; ``scratch`` has room for the longest and `PAD` bytes.
    texts, spans
        What is looked for: start and size of the text of each entry.
    entries, grams, filter_, heads, after, sizes
        As `enter` leaves them; ``entries`` also has the gram's place in the text, and where the text must be.
    anchors
        Where and size of the grams that stand at an end, by row.
    tests, targets
        ``targets[tests[e]:tests[e + 1]]`` are hit by entry `e`.
    seen
        Zeros, one for each target.
    wide
        Set for values with other letters than ASCII, which are not looked at if ``fold``.
    """
    count = 0
    mask = heads.shape[0] - 1
    most = GRAM * scratch.shape[0] + anchors.shape[0]
    done = np.zeros(entries.shape[0], np.int32)
    candidates, there = np.empty((most, 4), np.int32), np.empty(most, np.uint64)
    for i in range(starts.shape[0]):
        length = stops[i] - starts[i]
        plain = _folded(data, starts[i], stops[i], scratch, fold)
        if fold and not plain:
            wide[i] = True
            continue
        for c in range(_candidates(scratch, length, filter_, sizes, anchors, candidates, there)):
            p, size, where, gram = candidates[c, 0], candidates[c, 1], candidates[c, 2], there[c]
            e = np.int64(heads[candidates[c, 3] & mask])
            while e >= 0:
                if grams[e] == gram and entries[e, 1] == size and entries[e, 0] == where:
                    first, last = tests[e], tests[e + 1]
                    begin, long = p - entries[e, 3], spans[e, 1]
                    if (
                        done[e] != i + 1
                        and begin >= 0
                        and begin + long <= length
                        and (entries[e, 4] != EQUALS or long == length)
                        and same(scratch, begin, texts, spans[e, 0], long)
                    ):
                        done[e] = i + 1
                        for k in range(first, last):
                            target = targets[k]
                            if seen[target] != i + 1:
                                if count == out.shape[0]:
                                    return FULL
                                seen[target] = i + 1
                                out[count, 0] = i
                                out[count, 1] = target
                                count += 1
                e = np.int64(after[e])
    return count
