"""Correlations: several matches of one group within a span of event time.

Decided at every match, by those of the same group that are not older than the span; so what is told does not depend
on how the stream is cut. After it fires, a group is silent until it has been without matches for a span.

Notes
-----
A condition such as ``lt`` or ``lte`` can only be seen true at a match: a group that falls silent tells nothing. A match
without one of the group's fields, or without a value to compute with, is not counted. Groups and matches are bounded;
what had to be forgotten is counted in ``forgotten``.
"""

from __future__ import annotations

import operator
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, isfinite
from typing import Final

import orjson

from vedette.errors import StateCorrupt
from vedette.rules.model import And, Atom, Condition, Correlation, Not, RuleSet

GROUPS: Final = 10_000
"""Groups of a correlation; beyond them, that which was quiet longest is forgotten."""
MATCHES: Final = 10_000
"""Matches of a group, or what the threshold needs if that is more."""
FORM: Final = 1
_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "eq": operator.eq,
    "neq": operator.ne,
}

Seen = tuple[float, int, str]
"""Time, place of the rule in the correlation, value."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule's match: when (epoch seconds), at which row, and the event's fields."""

    time: float
    row: int
    rule: str
    fields: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Fired:
    """A correlation that came true, at the row of the match that made it so."""

    time: float
    row: int
    correlation: Correlation
    group: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    seen: list[Seen] = field(default_factory=list)
    quiet: float = float("-inf")
    """Until when it tells nothing."""


