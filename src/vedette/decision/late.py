"""What an event that is announced late says of an episode: that it excuses it, or that it may be its cause."""

from __future__ import annotations

from vedette.decision.afterword import Afterword
from vedette.decision.episode import Episode, Part
from vedette.decision.lifts import excuses
from vedette.records.context import CHANGES, PlannedEvent


def reconsider(event: PlannedEvent, episode: Episode, within: int, now: int) -> None:
    """Judge an open episode by an event that is announced at a time (ns); it is closed if all of it is excused.

    A change explains what begins `within` a time (ns) after it, and excuses nothing.
    """
    if event.kind in CHANGES:
        if follows(event, episode, within) and episode.change is None and not episode.flood:
            episode.change = event
            episode.afterwards[event.id] = Afterword(event.name, now, False)
        return
    on = {part for part, peak in episode.peaks.items() if event.overlaps(peak.start, peak.end)}
    gone = on & excused(event, episode)
    if gone == episode.peaks.keys():
        episode.afterwards[event.id] = Afterword(event.name, now, True)
        episode.closed = episode.afterwards[event.id].text
    else:
        episode.drop(gone)


def take_back(event_id: str, episode: Episode) -> None:
    """Let an episode forget an event: what it said afterwards, that it ends by it, and that it may be its cause."""
    word = episode.afterwards.pop(event_id, None)
    if word is not None and episode.closed == word.text:
        episode.closed = ""
    if episode.change is not None and episode.change.id == event_id:
        episode.change = None


def follows(change: PlannedEvent, episode: Episode, within: int) -> bool:
    """Say whether an episode began within a time (ns) after a change of its service, and no other is to blame yet."""
    soon = change.start < episode.started + episode.width and episode.started < change.start + within
    free = episode.change is None or episode.change.id == change.id
    return soon and free and not episode.secure and change.concerns(episode.seed)


def falls_into(event: PlannedEvent, episode: Episode) -> bool:
    """Say whether an event excuses each finding of an episode, were it known in time: it was on from first to last."""
    throughout = event.start < episode.started + episode.width and episode.last - episode.width < event.end
    return throughout and excused(event, episode) == episode.peaks.keys()


def excused(event: PlannedEvent, episode: Episode) -> set[Part]:
    """Return the parts whose findings would not have been any, had an event been known that was on."""
    traffic = {
        segment: peak.actual / peak.expected
        for (segment, feature, _), peak in episode.peaks.items()
        if feature == "requests" and peak.expected > 0.0
    }
    return {
        part
        for part, peak in episode.peaks.items()
        if excuses(event, peak, episode.reached[part], traffic.get(peak.segment, 1.0))
    }
