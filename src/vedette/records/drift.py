"""What is said of a service that does other things than before: since when, how much of it, and what was relearned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vedette.records.segment import Segment


@dataclass(frozen=True, slots=True)
class Change:
    """A service whose normal moved, as of one window.

    Parameters
    ----------
    service
        Whole service.
    since, noticed
        When the new began to be used, and when it was taken for the new normal, ns since the epoch.
    share
        Of the service's requests that are new, 0 to 1, when it was noticed.
    items
        Kinds of endpoints and of requests that are new, at most `vedette.drift.newcomers.MOST_ITEMS` a place.
    named
        New endpoints, those used first; at most eight.
    retrained
        Numbers whose level was learned anew so far.
    settled
        When nothing was left to learn anew, ns; 0 for not yet.
    narrow
        Operations that few clients use much in this window: what is new there is not told of the change.
    """

    service: Segment
    since: int
    noticed: int
    share: float
    items: int
    named: tuple[str, ...]
    retrained: int
    settled: int
    narrow: frozenset[Segment]

    def told(self, other: Change) -> bool:
        """Say whether another look at the same change has news: numbers that were learned anew, or that it is over."""
        return (self.retrained, self.settled) != (other.retrained, other.settled)

    def row(self) -> list[object]:
        """Return it as a JSON-able row, without what holds for one window only."""
        numbers = [self.since, self.noticed, self.share, self.items, list(self.named), self.retrained, self.settled]
        return [list(self.service.order), *numbers]

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> Change:
        """Return what `row` described."""
        service, since, noticed, share, items, named, retrained, settled = row
        return cls(Segment(*service), since, noticed, share, items, tuple(named), retrained, settled, frozenset())
