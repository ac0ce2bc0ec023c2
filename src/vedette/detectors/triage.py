"""`triage`: which alerts of other tools deserve a person?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import triage as kernel
from vedette.state.tree import Tree

VERSION: Final = 1

DAY: Final = 86_400.0
HOUR: Final = 3600.0

LEARN: Final = DAY
"""Seconds before anything is told: one daily rhythm."""
VISIT: Final = 600.0
OFTEN: Final = 4.0
"""Visits of ten minutes a day beyond which an alert is usual on its host. Of 2 to 6, 3 to 5 make little difference."""
GAP: Final = 36 * HOUR
"""Silence that is long: more than the daily rhythm explains."""
SPAN: Final = 1800.0
"""Seconds within which alerts belong to one story: an intruder's steps follow within minutes."""
FADE: Final = 4 * DAY
"""Seconds in which the number of odd alerts fades to 1/e. Of 1 to 7 days all do."""
PRIOR: Final = 0.5
"""Odd alerts of a sort that are taken for granted: Jeffreys' prior of a Poisson rate."""
MOST: Final = 2.0
"""Decades that one alert of ordinary urgency can say at most, so that none is told of by itself."""
TOGETHER: Final = 5.0
"""Seconds within which the alerts of one event, such as a log-in, follow each other. Of 2 to 10 all do."""
SHARE: Final = 0.25
"""Part of its evidence that an alert keeps which comes as it did before, right after the same other one."""
NEED: Final = 2.5
"""Decades of evidence that are told of: what comes by chance in one half an hour of six and a half days."""
MORE: Final = 1.0
LEAST: Final = 0.3
"""Decades with which an open story is told of again, of all and of the alert that is news."""
AGAIN: Final = HOUR
APART: Final = 5.0
QUIET: Final = 2 * HOUR
"""An incident ends with two hours in which nothing is told."""

MEMORY: Final = 28 * DAY
"""Seconds over which bearable stories are counted."""
MOST_STORIES: Final = 1000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Triaged:
    """What is made of alerts, in their order: own evidence, evidence with what was near it, and whether it is told.

    ``days`` and ``visits`` say on how many days the site, and in how many visits of ten minutes the host had it before.
    """

    weight: Floats
    evidence: Floats
    told: NDArray[np.bool_]
    days: Floats
    visits: Floats


