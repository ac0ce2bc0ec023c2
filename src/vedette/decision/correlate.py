"""Which findings have one cause: the same place, onset, actors or change, or services that calls join."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vedette.decision.episode import Episode
from vedette.records.finding import Finding, Kind
from vedette.records.segment import Segment

CASCADE: Final = 10
"""Windows after its beginning within which an episode spreads to other services, callers or callees: time-outs and
queues pass trouble on within minutes, and what begins later is another fault."""

ONSET: Final = 2
"""Windows after its beginning within which other routes of its services belong to an episode."""

Related = Callable[[Segment, Segment], bool]
"""Say whether calls join two whole services."""


def belongs(finding: Finding, episode: Episode, width: int, related: Related) -> bool:
    """Say whether a finding has the cause of an episode; `width` is that of a window, ns.

    An episode of users' days takes no finding of a window: the day is over, and what goes wrong since is another
    matter. A day belongs to what is open only by who did it.
    """
    if episode.gathers:
        return False
    if episode.span > width and finding.end - finding.start <= width:
        return False
    if finding.end - finding.start > width >= episode.span:
        return bool(set(finding.entities) & {entity for peak in episode.peaks.values() for entity in peak.entities})
    if episode.wide:
        return _at_once(finding, episode, width)
    if finding.segment.whole not in episode.services:
        return _spread(finding, episode, width, related)
    if episode.change is not None and finding.kind is not Kind.SECURITY:
        return True
    segments = {segment for segment, _, _ in episode.peaks}
    if finding.segment in segments or not finding.segment.operation:
        return True
    if all(not segment.operation for segment in segments) or finding.start - episode.started <= ONSET * width:
        return True
    if set(finding.entities) & {entity for peak in episode.peaks.values() for entity in peak.entities}:
        return True
    return _spread(finding, episode, width, related)


def _at_once(finding: Finding, episode: Episode, width: int) -> bool:
    """Say whether a finding is of services that deviate at once: one of them, or one that follows soon."""
    if finding.kind is Kind.SECURITY or finding.segment.environment != episode.seed.environment:
        return False
    return finding.segment.whole in episode.wide or finding.start - episode.started <= CASCADE * width


def _spread(finding: Finding, episode: Episode, width: int, related: Related) -> bool:
    """Say whether a finding may have the cause of one of another service: it comes soon, and calls join the two."""
    if finding.kind is Kind.SECURITY or finding.start - episode.started > CASCADE * width:
        return False
    return any(
        related(finding.segment.whole, segment.whole)
        for (segment, _, _), peak in episode.peaks.items()
        if peak.kind is not Kind.SECURITY and segment.whole != finding.segment.whole
    )
