"""Services that begin to deviate at one moment though no call joins them: one trouble, whose cause has no telemetry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from vedette.decision.correlate import ONSET
from vedette.decision.episode import Episode
from vedette.records.incident import Explanation, Moment, Phase
from vedette.records.time import rfc3339
from vedette.records.window import Window

LEAST: Final = 4
"""Incidents that would begin within `ONSET` windows from which on they are one. At the ten unrelated beginnings a day
of a bad installation, four come within three minutes once in two hundred years."""

NAMED: Final = 6
"""Services that the sentence names."""


def gather(episodes: Sequence[Episode], window: Window, at_once: float) -> tuple[Episode | None, list[Episode]]:
    """Make the incidents that begin together in an environment one; returns it and those that it took in.

    Notes
    -----
    Counted is what fires, or would with this window: of no security, after no change, none that gathers something else,
    begun within `ONSET` windows. What calls join is one episode before. A network, a host, a store or a name service
    that is not watched fails like this, and so does a campaign. Of the services of such an incident, and of those that
    follow within `vedette.decision.correlate.CASCADE` windows, all joins it but security.

    **It fails** where services follow each other more slowly than that, and joins two troubles that begin together.

    Parameters
    ----------
    episodes
        Open ones, in the order in which they began.
    window
        Of which they have taken in the findings.
    at_once
        Score from which one window is enough to fire.
    """
    young = [one for one in episodes if _is_of_one(one) and window.start - one.started <= ONSET * window.width]
    for environment in dict.fromkeys(one.seed.environment for one in young):
        mine = [one for one in young if one.seed.environment == environment]
        sure = [one for one in mine if one.phase is Phase.FIRING or one.windows > 0 or one.score >= at_once]
        if len(sure) >= LEAST:
            first = min(sure, key=lambda one: one.phase is not Phase.FIRING)
            others = [one for one in mine if one is not first]
            _join(first, others, window)
            return first, others
    return None, []


def _is_of_one(episode: Episode) -> bool:
    alone = not (episode.gathers or episode.closed or episode.wide)
    return alone and episode.change is None and not episode.secure


def _join(first: Episode, others: Sequence[Episode], window: Window) -> None:
    first.wide = set(first.services)
    for other in others:
        first.wide |= other.services
        first.peaks |= other.peaks
        first.reached |= other.reached
        for number, (lower, upper) in other.levels.ranges.items():
            first.levels.take(number, lower, upper, other.levels.away[number])
        first.fresh += other.fresh
        first.findings += other.findings
        first.windows = max(first.windows, other.windows)
        first.events = max(first.events, other.events)
        first.last = max(first.last, other.last)
        other.closed = f"part of {first.id}: services that deviate at once"
    first.trim()
    first.timeline.append(Moment(window.end, f"{len(first.wide)} services deviate at once: one trouble", first.score))


def title(episode: Episode, main: str) -> str:
    """Return the headline of services that deviate at once; `main` is that of the heaviest finding."""
    return f"{len(episode.wide)} services deviate at once: {main}"


def told(episode: Episode, explanation: Explanation) -> Explanation:
    """Return an episode's explanation with what its services have in common."""
    names = sorted(service.label for service in episode.wide)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return replace(
        explanation,
        sentence=(
            f"{len(names)} services that no known call joins deviate from {rfc3339(episode.started)[11:16]} UTC on: "
            f"{', '.join(names[:NAMED])}{more}. {explanation.sentence}"
        ),
        next_steps=(
            "look for what these services share: a host, a network, a store, a name service, a release, a clock",
            *explanation.next_steps,
        ),
    )
