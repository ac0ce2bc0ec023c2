"""Sessions of log lines that ended: what kinds of lines each had, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Session:
    """Sessions of one service that had the same kinds of lines in the same order.

    Parameters
    ----------
    slot
        Number of the scope ``session`` of the service.
    steps
        Template numbers of the lines, in order of time.
    times
        How many sessions there were of them.
    """

    slot: int
    steps: tuple[int, ...]
    times: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The sessions that ended with a window, and what gives a template's text by its number."""

    sessions: Sequence[Session]
    text: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Remark:
    """What a detector says of an item that it found itself.

    Parameters
    ----------
    detector
        Its name.
    item
        What is new or rare, the same whenever it comes again.
    told
        The same as a sentence, with its numbers.
    evidence
        Masked lines that show it.
    chance
        That one session, by what was learned, has something as new or rare as this.
    """

    detector: str
    item: str
    told: str
    evidence: tuple[str, ...]
    chance: float


NONE_ENDED: Final = Ended((), str)
