"""The slow, obvious version of the payload kernels: profiles as dictionaries of counts."""

from __future__ import annotations

from itertools import pairwise
from math import log2, log10

import numpy as np

from vedette.kernels.payload import BAR, CLASS_OF, GROUP_OF, GROUPS, MOST, PRIOR_WEIGHT, SHARE, STEP_WEIGHT


class Profile:
    """One parameter's counts."""

    def __init__(self) -> None:
        self.seen = 0.0
        self.longest = 0.0
        self.has: dict[int, float] = {}
        self.steps: dict[tuple[int, int], float] = {}

    def score(self, value: bytes) -> tuple[float, float, float]:
        """Return decades by classes, neighbours and length."""
        classes = [
            self._decades(self.has.get(k, 0.0), SHARE[k] * PRIOR_WEIGHT, PRIOR_WEIGHT)
            for k in {int(CLASS_OF[byte]) for byte in value}
        ]
        steps = [self._decades(self.steps.get(step, 0.0), STEP_WEIGHT / GROUPS, STEP_WEIGHT) for step in _steps(value)]
        length = min(max(2.0 * (log2(len(value) + 1.0) - max(self.longest, 4.0)), 0.0), MOST)
        return _joined(classes, 0.5), _joined(steps, 0.25), length

    def learn(self, value: bytes) -> None:
        """Take a value in with weight 1."""
        self.seen += 1.0
        self.longest = max(self.longest, float(np.float32(log2(len(value) + 1.0))))
        for k in {int(CLASS_OF[byte]) for byte in value}:
            self.has[k] = self.has.get(k, 0.0) + 1.0
        for step in _steps(value):
            self.steps[step] = self.steps.get(step, 0.0) + 1.0

    def _decades(self, count: float, prior: float, weight: float) -> float:
        return min(max(-log10((count + prior) / (self.seen + weight)) - BAR, 0.0), MOST)


def _steps(value: bytes) -> set[tuple[int, int]]:
    return {(int(GROUP_OF[one]), int(GROUP_OF[other])) for one, other in pairwise(value)}


def _joined(decades: list[float], share: float) -> float:
    most = max(decades, default=0.0)
    return most + share * (sum(decades) - most)
