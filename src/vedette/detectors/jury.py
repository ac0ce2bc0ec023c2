"""What is said of an entity's day in all, from what each channel says: calibrated, joined, and explained."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.detectors.channels import ADDED_UP, CHANNELS, FAMILIES, KINDS
from vedette.detectors.reasons import TOLD, Facts, about, reasons_of
from vedette.records.day import EntityDay, Reason, Verdicts, bare
from vedette.records.score import State
from vedette.state.tree import Tree
from vedette.stats.tail import TailBank

Floats = NDArray[np.float64]

DAY: Final = 86_400.0

OFF_HOURS: Final = 1.3
"""Decades from which an hour is off an entity's hours: it works in one such of twenty."""
OFTEN: Final = 0.5
"""Share of days on which someone who takes things bit by bit is odd: every other day, or night."""
LEAST_RATE, MOST_RATE = 0.01, 0.45
"""Bounds of the share of days on which an entity is odd anyway."""
KNOWN: Final = 5.0
"""Days after which an entity's own share counts as much as everyone's."""
ODD: Final = 1.0
"""Decades from which a day counts as odd in a channel: one day in ten."""
WORTH: Final = 1.0
"""Decades of a family below which it says nothing: one day in ten. Of 0.8, 0.9, 1, 1.1 and 1.2, on the organizations of
seeds 1 to 6 and 31 to 42, with 324 insertions: 92, 93, 92, 91, 91 % found."""
CARRIED, RECENT = 0.3, 2 * DAY
"""Share of the evidence of the days before that counts with a day's own, and seconds in which it fades to 1/e: someone
odd in another way each day is no chance. None found 92.3 % of 324 insertions at 0.42 false alerts a day, this 92.9 % at
0.33, 0.2 over three days 92.6 % at 0.33."""
FALSE_FINDINGS: Final = 1.0
"""Bearable false findings a day."""
HOLD: Final = 3.0
"""Days without another finding that end an episode."""
JUMPS: Final = CHANNELS.index("jumps")
"""Nearly nobody is in two places at once, so that among all days any is rare; of an account of which that is usual the
channel says no more than the account's own past does."""


