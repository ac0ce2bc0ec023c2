"""Are the p-values what they say? Each group of slots is tested without pause, on windows not yet learned from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.feature import feature_of
from vedette.records.segment import Segment
from vedette.state.tree import Tree

LEVELS: Final = (1e-2, 1e-3)
"""The p-values at which exceedances are counted: the tail that evidence is made of."""

ODDS: Final = 4.0
"""How many times too many exceedances are bet on. What is less than 2.2 times too many, (ODDS - 1) / ln ODDS, passes:
the tail of a skewed surprise reaches twice its level (`vedette.stats.tail`)."""

FAIL: Final = 18.0
"""Nats of evidence against a group that fail it: below once in e^18 windows, a hundred years of minutes, by chance."""

Bools = NDArray[np.bool_]


def group_of(segment: Segment, feature: str) -> str:
    """Return what is tested together: a feature of all routes of a service."""
    return f"{feature_of(feature).name} of {segment.whole}"


class SelfTest:
    """A sequential test of calibration by group: a detector's feature of one service.

    Notes
    -----
    An exceedance is the beginning of a stay below a level: p now, and not in the slot's window before. A fault that
    lasts for hours begins once; a calibration that is off makes p-values fall below the level again and again. With k
    of n tests of a window exceeding, the bet on `ODDS` times as many gains ``k ln(ODDS) - n a (ODDS - 1)`` nats, whose
    exponential is a martingale at most where p-values are right given what came before. k is 1 at most, as one cause
    moves several numbers of a service. The sum is kept at 0 and above (Page), and at `FAIL` and below; a group that
    reaches `FAIL` abstains until the sum is back at 0: until the test has passed for as long as it failed.

    A level that really moved looks the same from here. So groups of an open incident are spared while it is young, or
    began at a change that nobody decided on (`vedette.decision.lifecycle.Lifecycle.explained`).

    P-values three times too small are found out within a day of minutes by five slots, residuals three times as large
    within hours. **It fails** for p-values that are too large, which costs power but no peace, and on groups that have
    a window now and then: their exceedances come slowly.

    Cost: 1 µs and 24 bytes a group and window, 4 bytes a slot.

    References
    ----------
    V. Vovk, R. Wang, E-values, Annals of Statistics 49, 2021. J. Shin, A. Ramdas, A. Rinaldo, E-detectors, 2024.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._group = np.zeros(0, np.int64)
        self._below = np.zeros((0, len(LEVELS)), np.bool_)
        self._against = np.zeros((0, len(LEVELS)))
        self._failed = np.zeros(0, np.bool_)

    def grow(self, names: Sequence[str]) -> None:
        """Make room for new slots; those of one name are tested together."""
        new = [self._numbers.setdefault(name, len(self._numbers)) for name in names]
        self._group = np.concatenate([self._group, np.array(new, np.int64)])
        self._below = np.concatenate([self._below, np.zeros((len(new), len(LEVELS)), np.bool_)])
        added = len(self._numbers) - len(self._failed)
        self._against = np.concatenate([self._against, np.zeros((added, len(LEVELS)))])
        self._failed = np.concatenate([self._failed, np.zeros(added, np.bool_)])

    def failed(self, slot: NDArray[np.int32]) -> Bools:
        """Say which slots are of a group that fails."""
        failed: Bools = self._failed[self._group[slot]]
        return failed

    @property
    def failing(self) -> tuple[str, ...]:
        """Names of the groups that fail, in order."""
        return tuple(name for name, number in self._numbers.items() if self._failed[number])

    def note(self, slot: NDArray[np.int32], p_value: NDArray[np.float64], spared: Iterable[str] = ()) -> None:
        """Take in the p-values of one window's tests; slots are unique. Groups named in `spared` stay as they are."""
        size = len(self._failed)
        left_out = [self._numbers[name] for name in spared if name in self._numbers]
        if left_out:
            tested = np.ones(size, np.bool_)
            tested[left_out] = False
            kept = tested[self._group[slot]]
            slot, p_value = slot[kept], p_value[kept]
        if not len(slot):
            return
        group = self._group[slot]
        tests = np.bincount(group, minlength=size)
        below = p_value[:, None] <= _LEVELS
        row, place = (below & ~self._below[slot]).nonzero()
        self._below[slot] = below
        gain = tests[:, None] * _LEVELS * (1.0 - ODDS)
        gain[group[row], place] = log(ODDS) + gain[group[row], place]
        self._against = np.minimum(np.maximum(self._against + gain, 0.0), FAIL)
        worst = self._against.max(axis=1, initial=0.0)
        self._failed = (worst >= FAIL) | (self._failed & (worst > 0.0))

    def snapshot(self) -> Tree:
        """Return the state as arrays; the names come back by `grow`."""
        return {name: getattr(self, f"_{name}").copy() for name in _STATE}

    def restore(self, tree: Tree, names: Sequence[str]) -> None:
        """Become what `snapshot` described; `names` are those of all slots."""
        self._numbers, self._group = {}, np.zeros(0, np.int64)
        self.grow(names)
        for name in _STATE:
            setattr(self, f"_{name}", np.array(tree[name]))


_LEVELS: Final = np.array(LEVELS)
_STATE: Final = ("below", "against", "failed")
