"""From surprise to evidence: calibrated p-values, summed over windows so that slow leaks count too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.decision.budget import ALLOWANCE, SLOPE
from vedette.decision.selftest import SelfTest
from vedette.decision.unrest import Unrest, away
from vedette.records.score import Scores, State
from vedette.state.tree import Tree
from vedette.stats.tail import TailBank

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

HEADROOM: Final = 4.0
"""Evidence kept above the bar, so that an episode's end shows within a few ordinary windows."""

NEAR: Final = 0.5
"""Share of the bar from which on a row is near it: a job that is told on some days only comes on all of them."""

HALVINGS: Final = 24
"""Halvings of a bisection: to a ten-millionth of the span, where three digits are shown."""

NO_WORSE: Final = 1e-300
"""Smallest p-value that is told apart."""


@dataclass(frozen=True, slots=True)
class Judgment:
    """Verdicts on rows of one window, in their order.

    ``odd`` says which rows passed the bar, ``near`` which are at least halfway to it; ``p_value`` is that of the row
    alone, ``chance`` that of the evidence gathered over windows; ``abstains`` says which are of a group whose
    calibration fails its test.
    ``bearable`` is the largest surprise that would have added no evidence, NaN where the row is not odd.
    """

    p_value: Floats
    chance: Floats
    odd: NDArray[np.bool_]
    near: NDArray[np.bool_]
    abstains: NDArray[np.bool_]
    bearable: Floats


class Judge:
    """A bank of CUSUMs over calibrated p-values, one a slot.

    Notes
    -----
    ``evidence = max(0, evidence + gain)`` with ``gain = -log10 p - 1``: a single very odd window passes at once, a mild
    deviation must last. Each window counts as one where windows are independent. Where each repeats the one before,
    only what is odder than all since the evidence was nothing counts in full, and the rest is divided by the
    inflation that `vedette.decision.unrest` measures: an hour of the usual unrest is no evidence, a jump is. It fails
    where p-values of ordinary times are far from uniform; the tail calibration keeps them on the safe side, and
    `vedette.decision.selftest` finds out where it does not.

    References
    ----------
    E. S. Page, Continuous inspection schemes, Biometrika 41, 1954.
    """

    def __init__(self) -> None:
        self._tail = TailBank()
        self._unrest = Unrest()
        self.test = SelfTest()
        self._evidence = np.zeros(0)
        self._most = np.zeros(0)
        """Largest gain since the evidence was nothing."""
        self._within = np.zeros(0, np.bool_)
        """Slots that were odd in their latest window."""

    def grow(self, names: Sequence[str]) -> None:
        """Make room for more slots; those of one name are tested together."""
        if not names:
            return
        count = len(names)
        self._tail.grow(count)
        self._unrest.grow(count)
        self.test.grow(names)
        self._evidence = np.concatenate([self._evidence, np.zeros(count)])
        self._most = np.concatenate([self._most, np.zeros(count)])
        self._within = np.concatenate([self._within, np.zeros(count, np.bool_)])

    def judge(
        self,
        slot: NDArray[np.int32],
        scores: Scores,
        bar: float,
        spared: Iterable[str] = (),
        value: Floats | None = None,
        held: Bools | None = None,
        grave: Bools | None = None,
    ) -> Judgment:
        """Judge the rows, then take them into the calibration; slots are unique in a window.

        Groups named in `spared` are not tested: an open incident explains their p-values. `value` is that of each row,
        None for what is no number and whose windows are independent. Rows in `held` teach nothing, as their incident is
        not to become usual. Those in `grave` do so only while they are far from the bar, and fewer of them are never
        unrest: failures are not usual, and one incident of them must not make the next one harder to see.
        """
        ready = scores.state == State.READY
        p_value = np.where(ready, self._calibrated(slot, scores.surprise), 1.0)
        gain = -np.log10(np.maximum(p_value, NO_WORSE)) - ALLOWANCE
        evidence = self._gathered(slot, gain)
        self.test.note(slot[ready], p_value[ready], spared)
        abstains = ready & self.test.failed(slot)
        rising = ready & ~abstains & (gain > 0)
        odd = rising & (evidence >= bar)
        chance = np.where(odd, np.minimum(p_value, 10.0 ** (-SLOPE * evidence)), 1.0)
        bearable = np.full(len(slot), np.nan)
        if odd.any():
            bearable[odd] = self._bearable(slot[odd], scores.surprise[odd])
        self._evidence[slot] = np.where(abstains, 0.0, np.minimum(evidence, bar + HEADROOM))
        # an episode teaches once: its first window; a flood must not become ordinary, a daily job must
        near = rising & (evidence >= NEAR * bar)
        none = np.zeros(len(slot), np.bool_)
        grave = none if grave is None else grave
        free = ~((none if held is None else held) | (near & grave))
        taught = ready & free & ~(odd & self._within[slot])
        self._within[slot] = odd
        self._tail.learn(slot[taught], scores.surprise[taught])
        if value is not None:
            calm, deviation = free & ~odd, away(value, scores)
            self._unrest.note(slot[calm], np.where(grave, np.maximum(deviation, 0.0), deviation)[calm])
        return Judgment(p_value, chance, odd, near, abstains, bearable)

    def _gathered(self, slot: NDArray[np.int32], gain: Floats) -> Floats:
        """Return the evidence after a window; what repeats windows before counts as far as they are independent."""
        most, above, added = self._most[slot], np.maximum(gain, 0.0), gain.copy()
        rising = (gain > 0.0).nonzero()[0]
        if len(rising):
            fresh = np.maximum(above[rising] - most[rising], 0.0)
            added[rising] = fresh + (above[rising] - fresh) / self._unrest.inflation(slot[rising])
        evidence: Floats = np.maximum(self._evidence[slot] + added, 0.0)
        self._most[slot] = np.where(evidence > 0.0, np.maximum(most, above), 0.0)
        return evidence

    def _calibrated(self, slot: NDArray[np.int32], surprise: Floats) -> Floats:
        """Return p-values: calibration may find the model too bold, never too shy.

        Where its surprises are all alike, the largest of them is rare and yet nothing to speak of.
        """
        own = 10.0 ** -np.minimum(surprise, 300.0)
        return np.maximum(self._tail.p_value(slot, surprise), own)

    def _bearable(self, slot: NDArray[np.int32], surprise: Floats) -> Floats:
        """Return the largest surprise whose p-value adds no evidence, at most `surprise`; by bisection."""
        low, high = np.zeros(len(slot)), surprise.copy()
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            good = self._calibrated(slot, middle) >= 10.0**-ALLOWANCE
            low, high = np.where(good, middle, low), np.where(good, high, middle)
        return low

    def snapshot(self) -> Tree:
        """Return the state as arrays."""
        arrays = {"evidence": self._evidence.copy(), "most": self._most.copy(), "within": self._within.copy()}
        banks = {"tail": self._tail.snapshot(), "unrest": self._unrest.snapshot(), "test": self.test.snapshot()}
        return {**banks, **arrays}

    def restore(self, tree: Tree, names: Sequence[str]) -> None:
        """Become what `snapshot` described; `names` are those of all slots. What an older one lacks is begun anew."""
        self._tail.restore(tree["tail"])
        self._unrest = Unrest()
        if "unrest" in tree:
            self._unrest.restore(tree["unrest"])
        else:
            self._unrest.grow(len(names))
        self.test.restore(tree["test"], names)
        self._evidence = tree["evidence"].copy()
        self._most = np.array(tree.get("most", np.zeros(len(names))))
        self._within = tree["within"].astype(np.bool_)
