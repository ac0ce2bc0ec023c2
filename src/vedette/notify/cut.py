"""Ends a conversation at its deadline, whatever the other side does."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Lock, Timer
from types import TracebackType
from typing import Any


class Cut:
    """Shuts a connection down after a time; a context manager around the conversation.

    A socket's own timeout bounds each wait, so a receiver that sends a byte now and then is never late by
    it. Looking up a name is not bounded by this: the system's resolver has limits of its own.

    Parameters
    ----------
    seconds
        From entering until the connection is shut down.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        """Whether the time ran out."""
        self._held: socket.socket | None = None
        self._lock = Lock()
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    def hold(self, connection: socket.socket) -> None:
        """Name the connection; a duplicate is kept, which stays valid when TLS takes the socket over."""
        with self._lock:
            self._held = connection.dup()
        if self.over:
            self._end()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Learn of the connection from httpx's ``trace`` extension."""
        if event.endswith("connect_tcp.complete"):
            self.hold(info["return_value"].get_extra_info("socket"))

    def _end(self) -> None:
        self.over = True
        with self._lock, suppress(OSError):
            if self._held is not None:
                self._held.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Cut:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            if self._held is not None:
                self._held.close()
                self._held = None
