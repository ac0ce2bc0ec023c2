"""Texts that every match of a regex contains, so that the regex runs only where one of them occurs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

LEAST: Final = 2
"""Letters of a text that is worth looking for."""
RARE: Final = frozenset("`^{}~|<>")
"""Marks that are worth looking for alone."""
MOST: Final = 64
"""Alternatives beyond which a guard costs more than the regex."""


def guard_of(pattern: str) -> tuple[str, ...]:
    """Return lower-case texts of which every match of an RE2 pattern contains at least one; empty if none is known.

    Python's own parser reads the pattern. What RE2 has and Python has not fails to parse, and gives no guard; the
    one construct that both read differently, ``[[:alpha:]]``, gives none either.
    """
    if "[:" in pattern:
        return ()
    try:
        parsed = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError):
        return ()
    found = _best(parsed)
    return tuple(sorted(found)) if found is not None and len(found) <= MOST else ()


def _worth(texts: frozenset[str] | None) -> int:
    return min((len(text) for text in texts), default=0) if texts else 0


def _best(sequence: Sequence[Any]) -> frozenset[str] | None:
    """Return the alternatives whose shortest text is longest."""
    found: list[frozenset[str] | None] = []
    run: list[str] = []
    for code, argument in sequence:
        if code is ops.LITERAL:
            run.append(chr(argument))
            continue
        if code is ops.AT:
            continue
        found.append(frozenset({"".join(run).lower()}))
        run = []
        found.append(_inner(code, argument))
    found.append(frozenset({"".join(run).lower()}))
    best = max(found, key=_worth) or frozenset({""})
    return best if _worth(best) >= LEAST or best <= RARE else None


def _inner(code: Any, argument: Any) -> frozenset[str] | None:
    if code is ops.SUBPATTERN:
        return _best(argument[3])
    if code in (ops.MAX_REPEAT, ops.MIN_REPEAT) and argument[0] >= 1:
        return _best(argument[2])
    if code is ops.BRANCH:
        branches = [_best(branch) for branch in argument[1]]
        known = [branch for branch in branches if branch is not None]
        return frozenset().union(*known) if len(known) == len(branches) else None
    return None
