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
RARE: Final = 2.0
"""Visits of ten minutes a day up to which an alert is rare on its host. 1 to 3 were tried: they move false
notifications between 1.2 and 3.3 a day."""
SPAN: Final = 1800.0
"""Seconds within which alerts belong to one story: an intruder's steps follow within minutes."""
NEED: Final = 5.0
"""Evidence that is told of: three alerts new to the site within half an hour, or more that are new to a host or rare. 2
to 5 were tried: fewer false ones with more, and hardly a phase less."""
AGAIN: Final = HOUR
APART: Final = 20.0
QUIET: Final = HOUR
"""An incident ends with an hour in which nothing is told."""

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
    What tools raise all day is usual, whatever its severity: its names and hosts are learned. Evidence is what the site
    has never had, what this host has never had and what it has rarely, and is added over half an hour: one such
    alert is an oddity, several kinds of them together are a story.

    It works where tools name what they see. **It fails** where an attack raises only usual alerts, however many (rates
    are the baseline's business), in a source's first day, and where new software brings many new alerts at once.

    Parameters
    ----------
    bearable
        False stories a day that are bearable. Of four weeks' worth of them the weakest sets the bar.
    ready_after
        Seconds from a source's first alert until its alerts are told.

    Cost: 0.05 µs a usual alert, 0.3 µs a rare one; 24 bytes a pair.
    """

    def __init__(self, bearable: float, ready_after: float = LEARN) -> None:
        self._settings = np.empty(kernel.SETTINGS)
        self._settings[[kernel.VISIT, kernel.LEARN, kernel.RARE, kernel.SPAN]] = VISIT, ready_after, RARE, SPAN
        self._settings[[kernel.NEED, kernel.AGAIN, kernel.APART]] = NEED, AGAIN, APART
        self._settings[[kernel.QUIET, kernel.MEMORY]] = QUIET, MEMORY
        self._known = np.zeros((0, kernel.NAME))
        self._held = np.zeros((0, kernel.PAIR))
        self._near = np.zeros((kernel.HELD, 3))
        self._near[:, kernel.TIME] = -np.inf
        room = round(bearable * MEMORY / DAY)
        self._stories = np.full((min(max(room, 1), MOST_STORIES), 2), -np.inf)
        self._clock = np.zeros(kernel.CLOCK)
        self._clock[kernel.LATEST] = -np.inf

    def judge(self, times: Floats, names: Ints, pairs: Ints, since: Floats, factors: Floats) -> Triaged:
        """Judge alerts in order of time, each by those before it, and learn from them.

        Parameters
        ----------
        times
            Epoch seconds, in order, shape ``(n,)``.
        names, pairs
            Numbers from 0 of names, and of names on hosts.
        since
            When each alert's source was seen first.
        factors
            What an alert's evidence is multiplied by, 1 for one of ordinary urgency.
        """
        self._known = _grown(self._known, int(names.max(initial=-1)) + 1)
        self._held = _grown(self._held, int(pairs.max(initial=-1)) + 1)
        out = np.empty((kernel.OUT, len(times)))
        state = self._known, self._held, self._near, self._stories, self._clock
        kernel.triage(times, names, pairs, since, factors, self._settings, *state, out)
        weight, evidence, told, days, visits = out
        return Triaged(weight, evidence, told > 0.0, days, visits)

    def seen(self) -> Floats:
        """Return when each pair was seen last, epoch seconds, to ten minutes."""
        return np.asarray(self._held[:, kernel.VISITED] * VISIT)

    def keep(self, names: Ints, pairs: Ints) -> None:
        """Forget all names and pairs but these, which are numbered anew in this order."""
        place = np.full(len(self._held), -1.0)
        place[pairs] = np.arange(len(pairs))
        self._known, self._held = self._known[names], self._held[pairs]
        full = np.isfinite(self._near[:, kernel.TIME])
        self._near[full, kernel.WHICH] = place[self._near[full, kernel.WHICH].astype(np.int64)]

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later judging does not change it."""
        return {
            "version": VERSION,
            "known": self._known.copy(),
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
        self._near, self._clock = np.array(tree["near"]), np.array(tree["clock"])
        stories = np.array(tree["stories"])
        if len(stories) == len(self._stories):
            self._stories = stories
            return
        latest = stories[np.argsort(stories[:, kernel.BEGAN])][-len(self._stories) :]
        self._stories = np.full_like(self._stories, -np.inf)
        self._stories[: len(latest)] = latest
        self._clock[kernel.STORY] = len(latest) % len(self._stories)


def _grown(rows: Floats, size: int) -> Floats:
    """Return rows with room for `size`, at least doubled where there was none."""
    if size <= len(rows):
        return rows
    more = np.zeros((max(size, 2 * len(rows)) - len(rows), rows.shape[1]))
    more[:, 1:] = -np.inf
    return np.concatenate([rows, more])
