"""A bank of small models that follow the course of series: what each did not expect of a row, by its own past."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import models as kernel
from vedette.kernels import models_layout as at
from vedette.kernels.rarity import BINS
from vedette.state.tree import Tree

Floats = NDArray[np.float64]
Slots = NDArray[np.int32]

VERSION: Final = 1

MOST_SLOTS: Final = 8640
"""Rows of a day that are remembered one by one, at most: one in ten seconds."""


class Courses:
    """Nine models a series, as `vedette.detectors.ensemble` describes them, of many series side by side.

    Parameters
    ----------
    width
        Sampling interval of all series, seconds.
    most
        Series at most that it makes room for; without it, room doubles where it is short.

    Cost: about 10 µs a row, most of it for nearest neighbors; 29 KB a series at intervals of five minutes, 4
    bytes more for each further row of a day; whatever its age.
    """

    def __init__(self, width: float, most: int | None = None) -> None:
        self.width = width
        self._most = most
        self._count = 0
        self._state = self._empty(0)
        """Arrays with one row a series, and room for more."""

    def grow(self, count: int) -> None:
        """Make room for so many more series; what there is is copied only when it doubles."""
        self._count += count
        room = len(self._state["numbers"])
        if self._count > room:
            spare = room if self._most is None else min(room, self._most - room)
            more = self._empty(max(self._count - room, spare))
            self._state = {name: np.concatenate([array, more[name]]) for name, array in self._state.items()}

    def _empty(self, count: int) -> dict[str, NDArray[Any]]:
        return {
            "numbers": np.zeros((count, at.NUMBERS)),
            "seasons": np.zeros((count, at.DAY_SLOTS + at.WEEK_SLOTS), np.float32),
            "visits": np.zeros((count, at.DAY_SLOTS + at.WEEK_SLOTS), np.uint8),
            "days": np.zeros((count, min(max(int(kernel.DAY / self.width), 2), MOST_SLOTS)), np.float32),
            "short": np.zeros((count, at.NEIGHBORS, at.SHORT), np.float32),
            "long": np.zeros((count, at.NEIGHBORS, at.LONG), np.float32),
            "bins": np.zeros((count, at.MODELS, BINS), np.float32),
        }

    def judge(self, slot: Slots, times: Floats, values: Floats) -> Floats:
        """Judge rows by those of their series before, and take them in.

        Parameters
        ----------
        slot
            Series of each row; rows of one are in order of time.
        times, values
            Epoch seconds; finite numbers.

        Returns
        -------
        Decades of rarity of each row by each model, ``(n, 9)``.
        """
        out = np.empty((len(slot), at.MODELS))
        kernel.judge(slot, values, times, self.width, *self._state.values(), out)
        return out

    @classmethod
    def alone(cls, times: Floats, values: Floats, width: float) -> Floats:
        """Return the decades of every row of one series from its beginning, ``(n, 9)``."""
        bank = cls(width)
        bank.grow(1)
        return bank.judge(np.zeros(len(times), np.int32), times, values)

    @property
    def rows(self) -> Floats:
        """How many rows each series has had."""
        rows: Floats = self._state["numbers"][: self._count, at.ROWS]
        return rows

    def snapshot(self) -> Tree:
        """Return the whole state as arrays; later learning does not change it."""
        arrays = {name: array[: self._count].copy() for name, array in self._state.items()}
        return {"version": VERSION, "width": self.width, "arrays": arrays}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"state of courses: got version {tree.get('version')!r}, expected {VERSION}")
        self.width = tree["width"]
        self._state = {name: np.array(tree["arrays"][name]) for name in self._state}
        self._count = len(self._state["numbers"])

    @property
    def nbytes(self) -> int:
        """Memory held by the models, in bytes."""
        return sum(int(array.nbytes) for array in self._state.values())


def typical(width: Floats) -> float:
    """Return the interval by which memories are counted in rows: the first that was known, seconds."""
    return float(width[min(len(width) - 1, 32)]) if len(width) else 60.0
