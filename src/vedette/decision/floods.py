"""Detectors that misbehave: one that is wrong everywhere, at any time, is one incident and not dozens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp
from typing import Final

from vedette.decision.correlate import CASCADE
from vedette.decision.episode import Episode
from vedette.decision.graph import CallGraph
from vedette.decision.ranking import weight
from vedette.decision.words import lasting
from vedette.records.feature import feature_of
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Explanation
from vedette.records.segment import Segment
from vedette.records.time import SECOND, rfc3339
from vedette.state.tree import Tree

SPAN: Final = 6 * 3600 * SECOND
"""Time over which the beginnings of incidents are counted, ns: what the self-test of calibration needs to find out."""

LEAST: Final = 6
"""Beginnings from which on a flood is one, however low the ceiling: fewer can be closed by hand."""

LEVEL: Final = 1e-6
"""Chance of as many beginnings within `SPAN` at the expected rate: below once in a thousand years of separate spans."""

AGAIN: Final = 3600 * SECOND
"""Time of quiet, ns, after which a place of a flood that deviates again counts as a new beginning."""

OVER: Final = 2 * 3600 * SECOND
"""Time without a new beginning, ns, after which a flood is over."""

MOST: Final = 500
"""Services of a detector's feature that are remembered; of more, further ones are not counted."""

RULED: Final = ("slo",)
"""Detectors that learn nothing: what they say is the operator's own rule."""


@dataclass(slots=True)
class Place:
    """When a service's incident of a feature began, and was seen last, ns; whether it counts as a cause of its own."""

    began: int
    seen: int
    counts: bool


