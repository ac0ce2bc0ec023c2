"""`baseline`: is this number far from what this time of this week usually brings?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import baseline as kernel
from vedette.kernels import baseline_layout as at
from vedette.records.observation import Measures, Series
from vedette.records.score import Scores, State
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Floats = NDArray[np.float64]

VERSION: Final = 3

HOUR: Final = 3600.0
DAY: Final = 24 * HOUR

SHARP: Final = 0.5
"""Share of the least effect that matters where a change is looked for: a fifth more latency, as at a deploy."""

ACCEPT_AFTER: Final = 4 * HOUR
"""A deviation to one side that lasts so long is the new normal: half a working day."""

DRIFT_AFTER: Final = DAY
"""A level two spreads away from the mean for so long has drifted: announced, and taken for the mean of all hours."""

LEAST_EVENTS: Final = 5.0
"""Least change of a count worth a finding, in events; failures and the like, three at most."""

LEVEL_MEMORY: Final = 6 * HOUR
MEAN_MEMORY: Final = 7 * DAY
SPREAD_MEMORY: Final = 7 * DAY
RECENT_MEMORY: Final = 20 * 60.0
DAILY_VISITS: Final = 4.0
WEEKLY_VISITS: Final = 4.0
PEAK_VISITS: Final = 21.0
PROOF: Final = 2 * HOUR
"""Memory of the level: the part of a day that drifts. Of the mean that seasons are measured from: the
longest rhythm. Of the spread and of what a season or the recent past is worth: long enough for several
nights. Of the recent deviation: a few windows. Visits until a bucket of the day or of the week follows
a change by two thirds, as Holt-Winters' customary 0.2–0.3. Days for which a peak at a time of day is
remembered: a weekly job is still known when it comes again. Evidence before a component counts in full.
The level's, the spread's, the recent deviation's and the visits were varied by factors of two and three on
NAB, Microsoft's and the AIOps KPIs: average precision moved by less than an eighth of it."""


