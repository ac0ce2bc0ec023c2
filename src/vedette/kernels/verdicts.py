"""Rules decided row by row from what each row's values hit; only rules whose guards are hit are looked at."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

YES: Final = -1
NO: Final = -2
"""Where a rule's code ends."""


@njit(cache=True, nogil=True)
def judge(
    codes: Any,
    bases: Any,
    ends: Any,
    hits: Any,
    atoms: Any,
    guarded: Any,
    rules: Any,
    always: Any,
    starts: Any,
    leaf: Any,
    yes: Any,
    no: Any,
    first: Any,
    out: Any,
) -> Any:
    """Write ``(row, rule)`` of what matches from row `first` on; return how many, and the row to go on at.

    Parameters
    ----------
    codes, bases
        Value of each slot and row, shape ``(slots, rows)``, counted from the slot's base.
    ends, hits
        ``hits[ends[v]:ends[v + 1]]`` are the atoms that are true of value `v`.
    atoms
        How many atoms there are.
    guarded, rules, always
        ``rules[guarded[a]:guarded[a + 1]]`` are looked at where atom `a` is true, ``always`` everywhere.
    starts, leaf, yes, no
        A rule's code: test the atom of a leaf, go to ``yes`` or ``no``, until `YES` or `NO`.
    """
    truth = np.zeros(atoms, np.int64)
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
                for g in range(guarded[atom], guarded[atom + 1]):
                    rule = rules[g]
                    if asked[rule] != tag:
                        asked[rule] = tag
                        waiting[many] = rule
                        many += 1
        for w in range(many):
            at = starts[waiting[w]]
            while at >= 0:
                at = yes[at] if truth[leaf[at]] == tag else no[at]
            if at == YES:
                out[count, 0] = i
                out[count, 1] = waiting[w]
                count += 1
    return count, codes.shape[1]
