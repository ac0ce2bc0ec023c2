"""Rule sets that are or were in force, found again by name: so a journal can say which held from when on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from vedette.errors import BadInput
from vedette.rules.load import compile_apart, compiled
from vedette.rules.model import RuleSet


@dataclass(frozen=True, slots=True)
class Edition:
    """A rule set, and the names of the compiled parts that it consists of, in order."""

    parts: tuple[str, ...] = ()
    rules: RuleSet = field(default_factory=RuleSet)

    @property
    def name(self) -> str:
        """One name for all of it; it differs by every byte of the rules."""
        return "+".join(self.parts)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Compiled rules in a folder, which is made with the first. They stay there: a journal may name them."""

    folder: Path

    def compile(self, sources: Sequence[Path]) -> Edition:
        """Return the rules that some files, folders and archives hold now, a part each; what is known is not parsed.

        Raises
        ------
        BadInput
            For a source that is missing, can't be read, is too large, or holds no rule at all; it is named.
        """
        parts = tuple(compile_apart([source.expanduser()], self.folder) for source in sources)
        rules = self.find(parts)
        if rules is None:
            raise BadInput("unreadable_rules", detail=f"{self.folder}: what was just compiled is gone")
        return Edition(parts, rules)

    def find(self, parts: tuple[str, ...]) -> RuleSet | None:
        """Return the rules of an edition by the names of its parts; None if one is missing."""
        try:
            return _joined(self.folder, parts)
        except BadInput:
            return None


@lru_cache(maxsize=4)
def _joined(folder: Path, parts: tuple[str, ...]) -> RuleSet:
    sets = [compiled(name, folder) for name in parts]
    return RuleSet(
        tuple(rule for one in sets for rule in one.rules),
        tuple(rule for one in sets for rule in one.correlations),
        tuple(problem for one in sets for problem in one.problems),
    )
