"""Numbers whose normal open incidents leave in doubt: what must not be learned, and what must not be tested."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from vedette.decision.episode import Episode
from vedette.decision.levels import Number
from vedette.decision.ranking import score
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


CLEAR: Final = 75.0
"""Score from which something of security keeps its service from learning: what calls at once. What is mildly odd, as a
few more missing pages for many, is to become usual."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What open incidents must not make usual: numbers, and those of whole services for as long as there is room."""

    numbers: frozenset[Number] = frozenset()
    services: frozenset[Segment] = frozenset()


NOTHING: Final = Holding()


def fails(feature: str) -> bool:
    """Say whether a feature is a share of failures, which are never usual."""
    known = feature_of(feature)
    return known.quantity is Quantity.RATIO and known.kind is not Kind.SECURITY


def held(episodes: Iterable[Episode], found: Iterable[Finding], now: int) -> Holding:
    """Return what must not become usual.

    The numbers of open incidents judged real, for a week; shares of errors of any that is young; and all numbers of the
    services in which a number of security is clearly off, suppressed or not: what a verdict hides must not change what
    is learned, or its preview would be wrong. Odd items alone are too few to teach a number.
    """
    numbers = set[Number]()
    for episode in episodes:
        if episode.closed or episode.phase is not Phase.FIRING or episode.flood:
            continue
        age = now - episode.started
        for segment, feature, item in episode.peaks:
            if item:
                continue
            if (fails(feature) and age < YOUNG) or (episode.real and age < UNDECIDED):
                numbers.add((segment, feature))
    clear = (one for one in found if one.kind is Kind.SECURITY and one.detector == "baseline" and score(one) >= CLEAR)
    return Holding(frozenset(numbers), frozenset(one.segment.whole for one in clear))


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
