"""Texts that every match of a regex contains, so that the regex runs only where one of them occurs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

LEAST: Final = 2
"""Weight of a text that is worth looking for; letters and `COMMON` marks weigh one, other marks two."""
ENOUGH: Final = 4
"""Weight beyond which fewer alternatives are better than heavier ones."""
COMMON: Final = frozenset("/.-=_:&? ,%+\\")
"""Marks that stand in most addresses and command lines."""
MOST: Final = 64
"""Alternatives beyond which a guard costs more than the regex."""

Alternatives = frozenset[str]
"""Texts, small letters, of which one stands where a part of a pattern matches."""
EMPTY: Final[Alternatives] = frozenset({""})
_SPACES: Final = " \t\n\r\f\v"


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


def _weight(text: str) -> int:
    return sum(1 if letter.isalnum() or letter in COMMON else 2 for letter in text)


def _worth(texts: Alternatives) -> tuple[int, int, int]:
    """Return how well texts tell a match from other values: by the lightest, and of equals by how few there are."""
    lightest = min(map(_weight, texts))
    return min(ENOUGH, lightest), -len(texts), lightest


def _best(sequence: Sequence[Any]) -> Alternatives | None:
    """Return the alternatives that are worth most; none if they are not worth looking for."""
    best, _ = _read(sequence)
    return best if _worth(best)[0] >= LEAST else None


def _read(sequence: Sequence[Any]) -> tuple[Alternatives, Alternatives]:
    """Return what every match contains, and what it ends with; only the empty text where nothing is known."""
    best, end = EMPTY, EMPTY
    for code, argument in sequence:
        whole = _whole(code, argument)
        joined = _joined(end, whole) if whole is not None else None
        if joined is not None:
            best, end = max((best, joined), key=_worth), joined
            continue
        repeated = _exact(argument[2]) if code in _REPEATS and argument[0] >= 1 else None
        longer = _joined(end, repeated) if repeated is not None else None
        inner, end = _inner(code, argument)
        best = max((best, longer or EMPTY, inner), key=_worth)
    return best, end


_REPEATS: Final = (ops.MAX_REPEAT, ops.MIN_REPEAT)


def _joined(left: Alternatives, right: Alternatives) -> Alternatives | None:
    """Return every text of the left before every one of the right; none if these are too many."""
    return frozenset(one + two for one in left for two in right) if len(left) * len(right) <= MOST else None


def _exact(sequence: Sequence[Any]) -> Alternatives | None:
    """Return all texts that a sequence matches, without regard to case; none if they can't be listed."""
    run: Alternatives | None = EMPTY
    for code, argument in sequence:
        whole = _whole(code, argument)
        run = None if run is None or whole is None else _joined(run, whole)
    return run


def _whole(code: Any, argument: Any) -> Alternatives | None:
    """Return all texts that a part of a pattern matches; none if they can't be listed."""
    if code is ops.LITERAL:
        return frozenset({chr(argument).lower()})
    if code is ops.AT:
        return EMPTY
    if code is ops.IN:
        return _letters(argument)
    if code is ops.SUBPATTERN:
        return _exact(argument[3])
    if code is ops.BRANCH:
        branches = [_exact(branch) for branch in argument[1]]
        known = [branch for branch in branches if branch is not None]
        united = frozenset().union(*known)
        return united if len(known) == len(branches) and len(united) <= MOST else None
    return None


def _letters(members: Sequence[Any]) -> Alternatives | None:
    """Return the letters of a class that lists them; white space is listed, too."""
    found = ""
    for code, argument in members:
        if code is ops.LITERAL:
            found += chr(argument)
        elif code is ops.CATEGORY and argument is ops.CATEGORY_SPACE:
            found += _SPACES
        else:
            return None
    return frozenset(found.lower())


def _inner(code: Any, argument: Any) -> tuple[Alternatives, Alternatives]:
    """Return what a part of a pattern contains and ends with wherever it matches."""
    if code in (ops.LITERAL, ops.IN):
        letters = _whole(code, argument) or EMPTY
        return letters, letters
    if code is ops.SUBPATTERN:
        return _read(argument[3])
    if code in _REPEATS and argument[0] >= 1:
        part = _exact(argument[2])
        inner, end = _read(argument[2])
        if part is not None and argument[0] >= 2 and _worth(inner)[0] < ENOUGH:
            inner = _joined(part, part) or inner
        return inner, part or end
    if code is ops.BRANCH:
        inners, ends = zip(*map(_read, argument[1]), strict=True)
        united = frozenset().union(*ends)
        return frozenset().union(*inners), united if len(united) <= MOST else EMPTY
    return EMPTY, EMPTY
