"""Event time as text: RFC 3339 in UTC, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

SECOND: Final = 1_000_000_000
"""Nanoseconds in a second; all times inside are int ns since the epoch (UTC)."""


def rfc3339(time: int) -> str:
    """Return ``2026-11-24T10:00:00.000Z``; what is finer than a millisecond is cut off.

    >>> rfc3339(1_000_000_000_123_456_789)
    '2001-09-09T01:46:40.123Z'
    """
    moment = datetime.fromtimestamp(time // SECOND, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{time % SECOND // 1_000_000:03d}Z"


def from_rfc3339(text: str) -> int:
    """Read RFC 3339 or epoch seconds. Raises `ValueError` naming the text.

    >>> from_rfc3339("2001-09-09T01:46:40.123Z")
    1000000000123000000
    >>> from_rfc3339("1.5")
    1500000000
    """
    if text.replace(".", "", 1).isdigit():
        whole, _, part = text.partition(".")
        return int(whole) * SECOND + int(part.ljust(9, "0")[:9] or 0)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp()) * SECOND + moment.microsecond * 1000
