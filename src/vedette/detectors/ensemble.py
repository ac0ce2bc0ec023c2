"""`ensemble`: several small models of one series, each calibrated by its own past, judged together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.courses import Courses, typical
from vedette.kernels import rarity as kernel
from vedette.kernels.levels import follow
from vedette.state.tree import Tree

Floats = NDArray[np.float64]
Slots = NDArray[np.int32]

DAY: Final = 86_400.0
WEEK: Final = 7 * DAY

PACES: Final = (1.0, 0.3, 0.1, 0.03, 0.01)
"""How fast evidence is averaged: over one row to two hundred. The average of its own length tells an anomaly best."""
SLOWER: Final = 0.15
"""Power of an average's length by which it is raised, so that many mildly odd rows rank with few very odd ones; chance
alone would call for .5. On NAB, Microsoft's and the AIOps KPIs .05 to .2 gave evidence a VUS-PR of .46 to .49, .3 gave
.42, the sum of averages .46; both halves of the series agree."""
SAID: Final = (1.0, 4.0)
"""Decades from which a model's surprise is evidence, and beyond which it is no more: one row in ten says nothing, and
no model alone outweighs all. Without bounds VUS-PR was .013 less."""

SUM_SHARE: Final = 0.03
"""Weight of all models' evidence beside that of the most surprised one."""

BEGINNING: Final = (0, 1, 3, 6, 8)
"""The models, in the order of `kernels.models.step`, that say where an episode begins. All cost six points on NAB."""

BAR: Final = 3.4
"""Decades from which an episode is told of, at one row in five minutes: about one false one in six days on NAB."""
BAR_WIDTH: Final = 300.0
BAR_SLOPE: Final = 0.5
"""Where rows come more often, more of them are chance alone, and fewer are independent: half a decade for ten times
as many lies between one false episode a row and one a day."""
AGREED: Final = 10.0
AGREED_WORTH: Final = 0.2
AGREED_AFTER: Final = WEEK + DAY
"""Decades beyond the first of all models together from which an episode begins, too, what one more is worth above the
bar, and the age of a series from which that is believed: until its week is known, all err together (false ones a day in
the first two days and after two weeks: NAB .31 and .25, Microsoft .22 and .01). Own alerts on web KPIs went from .46
recall at .72 precision to .57 at .75, together with the following; without an age NAB loses three points."""

OFTEN: Final = 1.0
OFTEN_MEMORY: Final = WEEK
OFTEN_RISE: Final = 4.0
"""Episodes a day, over a week, beyond which the bar rises, and by how many decades for ten times as many: what comes
every day calls nobody. 2 and 8 decades differ by .03 of precision at equal recall."""
BEFORE_BAR: Final = 0.2
"""Decades below the bar from which episodes are kept account of."""
RECURS: Final = 0.5
WORSE: Final = 0.1
"""Decades by which a row exceeds what recurs at its time, and an episode what it was when it was told of last. For the
latter .1 to 1 were tried: NAB's own threshold gave 66, 59, 56, 52."""
WORSENS: Final = 2
HOLD_ROWS: Final = 100.0
HOLD_LEAST: Final = 3600.0
"""An episode ends with a hundred rows, at least an hour, of which none is above the bar."""


class Ensemble:
    """Nine models that differ in what they look at, over one series, row by row.

    Notes
    -----
    On the standardized series: its distance from all of its past (`level`), its change from the row before (`jump`),
    its distance from the level of three hours (`shift`), how far the mean of 72 rows has gone (`drifting`), the
    residual of a regression on the last three values, the day's and the week's season (`predicted`), on
    seasons only (`season`) and the mean of six of those (`season_lasting`), and the distance of the last 8 and 24
    rows from the nearest stretch kept (`short_pattern`, `long_pattern`). Each residual becomes decades of rarity
    among that model's own past residuals, so that models on noise count little and none needs a threshold.

    ``evidence`` adds the decades of all, and takes the most telling of averages over five lengths: high over an
    anomaly's whole duration.
    ``peak`` is the most surprised model's, with a little of all, or what all say together: high at its beginning.

    It works for gauges and rates with or without rhythm, from the second day on. **It fails** where an
    anomaly resembles a stretch of the past, in series that become quieter (no model looks for less variance), and in
    series whose regime changes so often that nothing is rare.

    Cost: about 10 µs a row and series, most of it for nearest neighbors; independent of the history's length.

    References
    ----------
    Q. Liu, J. Paparrizos, The Elephant in the Room: TSB-AD, NeurIPS 2024 (no single model wins). B. Hill, A simple
    general approach to inference about the tail of a distribution, 1975.
    """

    def judge(self, times: Floats, values: Floats, width: Floats) -> tuple[Floats, Floats]:
        """Return evidence and peak of each row, decades, shape ``(n,)``; row i depends on rows up to i only.

        Parameters
        ----------
        times, values
            Epoch seconds, in order; finite numbers.
        width
            Sampling interval as known at each row, seconds.
        """
        decades = Courses.alone(times, values, typical(width))
        whole = (np.clip(decades, *SAID) - SAID[0]).sum(axis=1)
        evidence: Floats = np.max([smoothed(whole, pace) * pace**-SLOWER for pace in PACES], axis=0)
        return evidence, peaks(decades, times - times[:1], width)


