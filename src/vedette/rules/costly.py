"""Tests that cost more than looking for texts: asked only of rows in which all else of a rule holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.rules.columns import Coded, Columns
from vedette.rules.expressions import regex
from vedette.rules.model import NUMERIC, Atom, Kind
from vedette.rules.routes import Way
from vedette.rules.times import part_of_time

KINDS: Final = (Kind.REGEX, Kind.CIDR, *NUMERIC, Kind.TIME, Kind.SAME)
FEW: Final = 24
"""Values below which a regex is run on each; above, Arrow compiles it once more and runs it on all."""
_COMPARE: Final[dict[Kind, Callable[[float, float], bool]]] = {
    Kind.LESS: lambda mine, limit: mine < limit,
    Kind.AT_MOST: lambda mine, limit: mine <= limit,
    Kind.MORE: lambda mine, limit: mine > limit,
    Kind.AT_LEAST: lambda mine, limit: mine >= limit,
}


class Costly:
    """A leaf of atoms of one field, of which any makes it true; none is a literal."""

    def __init__(self, field: str, atoms: Iterable[Atom]) -> None:
        self.field = field
        listed = sorted(atoms, key=lambda atom: (atom.kind, atom.value, atom.part))
        self._patterns = [regex(atom.value) for atom in listed if atom.kind is Kind.REGEX]
        self._sources = [atom.value for atom in listed if atom.kind is Kind.REGEX]
        self._networks = [ip_network(atom.value) for atom in listed if atom.kind is Kind.CIDR]
        self._limits = [(_COMPARE[atom.kind], float(atom.value)) for atom in listed if atom.kind in NUMERIC]
        self._parts = [(atom.part, int(atom.value)) for atom in listed if atom.kind is Kind.TIME]
        self._others = [(atom.value, atom.part) for atom in listed if atom.kind is Kind.SAME]

    def true(self, rows: NDArray[np.int64], events: Columns, way: Way) -> NDArray[np.bool_]:
        """Return in which of the rows the leaf is true, shape ``(len(rows),)``."""
        found = np.zeros(len(rows), np.bool_)
        mine = _columns(self.field, events, way)
        for column in mine:
            for codes in (column.codes[rows], *(one[rows] for one in column.spread)):
                there = np.zeros(column.size + 1, np.bool_)
                there[codes] = True
                known = np.flatnonzero(there[:-1]).astype(np.int32)
                held = np.zeros(column.size + 1, np.bool_)
                held[known] = self._any(column, known)
                found |= held[codes]
        for other, part in self._others:
            for one in mine:
                for two in _columns(other, events, way):
                    found |= _same(one, two, part, rows)
        return found

    def _any(self, column: Coded, codes: NDArray[np.int32]) -> NDArray[np.bool_]:
        texts = column.texts.take(pa.array(column.first[codes]))
        found = np.zeros(len(codes), np.bool_)
        for pattern, source in zip(self._patterns, self._sources, strict=True):
            found |= _search(pattern, source, texts)
        if self._networks or self._limits or self._parts:
            found |= np.array([self._reads(text) for text in texts.to_pylist()], np.bool_)
        return found

    def _reads(self, text: str) -> bool:
        address = _address(text) if self._networks else None
        if address is not None and any(address in network for network in self._networks):
            return True
        number = _number(text) if self._limits else None
        if number is not None and any(compare(number, limit) for compare, limit in self._limits):
            return True
        return any(part_of_time(text, part) == wanted for part, wanted in self._parts)


def _search(pattern: Any, source: str, texts: pa.Array) -> NDArray[np.bool_]:
    if len(texts) < FEW:
        return np.array([pattern.search(text) is not None for text in texts.to_pylist()], np.bool_)
    found: NDArray[np.bool_] = pc.match_substring_regex(texts, source).to_numpy(zero_copy_only=False)
    return found


def _columns(field: str, events: Columns, way: Way) -> list[Coded]:
    places = (field, *way.origins.get(field, ()))
    return [found for place in places if (found := events.coded(place)) is not None]


def _same(one: Coded, two: Coded, part: str, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return in which rows any value of a column compares with any of another; equal pairs are looked at once."""
    found = np.zeros(len(rows), np.bool_)
    for left in (one.codes, *one.spread):
        for right in (two.codes, *two.spread):
            pairs = left[rows].astype(np.int64) * (two.size + 1) + right[rows]
            distinct, place = np.unique(pairs, return_inverse=True)
            held = [
                _holds(one.text(pair // (two.size + 1)), two.text(pair % (two.size + 1)), part) for pair in distinct
            ]
            found |= np.array(held, np.bool_)[place]
    return found


def _holds(mine: str | None, theirs: str | None, part: str) -> bool:
    if mine is None or theirs is None:
        return False
    mine, theirs = mine.lower(), theirs.lower()
    if part == "startswith":
        return mine.startswith(theirs)
    if part == "endswith":
        return mine.endswith(theirs)
    return theirs in mine if part == "contains" else mine == theirs


def _address(text: str) -> Any:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
