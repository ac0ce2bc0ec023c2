"""The rules of one log source, made ready for columns: atoms by field, guards, and each rule as short-circuit code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.verdicts import NO, YES
from vedette.rules.model import And, Atom, Condition, Kind, Not, Or, Rule
from vedette.rules.checks import Checks

_RARITY: Final = {
    Kind.EQUALS: 1.0, Kind.STARTS: 2.0, Kind.ENDS: 2.0, Kind.CONTAINS: 6.0, Kind.REGEX: 4.0, Kind.CIDR: 4.0,
    Kind.SAME: 50.0, Kind.TIME: 50.0, Kind.NULL: 200.0, Kind.EXISTS: 200.0,
}  # fmt: skip
"""How often an atom is true beside an equality, by guess; only speed depends on it, and what is counted replaces it."""
_NUMBER: Final = 50.0
SETTLED: Final = 4096
"""Rows after which guards are chosen by what was counted, and at every eightfold of them again."""

Leaf = tuple[str, frozenset[Atom]]
Tree = int | tuple[str, Sequence[Any]]
"""A leaf by number, or a sign (``!``, ``&``, ``|``) and its parts."""


@dataclass(slots=True)
class Plan:
    """Rules of one log source in the arrays that `vedette.kernels.verdicts.judge` reads.

    A leaf is a set of atoms of one field of which any makes it true, so a list of a thousand values is one leaf.
    ``numbers`` are the rules' own numbers, in the order in which the code knows them.
    """

    numbers: NDArray[np.int64]
    fields: dict[str, Checks]
    pairs: list[tuple[int, Atom]]
    leaves: int
    starts: NDArray[np.int64]
    leaf: NDArray[np.int64]
    yes: NDArray[np.int64]
    no: NDArray[np.int64]
    guards: list[list[frozenset[int]]]
    expected: NDArray[np.float64]
    guarded: NDArray[np.int64] = field(default_factory=lambda: np.zeros(1, np.int64))
    rules: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    always: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    met: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    seen: int = 0
    next: int = SETTLED

    def choose(self) -> None:
        """Give each rule the guard that is expected least often; rules without one are looked at for every row."""
        listed: dict[int, list[int]] = defaultdict(list)
        always = []
        for rule, options in enumerate(self.guards):
            if not options:
                always.append(rule)
                continue
            for leaf in min(options, key=lambda option: sum(self.expected[leaf] for leaf in option)):
                listed[leaf].append(rule)
        sizes = [len(listed[leaf]) for leaf in range(self.leaves)]
        self.guarded = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.rules = np.array([rule for leaf in range(self.leaves) for rule in listed[leaf]], np.int64)
        self.always = np.array(always, np.int64)

    def count(self, hits: NDArray[np.int64], times: NDArray[np.int64], rows: int) -> None:
        """Take in how often leaves were true; from time to time choose guards again."""
        np.add.at(self.met, hits, times)
        self.seen += rows
        if self.seen >= self.next:
            self.next = 8 * self.seen
            self.expected = self.met + self.expected / self.expected.max()
            self.choose()


def plan_of(rules: Sequence[Rule], numbers: Sequence[int]) -> Plan:
    """Return the plan of some rules, which have the numbers given."""
    leaves: dict[Leaf, int] = {}
    trees = [_tree(rule.condition, leaves) for rule in rules]
    code = _Code()
    starts = [code.add(tree) for tree in trees]
    fields: dict[str, Checks] = {}
    pairs: list[tuple[int, Atom]] = []
    by_field: dict[str, list[tuple[Atom, int]]] = defaultdict(list)
    for (name, atoms), number in leaves.items():
        for atom in atoms:
            if atom.kind is Kind.SAME:
                pairs.append((number, atom))
            else:
                by_field[name].append((atom, number))
    for name, tests in by_field.items():
        fields[name] = Checks.of(tests, len(leaves))
    made = Plan(
        numbers=np.array(numbers, np.int64),
        fields=fields,
        pairs=pairs,
        leaves=len(leaves),
        starts=np.array(starts, np.int64),
        leaf=np.array(code.leaf, np.int64),
        yes=np.array(code.yes, np.int64),
        no=np.array(code.no, np.int64),
        guards=[_guards(tree) for tree in trees],
        expected=np.array([_expected(atoms) for _, atoms in leaves] or [1.0]),
        met=np.zeros(len(leaves), np.int64),
    )
    made.choose()
    return made


def _tree(condition: Condition, leaves: dict[Leaf, int]) -> Tree:
    if isinstance(condition, Atom):
        return leaves.setdefault((condition.field, frozenset({condition})), len(leaves))
    if isinstance(condition, Not):
        return ("!", [_tree(condition.part, leaves)])
    if isinstance(condition, And):
        return ("&", [_tree(part, leaves) for part in _flat(condition, And)])
    listed: dict[str, set[Atom]] = defaultdict(set)
    parts: list[Tree] = []
    for part in _flat(condition, Or):
        if isinstance(part, Atom):
            listed[part.field].add(part)
        else:
            parts.append(_tree(part, leaves))
    found = [leaves.setdefault((name, frozenset(atoms)), len(leaves)) for name, atoms in listed.items()]
    return ("|", [*found, *parts]) if len(found) + len(parts) > 1 else [*found, *parts][0]


def _flat(condition: Condition, kind: type[And] | type[Or]) -> Iterable[Condition]:
    if not isinstance(condition, kind):
        yield condition
        return
    for part in condition.parts:
        yield from _flat(part, kind)


def _expected(atoms: frozenset[Atom]) -> float:
    """Return how often any of the atoms is true, in units of one equality."""
    return sum(_RARITY.get(atom.kind, _NUMBER) * (1.0 + 10.0 / (1 + len(atom.value))) for atom in atoms)


def _guards(tree: Tree) -> list[frozenset[int]]:
    """Return sets of leaves of each of which at least one must be true for the tree to be."""
    if isinstance(tree, int):
        return [frozenset({tree})]
    sign, parts = tree
    if sign == "!":
        return []
    options = [_guards(part) for part in parts]
    if sign == "&":
        return [option for one in options for option in one]
    if not all(options):
        return []
    return [frozenset().union(*(min(one, key=len) for one in options))]


class _Code:
    """Short-circuit code of trees: a leaf a step, with the steps to go on at where it is true and where it is not."""

    def __init__(self) -> None:
        self.leaf: list[int] = []
        self.yes: list[int] = []
        self.no: list[int] = []

    def add(self, tree: Tree) -> int:
        return self._after(tree, YES, NO)

    def _after(self, tree: Tree, yes: int, no: int) -> int:
        """Add the code of a tree that goes on at ``yes`` or ``no``; return its first step. Last parts come first."""
        if isinstance(tree, int):
            self.leaf.append(tree)
            self.yes.append(yes)
            self.no.append(no)
            return len(self.leaf) - 1
        sign, parts = tree
        if sign == "!":
            return self._after(parts[0], no, yes)
        first = yes if sign == "&" else no
        for part in reversed(parts):
            first = self._after(part, first, no) if sign == "&" else self._after(part, yes, first)
        return first
