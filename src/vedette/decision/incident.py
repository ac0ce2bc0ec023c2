"""An episode as the incident that people get."""

from __future__ import annotations

from vedette.decision.episode import Episode
from vedette.decision.explain import explanation
from vedette.decision.floods import title as flood_title
from vedette.decision.floods import told as flood_told
from vedette.decision.outages import title as outage_title
from vedette.decision.outages import told as outage_told
from vedette.decision.ranking import lead
from vedette.decision.releases import title as change_title
from vedette.decision.releases import told as change_told
from vedette.decision.sentence import title
from vedette.decision.silent import is_missing, main_number
from vedette.records.incident import Incident
from vedette.records.segment import Segment
from vedette.records.time import rfc3339


def incident(episode: Episode, rarity: str, per_day: float) -> Incident:
    """Return an episode as of now; `rarity` says how often its like came, `per_day` how many incidents are expected."""
    ranked = episode.ranked
    explained = explanation(episode, rarity)
    if episode.flood:
        explained = flood_told(episode, explained, per_day)
    if episode.wide:
        explained = outage_told(episode, explained)
    if episode.moved is not None:
        explained = change_told(episode, episode.moved, explained)
    return Incident(
        id=episode.id,
        phase=episode.phase,
        kind=episode.kind,
        severity=episode.severity,
        score=episode.score,
        title=_title(episode),
        segment=_segment(episode),
        started_at=episode.started,
        updated_at=episode.last,
        ended_at=episode.ended,
        event_count=episode.events,
        techniques=() if episode.moved else tuple(sorted({one for peak in ranked for one in peak.techniques})),
        entities=tuple(dict.fromkeys(entity for peak in ranked[:4] for entity in peak.entities))[:6],
        finding_ids=tuple(episode.fresh),
        finding_count=episode.findings,
        explained=episode.explained,
        explanation=explained,
    )


def _title(episode: Episode) -> str:
    if episode.moved is not None:
        return change_title(episode.moved)
    if episode.flood:
        return flood_title(episode)
    main = episode.cause or title(lead(episode.ranked))
    return outage_title(episode, main) if episode.wide else main


def _segment(episode: Episode) -> Segment:
    """Return what an incident is about: the environment of a flood, the service that changed, or the main finding's."""
    if episode.flood:
        return Segment(episode.seed.environment, "", "")
    return episode.seed.whole if episode.moved is not None else lead(episode.ranked).segment


def outcome(episode: Episode) -> str:
    """Return why an episode ended, in words: what only is no longer odd is not called back to normal."""
    if episode.flood:
        return episode.closed or "the rate is back: nothing began anew for two hours"
    main = main_number(episode)
    if episode.closed or main is None or not episode.levels.stays((main.segment, main.feature)):
        return episode.closed or "back to normal"
    if is_missing(episode):
        return "expired: nothing has come since, which is no longer odd here; it is opened again if it is"
    usual = f"not back: its new level is taken as usual since {rfc3339(episode.last)[11:16]}"
    return f"{usual}; if it is a fault: vedette verdict {episode.id} real"
