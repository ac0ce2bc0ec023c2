"""Absences that last: what fell silent stays one incident until traffic is back, whatever hours nothing is usual at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedette.decision.episode import Episode
from vedette.decision.levels import Number
from vedette.records.feature import feature_of
from vedette.records.finding import Finding
from vedette.records.incident import Phase
from vedette.records.observation import Quantity
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
        lasts = episode.phase is Phase.FIRING and not episode.closed and is_missing(episode)
        if lasts:
            self._episodes.append(episode)
        return lasts

    def wake(self, finding: Finding) -> Episode | None:
        """Let go of the episode that a finding is more of, and return it; None for none."""
        found = next((episode for episode in self._episodes if misses(episode, finding)), None)
        if found is not None:
            self._episodes.remove(found)
        return found

    def look(self, now: int, value_of: Callable[[Number], float | None]) -> list[Episode]:
        """Take in a window that ends at `now` (ns); returns the episodes that are over by it."""
        over = []
        for episode in self._episodes:
            episode.levels.look(value_of)
            back = not is_missing(episode)
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


def is_missing(episode: Episode) -> bool:
    """Say whether the main number of an episode fell to nothing, and is not back."""
    main = main_number(episode)
    return main is not None and _fell_silent(main) and episode.levels.stays((main.segment, main.feature))


def misses(episode: Episode, finding: Finding) -> bool:
    """Say whether a finding is more of the same absence: one of its numbers, or any of a service that is gone."""
    gone = any(peak.segment == finding.segment.whole and _fell_silent(peak) for peak in episode.peaks.values())
    return _fell_silent(finding) and (gone or (finding.segment, finding.feature, "") in episode.peaks)


def main_number(episode: Episode) -> Finding | None:
    """Return the heaviest of the numbers of an episode; None for none, and where it gathers."""
    return None if episode.gathers else next((peak for peak in episode.ranked if not peak.item), None)


def _fell_silent(finding: Finding) -> bool:
    """Say whether a finding is of a count that is nothing where it never is."""
    counted = feature_of(finding.feature).series(finding.segment).quantity is Quantity.COUNT
    return counted and not finding.item and finding.actual == 0.0 and finding.lower > 0.0
