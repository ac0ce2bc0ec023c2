"""Episodes that are over, for as long as an announcement that comes late may still say what they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedette.decision.afterword import Afterword
from vedette.decision.episode import Episode
from vedette.decision.history import History
from vedette.decision.late import falls_into, follows, take_back
from vedette.decision.levels import Number
from vedette.decision.silent import is_missing, misses
from vedette.records.context import CHANGES, Notice, PlannedEvent, Withdrawal
from vedette.records.finding import Finding
from vedette.records.time import SECOND
from vedette.state.tree import Tree

KEPT: Final = 30 * 86_400 * SECOND
"""Time after its end for which an episode is judged again: as long as a verdict can be taken back."""

MOST_PARTS: Final = 2000
"""Features and items of all kept episodes together, a kilobyte each; of more, the oldest episodes go."""


class Closed:
    """The episodes of the last month, but those of security.

    Notes
    -----
    A planned event that would have excused each finding of an episode explains it afterwards: it says so in its
    timeline, and it no longer counts in how often incidents come here. A deploy, flag or scaling within `change_window`
    before it is named as what it may be the doing of, and excuses nothing. If the event is taken back, so is what it
    said.

    An episode with a finding of security is none of those: no event explains it, but that the busiest client and user
    may be busier by as much as the traffic is (`vedette.decision.lifts.FOLLOWING`). **It fails** to take back what the
    windows taught, and knows nothing of an episode with more than `MOST_PARTS` parts.

    Parameters
    ----------
    history
        Where episodes are counted that are no longer open.
    change_window
        Time after a change in which what begins may be its doing, ns.
    """

    def __init__(self, history: History, change_window: int) -> None:
        self._history = history
        self._change_window = change_window
        self._episodes: list[Episode] = []
        self._news: set[str] = set()
        """Ids of episodes of which something was said since the last window."""

    def add(self, episode: Episode) -> None:
        """Keep an episode that is over."""
        if not episode.secure:
            self._episodes.append(episode)

    def wake(self, finding: Finding) -> Episode | None:
        """Let go of an absence that expired and that a finding is more of, as if it had never been over."""
        found = next((one for one in self._episodes if one.expired and is_missing(one) and misses(one, finding)), None)
        if found is None:
            return None
        self._episodes.remove(found)
        if not found.explained:
            self._history.drop(found.started, found.score)
        found.afterwards = {name: word for name, word in found.afterwards.items() if not word.excuses}
        return found

    def heed(self, notice: Notice, now: int) -> None:
        """Judge by an event that is announced, or taken back, at a time (ns)."""
        if not isinstance(notice, PlannedEvent | Withdrawal):
            return
        for episode in self._episodes:
            before = episode.afterwards.get(notice.id)
            word = self._afterword(notice, episode, now) if isinstance(notice, PlannedEvent) else None
            if word is None and before is None:
                continue
            explained = episode.explained
            _say(episode, notice, word)
            self._news.add(episode.id)
            if explained and not episode.explained:
                self._history.add(episode.started, episode.score)
            elif episode.explained and not explained:
                self._history.drop(episode.started, episode.score)

    def _afterword(self, event: PlannedEvent, episode: Episode, now: int) -> Afterword | None:
        if event.kind not in CHANGES:
            return Afterword(event.name, now, True) if falls_into(event, episode) else None
        return Afterword(event.name, now, False) if follows(event, episode, self._change_window) else None

    def step(self, start: int, value_of: Callable[[Number], float | None]) -> list[Episode]:
        """Return the episodes of which something new is to be told with the window from `start`; let old ones go."""
        for episode in self._episodes:
            if episode.expired:
                episode.levels.look(value_of)
        told = [episode for episode in self._episodes if episode.id in self._news]
        self._news.clear()
        room, kept = MOST_PARTS, list[Episode]()
        for episode in reversed(self._episodes):
            room -= len(episode.peaks)
            if room < 0 or episode.last <= start - KEPT:
                break
            kept.append(episode)
        self._episodes = kept[::-1]
        return told

    def snapshot(self) -> Tree:
        """Return the episodes as JSON-able rows."""
        return {"episodes": [episode.snapshot() for episode in self._episodes], "news": sorted(self._news)}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._episodes = [Episode.restored(row) for row in tree["episodes"]]
        self._news = set(tree["news"])


def _say(episode: Episode, notice: PlannedEvent | Withdrawal, word: Afterword | None) -> None:
    """Note what an event says of an episode, or that it says nothing any more."""
    take_back(notice.id, episode)
    if word is not None:
        episode.afterwards[notice.id] = word
    if isinstance(notice, PlannedEvent) and word is not None and not word.excuses:
        episode.change = notice
