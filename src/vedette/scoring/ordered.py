"""Vectors of one entity in order of time: each judged by those before it, as change and as state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vedette.scoring.usual import CLIP, DAY, Daily, Scale
from vedette.scoring.views import BLOCK, LATER, WAIT, Change, Flags, Near, Numbers, View
from vedette.stats.tail import TailBank

READY_AFTER: Final = DAY
"""Seconds before an entity is judged: one daily rhythm, seen once."""
LEAST_ROWS: Final = 2 * BLOCK
MOST_ROWS: Final = 1440
"""Rows before an entity is judged, at least, and at most however short the time: a day of minutes."""
RECENT: Final = 60.0
"""Memory of the recent level, in rows; between 30 and 120 real services and servers differed by a thirtieth."""
SMOOTH: Final = 8.0
"""Memory of evidence, in rows: what comes singly is often noise; 1 cost a fifth, 12 a twentieth."""
MEMORY: Final = 7 * DAY
LEAST_MEMORY: Final = 2_000.0
MOST_MEMORY: Final = 10_000.0
"""Memory of the covariance: a week, within what tells 40 features' covariance and what follows a change in days."""
LASTING: Final = 4.0
"""Memory of the spread and of usual evidence, in memories of the covariance: a month."""
CONSTANT: Final = 1e-3
"""Spread of what never varied, as a share of its level: the least change of a constant that matters."""
MILD: Final = 2.0
"""Spreads of evidence that teach at most what evidence is usual: anomalies last, and would soon be usual."""
ODD: Final = 3.0
"""Spreads of evidence from which a row is odd, and teaches late what is usual, unless somebody marked what teaches."""
SURE: Final = LEAST_ROWS + WAIT * BLOCK
"""Rows before which none is odd: half a day of minutes, until the sample of states has some."""
FALSE_ALARMS: Final = 0.1
"""Bearable false alarms a day and entity."""
HOLD: Final = 3600.0
"""Seconds without an alarming row that end an episode."""
BEND: Final = 4.0
"""Evidence, in spreads, of a score of one half."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Of the rows of one entity: score ``(n,)``, ready, alert, and each feature's share ``(n, width)``."""

    score: Numbers
    ready: Flags
    alert: Flags
    shares: Numbers


def judge(times: Numbers, values: Numbers, train: Flags | None) -> Verdicts:
    """Return verdicts on an entity's rows, each by the rows before it.

    Notes
    -----
    Each feature's daily rhythm is removed and the rest set in spreads of such rests. Two views of it are taken
    (`Change`, `Near`), each set in spreads of its own past, and averaged: on real services and servers the mean did
    better than either alone and than the larger of both. A row alerts when, by the tail of the entity's own past,
    so much evidence comes less often than `FALSE_ALARMS` allow, once an episode.

    It works on entities with correlated metrics at a steady interval. **It fails** on features that wander
    without bound (counters: give rates), where the past was odd itself, and on leaks over days.

    Parameters
    ----------
    times
        Seconds, in order.
    values
        Shape ``(n, width)``; NaN is missing and no deviation.
    train
        Rows that only teach. After them the spreads, the sample of states and what evidence is usual stay as
        they are, so that a lasting deviation stays one; without it every row teaches, odd ones two weeks later.

    Cost: about 30 µs a row of 20 to 40 features (``python -m bench vectors``).
    """
    entity = _Entity(values.shape[1], times, train is not None)
    teaches = np.ones(len(times), np.bool_) if train is None else train
    evidence, rarity, shares = np.zeros(len(times)), np.ones(len(times)), np.zeros(values.shape)
    for first in range(0, len(times), BLOCK):
        rows = slice(first, first + BLOCK)
        evidence[rows], rarity[rows], shares[rows] = entity.judge(times[rows], values[rows], teaches[rows])
    ready = _ready(times, train)
    score = np.where(ready, 1.0 / (1.0 + np.exp(BEND - evidence)), 0.0)
    bar = FALSE_ALARMS * max(entity.interval, 60.0) / DAY
    return Verdicts(score, ready, _begins(times, ready & (rarity < bar)), shares)


