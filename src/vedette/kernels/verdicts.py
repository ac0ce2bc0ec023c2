"""Rules decided row by row from what each row's values hit; only rules whose guards are hit are looked at."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

YES: Final = -1
NO: Final = -2
"""Where a rule's code ends."""


@njit(cache=True, nogil=True)
def _run(at: Any, truth: Any, tag: Any, leaf: Any, yes: Any, no: Any, costly: Any) -> Any:
    """Return where a rule's code ends, or the step whose leaf is costly."""
    while at >= 0 and not costly[leaf[at]]:
        at = yes[at] if truth[leaf[at]] == tag else no[at]
    return at


@njit(cache=True, nogil=True)
def judge(
    codes: Any,
    bases: Any,
    ends: Any,
    hits: Any,
    guarded: Any,
    rules: Any,
    always: Any,
    starts: Any,
    leaf: Any,
    yes: Any,
    no: Any,
    costly: Any,
    met: Any,
    first: Any,
    out: Any,
) -> Any:
    """Write ``(row, rule, step)`` of what matches, or waits for a costly leaf, from row `first` on.

    Returns how many, and the row to go on at.

    Parameters
    ----------
    codes, bases
        Value of each slot and row, shape ``(slots, rows)``, counted from the slot's base.
    ends, hits
        ``hits[ends[v]:ends[v + 1]]`` are the leaves that are true of value `v`.
    guarded, rules, always
        ``rules[guarded[a]:guarded[a + 1]]`` are looked at where leaf `a` is true, ``always`` everywhere.
    starts, leaf, yes, no, costly
        A rule's code: test a leaf, go to ``yes`` or ``no``, until `YES` or `NO`, or a leaf that is costly.
    met
        Counts how many rows each leaf is true of.
    """
    truth = np.zeros(costly.shape[0], np.int64)
    asked = np.zeros(starts.shape[0], np.int64)
    waiting = np.empty(starts.shape[0], np.int64)
    count = 0
    for i in range(first, codes.shape[1]):
        if count + starts.shape[0] > out.shape[0]:
            return count, i
        tag = i + 1
        many = 0
        for rule in always:
            waiting[many] = rule
            many += 1
            asked[rule] = tag
        for slot in range(codes.shape[0]):
            value = bases[slot] + codes[slot, i]
            for k in range(ends[value], ends[value + 1]):
                atom = hits[k]
                if truth[atom] == tag:
                    continue
                truth[atom] = tag
                met[atom] += 1
                for g in range(guarded[atom], guarded[atom + 1]):
                    rule = rules[g]
                    if asked[rule] != tag:
                        asked[rule] = tag
                        waiting[many] = rule
                        many += 1
        for w in range(many):
            at = _run(starts[waiting[w]], truth, tag, leaf, yes, no, costly)
            if at != NO:
                out[count, 0] = i
                out[count, 1] = waiting[w]
                out[count, 2] = at
                count += 1
    return count, codes.shape[1]


@njit(cache=True, nogil=True)
def resume(codes: Any, bases: Any, ends: Any, hits: Any, leaf: Any, yes: Any, no: Any, costly: Any, found: Any) -> None:
    """Go on with each ``(row, rule, step)`` of ``found``, in order of rows, until it ends or waits again."""
    truth = np.zeros(costly.shape[0], np.int64)
    before = -1
    for j in range(found.shape[0]):
        i = found[j, 0]
        if i != before:
            before = i
            for slot in range(codes.shape[0]):
                value = bases[slot] + codes[slot, i]
                for k in range(ends[value], ends[value + 1]):
                    truth[hits[k]] = i + 1
        found[j, 2] = _run(found[j, 2], truth, i + 1, leaf, yes, no, costly)
