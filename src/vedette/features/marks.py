"""Events that rules matched, kept until their window closes: what is said of a window does not depend on its cuts."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.registry import Slots
from vedette.features.samples import line_of
from vedette.records import schema
from vedette.records.rule import Mark, is_listed
from vedette.records.segment import Segment
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

MOST: Final = 5000
"""Marks of rules kept of one window; those beyond it are counted, and would say the same once more."""
MOST_LISTED: Final = 2000
"""The same for marks of indicators, beside those of rules: a list that matches everything takes no room from them."""


class Marks:
    """Open windows, with what rules matched in each."""

    def __init__(self, segments: Slots[Segment]) -> None:
        self._segments = segments
        self._open: dict[int, list[Mark]] = {}
        self._listed: dict[int, int] = {}
        self.refused = 0
        """Marks beyond `MOST` and `MOST_LISTED`."""

    def take(self, columns: pa.RecordBatch, window: Ints, service: Ints, stamps: Ints) -> None:
        """Take in the marked rows of a batch; `service` is the number of each row's segment."""
        if schema.RULES not in columns.schema.names:
            return
        rows = np.flatnonzero(columns.column(schema.RULES).is_valid().to_numpy(zero_copy_only=False) & (service >= 0))
        if not len(rows):
            return
        marked = columns.take(pa.array(rows))
        ids, asked, user, client = (
            marked.column(name).cast(schema.TEXT).to_pylist() if name in columns.schema.names else [None] * len(rows)
            for name in (schema.RULES, schema.ASKED, schema.USER, schema.CLIENT)
        )
        for place, row in enumerate(rows.tolist()):
            start = int(window[row])
            held = self._open.setdefault(start, [])
            moment, segment = int(stamps[row]), self._segments.keys[int(service[row])]
            entities = entities_of(user[place], client[place])
            told = partial(line_of, marked, place, moment)
            for rule in str(ids[place]).split(" "):
                listed, lists = is_listed(rule), self._listed.get(start, 0)
                if lists >= MOST_LISTED if listed else len(held) - lists >= MOST:
                    self.refused += 1
                    continue
                self._listed[start] = lists + listed
                held.append(Mark(moment, segment, rule, _fields(asked[place]), entities, told))

    def close(self, open_from: int) -> dict[int, list[Mark]]:
        """Remove and return the marks of windows before `open_from`, in order of time."""
        due = sorted(start for start in self._open if start < open_from)
        self._listed = {start: count for start, count in self._listed.items() if start >= open_from}
        return {start: _ordered(self._open.pop(start)) for start in due}

    def starts(self) -> Ints:
        """Return the starts of the open windows."""
        return np.array(sorted(self._open), np.int64)

    def snapshot(self) -> Tree:
        """Return the open windows as JSON-able rows."""
        return {"open": [[start, [_row(mark) for mark in held]] for start, held in self._open.items()]}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._open = {start: [_mark(row) for row in held] for start, held in tree["open"]}
        self._listed = {start: sum(is_listed(one.rule) for one in held) for start, held in self._open.items()}


def _ordered(marks: list[Mark]) -> list[Mark]:
    """Return marks in order of time, rule, service and all else that they say, which is asked only of those alike."""
    often = Counter((mark.time, mark.rule) for mark in marks)

    def order(mark: Mark) -> tuple[int, str, tuple[str, str, str], tuple[str, ...], str]:
        alike = often[mark.time, mark.rule] > 1
        rest = str(sorted(mark.fields.items())) if alike else ""
        return mark.time, mark.rule, mark.segment.order, mark.entities, rest

    return sorted(marks, key=order)


def _fields(text: str | None) -> dict[str, str]:
    found: dict[str, Any] = orjson.loads(text) if text else {}
    return {name: str(value) for name, value in found.items()}


def entities_of(user: str | None, client: str | None) -> tuple[str, ...]:
    """Return who a record names, as findings call them."""
    return tuple(f"{label} {value}" for label, value in (("user", user), ("client", client)) if value)


def _row(mark: Mark) -> list[Any]:
    return [mark.time, list(mark.segment.order), mark.rule, dict(mark.fields), list(mark.entities), mark.told()]


def _mark(row: list[Any]) -> Mark:
    moment, segment, rule, fields, entities, line = row
    return Mark(moment, Segment(*segment), rule, fields, tuple(entities), lambda: str(line))
