"""The planned events ahead, and those that are on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vedette.records.context import CHANGES, Notice, PlannedEvent, Withdrawal
from vedette.records.notice import event_from_document, notice_to_document
from vedette.records.window import Window
from vedette.state.tree import Tree

MOST: Final = 2000
"""Events ahead that are kept; of more, those that begin last are left out. The API refuses more."""


class Agenda:
    """What was announced and is not over yet, in the order in which it was.

    Parameters
    ----------
    window
        Time after a change in which what begins may be its doing, ns: for as long it is kept.
    """

    def __init__(self, window: int) -> None:
        self._window = window
        self._events: dict[str, PlannedEvent] = {}

    def heed(self, notice: Notice) -> str:
        """Take in an event, or take one back; returns the id of one that was taken back, else nothing."""
        if isinstance(notice, PlannedEvent):
            self._events[notice.id] = notice
            if len(self._events) > MOST:
                del self._events[max(self._events, key=lambda name: (self._events[name].start, name))]
        elif isinstance(notice, Withdrawal) and self._events.pop(notice.id, None) is not None:
            return notice.id
        return ""

    def lasting(self, window: Window) -> list[PlannedEvent]:
        """Return the events, but changes, that are on in a window."""
        return [
            event
            for event in self._events.values()
            if event.kind not in CHANGES and event.overlaps(window.start, window.end)
        ]

    def changes(self, window: Window) -> tuple[PlannedEvent, ...]:
        """Return the changes that what begins in a window may be the doing of."""
        return tuple(
            event
            for event in self._events.values()
            if event.kind in CHANGES and event.start < window.end and window.start < event.start + self._window
        )

    def close(self, start: int) -> list[PlannedEvent]:
        """Let go of what was over before a time (ns), and return it."""
        over = [event for event in self._events.values() if self._end(event) <= start]
        for event in over:
            del self._events[event.id]
        return over

    def _end(self, event: PlannedEvent) -> int:
        return max(event.end, event.start + self._window * (event.kind in CHANGES))

    def snapshot(self) -> list[Tree]:
        """Return the events as JSON-able rows."""
        return [notice_to_document(event) for event in self._events.values()]

    def restore(self, rows: Iterable[Tree]) -> None:
        """Become what `snapshot` described."""
        self._events = {row["id"]: event_from_document(row) for row in rows}
