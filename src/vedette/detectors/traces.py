"""`traces`: do operations take the time that they usually take, and call what they usually call?"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

VERSION: Final = 1

MEMORY: Final = 86_400.0
"""Seconds after which 1/e of what was learned is left: one daily rhythm."""

ODD: Final = 3.0
"""Surprise, in spreads or in decades, from which a row teaches less."""

LESSON: Final = 0.1
"""What an odd row teaches, as a share of an ordinary one: never nothing, so that what lasts becomes normal, after
ten times as long as the old was seen."""

JITTER: Final = 0.15
"""Spread of a window's mean logarithm of time between windows, before it is known: 15 % of the time."""

SPREAD: Final = 1.0
"""Spread of a single span's logarithm of time, before it is known."""

PRIOR: Final = 3.0
"""Windows, and spans, whose evidence outweighs what is assumed of spreads."""

MIX: Final = 4.0
"""Shape of the gamma distribution by which the share of a request varies between windows, before it is known: by a half
of itself."""

LEAST_MIX: Final = 0.5
"""The least that it can be learned to be: shares that vary by 1.4 times themselves; beyond, nothing were odd."""

MIXED: Final = 20.0
"""Squared expectation whose evidence outweighs what is assumed: some four windows of five, or one of twenty."""

WINDOWS, MEAN, BETWEEN, WITHIN, SPANS, SEEN = range(6)
"""Of a time: windows learned (fading), mean logarithm, variance of a window's mean and of a single span, degrees of
freedom of the latter, start of the latest window."""

COUNT, VISITS, LATEST, APART, SQUARE = range(5)
SINGLES: Final = VISITS
"""Of a shape: spans learned (fading), windows seen, start of the latest; sums of squared distances between counts and
what was expected, beyond chance, and of squared expectations (both fading). Of an operation the first three, but in
the middle the number (fading) of its shapes that were seen in one window only."""


