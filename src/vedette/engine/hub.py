"""What listeners are told live: a numbered, bounded stream that can be taken up again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final

KEPT: Final = 1000
"""Messages kept for listeners that come back with ``Last-Event-ID``."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell: ``incident`` with its document, ``lanes`` when a window closed."""

    number: int
    topic: str
    data: dict[str, Any]


class Hub:
    """Passes messages from the engine's thread to any number of listeners.

    Duties: a listener's function is called in the thread that tells; it must return at once and
    not raise.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: deque[Message] = deque(maxlen=KEPT)
        self._listeners: dict[int, Callable[[Message], None]] = {}
        self._number = 0
        self._joined = 0

    def tell(self, topic: str, data: dict[str, Any]) -> None:
        """Number a message, keep it, and pass it on."""
        with self._lock:
            self._number += 1
            message = Message(self._number, topic, data)
            self._kept.append(message)
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener(message)

    def join(self, listener: Callable[[Message], None], after: int | None = None) -> tuple[int, list[Message]]:
        """Add a listener; returns its ticket, and the messages after number `after` that it missed."""
        with self._lock:
            self._joined += 1
            self._listeners[self._joined] = listener
            missed = [] if after is None else [message for message in self._kept if message.number > after]
            return self._joined, missed

    def leave(self, ticket: int) -> None:
        """Remove a listener."""
        with self._lock:
            self._listeners.pop(ticket, None)
