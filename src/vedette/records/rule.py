"""What rules say: their matches at single events, and what came of them in one window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vedette.records.segment import Segment


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that a rule matched, as the journal has it.

    Parameters
    ----------
    time
        Of the event, ns since the epoch.
    segment
        The service that it is of.
    rule
        Its Sigma id.
    fields
        What correlations ask of the event: tokens, and numbers where they compute.
    entities
        Masked user and address, those that are known.
    told
        Gives the event as a masked line; asked only for what is told.
    """

    time: int
    segment: Segment
    rule: str
    fields: Mapping[str, str]
    entities: tuple[str, ...]
    told: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one rule, or correlation of rules, says of one segment in one window.

    Parameters
    ----------
    level
        Sigma's: ``informational`` to ``critical``.
    author
        Whom the Detection Rule License asks to name with every match.
    count
        Events that it matched.
    """

    segment: Segment
    rule: str
    title: str
    level: str
    techniques: tuple[str, ...]
    author: str
    count: int
    entities: tuple[str, ...]
    evidence: tuple[str, ...]
    detector: str = "sigma"
