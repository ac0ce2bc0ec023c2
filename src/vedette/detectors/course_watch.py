"""`ensemble`, live: the course of numbers over hours and days, where no single window need be odd."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.baseline import DAY
from vedette.detectors.courses import Courses
from vedette.detectors.ensemble import HOLD_ROWS, WORSENS, Episodes, agreed, peaks
from vedette.errors import StateCorrupt
from vedette.records.course import Turn
from vedette.records.feature import feature_of
from vedette.records.observation import LOGARITHMIC, TINY, Measures, Series
from vedette.records.score import Scores
from vedette.records.time import SECOND
from vedette.state.tree import Tree
from vedette.stats.merit import Merit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

VERSION: Final = 1

BUCKET: Final = 300 * SECOND
"""Windows are taken together for so long: the interval of the corpora that the models were made on; sudden changes are
`baseline`'s."""

FEATURES: Final = (
    "requests",
    "logs",
    "calls",
    "latency_p50_seconds",
    "own_time_p50_seconds",
    "way_p50_seconds",
    "call_p50_seconds",
    "metric",
    "metric_rate",
)
"""Numbers that have a course. Shares are mostly zero; high quantiles and sizes jump from window to window."""

MOST: Final = 2048
"""Series that are followed, the first there are: 65 MB."""

ROWS: Final = 100.0
"""Rows before a course is judged at all."""

OFTEN: Final = 0.25
"""Episodes a day of one series beyond which its bar rises."""

MODELS: Final = {0: "level", 3: "drifting", 6: "season", 8: "pattern"}
"""Models that begin an episode, by their number. Jumps are `baseline`'s: it knows its hours better; with them 48 of
NAB's windows are told of, without 49, with a quarter of the bearable ones."""

BEGINNING: Final = tuple(MODELS)
TOGETHER: Final = "together"
"""In place of a model, where all together say more than any of these."""

ODD: Final = 2.0
ODD_ON_AVERAGE: Final = 1.0
"""Decades that `baseline` must be surprised by in one window of the time, and on average; the mean must be outside of
the mean band, too, on the side that matters. With a quarter of the bearable ones, on NAB 48 of 61 are told of so by
either, and .105 false ones a series-day, 45 and .108 from any surprise on; on web KPIs 210 and 191 segments."""

WINDOWS, SUM, EXPECTED, LOWER, UPPER, SURPRISE, OUT, HIGHEST_LOWER, LOWEST_UPPER = range(9)
"""What is gathered of the windows of a time: how many, sums, and extremes; `OUT` is the largest surprise."""
GATHERED: Final = 9
SUMS: Final = [SUM, EXPECTED, LOWER, UPPER, SURPRISE]
EMPTY: Final = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -np.inf, np.inf])
HUGE: Final = 1e100
"""Bound of numbers, as `baseline` has it: what is larger is as odd."""
BORN, TOLD = range(2)
"""When a series was seen first, and until when its episode is told of, seconds."""


