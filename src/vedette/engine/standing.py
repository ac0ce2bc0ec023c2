"""What a running product can say of ATT&CK techniques, now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from vedette.engine.claims import claims
from vedette.engine.local import LocalEngine
from vedette.engine.matrix import Present, matrix
from vedette.engine.proofs import STALE_AFTER, Proofs
from vedette.notify.navigator import layer
from vedette.pipeline import Shard
from vedette.records.attack import Table
from vedette.records.document import Document
from vedette.rules.model import RuleSet
from vedette.store.incidents import Incidents
from vedette.telemetry import metrics

MOST_WALKED: Final = 5000
"""Incidents that are looked through for the techniques that they show, the newest."""

_WITH: Final = {"request_shape": "reading", "user": "user_day"}
"""What is held of each segment, and what is judged wherever that is held."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Joins what stands for techniques; `canary_every` is in seconds, 0 where there are none."""

    table: Table
    rules: Callable[[], RuleSet]
    """Returns those in force."""
    incidents: Incidents
    proofs: Proofs
    engine: LocalEngine
    canary_every: float
    clock: Callable[[], int]

    def matrix(self) -> Document:
        """Return the matrix, and what became of the last canary."""
        proved = self.proofs.coverage()
        watched = present(self.engine.shard)
        made = matrix(self.table, self.rules(), watched, self._lately(), proved["techniques"])
        return {**made, "canary": proved["canary"], "canary_every_seconds": self.canary_every}

    def layer(self) -> Document:
        """Return a layer of the Navigator."""
        proofs = self.proofs.coverage()["techniques"]
        return layer(self.table, claims(self.rules(), self._lately(), proofs))

    def _lately(self) -> Iterator[Document]:
        """Yield the newest incidents of the time for which a proof counts."""
        return islice(self.incidents.walk(self.clock() - STALE_AFTER), MOST_WALKED)


def present(shard: Shard) -> Present:
    """Return what a shard watches, and what rules were matched against since this process began."""
    watched = {one.feature.partition(":")[0] for one in list(shard.extract.series.keys)}
    watched |= {one.attribute.partition(":")[0] for one in list(shard.extract.scopes.keys)}
    watched |= {judged for held, judged in _WITH.items() if held in watched}
    return Present({name: events for (name,), events in metrics.RULE_EVENTS.items().items()}, frozenset(watched))
