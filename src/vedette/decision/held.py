"""What incidents must not make usual: their numbers while they last, and the items of those that were judged real."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.decision.levels import Number
from vedette.decision.unsettled import Holding
from vedette.records.context import Confirmation, Notice, Suppression, Withdrawal
from vedette.records.notice import confirmation_from_document, notice_to_document
from vedette.records.observation import Occurrences, Scope
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash
from vedette.records.time import SECOND
from vedette.state.tree import Tree

MEMORY: Final = 86_400 * SECOND
SHARE: Final = 0.25
"""Of a service's time, over `MEMORY`, for which attacks may keep its numbers from teaching."""

LASTS: Final = 10
"""Windows for which an attack is taken to go on after something of it was found."""

MOST: Final = 500
"""Confirmations that are kept; of more, those given first go."""


class Held:
    """What is kept from teaching.

    Notes
    -----
    An attack that lasts for hours would be the usual when it comes again, or at the same hour of the next day, and its
    end would be trouble. So the numbers of a service teach nothing while a number of security is clearly off there,
    but for no more than a quarter of its time: where attacks never end, they are what is usual. Numbers of an incident
    that a person judged real, and shares of errors, are held as `vedette.decision.unsettled.held` says. An item of what
    was judged real is one that its scope never had, each time it comes, until the confirmation expires. What a surprise
    is calibrated on is not taken back.
    """

    def __init__(self) -> None:
        self._confirmed: dict[str, Confirmation] = {}
        self._places: dict[Scope, int] = {}
        self._codes: dict[int, set[int]] = {}
        """Hashes of the items that are held, by the scope's slot."""
        self._spent: dict[Segment, float] = {}
        """Of each service, the time for which it was held, ns; what is longer ago fades."""
        self._lasting: dict[Segment, int] = {}
        """Services in which something of security was found lately, with the windows for which they are held yet."""
        self.numbers: frozenset[Number] = frozenset()
        self.services: frozenset[Segment] = frozenset()
        """Whole services of which nothing teaches in the next window."""

    def grow(self, scopes: Sequence[Scope]) -> None:
        """Take in new scopes: the next slots, in order."""
        if scopes:
            self._places |= {scope: slot for slot, scope in enumerate(scopes, len(self._places))}
            self._place()

    def heed(self, notice: Notice) -> None:
        """Take in a confirmation, or take one back."""
        if isinstance(notice, Confirmation):
            self._confirmed.pop(notice.id, None)
            self._confirmed[notice.id] = notice
            if len(self._confirmed) > MOST:
                del self._confirmed[next(iter(self._confirmed))]
        elif not isinstance(notice, Suppression | Withdrawal) or self._confirmed.pop(notice.id, None) is None:
            return
        self._place()

    def step(self, holding: Holding, width: int) -> None:
        """Take in what the open incidents of a window of that length (ns) must not make usual."""
        self.numbers = holding.numbers
        if not self._spent and not holding.services:
            return
        lasting = {service: left - 1 for service, left in self._lasting.items() if left > 1}
        self._lasting = lasting | dict.fromkeys(sorted(holding.services), LASTS)
        left = exp(-width / MEMORY)
        spent = {service: time * left for service, time in self._spent.items() if time > SECOND}
        self.services = frozenset(one for one in self._lasting if spent.get(one, 0.0) < SHARE * MEMORY)
        self._spent = spent | {service: spent.get(service, 0.0) + width for service in sorted(self.services)}

    def rows(self, occurrences: Occurrences) -> NDArray[np.bool_]:
        """Say which rows are of items that never become usual."""
        if any(one.until <= occurrences.start for one in self._confirmed.values()):
            self._confirmed = {name: one for name, one in self._confirmed.items() if one.until > occurrences.start}
            self._place()
        found = np.isin(occurrences.slot, list(self._codes))
        for row in np.flatnonzero(found).tolist():
            found[row] = int(occurrences.item[row]) in self._codes[int(occurrences.slot[row])]
        return found

    def _place(self) -> None:
        self._codes = {}
        for cause in (cause for one in self._confirmed.values() for cause in one.causes):
            slot = self._places.get(Scope(cause.segment, cause.feature))
            if slot is not None:
                self._codes.setdefault(slot, set()).add(stable_hash(cause.item))

    def snapshot(self) -> Tree:
        """Return the state as JSON-able rows."""
        return {
            "confirmed": [notice_to_document(one) for one in self._confirmed.values()],
            "numbers": [[*segment.order, feature] for segment, feature in sorted(self.numbers)],
            "services": [[*service.order] for service in sorted(self.services)],
            "lasting": [[*service.order, left] for service, left in self._lasting.items()],
            "spent": [[*service.order, time] for service, time in self._spent.items()],
        }

    def restore(self, tree: Tree, scopes: Iterable[Scope]) -> None:
        """Become what `snapshot` described; `scopes` are those of all slots. Nothing is held with an empty tree."""
        self._confirmed = {row["id"]: confirmation_from_document(row) for row in tree.get("confirmed", [])}
        self.numbers = frozenset((Segment(*row[:3]), row[3]) for row in tree.get("numbers", []))
        self.services = frozenset(Segment(*row) for row in tree.get("services", []))
        self._lasting = {Segment(*row[:3]): row[3] for row in tree.get("lasting", [])}
        self._spent = {Segment(*row[:3]): row[3] for row in tree.get("spent", [])}
        self._places, self._codes = {}, {}
        self.grow(list(scopes))
