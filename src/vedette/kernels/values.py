"""The values of log lines at the places that their templates leave open."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import MIX1, MIX2

MOST: Final = 8
"""Values of one line that are looked at."""


@njit(cache=True, nogil=True)
def _find(data: Any, begin: Any, end: Any, words: Any, first: Any, last: Any) -> Any:
    """Return where ``words[first:last]`` begins in ``data[begin:end]``, -1 for nowhere."""
    size = last - first
    for at in range(begin, end - size + 1):
        place = 0
        while place < size and data[at + place] == words[first + place]:
            place += 1
        if place == size:
            return at
    return np.int64(-1)


@njit(cache=True, nogil=True)
def values(
    data: Any,
    ends: Any,
    rows: Any,
    template: Any,
    parts: Any,
    edges: Any,
    words: Any,
    wanted: Any,
    line: Any,
    place: Any,
    begin: Any,
    size: Any,
    code: Any,
) -> int:
    """Write where each line's values are, and a hash of each; returns how many were written.

    A line's fixed parts are looked for from left to right, each at its first place; the first part begins the line,
    the last one ends it. What lies between them are the values. A line that is not made like its template has none.

    Parameters
    ----------
    data, ends
        An Arrow string column: bytes (uint8) and offsets (int32).
    rows, template
        Lines to look at (int64), and which template each is of, from 0.
    parts, edges, words
        Fixed parts of template k are ``parts[k]`` to ``parts[k + 1]``; part p is ``words[edges[p]:edges[p + 1]]``.
    wanted
        Which places of each template are read, bool of shape ``(templates, MOST)``; later ones never are.
    line, place, begin, size, code
        Outputs, with room for all wanted values of all lines: which of `rows` (int64), which place (int64), offset in
        `data` (int64), bytes (int64), uint64.
    """
    count = 0
    for i in range(rows.shape[0]):
        start, end = np.int64(ends[rows[i]]), np.int64(ends[rows[i] + 1])
        kind = template[i]
        first, last = parts[kind], parts[kind + 1]
        tail = edges[last] - edges[last - 1]
        head = edges[first + 1] - edges[first]
        if last - first < 2 or end - start < head + tail:
            continue
        if _find(data, start, start + head, words, edges[first], edges[first + 1]) < 0:
            continue
        if _find(data, end - tail, end, words, edges[last - 1], edges[last]) < 0:
            continue
        at, before = start + head, count
        for part in range(first + 1, last):
            until = end - tail
            if part < last - 1:
                until = _find(data, at, end - tail, words, edges[part], edges[part + 1])
                if until < 0:
                    count = before
                    break
            number = part - first - 1
            if number < MOST and wanted[kind, number]:
                total = np.uint64(until - at) * MIX2
                for byte in range(at, until):
                    total = (total ^ np.uint64(data[byte])) * MIX1
                    total ^= total >> np.uint64(29)
                line[count], place[count], begin[count], size[count], code[count] = i, number, at, until - at, total
                count += 1
            at = until + edges[part + 1] - edges[part]
    return count


def warm() -> None:
    """Compile the kernel."""
    text, fixed = np.zeros(1, np.uint8), np.zeros(1, np.uint8)
    fixed.flags.writeable = False
    none, one = np.zeros(1, np.int64), np.array([0, 1], np.int64)
    outputs = [np.zeros(1, np.int64) for _ in range(4)]
    for data in (text, fixed):
        for words in (text, fixed):
            values(
                data,
                np.zeros(2, np.int32),
                none,
                none,
                one,
                np.zeros(2, np.int64),
                words,
                np.zeros((1, MOST), np.bool_),
                *outputs,
                np.zeros(1, np.uint64),
            )
