"""The one place that asks what time it is, and the ticks that let silence be noticed.

A tick is journaled like data, so that a replay sees it where the live run did.
"""

from __future__ import annotations

import time
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Final

from vedette.errors import Backpressure
from vedette.records.time import SECOND

if TYPE_CHECKING:
    from vedette.journal.log import Journal

TICK_EVERY: Final = 5.0
"""Seconds of silence after which the clock, not the data, moves event time."""

LIVE_WITHIN: Final = 600 * SECOND
"""Data older than this is a backfill: its silence says nothing about now."""


def now() -> int:
    """Return the time, ns since the epoch (UTC)."""
    return time.time_ns()


class Ticker:
    """Appends ticks while a live source is silent.

    Duties: `run` blocks until `stop` is set; `saw` is called by the engine after each chunk.
    """

    def __init__(self, journal: Journal, shard: int, lateness: int) -> None:
        self._journal = journal
        self._shard = shard
        self._lateness = lateness
        self._latest = 0
        self._heard = 0.0

    def saw(self, latest: int) -> None:
        """Note the latest event time, and that something came just now."""
        if latest != self._latest:
            self._latest = latest
            self._heard = time.monotonic()

    def run(self, stop: Event) -> None:
        """Tick until stopped."""
        while not stop.wait(TICK_EVERY):
            moment = now()
            silent = time.monotonic() - self._heard >= TICK_EVERY
            if self._latest and silent and moment - self._latest < LIVE_WITHIN:
                with suppress(Backpressure):  # a full disk: the next tick says the same
                    self._journal.append(self._shard, (), tick=moment - self._lateness)
