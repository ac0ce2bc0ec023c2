"""The rules of one log source, made ready for columns: atoms by field, guards, and each rule as short-circuit code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.verdicts import NO, YES
from vedette.rules.checks import Checks
from vedette.rules.costly import KINDS, Costly
from vedette.rules.model import KEYWORD, And, Atom, Condition, Kind, Not, Or, Rule

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
    """Cheap tests by field; `KEYWORD` has those of keywords alone, and every other field has them too."""
    expensive: dict[int, Costly]
    costly: NDArray[np.bool_]
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
        sizes = [len(listed[leaf]) for leaf in range(len(self.costly))]
        self.guarded = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.rules = np.array([rule for leaf in range(len(self.costly)) for rule in listed[leaf]], np.int64)
        self.always = np.array(always, np.int64)

    def count(self, rows: int) -> None:
        """Take in that `met` was counted over some more rows; from time to time choose guards again."""
        self.seen += rows
        if self.seen >= self.next:
            self.next = 8 * self.seen
            self.expected = self.met + self.expected / self.expected.max()
            self.choose()


def plan_of(rules: Sequence[Rule], numbers: Sequence[int]) -> Plan:
    """Return the plan of some rules, which have the numbers given."""
    leaves: dict[Leaf, int] = {}
    trees = [_tree(rule.condition, leaves) for rule in rules]
    costly = np.array([any(atom.kind in KINDS for atom in atoms) for _, atoms in leaves], np.bool_)
    code = _Code(costly)
    starts = [code.add(tree) for tree in trees]
    made = Plan(
        numbers=np.array(numbers, np.int64),
        fields=_fields(leaves, costly),
        expensive={number: Costly(*leaf) for leaf, number in leaves.items() if costly[number]},
        costly=costly,
        starts=np.array(starts, np.int64),
        leaf=np.array(code.leaf, np.int64),
        yes=np.array(code.yes, np.int64),
        no=np.array(code.no, np.int64),
        guards=[_guards(tree, costly) for tree in trees],
        expected=np.array([_expected(atoms) for _, atoms in leaves] or [1.0]),
        met=np.zeros(len(leaves), np.int64),
    )
    made.choose()
    return made


def _fields(leaves: dict[Leaf, int], costly: NDArray[np.bool_]) -> dict[str, Checks]:
    wanted: dict[str, list[tuple[Atom, int]]] = defaultdict(list)
    for (name, atoms), number in leaves.items():
        if not costly[number]:
            wanted[name] += [(atom, number) for atom in atoms]
    everywhere = wanted.get(KEYWORD, [])
    return {name: Checks.of(tests if name == KEYWORD else tests + everywhere) for name, tests in wanted.items()}


def _tree(condition: Condition, leaves: dict[Leaf, int]) -> Tree:
    if isinstance(condition, Atom):
        return _leaf(condition.field, frozenset({condition}), leaves)
    if isinstance(condition, Not):
        return ("!", [_tree(condition.part, leaves)])
    if isinstance(condition, And):
        return ("&", [_tree(part, leaves) for part in _flat(condition, And)])
    listed: dict[tuple[str, bool, tuple[str, ...]], set[Atom]] = defaultdict(set)
    parts: list[Tree] = []
    for part in _flat(condition, Or):
        if isinstance(part, Atom):
            listed[part.field, part.kind in KINDS, part.guard].add(part)
        else:
            parts.append(_tree(part, leaves))
    parts += [_leaf(name, frozenset(atoms), leaves) for (name, _, _), atoms in listed.items()]
    return ("|", parts) if len(parts) > 1 else parts[0]


def _leaf(name: str, atoms: frozenset[Atom], leaves: dict[Leaf, int]) -> Tree:
    """Return a leaf; one of regexes behind the texts of which every match has one."""
    number = leaves.setdefault((name, atoms), len(leaves))
    if not all(atom.guard for atom in atoms):
        return number
    guard = frozenset(Atom(name, Kind.CONTAINS, text) for atom in atoms for text in atom.guard)
    return ("&", [leaves.setdefault((name, guard), len(leaves)), number])


def _flat(condition: Condition, kind: type[And] | type[Or]) -> Iterable[Condition]:
    if not isinstance(condition, kind):
        yield condition
        return
    for part in condition.parts:
        yield from _flat(part, kind)


def _expected(atoms: frozenset[Atom]) -> float:
    """Return how often any of the atoms is true, in units of one equality."""
    return sum(_RARITY.get(atom.kind, _NUMBER) * (1.0 + 10.0 / (1 + len(atom.value))) for atom in atoms)


def _guards(tree: Tree, costly: NDArray[np.bool_]) -> list[frozenset[int]]:
    """Return sets of cheap leaves of each of which at least one must be true for the tree to be."""
    if isinstance(tree, int):
        return [] if costly[tree] else [frozenset({tree})]
    sign, parts = tree
    if sign == "!":
        return []
    options = [_guards(part, costly) for part in parts]
    if sign == "&":
        return [option for one in options for option in one]
    if not all(options):
        return []
    return [frozenset().union(*(min(one, key=len) for one in options))]


def _waits(tree: Tree, costly: NDArray[np.bool_]) -> bool:
    """Say whether any leaf of a tree is costly."""
    return bool(costly[tree]) if isinstance(tree, int) else any(_waits(part, costly) for part in tree[1])


class _Code:
    """Short-circuit code of trees: a leaf a step, with the steps to go on at where it is true and where it is not.

    What is costly comes last.
    """

    def __init__(self, costly: NDArray[np.bool_]) -> None:
        self._costly = costly
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
        for part in sorted(parts, key=lambda part: not _waits(part, self._costly)):
            first = self._after(part, first, no) if sign == "&" else self._after(part, yes, first)
        return first
