"""Tables within the configuration: every problem with its own key, so that its line can be told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any


def read_table(
    key: str,
    table: Mapping[str, Any],
    readers: Mapping[str, Callable[[Any], Any]],
    problems: list[str],
    hidden: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a table's values as read; what is wrong becomes a problem ``key.option: got x, expected y``.

    Parameters
    ----------
    hidden
        Options whose values are not repeated, since they are secret.
    """
    found = {}
    for option, value in table.items():
        if option not in readers:
            near = get_close_matches(option, readers, n=1)
            expected = f"{near[0]}, perhaps" if near else ", ".join(readers)
            problems.append(f"{key}.{option}: got an unknown option, expected {expected}")
            continue
        try:
            found[option] = readers[option](value)
        except ValueError as wanted:
            problems.append(refuse(f"{key}.{option}", "…" if option in hidden else value, str(wanted)))
    return found


def refuse(key: str, value: Any, wanted: str) -> str:
    """Return a problem: what came, and what was expected."""
    shown = "nothing" if value is None else "…" if value == "…" else repr(value)[:200]
    return f"{key}: got {shown}, expected {wanted}"


def choice(allowed: Collection[str]) -> Callable[[Any], str]:
    """Return a reader of one of several words."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return value

    return read


def names(value: Any) -> tuple[str, ...]:
    """Return a list of texts without repetitions; an empty one is refused, since it would mean nothing."""
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise ValueError('a list such as ["one", "two"]')
    return tuple(dict.fromkeys(value))
