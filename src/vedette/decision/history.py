"""How often this happened here: the incidents of the past, so that rarity is measured and not promised."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from vedette.records.time import SECOND
from vedette.state.tree import Tree

DAY: Final = 86_400 * SECOND

MEMORY: Final = 90 * DAY
"""Time for which past incidents count: a quarter, in which what recurs has recurred."""

RATE_OVER: Final = 28 * DAY
"""Time over which the realized rate is taken: four weeks, as the calibration's memory."""

MOST: Final = 2000
"""Incidents remembered; of more, the oldest go, and the time watched is counted from the oldest kept."""


class History:
    """When incidents were opened here, and how high they scored in the end.

    Notes
    -----
    Opened incidents are counted, real ones and false ones alike: the realized rate is at least that of false ones. What
    a planned event explains afterwards counts no longer. It says little in the first days, and nothing before the first
    day is over.
    """

    def __init__(self) -> None:
        self._since: int | None = None
        self.now = 0
        """End of the last window that was judged, ns."""
        self._past: list[tuple[int, float]] = []

    def watch(self, start: int, end: int) -> None:
        """Take note of a window that was judged, in ns."""
        self._since = start if self._since is None else self._since
        self.now = end

    def add(self, started: int, score: float) -> None:
        """Remember an incident that is over, with its highest score."""
        self._past = [one for one in self._past if one[0] > self.now - MEMORY]
        self._past.append((started, score))
        if len(self._past) > MOST:
            self._past = self._past[-MOST:]
            self._since = max(self._since or 0, self._past[0][0])

    def drop(self, started: int, score: float) -> None:
        """Forget an incident that was found to be none."""
        with suppress(ValueError):
            self._past.remove((started, score))

    def days(self, over: int) -> float:
        """Return the days watched, of a time in ns before now."""
        return 0.0 if self._since is None else min(self.now - self._since, over) / DAY

    @property
    def per_day(self) -> float:
        """Return the incidents opened a day, over the last four weeks; 0 before the first day is over."""
        days = self.days(RATE_OVER)
        return sum(started > self.now - RATE_OVER for started, _ in self._past) / days if days >= 1.0 else 0.0

    def per_day_until(self, ago: int) -> float:
        """Return the incidents opened a day over the four weeks that ended a time (ns) ago; 0 before that is a day."""
        days = self.days(RATE_OVER + ago) - ago / DAY
        count = sum(self.now - RATE_OVER - ago < started <= self.now - ago for started, _ in self._past)
        return count / days if days >= 1.0 else 0.0

    def rarity(self, score: float) -> str:
        """Say how often a score at least as high came here."""
        days = self.days(MEMORY)
        if days < 1.0:
            return "how often a score like this comes here is not known before the first day is over"
        count = sum(past >= score for _, past in self._past)
        if count == 0:
            return f"no score like this in the {days:.0f} days watched here"
        if count > days:
            return f"a score like this comes about {count / days:.0f} times a day here"
        return f"a score like this comes about once in {days / count:.0f} days here"

    def snapshot(self) -> Tree:
        """Return the history as JSON-able values."""
        return {"since": self._since, "now": self.now, "past": [list(one) for one in self._past]}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._since, self.now = tree["since"], tree["now"]
        self._past = [(started, score) for started, score in tree["past"]]
