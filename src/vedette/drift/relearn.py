"""Which numbers of a service that changed stay where they are now, and how far that is from what was learned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.observation import Measures, Quantity, Series, deviation
from vedette.records.score import Scores, State

Floats = NDArray[np.float64]

OUTSIDE: Final = 0.5
"""Share of a look's windows that a number must lie outside its band to be learned anew."""
LEAST_WINDOWS: Final = 5


class Relearning:
    """How far the numbers of changed services were off since the last look, 24 bytes a series.

    Shares, and what one client or user does, are never learned anew: a release that fails more often is worse.
    """

    def __init__(self) -> None:
        self._series: list[Series] = []
        self._service = np.zeros(0, np.int64)
        """Number of each series' service; -1 for what is never learned anew."""
        self.off = np.zeros((0, 3))
        """Of each series since the last look: sum of deviations, windows, windows outside of the band."""

    def grow(self, series: Sequence[Series], services: Sequence[int]) -> None:
        """Take in new series, each of the service of that number."""
        numbers = [place if _is_learned(one) else -1 for one, place in zip(series, services, strict=True)]
        self._series += series
        self._service = np.concatenate([self._service, np.array(numbers, np.int64)])
        self.off = np.concatenate([self.off, np.zeros((len(series), 3))])

    def note(self, measures: Measures, measured: Scores, services: Collection[int]) -> None:
        """Take in how far the numbers of some services are off in a window."""
        if not services:
            return
        mine = np.isin(self._service[measures.slot], list(services))
        for row in np.flatnonzero(mine & (measured.state == State.READY) & np.isfinite(measures.value)).tolist():
            slot, value, expected = int(measures.slot[row]), float(measures.value[row]), float(measured.expected[row])
            outside = not measured.lower[row] <= value <= measured.upper[row]
            self.off[slot] += deviation(self._series[slot], value, expected), 1.0, outside

    def due(self, service: int) -> tuple[list[int], list[float]]:
        """Return the slots of a service to be learned anew, and by how much each is off on average; begins anew."""
        mine = np.flatnonzero(self._service == service)
        off, windows, outside = self.off[mine].T
        moved = (windows >= LEAST_WINDOWS) & (outside >= OUTSIDE * windows)
        self.off[mine] = 0.0
        return mine[moved].tolist(), (off[moved] / windows[moved]).tolist()


def _is_learned(series: Series) -> bool:
    return series.quantity is not Quantity.RATIO and not series.feature.endswith("_max")
