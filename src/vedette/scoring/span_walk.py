"""The walk over the windows of one table of spans: features, bank and root ranking, composed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.decision.root import Clues, Suspects, Verdict, blame, evidence
from vedette.detectors.traces import Traces
from vedette.features.calls import Calls, Hashes, Spans, mixed, passed_on, slots
from vedette.scoring.span_kinds import Kinds, Tally, are_heard

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

READY_AFTER: Final = 600.0
"""Seconds of spans before anything is alerted on: ten windows show how far windows differ. Scores and roots are
given from the second window on, as who investigates a fault on the first day wants them too."""

ODD_SHAPE: Final = 2.0
"""Decades from which a shape is odd, when it is asked whether trouble came from below."""

MOST_SLOTS: Final = 1 << 16
"""Times, shapes and operations that are modelled, 10 MB in all; what first comes later is not judged."""

FULL: Final = 10
"""Spans from which on an operation weighs no more for its service or way."""

SUSPECTED: Final = 0.01
"""Root score from which a service is told of though it had no spans: the one at fault may be silent."""

NATS: Final = float(np.log(10.0))

FANS: Final = -2
"""In the place of a callee: not a way, but how many calls a service makes."""

UNSEEN: Final = -2
SEVERAL: Final = -1
"""In the place of an operation's only callee: none seen yet, or more than one."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The deviations of one window: an example span of each, and how far it is from usual."""

    timed: Ints
    z: Floats
    ratio: Floats
    """The window's mean own time, or number of calls, as a multiple of the usual one."""
    fans: NDArray[np.bool_]
    """Which are numbers of calls."""
    shaped: Ints
    surprise: Floats
    """Decades."""
    said: NDArray[np.bool_]
    """Which are surprises by the lines that were written, and not by calls and failures."""


@dataclass(frozen=True, slots=True)
class Told:
    """Verdicts of one window on the services that it had spans of or that are suspected."""

    start: float
    service: Ints
    ready: bool
    verdict: Verdict
    reasons: Reasons


