"""How far features of spaces usually are from their forecast at a time of day: a backup takes its CPU every night."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.time import SECOND
from vedette.state.tree import Tree

Floats = NDArray[np.float64]

HALF_HOUR: Final = 1800 * SECOND
HALF_HOURS: Final = 48
"""Half-hours of a day."""

VISITS: Final = 21.0
"""Days for which a peak at a time of day is remembered, as in `vedette.detectors.baseline`."""

ROOM: Final = 1.5
"""How much further than other days' peak a feature must be to count: a weekly job is known when it comes again."""

MOST: Final = 300.0
"""Spreads that a peak is at most."""


class Peaks:
    """The furthest that each feature of each space was from its forecast, by half-hour of the day.

    What is on today is no peak yet: until tomorrow, it must not hide itself.

    Cost: 192 bytes a feature.

    Parameters
    ----------
    features
        Of each space.
    """

    def __init__(self, features: int) -> None:
        self._peak, self._today = (np.zeros((0, features, HALF_HOURS), np.float16) for _ in range(2))
        self._due = np.zeros(1, np.int64)
        """Half-hour, since the epoch, whose peaks are to be taken in next."""

    def grow(self, count: int) -> None:
        """Make room for `count` more spaces."""
        more = np.zeros((count, *self._peak.shape[1:]), np.float16)
        self._peak, self._today = np.concatenate([self._peak, more]), np.concatenate([self._today, more])

    def known(self, slot: NDArray[np.int32], start: int) -> NDArray[np.float16]:
        """Return how far features may be at a time (ns) for other days' sake, shape ``(n, n_features)``, in spreads."""
        near = [(start // HALF_HOUR + step) % HALF_HOURS for step in (-1, 0, 1)]
        known: NDArray[np.float16] = ROOM * self._peak[slot][:, :, near].max(axis=2)
        return known

    def note(self, slot: NDArray[np.int32], start: int, far: Floats) -> None:
        """Take in how far features were in the window that begins at `start` (ns), shape ``(n, n_features)``."""
        now = start // HALF_HOUR
        for half_hour in range(max(int(self._due[0]), now + 2 - HALF_HOURS + 1), now + 3):
            bucket = half_hour % HALF_HOURS
            kept = self._peak[:, :, bucket] * np.float16(np.exp(-1.0 / VISITS))
            self._peak[:, :, bucket] = np.maximum(kept, self._today[:, :, bucket])
            self._today[:, :, bucket] = 0.0
        self._due[0] = now + 3
        bucket = now % HALF_HOURS
        before = self._today[slot, :, bucket]
        self._today[slot, :, bucket] = np.maximum(before, np.minimum(far, MOST).astype(np.float16))

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self._peak.nbytes + self._today.nbytes

    def snapshot(self) -> Tree:
        """Return the whole state as arrays."""
        return {name: getattr(self, f"_{name}").copy() for name in _STATE}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        for name in _STATE:
            setattr(self, f"_{name}", np.array(tree[name]))


_STATE: Final = ("peak", "today", "due")
