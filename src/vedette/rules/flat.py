"""Events as flat columns: nested JSON by dotted names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa


def flat(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event's values by dotted name; lists keep what is in them, by the names of what they hold.

    Blanks in names are left out (``Threat Name`` is ``ThreatName``), as Sigma's rules expect of Windows events.
    """
    found: dict[str, Any] = {}
    _flatten(event, "", found)
    return found


def _flatten(value: Any, name: str, found: dict[str, Any]) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _flatten(inner, f"{name}.{key}" if name else str(key), found)
    elif isinstance(value, list):
        for inner in value:
            _flatten(inner, name, found)
    elif value is not None:
        text = value if isinstance(value, str) else _word(value)
        name = name.replace(" ", "") if " " in name else name
        before = found.get(name)
        if before is None:
            found[name] = text
        elif isinstance(before, list):
            before.append(text)
        else:
            found[name] = [before, text]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


PREFIXES: Final = ("winlog.event_data.", "Event.EventData.", "Event.System.", "EventData.", "System.", "event_data.")
"""Where shippers nest the fields of Windows events."""


def table_of(events: Sequence[Mapping[str, Any] | None]) -> pa.Table:
    """Return flat columns of events; null is an event without any field."""
    columns: dict[str, list[Any]] = {}
    rows = len(events)
    for row, event in enumerate(events):
        for name, value in flat(event).items() if event else ():
            column = columns.get(name)
            if column is None:
                column = columns[name] = [None] * rows
            column[row] = value
    made = {name: _column(values) for name, values in columns.items()}
    for name in list(made):
        for prefix in PREFIXES:
            short = name.removeprefix(prefix)
            if short != name and short not in made:
                made[short] = made[name]
    return pa.table(made) if made else pa.table({"": pa.nulls(rows, pa.string())})


def _column(values: list[Any]) -> pa.Array:
    if any(isinstance(value, list) for value in values):
        lists = [value if value is None or isinstance(value, list) else [value] for value in values]
        return pa.array(lists, pa.list_(pa.string()))
    return pa.array(values, pa.string())