class Floods:
    """The beginnings of would-be incidents by detector and feature, and which detector floods.

    Notes
    -----
    Incidents that a detector's feature leads count when they have no common cause that is known: of separate services,
    begun more than `CASCADE` windows apart, after no change, not with the most active client in common, and not above
    one service that deviates too. Many services at one moment are one beginning, so an outage is no flood. As many as
    come by chance less than once in `LEVEL` at the rate that is expected (Poisson; the budget's ceiling, or what was
    realized here before if that is more), and `LEAST` at least, are a flood: its findings, and the open incidents that
    were counted, become one incident, until `OVER` passes without a new beginning.

    Security is neither counted nor folded, nor is an error budget that burns.

    **It fails** on a fault that wanders from service to service, unrelated by calls: that looks the same from here. So
    the places stay listed, and what else deviates in them is told as ever. A detector that floods in few services is
    the self-test's (`vedette.decision.selftest`). Where one client is the most active everywhere, nothing is folded.

    Cost: 100 bytes a service, feature and `SPAN`, `MOST` services a feature.

    Parameters
    ----------
    per_day
        Bearable false incidents a day.
    """

    def __init__(self, per_day: float) -> None:
        self._per_day = per_day
        self._places: dict[str, dict[Segment, Place]] = {}
        self._actors: dict[str, dict[Segment, str]] = {}

    def begin(self, episode: Episode, width: int, realized: float, graph: CallGraph) -> str:
        """Take in an incident that begins; returns its group if that floods by it, else nothing."""
        group = group_of(episode.ranked[0])
        if not group or episode.change is not None or episode.secure:
            return ""
        places = self._lately(group, episode.started)
        service = episode.seed.whole
        if service in places or len(places) >= MOST:
            return ""
        alone = all(abs(one.began - episode.started) > CASCADE * width for one in places.values() if one.counts)
        places[service] = Place(episode.started, episode.last, alone)
        self._actors.setdefault(group, {})[service] = next(iter(episode.ranked[0].entities), "")
        counted = [service for service, one in places.items() if one.counts]
        floods = len(counted) >= limit(max(self._per_day, realized)) and not self._common(group, counted, graph)
        return group if floods else ""

    def fold(self, group: str, finding: Finding) -> None:
        """Take in a finding of a flood."""
        places = self._lately(group, finding.start)
        service = finding.segment.whole
        place = places.get(service)
        if place is None and len(places) < MOST:
            places[service] = Place(finding.start, finding.end, True)
        elif place is not None:
            if finding.start - place.seen > AGAIN:
                place.began = finding.start
            place.seen = finding.end

    def is_over(self, group: str, now: int) -> bool:
        """Say whether nothing began anew for so long that the rate is back."""
        return now - max((one.began for one in self._places.get(group, {}).values()), default=0) >= OVER

    def forget(self, group: str) -> None:
        """Begin anew with a group whose flood is over."""
        self._places.pop(group, None)
        self._actors.pop(group, None)

    def _lately(self, group: str, now: int) -> dict[Segment, Place]:
        places = {name: one for name, one in self._places.get(group, {}).items() if now - one.seen < SPAN}
        self._places[group] = places
        self._actors[group] = {name: one for name, one in self._actors.get(group, {}).items() if name in places}
        return places

    def _common(self, group: str, counted: list[Segment], graph: CallGraph) -> bool:
        """Say whether most have their most active client in common, or call one service that deviates as well."""
        actors = [self._actors[group].get(service, "") for service in counted]
        if any(2 * actors.count(actor) > len(counted) for actor in actors if actor):
            return True
        above = [graph.below(service) for service in counted]
        return any(2 * sum(root in below for below in above) > len(counted) for root in self._places[group])

    def snapshot(self) -> Tree:
        """Return what was counted as JSON-able rows."""
        return {
            group: [
                [*service.order, one.began, one.seen, one.counts, self._actors[group].get(service, "")]
                for service, one in places.items()
            ]
            for group, places in self._places.items()
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._places = {group: {Segment(*row[:3]): Place(*row[3:6]) for row in rows} for group, rows in tree.items()}
        self._actors = {group: {Segment(*row[:3]): row[6] for row in rows} for group, rows in tree.items()}


def group_of(finding: Finding) -> str:
    """Return the detector and the feature that a finding counts for; nothing where it is never folded."""
    if finding.kind is Kind.SECURITY or finding.detector in RULED:
        return ""
    return f"{finding.detector} {feature_of(finding.feature).name}"


def limit(per_day: float) -> int:
    """Return the number of beginnings within `SPAN` that are a flood where so many a day are expected.

    >>> limit(1.0), limit(10.0)
    (6, 13)
    """
    expected = per_day * SPAN / (86_400 * SECOND)
    count, chance, rest = 0, exp(-expected), 1.0
    while rest > LEVEL:
        rest -= chance
        count += 1
        chance *= expected / count
    return max(count, LEAST)


def title(episode: Episode) -> str:
    """Return the headline of a flood."""
    detector, _, feature = episode.flood.partition(" ")
    places = len({segment for segment, _, _ in episode.peaks})
    return f"detector misbehaving: {feature} of {places} segments, by the {detector} detector"


def told(episode: Episode, explanation: Explanation, per_day: float) -> Explanation:
    """Return an episode's explanation in a flood's words."""
    detector, _, feature = episode.flood.partition(" ")
    segments = sorted({segment for segment, _, _ in episode.peaks}, key=str)
    named = ", ".join(segment.label for segment in segments[:8])
    more = f" and {len(segments) - 8} more" if len(segments) > 8 else ""
    hours = SPAN // (3600 * SECOND)
    often = (
        f"{limit(per_day)} or more unrelated beginnings within {hours} h, where {per_day * hours / 24:.2g} are expected"
    )
    return replace(
        explanation,
        sentence=f"The {detector} detector finds {feature} odd in {len(segments)} segments one after another: {often}.",
        paragraph=(
            f"Since {rfc3339(episode.started)[11:16]} UTC, for {lasting(episode.last - episode.started)}, "
            f"{episode.findings:,} findings of {named}{more}. They have no beginning, client, change or called service "
            "in common, so that the detector is more likely wrong than all of them. Its findings of "
            f"{feature} are kept here until the rate is back; security and all other numbers are told as ever."
        ),
        counterfactual=f"would not have fired with fewer than {limit(per_day)} unrelated beginnings within {hours} h",
        next_steps=(
            "vedette status",
            f"vedette explain {episode.id}",
            f"if all of it is as it should be: vedette verdict {episode.id} expected",
            "if it comes again: adjust decision.budget_per_day, or override these segments in vedette.toml",
        ),
        suspects=(),
    )


def absorb(flood: Episode, episode: Episode) -> None:
    """Take an episode that was counted into a flood, and close it."""
    own = {part: peak for part, peak in episode.peaks.items() if group_of(peak) == flood.flood}
    flood.peaks |= own
    flood.reached |= {part: episode.reached[part] for part in own}
    flood.last = max(flood.last, episode.last)
    flood.width = episode.width
    flood.trim()
    episode.closed = f"folded into {flood.id}: the detector misbehaves"


def folds(episode: Episode, group: str, now: int) -> bool:
    """Say whether an open episode is one of a group that floods: young, of nothing else that weighs as much."""
    ranked = episode.ranked
    leads = group_of(ranked[0]) == group
    others = [weight(one) for one in ranked if group_of(one) != group]
    own = weight(ranked[0])
    usual = not (episode.secure or episode.gathers or episode.closed or episode.change is not None or episode.wide)
    return usual and leads and now - episode.started <= SPAN and all(one < own for one in others)
