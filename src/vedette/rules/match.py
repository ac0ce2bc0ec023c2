"""Which rules match which events: each distinct value is looked at once, each rule only where its guard is true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.kernels.ints import distinct
from vedette.kernels.verdicts import YES, judge, resume
from vedette.rules.checks import Checks
from vedette.rules.columns import Coded, Columns, combined
from vedette.rules.model import KEYWORD, RuleSet, Source
from vedette.rules.plan import Plan, plan_of
from vedette.rules.routes import Origin, Routes, Way, own_routes
from vedette.telemetry import metrics

WAYS: Final = 4096
"""Ways remembered; an attacker's made-up channels push out the oldest."""

Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Hits:
    """Matches by row, then by rule: ``rules[i]`` matches row ``rows[i]``."""

    rows: NDArray[np.int64]
    rules: NDArray[np.int64]
    count: int

    def by_row(self) -> list[list[int]]:
        """Return for each of the rows the numbers of the rules that match it."""
        ends = np.searchsorted(self.rows, np.arange(self.count + 1)).tolist()
        rules = self.rules.tolist()
        return [rules[start:end] for start, end in pairwise(ends)]


class Matcher:
    """A rule set made ready to match; rules of a log source are made ready when its first event comes.

    Parameters
    ----------
    rules
        What was loaded; hits name rules by their place in ``rules.rules``.
    routes
        Where each log source's events are and keep their fields; Vedette's own by default.
    """

    def __init__(self, rules: RuleSet, routes: Routes | None = None) -> None:
        self.rules = rules
        self._routes = own_routes() if routes is None else routes
        self._groups: dict[Source, list[int]] = defaultdict(list)
        for number, rule in enumerate(rules.rules):
            self._groups[rule.source].append(number)
        self._plans: dict[Source, Plan] = {}
        self._ways: dict[tuple[str | None, ...], tuple[Way, tuple[Source, ...]]] = {}

    def match(self, columns: pa.Table | pa.RecordBatch | Columns) -> Hits:
        """Return which rules match which rows.

        Parameters
        ----------
        columns
            A column for each field, under the source's own name or, where the mapping knows one, the canonical name;
            texts, numbers, booleans, times, lists of these, dictionary-encoded or not. A missing column is null.

        Returns
        -------
        Hits
            In order of rows, then of rules; a row's hits do not depend on the rows beside it.
        """
        whole = Columns.of(columns)
        rows: list[NDArray[np.int64]] = []
        rules: list[NDArray[np.int64]] = []
        for selected, way, sources in self._routed(whole):
            events = whole if len(selected) == len(whole) else whole.take(selected)
            for source in sources:
                metrics.RULE_EVENTS.add(len(selected), str(source))
                found = self._matched(self._plan(source), events, way)
                rows.append(selected[found[:, 0]])
                rules.append(self._plan(source).numbers[found[:, 1]])
        if not rows:
            return Hits(np.zeros(0, np.int64), np.zeros(0, np.int64), len(whole))
        row, rule = np.concatenate(rows), np.concatenate(rules)
        order = np.lexsort((rule, row))
        return Hits(row[order], rule[order], len(whole))

    def sources(self, columns: pa.Table) -> set[Source]:
        """Return the log sources of rules that some of the events are for."""
        return {source for _, _, sources in self._routed(Columns.of(columns)) for source in sources}

    def knows(self, names: Sequence[str]) -> bool:
        """Say whether any of the columns tells of a log source."""
        return bool({*self._routes.compared, *self._routes.present} & set(names))

    def values(self, columns: pa.Table, name: str) -> list[str | None]:
        """Return a field's value by row, under whatever name the mapping knows it; of several the first."""
        return self.fields(columns, (name,))[name]

    def fields(self, columns: pa.Table, names: Iterable[str]) -> dict[str, list[str | None]]:
        """Return the values of several fields, each column read once."""
        found = self.labels(Columns.of(columns), names)
        return {name: [values[code] for code in codes.tolist()] for name, (codes, values) in found.items()}

    def labels(self, events: Columns, names: Iterable[str]) -> dict[str, tuple[NDArray[np.int64], list[str | None]]]:
        """Return each field's value as a number by row, and the values by number, of which the last is null."""
        return {name: self._labels(events, name) for name in names}

    def _labels(self, events: Columns, name: str) -> tuple[NDArray[np.int64], list[str | None]]:
        number = np.full(len(events), -1, np.int64)
        values: list[str | None] = []
        for origin in (name, *self._routes.origins(name)):
            missing = np.flatnonzero(number < 0)
            column = events.coded(origin) if len(missing) else None
            if column is None:
                continue
            missing = missing[column.codes[missing] < column.size]
            codes = column.codes[missing].astype(np.int64)
            firsts, place = distinct(codes)
            number[missing] = len(values) + place
            values += column.texts.take(pa.array(column.first[codes[firsts]])).to_pylist()
        return number, [*values, None]

    def _routed(self, events: Columns) -> Iterator[tuple[NDArray[np.int64], Way, tuple[Source, ...]]]:
        """Yield rows that go one way, and the log sources whose rules are for them."""
        named = set(events.names)
        compared = [name for name in self._routes.compared if name in named]
        present = [name for name in self._routes.present if name in named]
        coded = [found for name in compared if (found := events.coded(name)) is not None]
        coded += [_presence(events.column(name)) for name in present]
        if not len(events):
            return
        number, first = combined(coded) if coded else (np.zeros(len(events), np.int64), np.zeros(1, np.int64))
        keys: dict[int, tuple[str | None, ...]] = {}
        for one, row in enumerate(first.tolist()):
            keys[one] = tuple(column.text(column.codes[row]) for column in coded)
        names = (*compared, *present)
        merged: dict[int, list[int]] = defaultdict(list)
        ways: dict[int, tuple[Way, tuple[Source, ...]]] = {}
        for one, key in keys.items():
            way = self._way(names, key)
            if way[1]:
                merged[id(way)].append(one)
                ways[id(way)] = way
        for which, numbers in merged.items():
            chosen = np.flatnonzero(np.isin(number, numbers)) if len(numbers) < len(first) else np.arange(len(number))
            yield chosen, *ways[which]

    def _way(self, names: tuple[str, ...], key: tuple[str | None, ...]) -> tuple[Way, tuple[Source, ...]]:
        known = self._ways.get((*names, None, *key))
        if known is None:
            way = self._routes.way(dict(zip(names, key, strict=True)))
            sources = tuple(source for source in self._groups if way.leads_to(source))
            known = next((one for one in self._ways.values() if one == (way, sources)), (way, sources))
            if len(self._ways) >= WAYS:
                self._ways.pop(next(iter(self._ways)))
            self._ways[(*names, None, *key)] = known
        return known

    def _plan(self, source: Source) -> Plan:
        plan = self._plans.get(source)
        if plan is None:
            numbers = self._groups[source]
            plan = self._plans[source] = plan_of([self.rules.rules[number] for number in numbers], numbers)
        return plan

    def _matched(self, plan: Plan, events: Columns, way: Way) -> NDArray[np.int64]:
        """Return ``(row, rule of the plan)``, shape ``(n, 2)``."""
        slots = _Slots(len(events))
        seen: set[Origin] = set()
        for name, checks in plan.fields.items():
            if name != KEYWORD:
                places = (name, *way.origins.get(name, ()))
                seen.update(places)
                slots.field(checks, [found for place in places if (found := events.coded(place)) is not None])
        if KEYWORD in plan.fields:
            for name in events.names:
                if name not in seen and (found := events.coded(name)) is not None:
                    slots.field(plan.fields[KEYWORD], [found])
        judged = slots.judged(plan)
        while len(open_ := np.flatnonzero(judged[:, 2] >= 0)):
            waiting = judged[open_]
            for leaf in np.unique(plan.leaf[waiting[:, 2]]).tolist():
                asked = np.flatnonzero(plan.leaf[waiting[:, 2]] == leaf)
                true = plan.expensive[leaf].true(waiting[asked, 0], events, way)
                steps = waiting[asked, 2]
                judged[open_[asked], 2] = np.where(true, plan.yes[steps], plan.no[steps])
            waiting = judged[open_]
            slots.resumed(plan, waiting)
            judged[open_] = waiting
        return np.ascontiguousarray(judged[judged[:, 2] == YES, :2])


