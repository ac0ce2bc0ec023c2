"""Slots: every series and scope of a shard gets the next number when it is first seen."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import asdict
from typing import Generic, TypeVar

from vedette.records.observation import Direction, Quantity, Scope, Series
from vedette.records.segment import Segment
from vedette.state.tree import Tree

K = TypeVar("K", bound=Hashable)


class Slots(Generic[K]):
    """Numbers keys 0, 1, 2 … in the order in which they are asked for; at most `limit` of them.

    Parameters
    ----------
    limit
        Keys beyond it get -1 and are counted in `refused`: their segment is blind, and says so.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.numbers: dict[K, int] = {}
        self.keys: list[K] = []
        self.refused = 0
        self._told = 0

    def slot(self, key: K) -> int:
        """Return the slot of `key`, new if need be; -1 when all are taken."""
        number = self.numbers.get(key)
        if number is not None:
            return number
        if len(self.keys) >= self._limit:
            self.refused += 1
            return -1
        self.numbers[key] = len(self.keys)
        self.keys.append(key)
        return len(self.keys) - 1

    def fresh(self) -> list[K]:
        """Return the keys that came since the last call, in slot order."""
        keys = self.keys[self._told :]
        self._told = len(self.keys)
        return keys

    def load(self, keys: Iterable[K]) -> None:
        """Take these keys as slots 0, 1, 2 …, all of them told already."""
        self.keys = list(keys)
        self.numbers = {key: number for number, key in enumerate(self.keys)}
        self._told = len(self.keys)

    def __len__(self) -> int:
        return len(self.keys)


def series_tree(keys: Iterable[Series]) -> list[Tree]:
    """Return series as JSON-able rows."""
    return [{**asdict(key), "quantity": int(key.quantity), "direction": int(key.direction)} for key in keys]


def series_from(rows: Iterable[Tree]) -> list[Series]:
    """Return the series that `series_tree` described."""
    return [
        Series(
            Segment(**row["segment"]),
            row["feature"],
            Quantity(row["quantity"]),
            Direction(row["direction"]),
            row["min_effect"],
        )
        for row in rows
    ]


def scopes_tree(keys: Iterable[Scope]) -> list[Tree]:
    """Return scopes as JSON-able rows."""
    return [asdict(key) for key in keys]


def scopes_from(rows: Iterable[Tree]) -> list[Scope]:
    """Return the scopes that `scopes_tree` described."""
    return [Scope(Segment(**row["segment"]), row["attribute"]) for row in rows]