class _Entity:
    """The state of one entity, and its block by block judgment."""

    def __init__(self, width: int, times: Numbers, vouched: bool) -> None:
        gaps = np.diff(times[:BLOCK])
        self.interval = float(np.median(gaps[gaps > 0.0])) if np.any(gaps > 0.0) else 60.0
        memory = float(np.clip(MEMORY / self.interval, LEAST_MEMORY, MOST_MEMORY))
        self._daily, self._scale, self._level = Daily(width), Scale(width, LASTING * memory), Scale(width, memory)
        self._views: tuple[View, ...] = (Change(width, RECENT, memory, SMOOTH), Near(width, SMOOTH))
        self._habits = [_Habit(LASTING * memory) for _ in self._views]
        self._vouched = vouched
        self._tail = TailBank()
        self._tail.grow(1)
        self._start, self._rows, self._warm = times[0], 0, False

    def judge(self, times: Numbers, values: Numbers, teaches: Flags) -> tuple[Numbers, Numbers, Numbers]:
        """Return evidence, its chance by the entity's own past, and shares of the features; learn the rows."""
        usual = self._daily.expected(times, np.broadcast_to(self._level.mean, values.shape))
        away = values - usual
        # the first block tells what spreads there are
        known = np.isfinite(away) & self._scale.settled
        rest = np.where(known, self._scale.spreads(away), 0.0)
        evidence, shares = np.zeros(len(times)), np.zeros(values.shape)
        for view, habit in zip(self._views, self._habits, strict=True):
            found, parts = view.judge(rest)
            spreads = habit.spreads(found)
            evidence += spreads / len(self._views)
            shares += parts / np.maximum(parts.sum(1), 1e-12)[:, None]
            odd = (spreads > ODD) & (self._rows >= SURE) & (not self._vouched)
            view.learn(teaches, odd)
            if self._rows >= LEAST_ROWS:
                habit.learn(found, teaches, odd)
        surprise, slot = np.maximum(evidence, 0.0), np.zeros(len(times), np.int32)
        rarity = self._tail.p_value(slot, surprise)
        if self._warm:
            self._tail.learn(slot[teaches], surprise[teaches], self.interval)
        self._learn(times, values, usual, teaches)
        self._age(times)
        return evidence, rarity, shares

    def _age(self, times: Numbers) -> None:
        """Count the rows; once the first day is over, what it brought says little of what is usual."""
        self._rows += len(times)
        if not self._warm and (times[-1] - self._start >= READY_AFTER or self._rows >= MOST_ROWS):
            self._warm = True
            for habit in self._habits:
                habit.doubt(BLOCK)

    def _learn(self, times: Numbers, values: Numbers, usual: Numbers, teaches: Flags) -> None:
        bound = CLIP * self._scale.spread if self._scale.settled else np.inf
        self._daily.learn(times, np.clip(values, usual - bound, usual + bound))
        if teaches.any():
            self._level.learn(values[teaches])
            self._scale.learn((values - usual)[teaches], CONSTANT * np.abs(self._level.mean))


class _Habit:
    """What evidence of a view is usual. What is odd teaches it when the view takes it for usual, too."""

    def __init__(self, memory: float) -> None:
        self._scale = Scale(1, memory, MILD)
        self._odd: list[Numbers] = []

    def spreads(self, found: Numbers) -> Numbers:
        """Return evidence in spreads of usual evidence, ``(n,)``."""
        return self._scale.spreads((found - self._scale.mean)[:, None])[:, 0]

    def learn(self, found: Numbers, teaches: Flags, odd: Flags) -> None:
        """Take the evidence of rows in, that of odd ones later."""
        self._scale.learn(found[teaches & ~odd, None])
        self._odd.append(found[teaches & odd, None])
        if len(self._odd) > LATER:
            self._scale.learn(self._odd.pop(0))

    def doubt(self, rows: float) -> None:
        """Let all that was learned count for so many rows at most."""
        self._scale.doubt(rows)


def _ready(times: Numbers, train: Flags | None) -> Flags:
    row = np.arange(len(times))
    if train is not None:
        return ~train & (row >= LEAST_ROWS)
    lasted = (times - times[:1] >= READY_AFTER) | (row >= MOST_ROWS)
    return lasted & (row >= LEAST_ROWS)


def _begins(times: Numbers, alarming: Flags) -> Flags:
    rows = np.flatnonzero(alarming)
    begins = np.zeros(len(times), np.bool_)
    begins[rows[np.diff(times[rows], prepend=-np.inf) > HOLD]] = True
    return begins
