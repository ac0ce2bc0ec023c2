"""The shard's half of rules: the marks of a window in, what rules and their correlations say of it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from vedette.errors import StateCorrupt
from vedette.records.rule import Mark, Ruling
from vedette.records.time import SECOND
from vedette.rules.correlate import Correlator, Match
from vedette.rules.model import LEVELS, Head, RuleSet, mark_of
from vedette.rules.shelf import Edition
from vedette.state.tree import Tree

SHOWN: Final = 10
"""Example events kept of one rule, segment and window."""

MOST_ENTITIES: Final = 6

Find = Callable[[tuple[str, ...]], RuleSet | None]
"""Returns the rules of an edition by the names of its parts; None if they are not to be had."""

APART: Final = 3
"""Members of one family that are told one by one of a segment and window; more of them are told as one: a list of
addresses that half the visitors come from would else be hundreds of findings a minute."""

MOST_TECHNIQUES: Final = 10

Said = Sequence[tuple[Mark, Head]]


def nobody(mark: str) -> None:
    """Know no mark."""
    del mark


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
    listed
        Says whose a mark is that none of these made: an indicator's, of which there are too many to hold heads of.
    """

    def __init__(
        self,
        edition: Edition,
        others: Sequence[Head] = (),
        find: Find | None = None,
        listed: Callable[[str], Head | None] = nobody,
    ) -> None:
        self._others = tuple(others)
        self._find = find
        self._listed = listed
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
        strangers = {mark.rule: self._listed(mark.rule) for mark in marks if mark.rule not in self._heads}
        told += [(mark, head) for mark in marks if (head := strangers.get(mark.rule)) is not None]
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


def _rulings(said: Said) -> list[Ruling]:
    groups: dict[tuple[tuple[str, str, str], str], list[tuple[Mark, Head]]] = {}
    families: dict[tuple[tuple[str, str, str], str], list[tuple[Mark, Head]]] = {}
    for mark, head in said:
        groups.setdefault((mark.segment.order, head.id), []).append((mark, head))
        if head.family:
            families.setdefault((mark.segment.order, head.family), []).append((mark, head))
    large = {key: group for key, group in families.items() if len({head.id for _, head in group}) > APART}
    apart = [_ruling(groups[key]) for key in sorted(groups) if (key[0], groups[key][0][1].family) not in large]
    return [*apart, *(_together(large[key]) for key in sorted(large))]


def _ruling(group: Said) -> Ruling:
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
        head.family,
        head.note,
    )


def _together(group: Said) -> Ruling:
    """Return what many members of a family say as one: with the highest level, and what some of them are."""
    heads = list({head.id: head for _, head in group}.values())
    names = ", ".join(head.title for head in heads[:APART])
    return replace(
        _ruling(group),
        rule=heads[0].family,
        title=f"several values of the list “{heads[0].author}”",
        level=max((head.level for head in heads), key=LEVELS.index),
        techniques=tuple(dict.fromkeys(one for head in heads for one in head.techniques))[:MOST_TECHNIQUES],
        note=f"{len(heads)} indicators of “{heads[0].author}”, among them: {names}",
    )
