"""The shard's half of rules: the marks of a window in, what rules and their correlations say of it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from vedette.errors import StateCorrupt
from vedette.records.rule import Mark, Ruling
from vedette.records.time import SECOND
from vedette.rules.correlate import Correlator, Match
from vedette.rules.model import Head, RuleSet, mark_of
from vedette.rules.shelf import Edition
from vedette.state.tree import Tree

SHOWN: Final = 10
"""Example events kept of one rule, segment and window."""

MOST_ENTITIES: Final = 6

Find = Callable[[tuple[str, ...]], RuleSet | None]
"""Returns the rules of an edition by the names of its parts; None if they are not to be had."""


class Chain:
    """Correlations of a shard, and the facts of every rule.

    Rules that are no longer in force say nothing: their marks, of an older journal, are passed over.

    Parameters
    ----------
    edition
        The rules that are in force at first.
    others
        What else marks single events before the gate.
    find
        Finds other editions, which the journal names when rules are changed; without it, those at first stay.
    """

    def __init__(self, edition: Edition, others: Sequence[Head] = (), find: Find | None = None) -> None:
        self._others = tuple(others)
        self._find = find
        self._take(edition)

    def _take(self, edition: Edition) -> None:
        rules = edition.rules
        self._parts = edition.parts
        self._heads = {mark_of(head): head for head in (*(rule.head for rule in rules.rules), *self._others)}
        self._correlator = Correlator(rules)

    def adopt(self, parts: tuple[str, ...]) -> None:
        """Go on with another edition; correlations that it has as they were go on counting. An unknown one is none."""
        rules = self._find(parts) if self._find is not None and parts != self._parts else None
        if rules is not None:
            before = self._correlator
            self._take(Edition(parts, rules))
            self._correlator.inherit(before)

    def step(self, marks: Sequence[Mark]) -> list[Ruling]:
        """Return what is said of a window, by segment and rule; `marks` are all of its, in order of time."""
        known = [mark for mark in marks if mark.rule in self._heads]
        told = [(mark, self._heads[mark.rule]) for mark in known if self._heads[mark.rule].told]
        matches = [
            Match(mark.time / SECOND, place, self._heads[mark.rule].id, mark.fields)
            for place, mark in enumerate(known)
            if self._heads[mark.rule].id in self._correlator.wanted
        ]
        fired = [(known[one.row], one.correlation.head) for one in self._correlator.feed(matches)]
        return _rulings([*told, *((mark, head) for mark, head in fired if head.told)])

    def snapshot(self) -> Tree:
        """Return which edition is in force, and the state of its correlations."""
        return {"edition": [*self._parts], "correlations": self._correlator.snapshot().decode()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; other correlations than those begin anew."""
        self.adopt(tuple(tree["edition"]))
        with suppress(StateCorrupt):
            self._correlator.restore(str(tree["correlations"]).encode())


def _rulings(said: Sequence[tuple[Mark, Head]]) -> list[Ruling]:
    groups: dict[tuple[tuple[str, str, str], str], list[tuple[Mark, Head]]] = {}
    for mark, head in said:
        groups.setdefault((mark.segment.order, head.id), []).append((mark, head))
    return [_ruling(groups[key]) for key in sorted(groups)]


def _ruling(group: Sequence[tuple[Mark, Head]]) -> Ruling:
    mark, head = group[0]
    entities = dict.fromkeys(entity for one, _ in group for entity in one.entities)
    return Ruling(
        mark.segment,
        head.id,
        head.title,
        head.level,
        head.techniques,
        head.author,
        len(group),
        tuple(entities)[:MOST_ENTITIES],
        tuple(dict.fromkeys(one.told() for one, _ in group[:SHOWN])),
        head.detector,
    )