class Traces:
    """The usual own times and shapes of operations, as a bank.

    It is asked and taught as a `vedette.detectors.base.Detector` is, but in two kinds of rows, each with its slots:
    first `score_times` and `score_shapes` of a window, then `learn_times` and `learn_shapes`.

    Notes
    -----
    *Times*, and numbers of calls. A window's mean logarithm lies ``z = (mean - usual) / spread`` from its usual one,
    ``spread² = between + within / n + doubt``; the variances between windows and within them are learned next to a
    prior, and the doubt about the usual fades with history.

    *Shapes.* An operation's spans differ in what they call and whether they fail. Surprise is the Chernoff bound,
    in decades, of the count of a shape among the operation's spans of the window, gamma-Poisson around
    ``n · share``, as the mix of requests varies from window to window; how much is learned for each shape, so that
    failures which always came in bursts are no surprise. A shape never seen has the chance of Good and
    Turing: the share of those that were seen in one window only.

    It works from the second window on, the better the more spans there are. **It fails** where times have a rhythm
    much larger than their jitter, which widens the band: that is for the baseline detector; on faults that leave
    times, calls and outcome as they are, such as a wrong value in an answer; and where all traffic ends.

    Cost: about 0.2 µs a row; 48 bytes a time, 40 bytes a shape, 24 bytes an operation.

    References
    ----------
    I. Good, The population frequencies of species, Biometrika 40, 1953.
    """

    name = "traces"

    def __init__(self) -> None:
        self._times = np.zeros((0, 6))
        self._shapes = np.zeros((0, 5))
        self._operations = np.zeros((0, 3))

    def grow(self, times: int, shapes: int, operations: int) -> None:
        """Make room for so many more times, shapes and operations; their slots follow those before."""
        self._times = np.concatenate([self._times, np.zeros((times, 6))])
        self._shapes = np.concatenate([self._shapes, np.zeros((shapes, 5))])
        self._operations = np.concatenate([self._operations, np.zeros((operations, 3))])

    def usual(self, slot: Ints) -> Floats:
        """Return the usual mean logarithms of times; NaN for new ones."""
        known: Floats = np.where(self._times[slot, WINDOWS] > 0.0, self._times[slot, MEAN], np.nan)
        return known

    def score_times(self, slot: Ints, count: Ints, mean: Floats) -> Floats:
        """Return how many spreads each mean of `count` logarithms lies above its usual; 0 for new ones."""
        known = self._times[slot]
        windows, spans = known[:, WINDOWS], known[:, SPANS]
        within = (known[:, WITHIN] * spans + SPREAD**2 * PRIOR) / (spans + PRIOR)
        noise = known[:, WITHIN] * windows / np.maximum(spans, 1.0)  # of means in what is seen between windows
        between = np.maximum(known[:, BETWEEN] - noise, 0.0)
        between = (between * windows + JITTER**2 * PRIOR) / (windows + PRIOR)
        doubt = (between + within * windows / np.maximum(spans, 1.0)) / np.maximum(windows, 1e-9)
        spread = np.sqrt(between + within / count + doubt)
        z: Floats = np.where(windows > 0.0, (mean - known[:, MEAN]) / spread, 0.0)
        return z

    def learn_times(self, start: float, slot: Ints, count: Ints, mean: Floats, square: Floats) -> None:
        """Take means of logarithms and of their squares in; slots are unique, windows come in order of their start."""
        self._times[slot[:, None], [WINDOWS, SPANS]] *= _left(start - self._times[slot, SEEN])[:, None]
        beyond = np.maximum(np.abs(self.score_times(slot, count, mean)) / ODD, 1.0)
        lesson = np.where(beyond > 1.0, LESSON, 1.0)
        known = self._times[slot]
        first = known[:, WINDOWS] <= 0.0
        weight = known[:, WINDOWS] + lesson
        step = lesson / weight
        apart = (mean - known[:, MEAN]) / beyond
        known[:, BETWEEN] += np.where(first, 0.0, step * (apart**2 * (1.0 - step) - known[:, BETWEEN]))
        known[:, MEAN] += np.where(first, 1.0, step) * apart
        free = lesson * (count - 1)
        inside = np.maximum(square - mean**2, 0.0) * count / np.maximum(count - 1, 1)
        known[:, SPANS] += free
        known[:, WITHIN] += free / np.maximum(known[:, SPANS], 1e-9) * (inside - known[:, WITHIN])
        known[:, WINDOWS], known[:, SEEN] = weight, start
        self._times[slot] = known

    def score_shapes(self, slot: Ints, operation: Ints, count: Ints, total: Ints) -> Floats:
        """Return the surprise of `count` spans of a shape among `total` of its operation; 0 for new operations."""
        expected, known = self._expected(slot, operation, total), self._shapes[slot]
        varied = (known[:, APART] + MIXED / MIX) / (known[:, SQUARE] + MIXED)
        mix = np.minimum(1.0 / np.clip(varied, 1e-2, 1.0 / LEAST_MIX), 100.0)
        more = np.maximum(count, expected)
        bound = more * np.log(more / expected) - (more + mix) * np.log((more + mix) / (expected + mix))
        old = self._operations[operation, COUNT] > 0.0
        surprise: Floats = np.where(old, np.maximum(bound, 0.0) / np.log(10.0), 0.0)
        return surprise

    def _expected(self, slot: Ints, operation: Ints, total: Ints) -> Floats:
        """Return how many spans of each shape are expected, above 0."""
        seen, known = self._shapes[slot, COUNT], self._operations[operation]
        chance = (np.where(seen > 0.0, seen, known[:, SINGLES]) + 0.5) / (known[:, COUNT] + 1.0)
        expected: Floats = np.minimum(chance, 1.0) * total
        return expected

    def learn_shapes(self, start: float, slot: Ints, operation: Ints, count: Ints, total: Ints) -> None:
        """Take counts of shapes in; slots are unique, windows come in order of their start."""
        place = np.unique(operation)
        self._operations[place[:, None], [COUNT, SINGLES]] *= _left(start - self._operations[place, LATEST])[:, None]
        self._shapes[slot[:, None], [COUNT, APART, SQUARE]] *= _left(start - self._shapes[slot, LATEST])[:, None]
        lesson = np.where(self.score_shapes(slot, operation, count, total) > ODD, LESSON, 1.0)
        expected = np.where(self._shapes[slot, COUNT] > 0.0, self._expected(slot, operation, total), 0.0)
        known, seen = self._operations[place], self._shapes[slot]
        seen[:, APART] += np.where(expected > 0.0, (count - expected) ** 2 - expected, 0.0)
        seen[:, SQUARE] += expected**2
        row = np.searchsorted(place, operation)
        fresh = known[row, COUNT] > 0.0  # in an operation's first window all shapes are new, which says nothing
        np.add.at(known[:, COUNT], row, lesson * count)
        np.add.at(known[:, SINGLES], row, fresh * ((seen[:, VISITS] == 0.0) * 1.0 - (seen[:, VISITS] == 1.0)))
        known[:, SINGLES] = np.maximum(known[:, SINGLES], 0.0)
        seen[:, COUNT] += lesson * count
        seen[:, VISITS] += 1.0
        seen[:, LATEST] = known[:, LATEST] = start
        self._operations[place], self._shapes[slot] = known, seen

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        return {"version": VERSION, **{name: getattr(self, f"_{name}").copy() for name in _STATE}}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"traces state: got version {tree.get('version')!r}, expected {VERSION}")
        for name in _STATE:
            setattr(self, f"_{name}", np.array(tree[name]))

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return sum(int(getattr(self, f"_{name}").nbytes) for name in _STATE)


def _left(elapsed: Floats) -> Floats:
    """Return what is left of what was learned so many seconds ago."""
    left: Floats = np.exp(-np.maximum(elapsed, 0.0) / MEMORY)
    return left


_STATE: Final = ("times", "shapes", "operations")
