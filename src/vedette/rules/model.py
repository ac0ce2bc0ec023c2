"""What a loaded rule is made of: conditions over atoms, its log source, and what to tell about it.

A condition is a tree of `And`, `Or`, `Not` over `Atom`; no class of the parser's occurs in it, so it can be kept as
JSON and evaluated without the parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

KEYWORD: Final = ""
"""The field of a keyword: the text of the whole event."""
LARGEST: Final = 4 << 20
"""Bytes of one file of rules: the largest of SigmaHQ's has 200 KB."""
LEVELS: Final = ("informational", "low", "medium", "high", "critical")


class Kind(StrEnum):
    """How an atom compares a field with its value."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS = "startswith"
    ENDS = "endswith"
    REGEX = "regex"
    """RE2, searched anywhere; wildcards within a text are written as one."""
    CIDR = "cidr"
    LESS = "lt"
    AT_MOST = "lte"
    MORE = "gt"
    AT_LEAST = "gte"
    NULL = "null"
    EXISTS = "exists"
    SAME = "fieldref"
    """Another field's value, compared as `Atom.part` says."""
    TIME = "time"
    """A part of a time, named by `Atom.part`, equals a number."""


LITERALS: Final = (Kind.EQUALS, Kind.CONTAINS, Kind.STARTS, Kind.ENDS)
NUMERIC: Final = (Kind.LESS, Kind.AT_MOST, Kind.MORE, Kind.AT_LEAST)


@dataclass(frozen=True, slots=True)
class Atom:
    """One test of one field. ``cased`` says that letters differ by case; ``part`` is for `Kind.SAME` and `Kind.TIME`.

    ``guard`` holds texts of which every value that matches a regex contains one, whatever the case; empty: none known.
    """

    field: str
    kind: Kind
    value: str = ""
    cased: bool = False
    part: str = ""
    guard: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is not; a missing field makes an atom false, so this true."""

    part: Condition


@dataclass(frozen=True, slots=True)
class And:
    """True where all parts are."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where any part is."""

    parts: tuple[Condition, ...]


Condition = Atom | Not | And | Or


@dataclass(frozen=True, slots=True)
class Source:
    """A Sigma log source; null is any."""

    product: str | None = None
    category: str | None = None
    service: str | None = None

    def covers(self, other: Source) -> bool:
        """Say whether everything named here is the same there."""
        pairs = ((self.product, other.product), (self.category, other.category), (self.service, other.service))
        return all(mine is None or mine == theirs for mine, theirs in pairs)

    def __str__(self) -> str:
        """Return what is named, such as ``linux/process_creation``."""
        return "/".join(part for part in (self.product, self.category, self.service) if part) or "any"


@dataclass(frozen=True, slots=True)
class Head:
    """What is told of a rule: the Detection Rule License asks that its author be named with every match."""

    id: str
    title: str
    level: str
    techniques: tuple[str, ...] = ()
    tactics: tuple[str, ...] = ()
    author: str = ""
    license: str = ""
    references: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    status: str = ""
    name: str = ""
    file: str = ""
    detector: str = "sigma"
    """Whose word it is: a rule's, or that of another detector that marks single events before the gate."""
    told: bool = True
    """False where a correlation takes the rule in and does not ask for its own findings."""
    family: str = ""
    """What floods of it are counted with; empty for itself alone."""
    note: str = ""
    """What is told first of all evidence, where it is no rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule about single events."""

    head: Head
    source: Source
    condition: Condition


@dataclass(frozen=True, slots=True)
class Correlation:
    """A rule about several matches; ``rules`` are ids of rules or of other correlations.

    ``threshold`` is an operator and a number; ``expression`` is an extended condition over ``rules``, as `Condition`
    with atoms whose field is the rule's id. ``aliases`` maps a group name and a rule's id to that rule's field.
    """

    head: Head
    type: str
    rules: tuple[str, ...]
    seconds: int
    group_by: tuple[str, ...] = ()
    threshold: tuple[str, float] = ("gte", 1.0)
    fields: tuple[str, ...] = ()
    percentile: int = 50
    expression: Condition | None = None
    aliases: tuple[tuple[str, str, str], ...] = ()
    generate: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that can't be used, and why; the others run on."""

    file: str
    line: int
    rule: str
    cause: str

    def __str__(self) -> str:
        named = f" {self.rule}" if self.rule else ""
        return f"{self.file}:{self.line}{named}: {self.cause}"


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules and correlations that can be used, in order of their files, and the problems of those that can't."""

    rules: tuple[Rule, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


def mark_of(head: Head) -> str:
    """Return the UUID that marks events which a rule matched: its id, or one made of an id that is none.

    Only UUIDs pass the privacy gate.
    """
    try:
        return str(UUID(head.id))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, head.id))


def quiet(head: Head) -> Head:
    """Return the head of a rule that is not told by itself."""
    return replace(head, told=False)
