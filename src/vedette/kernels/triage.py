"""Alerts of other tools, one after the other: which are new or rare here, and when several of them meet.

`vedette.detectors.triage` says what is made of it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

NEW_NAME, NEW_PAIR, RARE_PAIR = 2.0, 1.0, 0.5
"""Evidence of an alert that the site never had, that this host never had, and that it has rarely."""

PAIR, TIME, WEIGHT = 0, 1, 2
HELD: Final = 256
"""Pieces of evidence remembered at once; of more, the oldest go."""

LEARN, VISIT, RARE, SPAN, NEED, AGAIN, APART = range(7)
"""Places of the settings: seconds until anything is told; seconds of a visit; visits a day below which a pair is rare;
seconds that evidence counts for; how much is told of; seconds until the same pair, and until any, is told again."""
SETTINGS: Final = 7


@njit(cache=True, nogil=True, error_model="numpy")
def triage(times: Any, names: Any, pairs: Any, settings: Any, evidence: Any, told: Any) -> None:
    """Write each alert's evidence with what was near it, and whether it is told.

    Parameters
    ----------
    times
        Seconds, in order; float64, shape ``(n,)``.
    names, pairs
        Numbers from 0 of the alert's name, and of its name on its host; int64.
    settings
        As above.
    evidence, told
        Written to; float64 and bool.
    """
    known = np.zeros(names.max() + 1 if len(names) else 0, np.bool_)
    visits = np.zeros(pairs.max() + 1 if len(pairs) else 0)
    visited, told_at = np.full(len(visits), -np.inf), np.full(len(visits), -np.inf)
    near = np.zeros((HELD, 3))
    near[:, TIME] = -np.inf
    place, latest = 0, -np.inf
    for i in range(len(times)):
        time, name, pair = times[i], names[i], pairs[i]
        visit = np.floor(time / settings[VISIT])
        weight = weight_of(
            known[name], visits[pair], visited[pair] == visit, (time - times[0]) / 86_400.0, settings[RARE]
        )
        evidence[i] = 0.0
        told[i] = False
        if weight > 0.0 and time - times[0] >= settings[LEARN]:
            before, again = gathered(near, time - settings[SPAN], pair)
            if not again:
                near[place % HELD, PAIR], near[place % HELD, TIME], near[place % HELD, WEIGHT] = pair, time, weight
                place += 1
            evidence[i] = before + (0.0 if again else weight)
            free = time - told_at[pair] >= settings[AGAIN] and time - latest >= settings[APART]
            if free and evidence[i] >= settings[NEED]:
                told[i] = True
                told_at[pair], latest = time, time
        if visited[pair] != visit:
            visits[pair] += 1.0
            visited[pair] = visit
        known[name] = True


@njit(cache=True, nogil=True, error_model="numpy")
def weight_of(known: bool, visits: float, same: bool, days: float, rare: float) -> float:
    """Return the evidence of one alert by what was seen before it; an hour is the least history."""
    if not known:
        return NEW_NAME
    if visits == 0.0:
        return NEW_PAIR
    return RARE_PAIR if not same and visits / max(days, 1.0 / 24.0) <= rare else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def gathered(near: Any, since: float, pair: int) -> tuple[float, bool]:
    """Return the evidence since a time, and whether the pair is among it."""
    whole, again = 0.0, False
    for k in range(near.shape[0]):
        if near[k, TIME] > since:
            whole += near[k, WEIGHT]
            again = again or int(near[k, PAIR]) == pair
    return whole, again
