"""Absences that last: what fell silent stays one incident until traffic is back, whatever hours nothing is usual at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedette.decision.episode import Episode
from vedette.decision.levels import Number
from vedette.records.finding import Finding
from vedette.records.incident import Phase
from vedette.records.time import SECOND
from vedette.state.tree import Tree

EXPIRY: Final = 48 * 3600 * SECOND
"""Time without evidence after which an absence is told as over: two rounds of the daily rhythm."""

MOST: Final = 100
"""Episodes kept; of more, those that were deviating longest ago go, as over."""


class Silence:
    """The episodes of numbers that fell to nothing and are there still, but deviate at busier hours only.

    Notes
    -----
    A service that died is a deviation when it used to be busy and none when it used to be quiet; within days the
    baseline takes nothing for the usual. An episode that would be over by that is kept here instead. It still fires,
    takes in only more of the same, and is over once there is traffic again, a person says so, or nothing deviated for
    `EXPIRY`. If it deviates after that, and nothing came in between, it is opened again under its own name
    (`vedette.decision.closed.Closed.wake`).

    **It fails** for what falls to little rather than to nothing: that becomes the new usual, and may be told again.
    """

    def __init__(self) -> None:
        self._episodes: list[Episode] = []

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """Those that are kept."""
        return tuple(self._episodes)

    def keep(self, episode: Episode) -> bool:
        """Take in an episode that would be over, if it is an absence that lasts; says so."""
        lasts = episode.phase is Phase.FIRING and not episode.closed and episode.missing
        if lasts:
            self._episodes.append(episode)
        return lasts

    def wake(self, finding: Finding) -> Episode | None:
        """Let go of the episode that a finding is more of, and return it; None for none."""
        found = next((episode for episode in self._episodes if episode.misses(finding)), None)
        if found is not None:
            self._episodes.remove(found)
        return found

    def look(self, now: int, value_of: Callable[[Number], float | None]) -> list[Episode]:
        """Take in a window that ends at `now` (ns); returns the episodes that are over by it."""
        over = []
        for episode in self._episodes:
            episode.levels.look(value_of)
            back = not episode.missing
            if back:
                episode.last = now
            if back or episode.closed or now - episode.last >= EXPIRY:
                over.append(episode.id)
        lasting = sorted((one for one in self._episodes if one.id not in over), key=lambda one: (-one.last, one.id))
        over += [episode.id for episode in lasting[MOST:]]
        gone = [episode for episode in self._episodes if episode.id in over]
        self._episodes = [episode for episode in self._episodes if episode.id not in over]
        return gone

    def snapshot(self) -> Tree:
        """Return the episodes as JSON-able rows."""
        return {"episodes": [episode.snapshot() for episode in self._episodes]}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._episodes = [Episode.restored(row) for row in tree["episodes"]]
