"""How severities look, the same in every channel, and a share as a small bar of characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedette.notify.message import Message

COLORS: Final[Mapping[str, str]] = {
    "low": "#2f6fb0",
    "medium": "#9a6700",
    "high": "#c2410c",
    "critical": "#b0003a",
    "resolved": "#2d7d46",
    "digest": "#44515c",
}
"""Each at least 4.5 : 1 against white (WCAG 2.2, 1.4.3)."""

BY_NIGHT: Final[Mapping[str, str]] = {
    "low": "#7fb4ea",
    "medium": "#e3b341",
    "high": "#ff9b6a",
    "critical": "#ff8fa8",
    "resolved": "#6fce8b",
    "digest": "#b6c2cd",
}
"""Each at least 4.5 : 1 against the dark ground of a mail."""


def color_of(message: Message) -> str:
    """Return the color of a message: its severity while it fires."""
    return COLORS[tone_of(message)]


def tone_of(message: Message) -> str:
    """Return the name of a message's color: its severity while it fires, then what became of it."""
    return message.severity if message.phase == "firing" else message.phase


def percent(share: float) -> str:
    """Return a share, as wide as others in a column; figure spaces stay where plain ones are lost.

    >>> percent(9.2).replace("\u2007", "_"), percent(100.0).replace("\u2007", "_")
    ('__9 %', '100 %')
    """
    return f"{share:.0f} %".rjust(5, "\u2007")


def bar(share: float, width: int = 10) -> str:
    """Return a share in percent as a bar; what is more than nothing shows.

    >>> bar(62.0)
    '██████░░░░'
    >>> bar(1.0)
    '█░░░░░░░░░'
    """
    full = min(max(round(share * width / 100), 1 if share > 0 else 0), width)
    return "█" * full + "░" * (width - full)
