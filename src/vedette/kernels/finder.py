"""Thousands of texts looked for in many values: by one rare gram of each text, then by comparison.

Every place of a value costs an independent load, a multiplication and a test of one bit, so places overlap in the
processor where an automaton's steps wait for one another: beside Aho-Corasick (36 MB of table for the command lines of
SigmaHQ) a fifth of the time, and a hundredth of the memory.

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

from vedette.kernels.bytes import MIX1, MIX2, PAD, load64, same

CONTAINS, STARTS, ENDS, EQUALS = range(4)
"""Where in a value a text must be."""
GRAM: Final = 4
ANCHOR: Final = 8
"""Bytes of a gram of a text that may be anywhere, and of one that stands at an end."""
BITS: Final = 18
"""Of the filter: 32 KB, which stays in the first cache."""
FULL: Final = -1


@njit(cache=True, nogil=True)
def place_of(gram: Any, size: Any, where: Any) -> Any:
    """Return the bit of a gram of some size; ``where`` is `CONTAINS`, `STARTS` or `ENDS`."""
    mixed = (gram ^ (np.uint64(size + 16 * where) * MIX2)) * MIX1
    return np.int64((mixed ^ (mixed >> np.uint64(29))) * MIX2 >> np.uint64(64 - BITS))


@njit(cache=True, nogil=True)
def gram_at(data: Any, at: Any, size: Any) -> Any:
    """Return up to eight bytes as a number; needs `PAD` bytes behind them."""
    word = load64(data, at)
    return word if size == 8 else word & ((np.uint64(1) << np.uint64(8 * size)) - np.uint64(1))


@njit(cache=True, nogil=True)
def enter(texts: Any, entries: Any, grams: Any, filter_: Any, heads: Any, after: Any) -> None:
    """Fill the filter and its lists. ``entries`` has where, size of gram, start of gram in ``texts`` by row."""
    for e in range(entries.shape[0]):
        where, size, at = entries[e, 0], entries[e, 1], entries[e, 2]
        gram = gram_at(texts, at, size)
        grams[e] = gram
        place = place_of(gram, size, where)
        filter_[place >> 6] |= np.uint64(1) << np.uint64(place & 63)
        slot = place & (heads.shape[0] - 1)
        after[e] = heads[slot]
        heads[slot] = e


@njit(cache=True, nogil=True)
def _folded(data: Any, start: Any, end: Any, scratch: Any, fold: Any) -> bool:
    """Copy a value, ASCII capitals as small letters if asked for; say whether it is ASCII."""
    plain = True
    for p in range(start, end):
        byte = data[p]
        if byte >= 128:
            plain = False
        scratch[p - start] = byte + 32 if fold and byte >= 65 and byte <= 90 else byte
    return plain


@njit(cache=True, nogil=True)
def find(
    data: Any,
    starts: Any,
    stops: Any,
    fold: Any,
    scratch: Any,
    texts: Any,
    spans: Any,
    entries: Any,
    grams: Any,
    filter_: Any,
    heads: Any,
    after: Any,
    sizes: Any,
    tests: Any,
    targets: Any,
    seen: Any,
    wide: Any,
    out: Any,
) -> Any:
    """Write ``(value, target)`` once for each target of a value, in order of values; return how many, or `FULL`.

    Parameters
    ----------
    data, starts, stops
        The values; ``scratch`` has room for the longest and `PAD` bytes.
    texts, spans
        What is looked for: start and size of the text of each entry.
    entries, grams, filter_, heads, after
        As `enter` leaves them; ``entries`` also has the gram's place in the text, and where the text must be.
    sizes
        Which sizes of grams occur, by where, shape ``(3, 9)``.
    tests, targets
        ``targets[tests[e]:tests[e + 1]]`` are hit by entry `e`.
    seen
        Zeros, one for each target.
    wide
        Set for values with other letters than ASCII, which are not looked at if ``fold``.
    """
    count = 0
    mask = heads.shape[0] - 1
    for i in range(starts.shape[0]):
        length = stops[i] - starts[i]
        plain = _folded(data, starts[i], stops[i], scratch, fold)
        if fold and not plain:
            wide[i] = True
            continue
        for where in range(3):
            for size in range(1, 9):
                if not sizes[where, size] or size > length:
                    continue
                first, last = 0, length - size
                if where == STARTS:
                    last = 0
                elif where == ENDS:
                    first = last
                for p in range(first, last + 1):
                    gram = gram_at(scratch, p, size)
                    place = place_of(gram, size, where)
                    if not (filter_[place >> 6] >> np.uint64(place & 63)) & np.uint64(1):
                        continue
                    e = heads[place & mask]
                    while e >= 0:
                        if grams[e] == gram and entries[e, 1] == size and entries[e, 0] == where:
                            begin, long = p - entries[e, 3], spans[e, 1]
                            if (
                                begin >= 0
                                and begin + long <= length
                                and (entries[e, 4] != EQUALS or long == length)
                                and same(scratch, begin, texts, spans[e, 0], long)
                            ):
                                for k in range(tests[e], tests[e + 1]):
                                    target = targets[k]
                                    if seen[target] != i + 1:
                                        if count == out.shape[0]:
                                            return FULL
                                        seen[target] = i + 1
                                        out[count, 0] = i
                                        out[count, 1] = target
                                        count += 1
                        e = after[e]
    return count
