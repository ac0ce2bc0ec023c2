"""The contract of every notifier."""

from __future__ import annotations

from typing import Any, Protocol


class DeliveryFailed(Exception):
    """The receiver did not take a notification; it will be tried again."""


class Notifier(Protocol):
    """Tells one receiver about incidents.

    Duties: `send` blocks at most ten seconds, does not retry, and raises `DeliveryFailed` with the
    reason; whoever calls it keeps the letter and tries again. The same letter may come twice when an
    answer was lost, so receivers are given a stable id.
    """

    name: str

    def send(self, incident: dict[str, Any], now: int) -> None:
        """Deliver an incident's document; `now` is ns since the epoch."""
        ...

    @property
    def repeat_after(self) -> float | None:
        """Seconds after which a firing incident must be sent again, None for never."""
        ...
