"""Alerts of other tools, one after the other: which are new or rare here, and when several of them meet.

`vedette.detectors.triage` says what is made of it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

NEW_NAME, NEW_PAIR, RARE_PAIR = 2.0, 1.0, 0.5
"""Evidence of an alert that the site never had, that this host never had, and that it has rarely."""

DAYS, LAST_DAY = 0, 1
"""Columns of names: days on which the site had it, and the latest of them, from 1970."""
NAME: Final = 2

VISITS, VISITED, TOLD_AT = 0, 1, 2
"""Columns of pairs of name and host: visits, the latest of them, and when it was told of last."""
PAIR: Final = 3

WHICH, TIME, WEIGHT = 0, 1, 2
"""Columns of what is near: pair, time and evidence."""
HELD: Final = 256
"""Pieces of evidence remembered at once; of more, the oldest go."""

BEGAN, PEAK = 0, 1
"""Columns of stories that were told: when they began, and their most evidence."""

PLACE, LATEST, STORY = range(3)
"""Places of the clock: next piece of evidence; when something was told last; next story."""
CLOCK: Final = 3

VISIT, LEARN, RARE, SPAN, NEED, AGAIN, APART, QUIET, MEMORY = range(9)
"""Places of the settings: seconds of a visit; seconds until a source's alerts are told; visits a day up to which a pair
is rare; seconds that evidence counts for; how much is told of; seconds until the same pair, and until any, is told
again; seconds without a word after which a story is over; seconds for which stories count against the bar."""
SETTINGS: Final = 9

SAID, EVIDENCE, TOLD, DAYS_BEFORE, VISITS_BEFORE = range(5)
"""Rows written for each alert: its own evidence; that with what was near it; 1 where it is told; on how many days the
site had it before, and in how many visits its host."""
OUT: Final = 5


@njit(cache=True, nogil=True, error_model="numpy")
def triage(
    times: Any,
    names: Any,
    pairs: Any,
    since: Any,
    factors: Any,
    settings: Any,
    known: Any,
    held: Any,
    near: Any,
    stories: Any,
    clock: Any,
    out: Any,
) -> None:
    """Write what is made of each alert, and learn from it.

    Parameters
    ----------
    times
        Seconds since 1970, in order; float64, shape ``(n,)``.
    names, pairs
        Rows of `known` and `held`; int64.
    since, factors
        When the alert's source was seen first, and what its evidence is multiplied by; float64.
    settings
        As above.
    known, held, near, stories, clock
        State, changed in place: names, pairs, evidence, stories, clock.
    out
        Written to; float64, shape ``(OUT, n)``.
    """
    for i in range(len(times)):
        time, name, pair = times[i], names[i], pairs[i]
        visit, day = np.floor(time / settings[VISIT]), np.floor(time / 86_400.0)
        out[SAID, i], out[EVIDENCE, i], out[TOLD, i] = 0.0, 0.0, 0.0
        out[DAYS_BEFORE, i], out[VISITS_BEFORE, i] = known[name, DAYS], held[pair, VISITS]
        days = (time - since[i]) / 86_400.0
        weight = weight_of(known[name, DAYS] > 0.0, held[pair, VISITS], held[pair, VISITED] == visit, days, settings)
        if weight > 0.0 and time - since[i] >= settings[LEARN]:
            weight *= factors[i]
            before, again = gathered(near, time - settings[SPAN], pair)
            if not again:
                k = int(clock[PLACE]) % near.shape[0]
                near[k, WHICH], near[k, TIME], near[k, WEIGHT] = pair, time, weight
                clock[PLACE] = (k + 1) % near.shape[0]
                before += weight
            out[SAID, i], out[EVIDENCE, i] = weight, before
            free = time - held[pair, TOLD_AT] >= settings[AGAIN] and time - clock[LATEST] >= settings[APART]
            if free and tells(stories, clock, time, before, settings):
                out[TOLD, i] = 1.0
                held[pair, TOLD_AT], clock[LATEST] = time, time
        if held[pair, VISITED] != visit:
            held[pair, VISITS] += 1.0
            held[pair, VISITED] = visit
        if known[name, LAST_DAY] != day:
            known[name, DAYS] += 1.0
            known[name, LAST_DAY] = day


@njit(cache=True, nogil=True, error_model="numpy")
def weight_of(known: bool, visits: float, same: bool, days: float, settings: Any) -> float:
    """Return the evidence of one alert by what was seen before it; an hour is the least history."""
    if not known:
        return NEW_NAME
    if visits == 0.0:
        return NEW_PAIR
    return RARE_PAIR if not same and visits / max(days, 1.0 / 24.0) <= settings[RARE] else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def gathered(near: Any, since: float, pair: int) -> tuple[float, bool]:
    """Return the evidence since a time, and whether the pair is among it."""
    whole, again = 0.0, False
    for k in range(near.shape[0]):
        if near[k, TIME] > since:
            whole += near[k, WEIGHT]
            again = again or int(near[k, WHICH]) == pair
    return whole, again


@njit(cache=True, nogil=True, error_model="numpy")
def tells(stories: Any, clock: Any, time: float, evidence: float, settings: Any) -> bool:
    """Say whether evidence is told, and note it as part of the open story or as a new one.

    As many stories as there is room for are bearable within the memory; a further one must outweigh the least of them.
    """
    if evidence < settings[NEED]:
        return False
    k = int(clock[STORY])
    if time - clock[LATEST] <= settings[QUIET]:
        k = (k - 1) % stories.shape[0]
        stories[k, PEAK] = max(stories[k, PEAK], evidence)
        return True
    least, count = np.inf, 0
    for j in range(stories.shape[0]):
        if time - stories[j, BEGAN] < settings[MEMORY]:
            least, count = min(least, stories[j, PEAK]), count + 1
    if count == stories.shape[0] and evidence <= least:
        return False
    stories[k, BEGAN], stories[k, PEAK] = time, evidence
    clock[STORY] = (k + 1) % stories.shape[0]
    return True


def warm() -> None:
    """Compile the kernel."""
    floats, ints = np.zeros(1), np.zeros(1, np.int64)
    settings, clock = np.ones(SETTINGS), np.zeros(CLOCK)
    state = np.zeros((1, NAME)), np.zeros((1, PAIR)), np.zeros((HELD, 3)), np.zeros((1, 2))
    triage(floats, ints, ints, floats, floats, settings, *state, clock, np.zeros((OUT, 1)))
