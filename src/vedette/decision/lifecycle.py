"""Episodes to incidents: pending → firing → resolved, in event time. One episode is one incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vedette.decision.episode import Episode, score
from vedette.decision.explain import explanation, lead, title
from vedette.records.finding import Finding
from vedette.records.incident import Incident, Moment, Phase
from vedette.records.window import Window
from vedette.state.tree import Tree

AT_ONCE: Final = 75.0
"""Score from which one window is enough: three decades beyond the threshold."""

CONFIRM_WITHIN: Final = 3
"""Windows within which a milder deviation must be seen again, or it was a blip."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When episodes end, and how much noise the operator bears."""

    resolve_after: int
    """Time without a deviation, ns, after which an incident is over."""
    budget: float
    """Bearable false incidents a day."""


class Lifecycle:
    """The open episodes of a shard."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._open: list[Episode] = []

    def step(self, window: Window, findings: Sequence[Finding]) -> list[Incident]:
        """Take in a window's findings; return the incidents that changed."""
        grown: dict[str, Episode] = {}
        for finding in sorted(findings, key=lambda one: (one.p_value, not one.segment.operation, one.id)):
            episode = self._home(finding, window.width)
            episode.add(finding)
            grown[episode.id] = episode
        for episode in grown.values():
            self._advance(episode, window)
        over = [episode for episode in self._open if self._is_over(episode, window)]
        for episode in over:
            self._end(episode)
        self._open = [episode for episode in self._open if episode.ended is None]
        return [self._incident(episode) for episode in (*grown.values(), *over)]

    def _home(self, finding: Finding, width: int) -> Episode:
        for episode in self._open:
            if episode.accepts(finding, width):
                return episode
        episode = Episode(finding.start, finding.segment)
        self._open.append(episode)
        return episode

    def _advance(self, episode: Episode, window: Window) -> None:
        episode.windows += 1
        episode.events += max(window.context.events(segment) for segment in {key[0] for key in episode.peaks})
        if episode.phase is Phase.PENDING and (episode.windows > 1 or episode.score >= AT_ONCE):
            episode.phase = Phase.FIRING
            episode.timeline.append(Moment(window.end, "incident opened", episode.score))

    def _is_over(self, episode: Episode, window: Window) -> bool:
        quiet = window.end - episode.last
        patience = CONFIRM_WITHIN * window.width if episode.phase is Phase.PENDING else self._rules.resolve_after
        return quiet >= patience

    def _end(self, episode: Episode) -> None:
        """End an episode at its last deviating window; one that was never confirmed stays pending, and ended."""
        episode.ended = episode.last
        if episode.phase is Phase.FIRING:
            episode.phase = Phase.RESOLVED
            episode.timeline.append(Moment(episode.last, "back to normal", 0.0))

    def _incident(self, episode: Episode) -> Incident:
        ranked = episode.ranked
        return Incident(
            id=episode.id,
            phase=episode.phase,
            kind=episode.kind,
            severity=episode.severity,
            score=max(score(peak) for peak in ranked),
            title=title(lead(ranked)),
            segment=lead(ranked).segment,
            started_at=episode.started,
            updated_at=episode.last,
            ended_at=episode.ended,
            event_count=episode.events,
            techniques=tuple(sorted({technique for peak in ranked for technique in peak.techniques})),
            entities=tuple(dict.fromkeys(entity for peak in ranked[:4] for entity in peak.entities))[:6],
            finding_ids=tuple(episode.finding_ids),
            explanation=explanation(episode, self._rules.budget),
        )

    def snapshot(self) -> Tree:
        """Return the open episodes as JSON-able rows."""
        return {"open": [episode.snapshot() for episode in self._open]}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._open = [Episode.restored(row) for row in tree["open"]]
