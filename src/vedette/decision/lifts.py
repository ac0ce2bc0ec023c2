"""How many times the usual each sort of planned event brings: announced, or learned from the times before."""

from __future__ import annotations

from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.context import CHANGES, EventKind, PlannedEvent
from vedette.records.feature import CATALOG
from vedette.records.finding import Finding, Kind
from vedette.records.observation import Quantity
from vedette.state.tree import Tree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Reach = tuple[float, float]
"""Least multiple of the lower end of its range, and greatest of the upper, to which a number went."""

FAMILIES: Final = tuple(CATALOG)
"""Features by number; ``template_lines: text`` is of the family ``template_lines``."""

FORETOLD: Final = 1.5
"""How far beyond an announced lift volume may go: people who foretell a sale are wrong by half."""

FOLLOWING: Final = ("client_requests_max", "user_requests_max")
"""Features of security that grow with the traffic by themselves: of six times as many visits, the busiest visitor makes
six times as many, too. They are lifted by as much as the segment's requests really are, and no further."""

REMEMBERED: Final = 1.25
"""How far beyond the largest lift of the times before; the factor between two bins is 1.19."""

TIMES: Final = 2
"""Times that an event must have been before its lift is known: one may have been an accident."""

KEPT: Final = 5
"""Times that are remembered of an event, and titles of events: the oldest are forgotten first."""
MOST: Final = 500

BINS: Final = 65
STEP: Final = 4.0
"""Bins of a lift from 1/256 to 256, four to an octave."""

TAILS: Final = (0.05, 0.95)
"""Shares of the events below the least and the most of what one time brought."""


def is_volume(family: int) -> bool:
    """Say whether a feature is a number of things that happen, of no concern to security."""
    feature = CATALOG[FAMILIES[family]]
    return feature.kind is not Kind.SECURITY and feature.quantity in (Quantity.COUNT, Quantity.DISTINCT)


def excuses(event: PlannedEvent, finding: Finding, reached: Reach, traffic: float = 1.0) -> bool:
    """Say whether findings like one would not have been any, had an event that was on been known.

    Parameters
    ----------
    event, finding
        Maintenance excuses all but security, an announced lift excuses volume.
    reached
        How far the number went, as `reach` has it.
    traffic
        How many times the usual its segment's requests are: what grows with them may go as far, and as the lift.
    """
    if not event.concerns(finding.segment) or event.kind in CHANGES:
        return False
    if event.kind is EventKind.MAINTENANCE:
        return finding.kind is not Kind.SECURITY
    if event.lift is None or finding.item or (finding.kind is Kind.SECURITY and finding.feature not in FOLLOWING):
        return False
    least, most = min(event.lift, 1.0) / FORETOLD, max(event.lift, 1.0) * FORETOLD
    if finding.feature in FOLLOWING:
        return finding.actual >= finding.expected and reached[1] <= min(traffic, most)
    return is_volume(FAMILIES.index(finding.feature.partition(":")[0])) and least <= reached[0] and reached[1] <= most


def reach(finding: Finding) -> Reach:
    """Return how many times the lower and the upper end of its range a number is.

    A range that begins at nothing is never left downwards, one that ends there is left by anything.
    """
    low = finding.actual / finding.lower if finding.lower > 0.0 else inf
    high = finding.actual / finding.upper if finding.upper > 0.0 else inf if finding.actual > 0.0 else 0.0
    return low, high


class Lifts:
    """What is known of the lift of planned events, by kind and title.

    Notes
    -----
    While an event is on, each number's ratio to what was expected is counted, weighted by the events behind it, for
    each feature over all segments that the event concerns. Afterwards its middle nine tenths are what this time
    brought, and the extremes of the times before, with a tolerance, are what the next may bring. A number is then
    judged as if it were smaller by as much of the lift as fits it: six times the usual is ordinary where six times was
    announced, twelve times (of which `FORETOLD` allows nine) is a third more than the usual.

    It works for what is alike each time. **It fails** where segments of one feature are lifted very differently: the
    band of all is as wide as that of the busiest.

    Cost: 65 numbers a feature while an event is on; two a feature and time afterwards, at most 500 titles.
    """

    def __init__(self) -> None:
        self._running: dict[str, Floats] = {}
        """Weights by feature and bin of each event that is on, by its id."""
        self._known: dict[str, list[Floats]] = {}
        """Least and most by feature, NaN where nothing was seen, of each time, by kind and title."""

    def span(self, event: PlannedEvent) -> tuple[Floats, Floats, bool]:
        """Return the least and the most by feature that are usual during an event, and whether anything is known."""
        low, high = np.ones(len(FAMILIES)), np.ones(len(FAMILIES))
        times = self._known.get(_name(event), [])
        if len(times) >= TIMES:
            seen = np.array(times)
            low = np.fmin(low, np.fmin.reduce(seen[:, 0]) / REMEMBERED)
            high = np.fmax(high, np.fmax.reduce(seen[:, 1]) * REMEMBERED)
        if event.lift is not None:
            volume = np.array([is_volume(family) for family in range(len(FAMILIES))])
            low = np.where(volume, np.minimum(low, min(event.lift, 1.0) / FORETOLD), low)
            high = np.where(volume, np.maximum(high, max(event.lift, 1.0) * FORETOLD), high)
        return low, high, event.lift is not None or len(times) >= TIMES

    def learn(self, event: PlannedEvent, family: Ints, ratio: Floats, weight: Floats) -> None:
        """Count the ratios of actual to expected of one window of an event."""
        counts = self._running.setdefault(event.id, np.zeros((len(FAMILIES), BINS)))
        place = np.rint(np.log2(np.maximum(ratio, 1e-9)) * STEP).astype(np.int64) + BINS // 2
        np.add.at(counts, (family, np.clip(place, 0, BINS - 1)), weight)

    def close(self, event: PlannedEvent) -> None:
        """Remember what an event brought that is over."""
        counts = self._running.pop(event.id, None)
        if counts is None:
            return
        total = counts.sum(axis=1)
        share = np.cumsum(counts, axis=1) / np.maximum(total, 1e-9)[:, None]
        ends = [2.0 ** (((share >= tail).argmax(axis=1) - BINS // 2) / STEP) for tail in TAILS]
        brought: Floats = np.where(total > 0.0, np.array(ends), np.nan)
        name = _name(event)
        self._known[name] = [*self._known.pop(name, []), brought][-KEPT:]
        while len(self._known) > MOST:
            del self._known[next(iter(self._known))]

    def forget(self, event_id: str) -> None:
        """Let go of what was counted for an event that was withdrawn."""
        self._running.pop(event_id, None)

    def snapshot(self) -> Tree:
        """Return the whole state as arrays."""
        return {
            "running": {name: counts.copy() for name, counts in self._running.items()},
            "known": {name: np.array(times) for name, times in self._known.items()},
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._running = {name: _taller(counts, 0.0) for name, counts in tree["running"].items()}
        self._known = {
            name: [_taller(times.T, np.nan).T for times in np.array(known)] for name, known in tree["known"].items()
        }


def _taller(rows: Floats, filler: float) -> Floats:
    """Return a row for each family: those that an earlier release did not have come last, and hold nothing."""
    missing = np.full((len(FAMILIES) - len(rows), rows.shape[1]), filler)
    return np.concatenate([np.array(rows), missing])


def _name(event: PlannedEvent) -> str:
    return f"{event.kind.value} {event.title.casefold()}"