class CourseWatch:
    """Which series are followed, and what is gathered of the time that is not over yet.

    Notes
    -----
    Windows are taken together by `BUCKET`, as a mean; a longer window is its own time. Durations are followed by their
    logarithm. A number must be outside of the band of `baseline`, which knows its hours, its least effect and what was
    planned; it need not be far outside. Rows that are not to teach are left out. Of the beginnings of episodes in the
    last four weeks the strongest are told, as many as are bearable (`vedette.stats.merit`); while one that was told
    lasts, each row above the bar is.

    It works from the second day of a series on. **It fails** where `vedette.detectors.ensemble` fails, on series beyond
    the first `most`, even if those are long gone, and where many numbers begin an episode in the same weeks.

    Parameters
    ----------
    bearable
        False ones a day that are bearable.
    ready_after
        Seconds of history before a course may be told of; a day at least.
    most
        Series that are followed.

    Cost: 10 µs a series and `BUCKET`; 32 KB a series.
    """

    name = "ensemble"

    def __init__(self, bearable: float, ready_after: float = DAY, most: int = MOST) -> None:
        self._ready_after = max(ready_after, DAY)
        self._most = most
        self._width = 0
        self._bank = Courses(BUCKET / SECOND, most)
        self._episodes = Episodes(OFTEN)
        self._merit = Merit(bearable)
        self._place = np.zeros(0, np.int64)
        """Number of each series among those followed, -1 for none."""
        self._series: list[Series] = []
        """Those followed."""
        self._log, self._direction = np.zeros(0, np.bool_), np.zeros(0, np.int8)
        self._gathered, self._times = _nothing(0)
        self._bucket = -1
        self.blind = 0
        """Series that have a course and are not followed, as there is no room."""

    def grow(self, series: Sequence[Series]) -> None:
        """Take in new series: the next slots, in order."""
        if not series:
            return
        known = len(self._series)
        places = []
        for one in series:
            has_course = feature_of(one.feature).name in FEATURES
            follows = has_course and len(self._series) < self._most
            self.blind += has_course and not follows
            places.append(len(self._series) if follows else -1)
            if follows:
                self._series.append(one)
        self._place = np.concatenate([self._place, np.array(places, np.int64)])
        new = self._series[known:]
        self._log = np.concatenate([self._log, np.array([one.quantity in LOGARITHMIC for one in new], np.bool_)])
        self._direction = np.concatenate([self._direction, np.array([one.direction for one in new], np.int8)])
        gathered, times = _nothing(len(new))
        self._gathered = np.concatenate([self._gathered, gathered])
        self._times = np.concatenate([self._times, times])
        self._bank.grow(len(new))
        self._episodes.grow(len(new))

    def take(self, measures: Measures, measured: Scores, teaches: Bools) -> list[Turn]:
        """Take a window in; where it ends a time of `BUCKET`, judge that by what was learned before it.

        Parameters
        ----------
        measures
            The window's numbers.
        measured
            What `baseline` says of each of them, given what was planned.
        teaches
            Which rows may be learned from, given what was planned.
        """
        width = max(measures.width, BUCKET)
        if width != self._width:
            self._begin(width)
        bucket = measures.start // width
        if self._bucket not in (-1, bucket):
            self._judged()  # it ended in silence, hours ago: learned, and no news
        self._bucket = bucket
        self._gather(measures, measured, teaches)
        return self._judged() if (measures.start + measures.width) // width != bucket else []

    def _gather(self, measures: Measures, measured: Scores, teaches: Bools) -> None:
        """Take in the numbers of a window that have a course."""
        followed = (self._place[measures.slot] >= 0) & np.isfinite(measures.value)
        rows = np.flatnonzero(followed & teaches)
        course = self._place[measures.slot[rows]]
        log = self._log[course]
        numbers = (measures.value, measured.expected, measured.lower, measured.upper)
        value, expected, lower, upper = (
            np.where(log, np.log(np.maximum(number[rows], TINY)), number[rows]) for number in numbers
        )
        value, surprise = np.clip(value, -HUGE, HUGE), measured.surprise[rows]
        held = self._gathered[course]
        held[:, WINDOWS] += 1.0
        held[:, SUMS] += np.stack([value, expected, lower, upper, surprise], axis=1)
        held[:, OUT] = np.maximum(held[:, OUT], surprise)
        held[:, HIGHEST_LOWER] = np.fmax(held[:, HIGHEST_LOWER], lower)
        held[:, LOWEST_UPPER] = np.fmin(held[:, LOWEST_UPPER], upper)
        self._gathered[course] = held

    def _begin(self, width: int) -> None:
        """Follow rows of another width from now on, without what was learned of the old ones."""
        self._width, self._bucket, count = width, -1, len(self._series)
        self._bank, self._episodes = Courses(width / SECOND, self._most), Episodes(OFTEN)
        self._bank.grow(count)
        self._episodes.grow(count)
        self._gathered, self._times = _nothing(count)

    def _judged(self) -> list[Turn]:
        """Judge the time that is over, and begin the next."""
        time, span = self._bucket * self._width / SECOND, self._width / SECOND
        course = np.flatnonzero(self._gathered[:, WINDOWS] > 0.0).astype(np.int32)
        rows = self._gathered[course]
        self._gathered[:], self._bucket = EMPTY, -1
        if not len(course):
            return []
        rows[:, SUMS] /= rows[:, WINDOWS, None]
        self._times[course, BORN] = np.minimum(self._times[course, BORN], time)
        age, times, spans = time - self._times[course, BORN], np.full(len(course), time), np.full(len(course), span)
        known = self._bank.rows[course] >= ROWS
        decades = self._bank.judge(course, times, np.ascontiguousarray(rows[:, SUM]))
        side = np.where(rows[:, SUM] > rows[:, UPPER], 1, np.where(rows[:, SUM] < rows[:, LOWER], -1, 0))
        outside = (side != 0) & (side * self._direction[course] >= 0)
        speaks = known & outside & (rows[:, OUT] >= ODD) & (rows[:, SURPRISE] >= ODD_ON_AVERAGE)
        # what all models say together is not believed of a young series, and yet the bar of later follows from it
        peak = np.where(speaks, peaks(decades, np.full(len(course), np.inf), spans, BEGINNING), 0.0)
        doubt = np.where(speaks, peak - peaks(decades, age, spans, BEGINNING), 0.0)
        begins, above = self._episodes.judge(course, times, peak, spans)
        first, until = np.flatnonzero((begins > 0) & (above >= 0.0)), time + HOLD_ROWS * span
        earns = self._merit.earn(time, above[first], course[first], begins[first] == WORSENS)
        earned = first[earns & (age[first] >= self._ready_after)]
        self._times[course[earned[above[earned] >= doubt[earned]]], TOLD] = until
        told = np.flatnonzero((above >= doubt) & (self._times[course, TOLD] >= time))
        self._times[course[told], TOLD] = until
        names = np.array(list(MODELS.values()))[np.argmax(decades[:, BEGINNING], axis=1)]
        names = np.where(agreed(decades, age, spans) >= peak - doubt, TOGETHER, names)
        return [
            self._turn(int(course[row]), rows[row], str(names[row]), above[row] - doubt[row]) for row in told.tolist()
        ]

    def _turn(self, course: int, row: Floats, model: str, above: float) -> Turn:
        bound = LOWEST_UPPER if row[SUM] >= row[EXPECTED] else HIGHEST_LOWER
        numbers = row[[SUM, EXPECTED, LOWER, UPPER, bound]]
        actual, expected, lower, upper, bearable = (np.exp(numbers) if self._log[course] else numbers).tolist()
        return Turn(self._series[course], actual, expected, lower, upper, bearable, model, float(above))

    def snapshot(self) -> Tree:
        """Return what was learned; series come back by `restore`."""
        return {
            "version": VERSION,
            "width": self._width,
            "bucket": self._bucket,
            "gathered": self._gathered.copy(),
            "times": self._times.copy(),
            "bank": self._bank.snapshot(),
            "episodes": self._episodes.snapshot(),
            "merit": self._merit.snapshot(),
        }

    def restore(self, tree: Tree, series: Sequence[Series]) -> None:
        """Become what `snapshot` described, of these series; nothing learned with an empty tree, of an older release.

        Raises `StateCorrupt` on another version, or one of other series.
        """
        self.__init__(self._merit.bearable, self._ready_after, self._most)  # type: ignore[misc]
        self.grow(series)
        if not tree:
            return
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"state of followed courses: got version {tree.get('version')!r}, expected {VERSION}")
        if len(tree["gathered"]) != len(self._series):
            raise StateCorrupt(f"state of followed courses: got {len(tree['gathered'])}, expected {len(self._series)}")
        self._width, self._bucket = tree["width"], tree["bucket"]
        self._gathered, self._times = np.array(tree["gathered"]), np.array(tree["times"])
        self._bank.restore(tree["bank"])
        self._episodes.restore(tree["episodes"])
        self._merit.restore(tree["merit"])

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return int(self._bank.nbytes + self._episodes.nbytes + self._gathered.nbytes + self._times.nbytes)


def _nothing(count: int) -> tuple[Floats, Floats]:
    """Return what is gathered of so many series at first, and their times."""
    return np.tile(EMPTY, (count, 1)), np.tile([np.inf, -np.inf], (count, 1))