class Correlator:
    """State of a rule set's correlations.

    ``wanted`` are the rules, ``fields`` the names of fields, that matches are needed of.
    """

    def __init__(self, rules: RuleSet) -> None:
        self._correlations = rules.correlations
        self._groups: list[OrderedDict[tuple[str, ...], _Group]] = [OrderedDict() for _ in rules.correlations]
        self._users: dict[str, list[int]] = {}
        self._grouped_by = [{member: _grouping(one, member) for member in one.rules} for one in rules.correlations]
        self.fields: set[str] = set()
        for number, one in enumerate(rules.correlations):
            self.fields |= {*one.group_by, *one.fields, *(name for _, _, name in one.aliases)}
            for rule in one.rules:
                self._users.setdefault(rule, []).append(number)
        self.wanted = frozenset(self._users)
        self.forgotten = 0

    def feed(self, matches: Iterable[Match]) -> list[Fired]:
        """Take matches, best in order of time, and return what fires, correlations of correlations included."""
        fired: list[Fired] = []
        for match in matches:
            waiting = [match]
            while waiting:
                one = waiting.pop(0)
                for number in self._users.get(one.rule, ()):
                    found = self._one(number, one)
                    if found is not None:
                        fired.append(found)
                        named = dict(zip(found.correlation.group_by, found.group, strict=True))
                        waiting.append(Match(one.time, one.row, found.correlation.head.id, {**one.fields, **named}))
        return fired

    def _one(self, number: int, match: Match) -> Fired | None:
        rule = self._correlations[number]
        key = _key(self._grouped_by[number][match.rule], match)
        value = _value(rule, match)
        if key is None or value is None:
            return None
        group = self._group(number, key)
        insort(group.seen, (match.time, rule.rules.index(match.rule), value))
        newest = group.seen[-1][0]
        oldest = newest - rule.seconds
        old = bisect_left(group.seen, (oldest,))
        excess = max(len(group.seen) - old - max(MATCHES, ceil(rule.threshold[1]) + 1), 0)
        self.forgotten += excess
        del group.seen[: old + excess]
        if match.time < group.quiet:
            group.quiet = newest + rule.seconds
            return None
        if not _holds(rule, group.seen):
            return None
        group.quiet = newest + rule.seconds
        return Fired(match.time, match.row, rule, key)

    def _group(self, number: int, key: tuple[str, ...]) -> _Group:
        groups = self._groups[number]
        group = groups.get(key)
        if group is None:
            if len(groups) >= GROUPS:
                groups.popitem(last=False)
                self.forgotten += 1
            group = groups[key] = _Group()
        groups.move_to_end(key)
        return group

    def inherit(self, other: Correlator) -> None:
        """Go on with the groups of another's correlations, as far as they are the same here."""
        known = {one.head.id: (one, groups) for one, groups in zip(other._correlations, other._groups, strict=True)}
        for number, one in enumerate(self._correlations):
            before, groups = known.get(one.head.id, (None, None))
            if groups is not None and before == one:
                self._groups[number] = groups
        self.forgotten = other.forgotten

    def snapshot(self) -> bytes:
        """Return the state as JSON."""
        groups = [
            [number, list(key), group.seen, None if group.quiet == float("-inf") else group.quiet]
            for number, found in enumerate(self._groups)
            for key, group in found.items()
        ]
        return orjson.dumps({"form": FORM, "rules": self._names(), "forgotten": self.forgotten, "groups": groups})

    def restore(self, data: bytes) -> None:
        """Take the state of a snapshot.

        Raises
        ------
        StateCorrupt
            If it can't be read, or is that of other correlations; the state is then as it was.
        """
        try:
            found = orjson.loads(data)
            if found["form"] != FORM or found["rules"] != self._names():
                raise StateCorrupt("the snapshot is that of other correlations")
            groups: list[OrderedDict[tuple[str, ...], _Group]] = [OrderedDict() for _ in self._correlations]
            for number, key, seen, quiet in found["groups"]:
                listed = [(float(time), int(rule), str(value)) for time, rule, value in seen]
                groups[number][tuple(key)] = _Group(listed, float("-inf") if quiet is None else float(quiet))
            self.forgotten = int(found["forgotten"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, IndexError) as error:
            raise StateCorrupt(f"correlations can't be read: {error}") from error
        self._groups = groups

    def _names(self) -> list[str]:
        return [one.head.id for one in self._correlations]


def _grouping(rule: Correlation, member: str) -> tuple[str, ...]:
    """Return the fields that a member's matches are grouped by."""
    aliases = {alias: name for alias, source, name in rule.aliases if source == member}
    return tuple(aliases.get(name, name) for name in rule.group_by)


def _key(names: Sequence[str], match: Match) -> tuple[str, ...] | None:
    found = [match.fields.get(name) for name in names]
    return None if None in found else tuple(map(str, found))


def _value(rule: Correlation, match: Match) -> str | None:
    """Return what is counted of a match; null if it has none."""
    if not rule.fields:
        return ""
    found = [match.fields.get(name) for name in rule.fields]
    if None in found:
        return None
    if rule.type != "value_count":
        try:
            return str(found[0]) if isfinite(float(found[0] or "")) else None
        except ValueError:
            return None
    return "\n".join(map(str, found))


def _holds(rule: Correlation, seen: Sequence[Seen]) -> bool:
    if rule.type in ("temporal", "temporal_ordered"):
        return _together(rule, seen)
    compare, limit = _COMPARE[rule.threshold[0]], rule.threshold[1]
    if rule.type == "event_count":
        return compare(len(seen), limit)
    if rule.type == "value_count":
        return compare(len({value for _, _, value in seen}), limit)
    numbers = sorted(float(value) for _, _, value in seen)
    if rule.type == "value_sum":
        return compare(sum(numbers), limit)
    if rule.type == "value_avg":
        return compare(sum(numbers) / len(numbers), limit)
    return compare(_percentile(numbers, 50 if rule.type == "value_median" else rule.percentile), limit)


def _percentile(numbers: Sequence[float], percent: float) -> float:
    """Return a percentile of sorted numbers, linear between neighbors."""
    place = (len(numbers) - 1) * percent / 100.0
    low = int(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def _together(rule: Correlation, seen: Sequence[Seen]) -> bool:
    """Say whether the rules that matched are those wanted, and in their order where that is asked for."""
    there = {place for _, place, _ in seen}
    if rule.expression is not None:
        if not _true(rule.expression, {rule.rules[place] for place in there}):
            return False
        return rule.type == "temporal" or _ordered(sorted(there), seen)
    if rule.type == "temporal":
        return _COMPARE[rule.threshold[0]](len(there), rule.threshold[1])
    return len(there) == len(rule.rules) and _ordered(range(len(rule.rules)), seen)


def _ordered(places: Iterable[int], seen: Sequence[Seen]) -> bool:
    """Say whether the rules' matches, one each, can be found in their order; equal times are in any order."""
    least = float("-inf")
    for wanted in places:
        times = [time for time, place, _ in seen if place == wanted and time >= least]
        if not times:
            return False
        least = times[0]
    return True


def _true(condition: Condition, there: set[str]) -> bool:
    if isinstance(condition, Atom):
        return condition.field in there
    if isinstance(condition, Not):
        return not _true(condition.part, there)
    parts = (_true(part, there) for part in condition.parts)
    return all(parts) if isinstance(condition, And) else any(parts)
