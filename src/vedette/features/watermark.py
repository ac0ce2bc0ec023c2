"""Event time: which rows are too late, and which windows can be closed.

The rules depend on the order of records alone, never on how the stream is cut into batches, so a
replay with other boundaries closes the same windows with the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.records.time import SECOND
from vedette.state.tree import Tree

MAX_GAP: Final = 6 * 3600 * SECOND
"""Silence is closed window by window for so long, then skipped: by then absence has been judged."""


class Watermark:
    """The latest event time seen, and the first window still open.

    Parameters
    ----------
    width
        Length of a window, ns.
    lateness
        A window is closed once an event this much later than its end has been seen, ns. At most
        `width`.
    """

    def __init__(self, width: int, lateness: int) -> None:
        self.width = width
        self.lateness = min(lateness, width)
        self.latest = 0
        self.open_from = 0
        """Start of the first window that is not closed, once there was an event."""
        self._started = False
        self.last_data = 0
        self._quiet_since = 0
        self.late = 0
        """Rows refused so far because their window was closed."""

    def admit(self, times: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which rows are in time, and advance to the latest of them."""
        if not len(times):
            return np.zeros(0, np.bool_)
        if not self._started:
            self._started = True
            self.open_from = self.window_of(int(times[0]) - self.lateness)
        seen = np.maximum.accumulate(np.concatenate(([self.latest], times)))
        window = times - times % self.width
        keep: NDArray[np.bool_] = (window >= self.open_from) & (window + self.width + self.lateness > seen[:-1])
        self.latest = int(seen[-1])
        self.late += int(len(times) - keep.sum())
        if keep.any():
            self.last_data = max(self.last_data, int(window[keep].max()))
        return keep

    def is_open(self, window: NDArray[np.int64], times: NDArray[np.int64], latest: int) -> NDArray[np.bool_]:
        """Say of rows just admitted, or refused, whether a window that another time of theirs lies in was open.

        `latest` is the latest event time before these rows, `window` the start of the window of each.
        """
        seen = np.maximum.accumulate(np.concatenate(([latest], times)))[:-1]
        is_open: NDArray[np.bool_] = (window >= self.open_from) & (window + self.width + self.lateness > seen)
        return is_open

    def tick(self, time: int) -> None:
        """Advance without data, as a clock tick in the journal says."""
        if self._started:
            self.latest = max(self.latest, time)

    def due(self, with_data: NDArray[np.int64]) -> Iterator[int]:
        """Close and yield windows in order; `with_data` holds the sorted starts of those with rows."""
        while self._started and self.open_from + self.width + self.lateness <= self.latest:
            start = self.open_from
            self.open_from += self.width
            yield start
            self._skip_silence(with_data)

    def flush(self, with_data: NDArray[np.int64]) -> Iterator[int]:
        """Close all windows that hold data, as at the end of a file."""
        if len(with_data):
            self.latest = max(self.latest, int(with_data[-1]) + self.width + self.lateness)
        return self.due(with_data)

    def window_of(self, time: int) -> int:
        """Return the start of the window that holds `time`."""
        return time - time % self.width

    def _skip_silence(self, with_data: NDArray[np.int64]) -> None:
        place = int(np.searchsorted(with_data, self.open_from))
        before = int(with_data[place - 1]) if place else self.open_from - self.width
        upcoming = int(with_data[place]) if place < len(with_data) else self.window_of(self.latest - self.lateness)
        quiet_since = max(before, self._quiet_since)
        self._quiet_since = quiet_since
        if self.open_from - quiet_since > MAX_GAP and upcoming > self.open_from:
            self.open_from = upcoming

    def snapshot(self) -> Tree:
        """Return the state as plain values."""
        return {
            "latest": self.latest,
            "open_from": self.open_from,
            "last_data": self.last_data,
            "late": self.late,
            "quiet_since": self._quiet_since,
            "started": self._started,
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self.latest = int(tree["latest"])
        self.open_from = int(tree["open_from"])
        self.last_data = int(tree["last_data"])
        self.late = int(tree["late"])
        self._quiet_since = int(tree["quiet_since"])
        self._started = bool(tree["started"])
