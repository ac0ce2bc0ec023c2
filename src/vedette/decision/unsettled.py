"""Numbers whose normal open incidents leave in doubt: what must not be learned, and what must not be tested."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vedette.decision.episode import Episode
from vedette.decision.levels import Number
from vedette.decision.lifts import FOLLOWING
from vedette.records.feature import feature_of
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Phase
from vedette.records.observation import Quantity
from vedette.records.segment import Segment
from vedette.records.time import SECOND

UNDECIDED: Final = 7 * 86_400 * SECOND
"""Time after which a change that nobody accepted becomes the new normal by itself: a week to read an incident."""

YOUNG: Final = 6 * 3600 * SECOND
"""Time for which an incident keeps its numbers out of the test of calibration: a level that moved is usual after three
to four hours (`vedette.detectors.baseline`), and a calibration that broke must be found out within a day."""


def undecided(episodes: Iterable[Episode], now: int) -> frozenset[Number]:
    """Return the numbers that a change may have left at a new level."""
    return frozenset(
        (segment, feature)
        for episode in episodes
        if episode.change is not None and not episode.closed and now - episode.started < UNDECIDED
        for segment, feature, item in episode.peaks
        if not item
    )


@dataclass(frozen=True, slots=True)
class Holding:
    """What open incidents must not make usual: numbers, and those of whole services for as long as there is room."""

    numbers: frozenset[Number] = frozenset()
    services: frozenset[Segment] = frozenset()


NOTHING: Final = Holding()


def held(episodes: Iterable[Episode], found: Iterable[Finding], now: int) -> Holding:
    """Return what must not become usual.

    The numbers of open incidents judged real, for a week; shares of failures of any that is young; and all numbers of
    the services that an open incident of security deviates in, or in which something of it is found, suppressed or not:
    what a verdict hides is to change little of what is learned, as its preview can't foresee that.
    """
    numbers, services = set[Number](), set[Segment]()
    for episode in episodes:
        if episode.closed or episode.phase is not Phase.FIRING or episode.flood:
            continue
        age = now - episode.started
        if episode.secure and episode.moved is None and episode.last > now:
            services |= episode.services
        for segment, feature, item in episode.peaks:
            if item:
                continue
            fails = feature_of(feature).quantity is Quantity.RATIO
            if (fails and age < YOUNG) or (episode.real and age < UNDECIDED):
                numbers.add((segment, feature))
    odd = (one for one in found if one.kind is Kind.SECURITY and one.feature not in FOLLOWING)
    return Holding(frozenset(numbers), frozenset(services.union(one.segment.whole for one in odd)))


def young(episodes: Iterable[Episode], now: int) -> frozenset[Number]:
    """Return the numbers and scopes of incidents that fire and are young; a detector that misbehaves explains nothing.

    What lasts for longer than `YOUNG` is either usual by then, or not a fault of what is watched.
    """
    return frozenset(
        (segment, feature)
        for episode in episodes
        if episode.phase is Phase.FIRING and now - episode.started < YOUNG and not episode.flood
        for segment, feature, _ in episode.peaks
    )
