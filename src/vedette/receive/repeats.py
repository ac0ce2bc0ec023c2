"""Which alerts a sender has told of before, since some tell of all that lasts again and again."""

from __future__ import annotations

from threading import Lock
from typing import Final

MOST: Final = 50_000
"""Alerts remembered, some 200 bytes each; of more, the latest."""


class Repeats:
    """The identities of alerts taken in. Thread-safe; forgotten with the process, so that one may come twice."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._known: dict[str, None] = {}
        self._lock = Lock()

    def __contains__(self, identity: str) -> bool:
        with self._lock:
            return identity in self._known

    def keep(self, identities: dict[str, None]) -> None:
        """Remember what is durable now."""
        with self._lock:
            for identity in identities:
                self._known.pop(identity, None)
                self._known[identity] = None
            for identity in list(self._known)[: max(len(self._known) - self._most, 0)]:
                del self._known[identity]


class Notification:
    """The alerts of one payload: `is_new` while it is decoded, `take` once it is durable."""

    def __init__(self, repeats: Repeats) -> None:
        self._repeats = repeats
        self._fresh: dict[str, None] = {}
        self.repeated = 0

    def is_new(self, identity: str) -> bool:
        """Say whether nobody has told of an alert yet, this payload included."""
        if identity in self._repeats or identity in self._fresh:
            self.repeated += 1
            return False
        self._fresh[identity] = None
        return True

    def take(self) -> None:
        """Remember all that was new."""
        self._repeats.keep(self._fresh)
