"""Numbers whose normal open incidents leave in doubt: what must not be learned, and what must not be tested."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vedette.decision.episode import Episode, Part
from vedette.decision.levels import Number
from vedette.records.incident import Phase
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


def held(episodes: Iterable[Episode], now: int) -> frozenset[Part]:
    """Return what open incidents must not make usual: those judged real for a week, others of security while young."""
    return frozenset(
        part
        for episode in episodes
        if not episode.closed and now - episode.started < (UNDECIDED if episode.real else YOUNG)
        if episode.real or (episode.secure and episode.phase is Phase.FIRING and not episode.gathers)
        for part in episode.peaks
    )


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
