"""Alerts of other tools, one after the other: which are new or rare here, and when several of them meet.

`vedette.detectors.triage` says what is made of it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

NEW_NAME, NEW_PAIR, SILENT, RARE = range(4)
"""Sorts of odd alerts: one that the site never had, that this host never had, that it did not have for long, and that
it has rarely."""
SORTS: Final = 4

DAYS, LAST_DAY, AFTER = 0, 1, 2
"""Columns of names: days on which the site had it, the latest of them, from 1970, and from there on what it came after
on some host, `COMPANY` names, the latest ones; -1 for none."""
COMPANY: Final = 8
NAME: Final = AFTER + COMPANY

VISITS, VISITED, SEEN, TOLD_AT = range(4)
"""Columns of pairs of name and host: visits, the latest of them, when it was seen, and when it was told of last."""
PAIR: Final = 4

LATEST_NAME, LATEST_TIME = 0, 1
"""Columns of hosts: their latest alert."""
HOST: Final = 2

WHICH, TIME, WEIGHT = 0, 1, 2
"""Columns of what is near: pair, time and evidence."""
HELD: Final = 256
"""Pieces of evidence remembered at once; of more, the oldest go."""

BEGAN, PEAK = 0, 1
"""Columns of stories that were told: when they began, and their most evidence."""

PLACE, LATEST, STORY, FIRST, COUNTED, COUNT = range(6)
"""Places of the clock: next piece of evidence; when something was told last; next story; the first alert; when odd
alerts were counted last, and from there on how many of each sort came, fading."""
CLOCK: Final = COUNT + SORTS

VISIT, LEARN, OFTEN, GAP, SPAN, FADE, PRIOR, MOST = range(8)
"""Places of the settings, times in seconds: a visit; until a source's alerts are told; visits a day beyond which an
alert is usual; silence that is long; how long evidence counts; how counts fade; odd alerts of a sort that are taken for
granted; most evidence of one."""
TOGETHER, SHARE, NEED, MORE, LEAST, AGAIN, APART, QUIET, MEMORY = range(8, 17)
"""The alerts of one event come within; share of evidence that is left to a known companion; evidence that is told of;
what an open story is told of again with, in all and of the alert itself; until the same pair, and until any, is told
again; without a word after which a story is over; for which stories count against the bar."""
SETTINGS: Final = 17

SAID, EVIDENCE, TOLD, DAYS_BEFORE, VISITS_BEFORE = range(5)
"""Rows written for each alert: its own evidence; that with what was near it; 1 where it is told; on how many days the
site had it before, and in how many visits its host."""
OUT: Final = 5

HOUR, DAY = 3600.0, 86_400.0


@njit(cache=True, nogil=True, error_model="numpy")
def triage(
    times: Any,
    names: Any,
    hosts: Any,
    pairs: Any,
    since: Any,
    factors: Any,
    settings: Any,
    known: Any,
    latest: Any,
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
    names, hosts, pairs
        Rows of `known`, `latest` and `held`; int64.
    since, factors
        When the alert's source was seen first, and what its evidence is multiplied by; float64.
    settings
        As above.
    known, latest, held, near, stories, clock
        State, changed in place: names, hosts, pairs, evidence, stories, clock.
    out
        Written to; float64, shape ``(OUT, n)``.
    """
    for i in range(len(times)):
        time, name, host, pair = times[i], names[i], hosts[i], pairs[i]
        visit, day = np.floor(time / settings[VISIT]), np.floor(time / DAY)
        if not np.isfinite(clock[FIRST]):
            clock[FIRST], clock[COUNTED] = time, time
        out[SAID, i], out[EVIDENCE, i], out[TOLD, i] = 0.0, 0.0, 0.0
        out[DAYS_BEFORE, i], out[VISITS_BEFORE, i] = known[name, DAYS], held[pair, VISITS]
        before = int(latest[host, LATEST_NAME]) if time - latest[host, LATEST_TIME] <= settings[TOGETHER] else -1
        sort = sort_of(known[name, DAYS] > 0.0, held[pair], visit, time, since[i], settings)
        if sort >= 0:
            weight = surprise(clock, sort, time, is_company(known[name], before), settings) * factors[i]
            if time - since[i] >= settings[LEARN]:
                out[SAID, i] = weight
                out[EVIDENCE, i] = gathered(near, clock, time, pair, weight, settings[SPAN])
                free = time - held[pair, TOLD_AT] >= settings[AGAIN] and time - clock[LATEST] >= settings[APART]
                if free and tells(stories, clock, time, out[EVIDENCE, i], weight, settings):
                    out[TOLD, i] = 1.0
                    held[pair, TOLD_AT], clock[LATEST] = time, time
        if held[pair, VISITED] != visit:
            held[pair, VISITS] += 1.0
            held[pair, VISITED] = visit
        if known[name, LAST_DAY] != day:
            known[name, DAYS] += 1.0
            known[name, LAST_DAY] = day
        if before >= 0 and before != name and not is_company(known[name], before):
            known[name, AFTER + 1 :] = known[name, AFTER:-1].copy()
            known[name, AFTER] = before
        held[pair, SEEN] = time
        latest[host, LATEST_NAME], latest[host, LATEST_TIME] = name, time