class Triage:
    """The names of a site's alerts, the hosts they came from, and what was odd of late.

    Notes
    -----
    What tools raise all day is usual, whatever its severity: its names and hosts are learned. There are four sorts of
    odd alerts: what the site never had, what this host never had, what it did not have for a day and a half, and what
    it has rarely. How often each sort comes is learned, too, and its evidence is the chance of another one in half an
    hour, in decades: on a restless site, or after a rollout, what is new says less. Alerts that come right after the
    same other one as before, as the six of one log-in do, keep a quarter. What falls into half an hour is added.

    It works where tools name what they see. **It fails** where an attack raises only usual alerts, however many (rates
    are the baseline's business), and in a source's first day.

    Parameters
    ----------
    bearable
        False stories a day that are bearable. Of four weeks' worth of them the weakest sets the bar.
    ready_after
        Seconds from a source's first alert until its alerts are told.

    Cost: 0.1 µs a usual alert, 0.4 µs a rare one; 32 bytes a pair, 80 a name.
    """

    def __init__(self, bearable: float, ready_after: float = LEARN) -> None:
        self._settings = np.empty(kernel.SETTINGS)
        for place, value in SETTINGS.items():
            self._settings[place] = value
        self._settings[kernel.LEARN] = ready_after
        self._known = np.zeros((0, kernel.NAME))
        self._latest = np.zeros((0, kernel.HOST))
        self._held = np.zeros((0, kernel.PAIR))
        self._near = np.zeros((kernel.HELD, 3))
        self._near[:, kernel.TIME] = -np.inf
        room = round(bearable * MEMORY / DAY)
        self._stories = np.full((min(max(room, 1), MOST_STORIES), 2), -np.inf)
        self._clock = np.zeros(kernel.CLOCK)
        self._clock[[kernel.LATEST, kernel.FIRST]] = -np.inf

    def judge(self, times: Floats, names: Ints, hosts: Ints, pairs: Ints, since: Floats, factors: Floats) -> Triaged:
        """Judge alerts in order of time, each by those before it, and learn from them.

        Parameters
        ----------
        times
            Epoch seconds, in order, shape ``(n,)``.
        names, hosts, pairs
            Numbers from 0 of names, of hosts, and of names on hosts.
        since
            When each alert's source was seen first.
        factors
            What an alert's evidence is multiplied by, 1 for one of ordinary urgency.
        """
        self._known = _grown(self._known, int(names.max(initial=-1)) + 1)
        self._latest = _grown(self._latest, int(hosts.max(initial=-1)) + 1)
        self._held = _grown(self._held, int(pairs.max(initial=-1)) + 1)
        out = np.empty((kernel.OUT, len(times)))
        state = self._known, self._latest, self._held, self._near, self._stories, self._clock
        kernel.triage(times, names, hosts, pairs, since, factors, self._settings, *state, out)
        weight, evidence, told, days, visits = out
        return Triaged(weight, evidence, told > 0.0, days, visits)

    def seen(self) -> Floats:
        """Return when each pair was seen last, epoch seconds, to ten minutes."""
        return np.asarray(self._held[:, kernel.VISITED] * VISIT)

    def keep(self, names: Ints, hosts: Ints, pairs: Ints) -> None:
        """Forget all names, hosts and pairs but these, which are numbered anew in this order."""
        self._near[:, kernel.WHICH] = _renumbered(self._near[:, kernel.WHICH], pairs, len(self._held))
        size = len(self._known)
        self._known, self._latest, self._held = self._known[names], self._latest[hosts], self._held[pairs]
        self._known[:, kernel.AFTER :] = _renumbered(self._known[:, kernel.AFTER :], names, size)
        self._latest[:, kernel.LATEST_NAME] = _renumbered(self._latest[:, kernel.LATEST_NAME], names, size)

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later judging does not change it."""
        return {
            "version": VERSION,
            "known": self._known.copy(),
            "latest": self._latest.copy(),
            "held": self._held.copy(),
            "near": self._near.copy(),
            "stories": self._stories.copy(),
            "clock": self._clock.copy(),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; stories that find no room are the oldest. Raises `StateCorrupt`."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"triage state has version {tree.get('version')!r}, expected {VERSION}")
        self._known, self._held = np.array(tree["known"]), np.array(tree["held"])
        self._latest = np.array(tree["latest"])
        self._near, self._clock = np.array(tree["near"]), np.array(tree["clock"])
        stories = np.array(tree["stories"])
        if len(stories) == len(self._stories):
            self._stories = stories
            return
        latest = stories[np.argsort(stories[:, kernel.BEGAN])][-len(self._stories) :]
        self._stories = np.full_like(self._stories, -np.inf)
        self._stories[: len(latest)] = latest
        self._clock[kernel.STORY] = len(latest) % len(self._stories)


def _renumbered(numbers: Floats, kept: Ints, size: int) -> Floats:
    """Return each number's place among those kept of `size`; -1 for what is not kept, or was none."""
    place = np.full(size + 1, -1.0)
    place[kept] = np.arange(len(kept))
    return np.asarray(place[np.maximum(numbers, -1.0).astype(np.int64)])


def _grown(rows: Floats, size: int) -> Floats:
    """Return rows with room for `size`, at least doubled where there was none; what is not known is long ago."""
    if size <= len(rows):
        return rows
    more = np.full((max(size, 2 * len(rows)) - len(rows), rows.shape[1]), -np.inf)
    more[:, 0] = 0.0
    return np.concatenate([rows, more])


SETTINGS: Final = {
    kernel.VISIT: VISIT,
    kernel.OFTEN: OFTEN,
    kernel.GAP: GAP,
    kernel.SPAN: SPAN,
    kernel.FADE: FADE,
    kernel.PRIOR: PRIOR,
    kernel.MOST: MOST,
    kernel.TOGETHER: TOGETHER,
    kernel.SHARE: SHARE,
    kernel.NEED: NEED,
    kernel.MORE: MORE,
    kernel.LEAST: LEAST,
    kernel.AGAIN: AGAIN,
    kernel.APART: APART,
    kernel.QUIET: QUIET,
    kernel.MEMORY: MEMORY,
}
