"""Whom operations call: what a call reached, or would have reached had somebody answered."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.features.calls import mixed
from vedette.features.kin import Kin

Ints = NDArray[np.int64]

MOST_TARGETS: Final = 1 << 16
"""Operations whose callee is remembered."""

SEVERAL: Final = -2
"""In the place of an operation's one callee: it calls more than one."""


class Callees:
    """The one service that an operation calls, by service, name, name of its parent and whom it says that it calls."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, int, int], int] = {}

    def expected(self, found: Kin) -> Ints:
        """Return the service that each fresh call reached, or would have reached had somebody answered; -1 for none."""
        callee = found.callee.copy()
        rows = np.flatnonzero(found.fresh & (found.rows.calling | (callee >= 0)) & (found.rows.name >= 0))
        spans, local = found.rows, found.local
        sorts = np.stack([spans.service[rows], spans.name[rows], local[rows], spans.system[rows], callee[rows]])
        _, first, place = np.unique(mixed(*sorts), return_index=True, return_inverse=True)
        for service, name, above, said, reached in sorts[:, np.sort(first)].T.tolist():
            known = self._known.get((service, name, above, said))
            if reached >= 0 and known is not None and known != reached:
                self._known[service, name, above, said] = SEVERAL
            elif reached >= 0 and len(self._known) < MOST_TARGETS:
                self._known[service, name, above, said] = reached
        usual = [self._known.get(tuple(sort), -1) for sort in sorts[:-1, first].T.tolist()]
        silent = (callee[rows] < 0) & (found.children[rows] == 0)
        callee[rows] = np.where(silent, np.maximum(np.array(usual, np.int64)[place], -1), callee[rows])
        return callee

    def snapshot(self) -> list[list[int]]:
        """Return the operations and their callees as rows."""
        return [[*sort, callee] for sort, callee in self._known.items()]

    def restore(self, rows: list[list[int]]) -> None:
        """Become what `snapshot` described; earlier releases did not read whom a call says that it calls."""
        self._known = {(service, name, above, said[0] if said else -1): to for service, name, above, *said, to in rows}
