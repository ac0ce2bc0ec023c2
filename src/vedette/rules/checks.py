"""The cheap tests of one field, run once on each distinct value: literal texts, empty, null and there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.kernels import finder as kernel
from vedette.rules.columns import Coded, bytes_of
from vedette.rules.model import LITERALS, Atom, Kind
from vedette.rules.texts import Pairs, Texts

_PLACES: Final = {
    Kind.CONTAINS: kernel.CONTAINS,
    Kind.STARTS: kernel.STARTS,
    Kind.ENDS: kernel.ENDS,
    Kind.EQUALS: kernel.EQUALS,
}
NONE: Final[Pairs] = np.zeros((0, 2), np.int64)


@dataclass(slots=True)
class Checks:
    """What is asked of one field; targets are leaves of a plan."""

    folded: Texts | None = None
    cased: Texts | None = None
    empty: list[int] = field(default_factory=list)
    null: list[int] = field(default_factory=list)
    exists: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, wanted: Sequence[tuple[Atom, int]]) -> Checks:
        """Return the checks of one field; each atom comes with its leaf."""
        made = cls()
        folded: list[tuple[bytes, int, int]] = []
        cased: list[tuple[bytes, int, int]] = []
        for atom, leaf in wanted:
            if atom.kind in LITERALS and atom.value:
                text = atom.value if atom.cased else fold(atom.value)
                (cased if atom.cased else folded).append((text.encode(), _PLACES[atom.kind], leaf))
            elif atom.kind is Kind.NULL:
                made.null.append(leaf)
            elif atom.kind is Kind.EQUALS:
                made.empty.append(leaf)
            else:
                made.exists.append(leaf)
        made.folded = Texts.of(folded, True) if folded else None
        made.cased = Texts.of(cased, False) if cased else None
        return made

    def hits(self, column: Coded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return what each distinct value hits, as ends and leaves; one more value at the end stands for null."""
        count = column.size
        found = [*self._literal(column), _pairs(range(count), self.exists)]
        if self.empty:
            _, starts, stops = column.bytes()
            found.append(_pairs(np.flatnonzero(starts == stops).tolist(), self.empty))
        filled = [pairs for pairs in found if len(pairs)]
        pairs = filled[0] if len(filled) == 1 else np.concatenate([NONE, *filled])
        if len(filled) > 1:
            pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
        if self.null:
            pairs = np.concatenate([pairs, _pairs([count], self.null)])
        ends = np.zeros(count + 2, np.int64)
        np.cumsum(np.bincount(pairs[:, 0], minlength=count + 1), out=ends[1:])
        return ends, pairs[:, 1]

    def _literal(self, column: Coded) -> list[Pairs]:
        found: list[Pairs] = []
        if self.cased is not None:
            found.append(self.cased.find(*column.bytes())[0])
        if self.folded is not None:
            pairs, wide = self.folded.find(*column.bytes())
            found.append(pairs)
            if len(wide):
                small = pc.utf8_lower(column.texts.take(pa.array(column.first[wide])))
                pairs, _ = self.folded.as_is().find(*bytes_of(small))
                found.append(np.stack([wide[pairs[:, 0]], pairs[:, 1]], axis=1))
        return found


def fold(text: str) -> str:
    """Return a text as values are folded: by Arrow, so that both sides agree on every letter."""
    return text.lower() if text.isascii() else str(pc.utf8_lower(pa.scalar(text)).as_py())


def _pairs(values: Iterable[int], targets: Sequence[int]) -> Pairs:
    if not targets:
        return NONE
    rows = np.fromiter(values, np.int64)
    return np.stack([np.repeat(rows, len(targets)), np.tile(np.array(targets, np.int64), len(rows))], axis=1)