@njit(cache=True, nogil=True, error_model="numpy")
def sort_of(known: bool, pair: Any, visit: float, time: float, since: float, settings: Any) -> int:
    """Return the sort of an alert by what was seen before it, -1 for a usual one; an hour is the least history."""
    if not known:
        return NEW_NAME
    if pair[VISITS] == 0.0:
        return NEW_PAIR
    if pair[VISITED] == visit or pair[VISITS] * DAY / max(time - since, HOUR) > settings[OFTEN]:
        return -1
    return SILENT if time - pair[SEEN] > settings[GAP] else RARE


@njit(cache=True, nogil=True, error_model="numpy")
def is_company(name: Any, before: int) -> bool:
    """Say whether an alert came right after that other one before, on whatever host."""
    for k in range(AFTER, name.shape[0]):
        if before >= 0 and name[k] == before:
            return True
    return False


@njit(cache=True, nogil=True, error_model="numpy")
def surprise(clock: Any, sort: int, time: float, company: bool, settings: Any) -> float:
    """Return the decades by which another alert of the sort is unlikely in a span, by how often it came so far here.

    It is counted then. Part of an event that is known as a whole counts for a share only.
    """
    fade = np.exp(-(time - clock[COUNTED]) / settings[FADE])
    clock[COUNTED] = time
    for k in range(COUNT, COUNT + SORTS):
        clock[k] *= fade
    possible = clock[FIRST] + (settings[GAP] if sort == SILENT else 0.0)
    watched = settings[FADE] * (1.0 - np.exp(-max(time - possible, 0.0) / settings[FADE])) + HOUR
    rate = (clock[COUNT + sort] + settings[PRIOR]) / watched
    share = settings[SHARE] if company else 1.0
    clock[COUNT + sort] += share
    return share * min(-np.log10(-np.expm1(-rate * settings[SPAN])), settings[MOST])


@njit(cache=True, nogil=True, error_model="numpy")
def gathered(near: Any, clock: Any, time: float, pair: int, weight: float, span: float) -> float:
    """Return the evidence of a span with this alert, which is noted unless its pair is in it already."""
    whole, again = 0.0, False
    for k in range(near.shape[0]):
        if near[k, TIME] > time - span:
            whole += near[k, WEIGHT]
            again = again or int(near[k, WHICH]) == pair
    if again:
        return whole
    k = int(clock[PLACE])
    near[k, WHICH], near[k, TIME], near[k, WEIGHT] = pair, time, weight
    clock[PLACE] = (k + 1) % near.shape[0]
    return whole + weight


@njit(cache=True, nogil=True, error_model="numpy")
def tells(stories: Any, clock: Any, time: float, evidence: float, weight: float, settings: Any) -> bool:
    """Say whether evidence is told, and note it as part of the open story or as a new one.

    As many stories as there is room for are bearable within the memory; a further one must outweigh the least of them.
    """
    k = int(clock[STORY])
    if time - clock[LATEST] <= settings[QUIET]:
        k = (k - 1) % stories.shape[0]
        stories[k, PEAK] = max(stories[k, PEAK], evidence)
        return evidence >= settings[MORE] and weight >= settings[LEAST]
    if evidence < settings[NEED]:
        return False
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
    state = np.zeros((1, NAME)), np.zeros((1, HOST)), np.zeros((1, PAIR)), np.zeros((HELD, 3)), np.zeros((1, 2))
    triage(floats, ints, ints, ints, floats, floats, settings, *state, clock, np.zeros((OUT, 1)))