class _Slots:
    """What each row's values hit, one slot a column."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._codes: list[Codes] = []
        self._ends: list[NDArray[np.int64]] = []
        self._hits: list[NDArray[np.int64]] = []
        self._arrays: tuple[Any, ...] = ()

    def field(self, checks: Checks, columns: list[Coded]) -> None:
        """Add a field that may stand in several columns: what any of them hits is hit, null is where all are null."""
        single = len(columns) == 1 and not columns[0].spread
        for coded in columns:
            ends, hits = checks.hits(coded)
            if not single:
                hits, ends = hits[: ends[-2]], np.append(ends[:-1], ends[-2])
            for codes in (coded.codes, *coded.spread):
                self._add(codes, ends, hits)
        if checks.null and not single:
            null = np.ones(self._rows, np.bool_)
            for coded in columns:
                null &= coded.null
            leaves = np.array(checks.null, np.int64)
            self._add(null.astype(np.int32), np.array([0, 0, len(leaves)]), leaves)

    def _add(self, codes: Codes, ends: NDArray[np.int64], hits: NDArray[np.int64]) -> None:
        if len(hits):
            self._codes.append(codes)
            self._ends.append(ends)
            self._hits.append(hits)

    def judged(self, plan: Plan) -> NDArray[np.int64]:
        """Return ``(row, rule, step)`` of all that matches, or waits for a costly leaf."""
        codes = np.stack(self._codes) if self._codes else np.zeros((0, self._rows), np.int32)
        bases = np.concatenate([[0], np.cumsum([len(ends) - 1 for ends in self._ends])]).astype(np.int64)
        before = np.concatenate([[0], np.cumsum([len(hits) for hits in self._hits])]).astype(np.int64)
        parts = [ends[:-1] + start for ends, start in zip(self._ends, before, strict=False)]
        ends = np.concatenate([*parts, before[-1:]]).astype(np.int64)
        hits = np.concatenate([*self._hits, np.zeros(0, np.int64)])
        self._arrays = codes, bases, ends, hits
        found: list[NDArray[np.int64]] = [np.zeros((0, 3), np.int64)]
        first = 0
        while first < self._rows and (len(hits) or len(plan.always)):
            out = np.empty((4 * len(plan.starts) + self._rows, 3), np.int64)
            count, first = judge(
                *self._arrays, plan.guarded, plan.rules, plan.always, plan.starts, plan.leaf, plan.yes, plan.no,
                plan.costly, plan.met, first, out,
            )  # fmt: skip
            found.append(out[:count])
        plan.count(self._rows)
        return np.concatenate(found)

    def resumed(self, plan: Plan, waiting: NDArray[np.int64]) -> None:
        """Go on with what waited, in order of rows."""
        resume(*self._arrays, plan.leaf, plan.yes, plan.no, plan.costly, waiting)


def _presence(column: Any) -> Coded:
    there = pc.is_valid(column)
    there = there.combine_chunks() if isinstance(there, pa.ChunkedArray) else there
    codes = 1 - there.to_numpy(zero_copy_only=False).astype(np.int32)
    return Coded(pa.array([""]), np.zeros(1, np.int64), codes.astype(np.int32))