class Jury:
    """Calibration of every channel, of families of channels and of their sum, on the past of all entities.

    Parameters
    ----------
    false_findings
        Bearable false findings a day.
    """

    def __init__(self, false_findings: float = FALSE_FINDINGS) -> None:
        self._bearable = false_findings
        self._channels, self._families, self._whole = (_tails(n) for n in (len(CHANNELS), len(FAMILIES), 1))
        self._sums = np.zeros((0, len(ADDED_UP)))
        self._odd = np.zeros((0, len(ADDED_UP)))
        self._days = np.zeros(0)
        self._told = np.zeros(0)
        self._lately = np.zeros(0)
        self._last = np.zeros(0)

    def grow(self, count: int) -> None:
        """Make room for `count` more entities."""
        self._sums = np.concatenate([self._sums, np.zeros((count, len(ADDED_UP)))])
        self._odd = np.concatenate([self._odd, np.zeros((count, len(ADDED_UP)))])
        self._days = np.concatenate([self._days, np.zeros(count)])
        self._told = np.concatenate([self._told, np.full(count, -np.inf)])
        self._lately = np.concatenate([self._lately, np.zeros(count)])
        self._last = np.concatenate([self._last, np.zeros(count)])

    def judge(
        self, day: EntityDay, surprise: Floats, ready: NDArray[np.bool_], label: NDArray[np.int64], facts: Facts
    ) -> Verdicts:
        """Judge a day by those before it, then learn it.

        Parameters
        ----------
        surprise
            Of each entity of the day in every channel but those that add up, ``(n, channels)``.
        ready
            Which entities are known long enough.
        label
            Group of every entity, by its number.
        facts
            What reasons are told with.
        """
        given = surprise.shape[1]
        decades = np.zeros((len(surprise), len(CHANNELS)))
        decades[:, :given] = self._calibrated(surprise, 0)
        decades[:, JUMPS] = np.minimum(decades[:, JUMPS], surprise[:, JUMPS])
        added = [CHANNELS.index(name) for name in ADDED_UP]
        odd = decades[:, added] > ODD
        odd[:, ADDED_UP.index("hour")] = surprise[:, CHANNELS.index("hour")] > OFF_HOURS
        sums = self._added(day.entity, odd, ready, label) * odd
        decades[:, given:] = self._calibrated(sums, given)
        lately = self._lately[day.entity] * np.exp((self._last[day.entity] - day.start) / RECENT)
        today = self._today(decades) * ready
        total, p_value = self._whole_of(today, lately)
        threshold = self._bearable / max(int(ready.sum()), 1)
        alert = ready & (p_value <= threshold)
        told = alert & (day.start - self._told[day.entity] > HOLD * DAY)
        self._told[day.entity[alert]] = day.start
        self._lately[day.entity], self._last[day.entity] = lately + today, day.start
        reasons = {
            row: self._weighed(reasons_of(day, row, decades[row], facts), decades[row], lately[row], threshold)
            for row in np.flatnonzero(told).tolist()
        }
        self._learn(np.concatenate([surprise, sums], axis=1)[ready], decades[ready], total[ready])
        return Verdicts(
            day.start,
            day.entity,
            1.0 - 2.0 ** (-total / 4.0),
            p_value,
            told.astype(np.int8),
            np.where(ready, State.READY, State.LEARNING).astype(np.int8),
            decades,
            threshold,
            reasons,
        )

    def _today(self, decades: Floats) -> Floats:
        """Return what the families say together of each row."""
        told_by = _told_by(decades)
        slot = np.broadcast_to(np.arange(len(FAMILIES), dtype=np.int32), told_by.shape)
        p_value = self._families.p_value(slot.ravel(), told_by.ravel()).reshape(told_by.shape)
        return np.asarray(np.maximum(-np.log10(p_value) - WORTH, 0.0).sum(axis=1))

    def _whole_of(self, today: Floats, lately: Floats | float) -> tuple[Floats, Floats]:
        """Return a day's evidence with a share of that of the days before, if it has any, and how rare that is."""
        total = np.where(today > 0.0, today + CARRIED * lately, 0.0)
        return total, self._whole.p_value(np.zeros(len(total), np.int32), total)

    def _weighed(
        self, reasons: tuple[Reason, ...], decades: Floats, lately: float, threshold: float
    ) -> tuple[Reason, ...]:
        """Say of each reason whether the day would have been no alert without what it is about.

        Of numbers of actions nothing is said: how busy a day was, by which all else is judged, is told by them.
        """
        same = np.array([about(one.channel) for one in reasons], np.bool_).reshape(-1, len(CHANNELS))
        without = np.where(same, 0.0, decades)
        decisive = self._whole_of(self._today(without), lately)[1] > threshold
        decisive &= np.array([bare(one.channel) not in KINDS for one in reasons], np.bool_)
        return tuple(replace(one, decisive=bool(so)) for one, so in zip(reasons, decisive.tolist(), strict=True))

    def _added(
        self, entity: NDArray[np.int64], odd: NDArray[np.bool_], ready: NDArray[np.bool_], label: NDArray[np.int64]
    ) -> Floats:
        """Return the evidence that odd days come more often than they did (Page's CUSUM of likelihood ratios)."""
        label = label[: len(self._days)]
        odd_days = np.zeros((int(label.max()) + 1, len(ADDED_UP)))
        np.add.at(odd_days, label, self._odd)
        days = np.bincount(label, self._days)
        usual = (odd_days + 1.0) / (days[:, None] + 10.0)
        rate = (self._odd[entity] + KNOWN * usual[label[entity]]) / (self._days[entity, None] + KNOWN)
        rate = np.clip(rate, LEAST_RATE, MOST_RATE)
        step = np.where(odd, np.log10(OFTEN / rate), np.log10((1.0 - OFTEN) / (1.0 - rate)))
        sums = np.maximum(self._sums[entity] + step, 0.0) * ready[:, None]
        self._sums[entity] = sums
        self._odd[entity[ready]] += odd[ready]
        self._days[entity[ready]] += 1.0
        return np.asarray(sums)

    def _calibrated(self, surprise: Floats, channel: int) -> Floats:
        slot = np.broadcast_to(np.arange(channel, channel + surprise.shape[1]), surprise.shape)
        p_value = self._channels.p_value(slot.astype(np.int32).ravel(), surprise.ravel())
        return np.asarray(-np.log10(p_value).reshape(surprise.shape))

    def _learn(self, surprise: Floats, decades: Floats, total: Floats) -> None:
        slot = np.broadcast_to(np.arange(surprise.shape[1], dtype=np.int32), surprise.shape)
        each = DAY / max(len(total), 1)
        told_by = _told_by(decades)
        family = np.broadcast_to(np.arange(len(FAMILIES), dtype=np.int32), told_by.shape)
        self._families.learn(family.ravel(), told_by.ravel(), each)
        self._channels.learn(slot.ravel(), surprise.ravel(), each)
        self._whole.learn(np.zeros(len(total), np.int32), total, each)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(int(getattr(self, f"_{name}").nbytes) for name in (*_ARRAYS, *_BANKS))

    def snapshot(self) -> Tree:
        """Return the whole state as arrays."""
        arrays = {name: getattr(self, f"_{name}").copy() for name in _ARRAYS}
        return {**arrays, **{name: getattr(self, f"_{name}").snapshot() for name in _BANKS}}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; what a release with other families had learned of those is left out."""
        older = "lately" not in tree
        nothing = np.zeros(len(tree["days"]))
        for name in _ARRAYS:
            setattr(self, f"_{name}", np.array(tree.get(name, nothing)))
        self._families, self._whole = _tails(len(FAMILIES)), _tails(1)
        for name in _BANKS[:1] if older else _BANKS:
            getattr(self, f"_{name}").restore(tree[name])


_ARRAYS: Final = ("sums", "odd", "days", "told", "lately", "last")
_BANKS: Final = ("channels", "families", "whole")


def _tails(slots: int) -> TailBank:
    bank = TailBank()
    bank.grow(slots)
    return bank


def blind(start: float, entity: NDArray[np.int64]) -> Verdicts:
    """Return the verdicts on entities that are not watched."""
    count = len(entity)
    state = np.full(count, State.BLIND, np.int8)
    none = np.zeros((count, len(CHANNELS)))
    return Verdicts(start, entity, np.zeros(count), np.ones(count), np.zeros(count, np.int8), state, none)


def with_blind(verdicts: Verdicts, refused: NDArray[np.int64]) -> Verdicts:
    """Return verdicts followed by those on entities that are not watched."""
    other = blind(verdicts.start, refused)
    return replace(
        verdicts,
        entity=np.concatenate([verdicts.entity, other.entity]),
        score=np.concatenate([verdicts.score, other.score]),
        p_value=np.concatenate([verdicts.p_value, other.p_value]),
        alert=np.concatenate([verdicts.alert, other.alert]),
        state=np.concatenate([verdicts.state, other.state]),
        decades=np.concatenate([verdicts.decades, other.decades]),
    )


def _told_by(decades: Floats) -> Floats:
    """Return what the channels of each family say together of each row, ``(n, families)``.

    The root of the sum of their squares beyond `TOLD`, so that several that agree count more than one alone, which
    may be chance. On 324 insertions of the organization 92 % are found, by the greatest alone 88 %; by powers of 1.5
    to 2 beyond 0.5 to 1 decades 91 to 92 %.
    """
    beyond = np.maximum(decades - TOLD, 0.0) ** 2
    return np.asarray(np.sqrt(np.stack([beyond[:, channels].sum(axis=1) for channels in FAMILIES], axis=1)))
