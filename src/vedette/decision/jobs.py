"""What comes at the same time every day, or every week, is a job: told twice, and then usual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree

DAY: Final = 86_400 * SECOND
NEAR: Final = 20 * 60 * SECOND
"""How far from its usual time a job may begin or end."""
NEWS: Final = 90 * 60 * SECOND
"""Time after news in which a model that reads its half-hours side by side may know it from today."""
LATELY: Final = {3: 2, 7: 3}
"""Of so many days so many must have had it: a job may fail once, or be near the bar on some nights only."""
WEEKS: Final = (7, 14)
"""Days ago on both of which what comes weekly was there."""
AGO: Final = tuple(sorted({*range(1, max(LATELY) + 1), *WEEKS}))
"""Days ago that are asked for."""
LONGEST: Final = 6 * 3600 * SECOND
"""A stay that is longer is no job: a fault that lasts for days must not be taken for one that comes daily."""
KEPT: Final = 32
"""Stays remembered of each series, the latest: two weeks of two a day."""
MOST: Final = 10_000
"""Series remembered; beyond it, the one that was quiet longest is forgotten."""


@dataclass(frozen=True, slots=True)
class Habit:
    """A series that deviates by the clock: from when to when it did last, ns, after how many days, and how often."""

    slot: int
    start: int
    end: int
    days: int
    times: int


class Jobs:
    """When each series deviated, so that what recurs by the clock is known.

    Notes
    -----
    A stay is a time in which a series deviates, with pauses of `NEAR` at most. A deviation is usual if it falls into a
    stay of two of the last three days, three of the last seven, or of this day one and two weeks ago, moved by whole
    days. A stay that was there before the series was judged, too, counts as two and is usual as long as it lasts: that
    time could not be told of. It works for backups,
    reports and imports. **It fails** for what comes monthly, or on working days only (told on Mondays), and where the
    clock moves by an hour for daylight saving (told twice more). It would spare an attack that keeps hours, so it is
    asked for operations and performance only.
    """

    def __init__(self) -> None:
        self._stays: dict[int, list[list[int]]] = {}
        """Of each series its stays: first and last window, ns, and on how many days it was there, as far as known."""
        self._may = np.zeros(0, np.bool_)
        """Series that may be spared."""
        self._judged_from = np.zeros(0, np.int64)
        """When each series was ready first, ns; 0 for not yet."""

    def grow(self, may: Sequence[bool]) -> None:
        """Make room for new series, by whether they may be spared."""
        self._may = np.concatenate([self._may, np.array(may, np.bool_)])
        self._judged_from = np.concatenate([self._judged_from, np.zeros(len(may), np.int64)])

    def meet(self, slot: NDArray[np.int32], start: int, scores: Scores, near: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which rows of a window come by the clock, of those near the bar; these are remembered.

        What is known already on the day after the learning came in it, and was no news.
        """
        self._judged_from[slot[(self._judged_from[slot] == 0) & (scores.state == State.READY)]] = start
        usual = np.zeros(len(slot), np.bool_)
        for row in np.flatnonzero(near & self._may[slot]).tolist():
            one = int(slot[row])
            young = start - int(self._judged_from[one]) < DAY
            before = young and scores.known is not None and bool(scores.known[row]) and not self._was_news(one, start)
            usual[row] = before or self.usual(one, start)
            self.note(one, start, 2 if before else 1)
        return usual

    def _was_news(self, slot: int, start: int) -> bool:
        """Say whether a series deviated lately, and it was news: what is known may be that very deviation."""
        return any(days == 1 and start - last <= NEWS for _, last, days in self._stays.get(slot, ()))

    def usual(self, slot: int, start: int) -> bool:
        """Say whether a series deviates at this time, ns, as it did on days before."""
        stays = self._stays.get(slot, [])
        if stays and start - stays[-1][1] <= NEAR and stays[-1][2] > 1:
            return True
        had: dict[int, int] = {}
        for first, last, days in stays:
            for ago in AGO if last - first <= LONGEST else ():
                if first - NEAR <= start - ago * DAY <= last + NEAR:
                    had[ago] = max(had.get(ago, 0), days)
        return _daily(had) or set(WEEKS) <= had.keys()

    def note(self, slot: int, start: int, days: int = 1) -> None:
        """Remember that a series deviates in the window that begins at `start`, and on how many days it did so now."""
        stays = self._stays.pop(slot, [])
        if stays and start - stays[-1][1] <= NEAR:
            stays[-1][1:] = start, max(stays[-1][2], days)
        else:
            stays.append([start, start, days])
        if len(self._stays) >= MOST:
            del self._stays[next(iter(self._stays))]
        self._stays[slot] = stays[-KEPT:]

    def habits(self, since: int) -> Iterator[Habit]:
        """Yield what is usual by the clock and was there last at or after `since` (ns), three times at least."""
        for slot, stays in self._stays.items():
            first, last, _ = stays[-1]
            ago = {round((first - one) / DAY) for one, _, _ in stays[:-1] if _near(first - one)}
            if last < since or last - first > LONGEST:
                continue
            if _daily(dict.fromkeys(ago, 1)):
                yield Habit(slot, first, last, 1, 1 + len(ago))
            elif set(WEEKS) <= ago:
                yield Habit(slot, first, last, 7, 1 + sum(days % 7 == 0 for days in ago))

    def snapshot(self) -> Tree:
        """Return what is remembered."""
        stays = [[slot, [list(stay) for stay in stays]] for slot, stays in self._stays.items()]
        return {"stays": stays, "judged_from": self._judged_from.copy()}

    def restore(self, tree: Tree, may: Sequence[bool]) -> None:
        """Become what `snapshot` described, of these series; one of before they had days is gone on from."""
        self._stays = {slot: [[*stay[:2], *(stay[2:] or [1])] for stay in stays] for slot, stays in tree["stays"]}
        self._may = np.array(may, np.bool_)
        self._judged_from = np.array(tree.get("judged_from", np.ones(len(may))), np.int64)


def _daily(had: dict[int, int]) -> bool:
    """Say whether it comes daily, by how many days each day ago counts for."""
    return any(sum(had.get(ago, 0) for ago in range(1, days + 1)) >= enough for days, enough in LATELY.items())


def _near(apart: int) -> bool:
    """Say whether two times that are apart (ns) are at the same time of day."""
    return min(apart % DAY, -apart % DAY) <= NEAR
