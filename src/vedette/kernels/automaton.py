"""Many texts looked for in many values at once: an Aho-Corasick automaton over classes of bytes.

A transition holds twice the next state, plus one where that state ends a text: most bytes cost one load.

References
----------
A. V. Aho and M. J. Corasick, Efficient string matching: an aid to bibliographic search, CACM 18(6), 1975.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

CONTAINS, STARTS, ENDS, EQUALS = range(4)
"""Where in a value a text must be."""
FULL: Final = -1


@njit(cache=True, nogil=True)
def count_states(data: Any, ends: Any) -> Any:
    """Return how many states the texts need; texts are in order of their bytes, ``ends`` begins with 0."""
    states = 1 + ends[1] - ends[0] if ends.shape[0] > 1 else 1
    for i in range(1, ends.shape[0] - 1):
        before, start, size = ends[i - 1], ends[i], ends[i + 1] - ends[i]
        shared, most = 0, min(size, start - before)
        while shared < most and data[before + shared] == data[start + shared]:
            shared += 1
        states += size - shared
    return states


@njit(cache=True, nogil=True)
def build(data: Any, ends: Any, classes: Any, width: Any, table: Any, head: Any, link: Any) -> None:
    """Fill the automaton; texts differ, and are not empty.

    ``table`` has ``states × width`` zeros; ``head`` gets the text that ends in a state, ``link`` the next shorter
    suffix of a state that ends a text; both hold -1 for none.
    """
    states = 1
    head[:] = -1
    link[:] = -1
    for i in range(ends.shape[0] - 1):
        state = 0
        for p in range(ends[i], ends[i + 1]):
            place = state * width + classes[data[p]]
            if table[place] == 0:
                table[place] = states
                states += 1
            state = table[place]
        head[state] = i
    fail, queue = np.zeros(states, np.int32), np.empty(states, np.int32)
    first, last = 0, 0
    for c in range(width):
        if table[c] != 0:
            queue[last] = table[c]
            last += 1
    while first < last:
        state = queue[first]
        first += 1
        shorter = fail[state]
        link[state] = shorter if head[shorter] >= 0 else link[shorter]
        for c in range(width):
            after = table[state * width + c]
            if after != 0:
                fail[after] = table[shorter * width + c]
                queue[last] = after
                last += 1
            else:
                table[state * width + c] = table[shorter * width + c]
    for place in range(states * width):
        after = table[place]
        table[place] = 2 * after + (1 if head[after] >= 0 or link[after] >= 0 else 0)


@njit(cache=True, nogil=True)
def scan(
    data: Any,
    ends: Any,
    classes: Any,
    width: Any,
    table: Any,
    head: Any,
    link: Any,
    sizes: Any,
    tests: Any,
    kinds: Any,
    targets: Any,
    seen: Any,
    out: Any,
) -> Any:
    """Write ``(value, target)`` once for each target of a value, in order of values; return how many, or `FULL`.

    ``tests[t]:tests[t + 1]`` are the tests of text `t`: where it must be, and what is hit if it is. ``seen`` holds
    zeros, one for each target.
    """
    count = 0
    for i in range(ends.shape[0] - 1):
        start, end = ends[i], ends[i + 1]
        state = 0
        for p in range(start, end):
            found = table[state * width + classes[data[p]]]
            state = found >> 1
            if found & 1:
                at = state if head[state] >= 0 else link[state]
                while at >= 0:
                    text = head[at]
                    begins, closes = p + 1 - sizes[text] == start, p + 1 == end
                    for k in range(tests[text], tests[text + 1]):
                        kind, target = kinds[k], targets[k]
                        if (
                            seen[target] != i + 1
                            and (begins or kind == CONTAINS or kind == ENDS)
                            and (closes or kind == CONTAINS or kind == STARTS)
                        ):
                            if count == out.shape[0]:
                                return FULL
                            seen[target] = i + 1
                            out[count, 0] = i
                            out[count, 1] = target
                            count += 1
                    at = link[at]
    return count
