"""Which service is the cause, as own times, own errors and ways say: evidence of the live series."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.decision.root import HALF, HALF_LIFE, MOST, PRICE, SHARP, TOUCHED
from vedette.records.call import call_of
from vedette.records.feature import feature_of
from vedette.records.incident import Suspect
from vedette.records.observation import Measures, Series
from vedette.records.score import Scores
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Floats = NDArray[np.float64]

OWN: Final = ("own_time_p50_seconds", "own_time_p95_seconds", "own_error_ratio", "calls_mean")
WAY: Final = "way_p50_seconds"
SILENT: Final = "unanswered_ratio"
CALL: Final = ("failed_calls_ratio", "call_p50_seconds", "call_p95_seconds")
"""What its callers tell of an inferred service: failures first, then times."""

UP, BOTH = 1, 2
"""Sides on which a number is evidence; 0 is none. An operation that calls less than it did is out of order, too."""

TELLING: Final = 1.0
"""Nats from which a deviation is evidence that is remembered."""

LEAST: Final = 0.1
"""Share from which a service is told as a suspect; the first three."""
TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Clue:
    """The number that speaks most against a place, in its latest odd window."""

    segment: Segment
    feature: str
    actual: float
    lower: float
    upper: float
    time: int


class Suspicion:
    """Evidence against services, and ways between them, fading.

    Notes
    -----
    Each number of a window gives ``log(1 - q + q · min(1/p, e^MOST)/e^PRICE)`` nats with the model's chance p, as in
    `vedette.decision.root`. Whether anything is told is decided by calibrated chances; here places are compared. The
    strongest number of a place counts, summed over windows with `HALF_LIFE`. A way that takes long speaks for both of
    its ends and for itself; a call without an answer, and any to an inferred service, for the one that was called. A
    way is the suspect where nothing else speaks against its ends.

    Own times hold what no callee explains, and own errors what no callee's error explains, so callers of a broken
    service are not suspected for waiting. **It fails** where threads or connections run out while waiting, which is
    the caller's own time, and where a service without spans is slow that calls do not name: its callers are blamed.

    Cost: a few µs for each odd number; some 300 bytes for each place with evidence.
    """

    def __init__(self) -> None:
        self._kinds = np.zeros(0, np.int8)
        self._series: list[Series] = []
        self._evidence: dict[tuple[Segment, bool], float] = {}
        """Nats by place, a whole service or a way; apart for calls on it that speak for who was called."""
        self._clues: dict[tuple[Segment, bool], Clue] = {}
        self._latest = 0

    def grow(self, series: Sequence[Series]) -> None:
        """Take the keys of new series, in slot order."""
        kinds = [_side(one.feature) for one in series]
        self._kinds = np.concatenate([self._kinds, np.array(kinds, np.int8)])
        self._series += series

    def weigh(self, measures: Measures, scores: Scores) -> None:
        """Take in a window's numbers."""
        fade = 0.5 ** ((measures.start - self._latest) / SECOND / HALF_LIFE)
        self._latest = measures.start
        self._evidence = {place: nats * fade for place, nats in self._evidence.items() if nats * fade >= 0.1}
        self._clues = {place: clue for place, clue in self._clues.items() if place in self._evidence}
        nats = np.log1p(TOUCHED * np.expm1(np.minimum(np.log(10.0) * scores.surprise - PRICE, MOST)))
        kind = self._kinds[measures.slot]
        odd = (kind > 0) & ((measures.value > scores.expected) | (kind == BOTH)) & (nats >= TELLING)
        strongest: dict[tuple[Segment, bool], tuple[float, int]] = {}
        for row in np.flatnonzero(odd).tolist():
            series = self._series[measures.slot[row]]
            silent = series.feature in (SILENT, *CALL)
            place = (series.segment if silent or series.feature == WAY else series.segment.whole, silent)
            strongest[place] = max(strongest.get(place, (0.0, -1)), (float(nats[row]), row))
        for place, (weight, row) in strongest.items():
            series = self._series[measures.slot[row]]
            self._evidence[place] = self._evidence.get(place, 0.0) + weight
            band = float(scores.lower[row]), float(scores.upper[row])
            value = float(measures.value[row])
            self._clues[place] = Clue(series.segment, series.feature, value, *band, measures.start)

    def against(self, services: Iterable[Segment] | None = None) -> dict[Segment, float]:
        """Return the nats against services and ways, of some services only if they are given."""
        wanted = None if services is None else set(services)
        own: dict[Segment, float] = {}
        ways: dict[Segment, dict[Segment, float]] = {}
        for (place, silent), nats in self._evidence.items():
            call = call_of(place)
            if call is None or silent:
                blamed = place if call is None else call.callee
                own[blamed] = own.get(blamed, 0.0) + nats
            else:
                for end in (call.caller, call.callee):
                    ways.setdefault(end, {})[place] = nats
        total = dict(own)
        for end, taken in ways.items():
            if end in own or len(taken) > 1:
                total[end] = own.get(end, 0.0) + sum(taken.values())
        alone = {place: nats for taken in ways.values() for place, nats in taken.items()}
        total |= {place: nats for place, nats in alone.items() if not any(end in total for end in _ends(place))}
        return {place: nats for place, nats in total.items() if wanted is None or wanted & set(_ends(place))}

    def suspects(self, services: Iterable[Segment]) -> tuple[float, tuple[Suspect, ...]]:
        """Return the highest evidence in nats, and the likely causes among services and the ways from and to them."""
        shares = self.shares(services)
        named = sorted(shares.items(), key=lambda one: (-one[1], one[0]))[:TOLD]
        found = tuple(self._suspect(place, share) for place, share in named if share >= LEAST)
        return max(self.against(services).values(), default=0.0), found

    def shares(self, services: Iterable[Segment] | None = None) -> dict[Segment, float]:
        """Return how likely each place is the cause, 0 to 1."""
        against = self.against(services)
        highest = max(against.values(), default=0.0)
        weight = {place: _certainty(nats) * np.exp((nats - highest) / SHARP) for place, nats in against.items()}
        total = max(sum(weight.values()), 1e-12)
        return {place: float(one / total * _certainty(highest)) for place, one in weight.items()}

    def _suspect(self, place: Segment, share: float) -> Suspect:
        clue = self._clue(place)
        unit = feature_of(clue.feature).unit
        return Suspect(place, share, clue.segment, clue.feature, clue.actual, clue.lower, clue.upper, unit)

    def _clue(self, place: Segment) -> Clue:
        """Return what speaks most against a place: its own numbers, calls to it, ways from and to it, in that order."""
        about = [
            (call_of(one) is None or one == place, silent, nats, (one, silent))
            for (one, silent), nats in self._evidence.items()
            if one == place or place in _ends(one)
        ]
        return self._clues[max(about)[3]]

    def snapshot(self) -> Tree:
        """Return evidence and clues as JSON-able rows."""
        rows = [
            [
                *place.order,
                silent,
                nats,
                *clue.segment.order,
                clue.feature,
                clue.actual,
                clue.lower,
                clue.upper,
                clue.time,
            ]
            for (place, silent), nats in self._evidence.items()
            for clue in [self._clues[place, silent]]
        ]
        return {"rows": rows, "latest": self._latest}

    def restore(self, tree: Tree, series: Sequence[Series]) -> None:
        """Become what `snapshot` described; `series` are the keys of all slots."""
        self._series, self._kinds = [], np.zeros(0, np.int8)
        self.grow(series)
        self._latest = int(tree["latest"])
        places = [((Segment(*row[:3]), bool(row[3])), row) for row in tree["rows"]]
        self._evidence = {place: float(row[4]) for place, row in places}
        self._clues = {place: Clue(Segment(*row[5:8]), *row[8:]) for place, row in places}


def _side(feature: str) -> int:
    return BOTH if feature == OWN[3] else UP if feature in (*OWN, WAY, SILENT, *CALL) else 0


def _ends(place: Segment) -> tuple[Segment, ...]:
    """Return the services of a place: itself, or both ends of a way."""
    call = call_of(place)
    return (place,) if call is None else (call.caller, call.callee)


def _certainty(nats: float) -> float:
    return float(1.0 - 2.0 ** (-nats / HALF))
