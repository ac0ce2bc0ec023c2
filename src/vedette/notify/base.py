"""The contract of every notifier."""

from __future__ import annotations

from typing import Any, Protocol

Document = dict[str, Any]
"""An incident as `vedette.records.document.to_document` gives it, or a digest of `vedette.notify.digest`."""


class DeliveryFailed(Exception):
    """The receiver did not take a notification; it will be tried again."""


class Notifier(Protocol):
    """Tells one receiver about incidents.

    Duties: `send` blocks at most its timeout, ten seconds unless set otherwise, does not retry, and raises
    `DeliveryFailed` with the reason, without secrets; whoever calls it keeps the letter and tries again. The
    same letter may come twice when an answer was lost, so receivers are given a stable id
    (`vedette.notify.message.letter_id`). One notifier is called by one thread at a time.
    """

    name: str

    def send(self, document: Document, now: int) -> None:
        """Deliver an incident or a digest; `now` is ns since the epoch."""
        ...

    @property
    def repeat_after(self) -> float | None:
        """Seconds after which a firing incident must be sent again, None for never."""
        ...

    @property
    def takes_digests(self) -> bool:
        """Whether a digest makes sense to the receiver."""
        ...

    @property
    def keeps_open(self) -> bool:
        """Whether the receiver holds an incident open until it hears of its end."""
        ...