class SpanWalk:
    """Judges and learns window after window.

    Parameters
    ----------
    spans, found
        The spans of the table, and their calls.
    judged
        Which spans are judged; the others are only learned.
    width
        Seconds of a window.
    said
        A hash of the lines that were written in each span, 0 for none; None where nothing is known of lines.
    """

    def __init__(
        self, spans: Spans, found: Calls, judged: NDArray[np.bool_], width: float, said: Hashes | None = None
    ) -> None:
        self.spans, self.found, self.judged, self.width = spans, found, judged, width
        self.services = int(spans.service.max(initial=-1)) + 1
        self.timing, self.timing_of = slots(found.timing, found.window, MOST_SLOTS)
        self.operation, operation_of = slots(found.operation, found.window, MOST_SLOTS)
        shape, self.shape_of = slots(found.shape, found.window, MOST_SLOTS)
        self.kinds, self.calling = [Kinds(shape, self.operation)], len(self.shape_of)
        if said is not None:
            spoken, spoken_of = slots(mixed(found.operation, said), found.window, MOST_SLOTS)
            heard = np.where(are_heard(found, spans.service, said), self.operation, -1)
            self.kinds.append(Kinds(spoken, heard, self.calling, len(operation_of)))
            self.shape_of = np.concatenate([self.shape_of, spoken_of])
        self.bank, self.suspects = Traces(), Suspects(self.services)
        self.measure_of = np.concatenate([self.timing_of, operation_of])
        self.bank.grow(len(self.measure_of), len(self.shape_of), len(operation_of) * len(self.kinds))
        self.callee = np.full(len(operation_of), UNSEEN)
        self.below = np.zeros(len(found.window), np.bool_)
        self.first = np.inf

    def step(self, rows: Ints) -> Told:
        """Judge the spans of the next window, then learn them."""
        start = float(self.found.window[rows[0]]) * self.width
        self.first = min(self.first, start)
        timing, shaping = self._measures(rows), self._shapes(rows)
        z, ratio = self.bank.score_times(*timing[:3]), np.exp(timing[2] - self.bank.usual(timing[0]))
        surprise = self._surprise(rows, shaping)
        fans = timing[0] >= len(self.timing_of)
        said = shaping[0] >= self.calling
        reasons = Reasons(self.measure_of[timing[0]], z, ratio, fans, self.shape_of[shaping[0]], surprise, said)
        judged = rows[self.judged[rows]]
        blamed = blame(self._clues(reasons, timing[1], shaping[1]), self.services)
        verdict = self.suspects.judge(start, blamed if len(judged) else np.zeros(self.services))
        self.bank.learn_times(start, *timing)
        self.bank.learn_shapes(start, *shaping)
        self._meet(rows)
        seen = np.bincount(self.spans.service[judged], minlength=self.services) > 0
        told = np.flatnonzero(seen | ((verdict.root >= SUSPECTED) & (len(judged) > 0)))
        return Told(start, told, start - self.first >= READY_AFTER, verdict, reasons)

    def _measures(self, rows: Ints) -> tuple[Ints, Ints, Floats, Floats]:
        """Return the slots of the window's times and fans, and number, mean and mean square of their logarithms."""
        timed = rows[np.isfinite(self.found.own[rows]) & (self.timing[rows] >= 0)]
        fans = rows[np.isfinite(self.found.fan[rows]) & (self.operation[rows] >= 0) & (self.found.callee[rows] < 0)]
        measure = np.concatenate([self.timing[timed], self.operation[fans] + len(self.timing_of)])
        value = np.concatenate([self.found.own[timed], self.found.fan[fans]])
        slot, place, count = np.unique(measure, return_inverse=True, return_counts=True)
        mean, square = (np.bincount(place, part, len(slot)) / count for part in (value, value**2))
        return slot, count, mean, square

    def _shapes(self, rows: Ints) -> Tally:
        """Return the slots of the window's shapes, their operations, their counts and those of the operations."""
        slot, operation, count, total = zip(*(kinds.tally(rows) for kinds in self.kinds), strict=True)
        return np.concatenate(slot), np.concatenate(operation), np.concatenate(count), np.concatenate(total)

    def _surprise(self, rows: Ints, shaping: Tally) -> Floats:
        """Return the surprise of shapes, less what trouble further down explains of them."""
        surprise = self.bank.score_shapes(*shaping)
        odd, known = np.zeros(len(rows), np.bool_), [kinds.known[rows] for kinds in self.kinds]
        place = [
            np.searchsorted(shaping[0], kinds.slot[rows[modelled]])
            for kinds, modelled in zip(self.kinds, known, strict=True)
        ]
        for modelled, shape in zip(known, place, strict=True):
            odd[modelled] |= (surprise > ODD_SHAPE)[shape]
        passed = passed_on(rows, self.found, odd, self.below)
        for modelled, shape in zip(known, place, strict=True):
            share = np.bincount(shape, passed[modelled], len(surprise)) / np.maximum(shaping[2], 1)
            surprise = surprise * (1.0 - share)
        return surprise

    def _clues(self, reasons: Reasons, count: Ints, operation: Ints) -> Clues:
        """Return the window's evidence by service and by way."""
        caller, callee = self.spans.service[reasons.timed], self.found.callee[reasons.timed]
        callee = np.where(reasons.fans, FANS, callee)
        pairs, place = np.unique(np.stack([caller, callee]), axis=1, return_inverse=True)
        weight, (caller, callee) = np.minimum(count, FULL), pairs
        value = evidence(np.bincount(place, weight * reasons.z) / np.bincount(place, weight))
        # leaves call nobody: ordinary numbers of calls must not speak for the others
        value = np.where(callee == FANS, np.maximum(value, 0.0), value)
        own, way = callee < 0, callee >= 0
        reached = np.where(reasons.said, -1, self.callee[operation % len(self.callee)])
        return Clues(
            (caller[own], value[own]),
            (caller[way], callee[way], value[way]),
            (self.spans.service[reasons.shaped], np.maximum(reached, -1), reasons.surprise * NATS),
        )

    def _meet(self, rows: Ints) -> None:
        """Remember the one service that an operation calls, so that who does not answer is known by name."""
        met = rows[self.operation[rows] >= 0]
        operation, callee = self.operation[met], self.found.callee[met]
        operation, callee = operation[callee >= 0], callee[callee >= 0]
        self.callee[operation[self.callee[operation] == UNSEEN]] = callee[self.callee[operation] == UNSEEN]
        self.callee[operation[self.callee[operation] != callee]] = SEVERAL