class Baseline:
    """Level, rhythms, recent past and spread of every series, as a bank.

    Notes
    -----
    ``expected = mean + level + d · daily + w · weekly + r · recent``, where *daily* has 48 half-hour and
    *weekly* 56 three-hour buckets, read between their middles, and d, w and r in [0, 1] are regressions on
    windows not yet learned: a rhythm is used as far as it has proved to help, the daily one from the
    second day, the weekly one from the second week. Counts, shares and gauges are modelled as they are,
    durations and sizes by their logarithm.

    Surprise, by quantity: COUNT and DISTINCT as negative binomial; RATIO as beta-binomial with the window's
    trials (1 failure of 2 is no surprise); DURATION, SIZE and GAUGE by Student's t with 6 degrees of freedom,
    with a spread for each side, wider where fewer events than usual lie behind the number, and judged with and
    without the recent past: the less likely counts, so that what lasts stays odd where the forecast follows it. All
    spreads are learned, next to a prior that fades with history. It is 0 on the side that does not matter, for
    changes below ``min_effect`` of what is expected (of the smaller of a share and its rest), and for counts that
    change by fewer than five events. What other days had in the same half-hour bounds it: a nightly job is
    no surprise once seen.

    An outlier teaches no more than three spreads, or what one episode in a hundred windows exceeds. A
    deviation to one side that lasts `accept_after` becomes the new normal at once, and a level that has stayed two
    spreads away for a day the new mean (`shifted`).

    It works for series with daily and weekly rhythm, sparse, bursty and constant ones. **It fails** on rhythms
    of other periods (every 6 h, monthly), which widen the band, on jobs that wander by more than half an hour, and
    on leaks slower than the level follows (4 h): those are for `vedette.decision.evidence` and for drift.

    Parameters
    ----------
    ready_after
        Seconds of history before a series may be judged; at least ten windows. Gaps count for an hour at
        most. Up to two days of history the band is wider, by a half at first.
    accept_after
        Seconds after which a lasting deviation is the new normal.

    Cost: about 0.13 µs a row to learn and as much to score (``python -m bench baseline``); 1,026 bytes a series,
    whatever its age.

    References
    ----------
    R. Hyndman, G. Athanasopoulos: Forecasting, 3rd ed., chapter 8 (exponential smoothing). P. Huber: Robust
    Statistics, 1981, section 7 (clipped residuals). We depart in that a component's weight is learned.
    """

    name = "baseline"

    def __init__(self, ready_after: float = DAY, accept_after: float = ACCEPT_AFTER) -> None:
        self._limits = np.array([ready_after, LEAST_EVENTS])
        self._memory = memory(accept_after)
        self._kinds = np.zeros((0, 2), np.int8)
        self._least = np.zeros(0)
        self._numbers = np.zeros((0, at.NUMBERS))
        self._seasons = np.zeros((0, at.BUCKETS), np.float32)

    def grow(self, keys: Sequence[Series]) -> None:
        """Make room for new series: ``keys[i]`` gets the next slot but *i*."""
        if not keys:
            return
        kinds = np.array([[key.quantity, key.direction] for key in keys], np.int8)
        self._kinds = np.concatenate([self._kinds, kinds])
        self._least = np.concatenate([self._least, np.array([key.min_effect for key in keys], np.float64)])
        self._numbers = np.concatenate([self._numbers, np.zeros((len(keys), at.NUMBERS))])
        self._seasons = np.concatenate([self._seasons, np.full((len(keys), at.BUCKETS), np.nan, np.float32)])

    def score(self, window: Measures, sharp: NDArray[np.bool_] | None = None) -> Scores:
        """Judge each row by what was learned before it; NaN and infinite values have no surprise.

        ``sharp`` marks slots for which a smaller change than usual matters, by `SHARP`; shape ``(slots,)``.
        """
        out = np.empty((6, len(window.slot)))
        least = self._least if sharp is None else np.where(sharp, SHARP * self._least, self._least)
        self._judge(window, window.slot, (self._kinds, least, self._numbers, self._seasons), out)
        return _scores(out)

    def score_afresh(self, window: Measures, sharp: NDArray[np.bool_] | None = None) -> Scores:
        """Judge each row as `score` does, but as if the last minutes had been as expected.

        That is how a number would be judged had a deviation not begun: the forecast has not followed it.
        """
        out, slot = np.empty((6, len(window.slot))), window.slot
        least = self._least[slot] if sharp is None else np.where(sharp[slot], SHARP, 1.0) * self._least[slot]
        numbers = self._numbers[slot]
        numbers[:, at.RECENT] = 0.0
        model = self._kinds[slot], least, numbers, self._seasons[slot]
        self._judge(window, np.arange(len(slot), dtype=np.int32), model, out)
        return _scores(out)

    def _judge(self, window: Measures, slot: NDArray[np.int32], model: tuple[Any, ...], out: Floats) -> None:
        kernel.score(
            slot,
            window.value,
            window.weight,
            window.start / SECOND,
            window.width / SECOND,
            *model,
            self._memory,
            self._limits,
            out,
        )

    def learn(self, window: Measures, surprise: NDArray[np.float64]) -> None:
        """Take the window into the models.

        `surprise` is not needed: how far a value lies from what was expected says more of how much it should teach,
        also on the side that does not matter.
        """
        del surprise
        kernel.learn(
            window.slot,
            window.value,
            window.weight,
            window.start / SECOND,
            window.width / SECOND,
            self._kinds,
            self._numbers,
            self._seasons,
            self._memory,
        )

    def shift(self, slot: NDArray[np.int32], by: NDArray[np.float64]) -> None:
        """Move levels at once, as when somebody says that this is normal now.

        ``by`` is in the terms of the model: a difference, of logarithms for durations and sizes.
        """
        self._numbers[slot, at.LEVEL] += by
        self._numbers[slot, at.RECENT] = 0.0
        self._numbers[slot, at.RUN] = 0.0

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        return {"version": VERSION, **{name: getattr(self, f"_{name}").copy() for name in _STATE}}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"baseline state: got version {tree.get('version')!r}, expected {VERSION}")
        for name in _STATE:
            setattr(self, f"_{name}", np.array(tree[name]))

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return sum(int(getattr(self, f"_{name}").nbytes) for name in _STATE)


def _scores(out: Floats) -> Scores:
    surprise, expected, lower, upper, missing, known = out
    state = np.where(missing > 0.0, State.LEARNING, State.READY).astype(np.int8)
    return Scores(state, surprise, expected, lower, upper, missing, known > 0.0)


_STATE: Final = ("kinds", "least", "numbers", "seasons")


def memory(accept_after: float = ACCEPT_AFTER) -> NDArray[np.float64]:
    """Return the lengths of memory in the order in which the kernel takes them."""
    return np.array(
        [
            LEVEL_MEMORY,
            MEAN_MEMORY,
            SPREAD_MEMORY,
            RECENT_MEMORY,
            DAILY_VISITS,
            WEEKLY_VISITS,
            PEAK_VISITS,
            accept_after,
            PROOF,
            DRIFT_AFTER,
        ]
    )