def smoothed(values: Floats, pace: float) -> Floats:
    """Return the exponential average up to and with each row, from 0."""
    before, after = np.empty((2, len(values), 1))
    follow(values[:, None], pace, np.zeros(1), before, after)
    return after[:, 0]


def peaks(decades: Floats, age: Floats, width: Floats, models: Sequence[int] = BEGINNING) -> Floats:
    """Return how much a row looks like a beginning, decades, shape ``(n,)``.

    Parameters
    ----------
    decades
        Of rarity, of each row by each model, shape ``(n, models)``.
    age, width
        Of each series at its row, and its sampling interval; seconds.
    models
        Those that say where an episode begins.
    """
    first = decades[:, models]
    peak: Floats = first.max(axis=1, initial=0.0) + SUM_SHARE * first.sum(axis=1)
    return np.maximum(peak, agreed(decades, age, width))


def bar_of(width: Floats) -> Floats:
    """Return the decades from which a row is told of, by its interval in seconds."""
    bar: Floats = BAR + BAR_SLOPE * np.log10(BAR_WIDTH / np.maximum(width, 1e-3))
    return np.clip(bar, 1.5, 6.0)


def agreed(decades: Floats, age: Floats, width: Floats) -> Floats:
    """Return the decades that all models' surprise together is worth; none while the series is young."""
    whole = (np.clip(decades, *SAID) - SAID[0]).sum(axis=1)
    return np.where(age >= AGREED_AFTER, bar_of(width) + AGREED_WORTH * (whole - AGREED), 0.0)


class Episodes:
    """When the beginnings of many series are told of: a bank.

    Where a half-hour was above the bar on most days of late, or in the last two weeks, a row must exceed those by half
    a decade: what recurs is a job. Where episodes come more often than `often` a day, the bar rises.
    """

    def __init__(self, often: float = OFTEN) -> None:
        self._rules = np.array([BEFORE_BAR, RECURS, WORSE, OFTEN_MEMORY, often, OFTEN_RISE])
        self._numbers = np.zeros((0, kernel.NUMBERS))
        self._slots = np.zeros((0, kernel.DAY_SLOTS + kernel.WEEK_SLOTS, 2), np.float32)

    def grow(self, count: int) -> None:
        """Make room for so many more series."""
        new = np.full((count, kernel.NUMBERS), -np.inf)
        new[:, [kernel.OPEN, kernel.HIGHEST, kernel.REACHED, kernel.COUNT, kernel.TOLD]] = -1.0, 0.0, 0.0, 0.0, 0.0
        self._numbers = np.concatenate([self._numbers, new])
        self._slots = np.concatenate([self._slots, np.zeros((count, *self._slots.shape[1:]), np.float32)])

    def judge(self, slot: Slots, times: Floats, peak: Floats, width: Floats) -> tuple[NDArray[np.int8], Floats]:
        """Judge rows in order of time, and remember them.

        Parameters
        ----------
        slot
            Series of each row, shape ``(n,)``; as are all others.
        times, width
            Epoch seconds, and sampling interval, seconds.
        peak
            How much it looks like a beginning, decades.

        Returns
        -------
        1 where an episode begins, `WORSENS` where it gets worse, else 0; how far each row lies above its bar, decades.
        """
        out = np.empty((len(slot), 2))
        hold = np.maximum(HOLD_ROWS * width, HOLD_LEAST)
        kernel.episodes(slot, times, peak, bar_of(width), hold, self._rules, self._numbers, self._slots, out)
        return out[:, 0].astype(np.int8), out[:, 1]

    @classmethod
    def alone(cls, times: Floats, peak: Floats, width: Floats) -> tuple[NDArray[np.int8], Floats]:
        """Judge the rows of one series from its beginning."""
        bank = cls()
        bank.grow(1)
        return bank.judge(np.zeros(len(times), np.int32), times, peak, width)

    def snapshot(self) -> Tree:
        """Return the whole state as arrays."""
        return {"numbers": self._numbers.copy(), "slots": self._slots.copy()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._numbers, self._slots = np.array(tree["numbers"]), np.array(tree["slots"])

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return int(self._numbers.nbytes + self._slots.nbytes)
