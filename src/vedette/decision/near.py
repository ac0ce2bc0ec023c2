"""Which open episodes may have the cause of a finding, so that in a wide outage each is compared with few of them."""

from __future__ import annotations

from collections.abc import Iterable

from vedette.decision.episode import Episode
from vedette.decision.graph import CallGraph
from vedette.records.finding import Finding
from vedette.records.segment import Segment


class Near:
    """The open episodes of one window by the services that those of their findings reach.

    Two services are of one cause only if they are the same or if both reach a third
    (`vedette.decision.graph.CallGraph.related`), so the services that an episode reaches find it from each of these.
    One of services that deviate at once takes what follows soon, wherever that is.

    Parameters
    ----------
    episodes
        In the order in which they began; that of the answers.
    graph
        Who calls whom; it must not change meanwhile.
    """

    def __init__(self, episodes: Iterable[Episode], graph: CallGraph) -> None:
        self._graph = graph
        self._all: list[Episode] = []
        self._places: dict[int, int] = {}
        self._reaching: dict[Segment, set[int]] = {}
        self._wide: set[int] = set()
        for episode in episodes:
            self.note(episode, *episode.services)

    def note(self, episode: Episode, *services: Segment) -> None:
        """Take in an episode, or the services that it has grown to."""
        place = self._places.setdefault(id(episode), len(self._all))
        if place == len(self._all):
            self._all.append(episode)
        if episode.wide:
            self._wide.add(place)
        for service in services:
            for reached in self._graph.below(service):
                self._reaching.setdefault(reached, set()).add(place)

    def of(self, finding: Finding, width: int) -> list[Episode]:
        """Return the episodes that a finding may belong to; all for one of more than a window of `width` ns.

        What looks at more than a window, such as a user's day, belongs to others by who did it, wherever that was.
        """
        if finding.end - finding.start > width:
            return list(self._all)
        places = set(self._wide)
        for reached in self._graph.below(finding.segment.whole):
            places |= self._reaching.get(reached, set())
        return [self._all[place] for place in sorted(places)]
