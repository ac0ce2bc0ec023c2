"""Suppressions as text files, one each, that can be reviewed in a pull request: ``suppressions/ID.toml``."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vedette.durable import write_durably
from vedette.errors import ConfigError
from vedette.records.context import Cause, Suppression, Verdict
from vedette.records.segment import Segment
from vedette.records.time import from_rfc3339, rfc3339

HEAD = """# A person judged an incident of Vedette; findings of these causes are hidden until the suppression expires.
# Remove the file to take it back; it is read when the server starts.
"""


class SuppressionFiles:
    """The folder of suppressions.

    Parameters
    ----------
    folder
        Made when the first one is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, suppression: Suppression) -> Path:
        """Write one durably and return its file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(suppression.id)
        write_durably(path, text_of(suppression).encode())
        return path

    def remove(self, identity: str) -> bool:
        """Remove one; says whether it was there."""
        there = self._path(identity).exists()
        self._path(identity).unlink(missing_ok=True)
        return there

    def all(self) -> list[Suppression]:
        """Return all, by name.

        Raises
        ------
        ConfigError
            With every file that can't be read, and what was expected.
        """
        problems, found = list[str](), list[Suppression]()
        for path in sorted(self._folder.glob("*.toml")):
            try:
                found.append(_read(path.stem, tomllib.loads(path.read_text(encoding="utf-8"))))
            except KeyError as error:
                problems.append(f"{path}: {error.args[0]} is missing")
            except (OSError, TypeError, ValueError) as error:
                problems.append(f"{path}: {error}")
        if problems:
            raise ConfigError(problems)
        return found

    def _path(self, identity: str) -> Path:
        return self._folder / f"{identity}.toml"


def text_of(suppression: Suppression) -> str:
    """Return a suppression as TOML."""
    rows = {
        "incident": _text(suppression.incident),
        "verdict": _text(suppression.verdict.value),
        "note": _text(suppression.note),
        "created": rfc3339(suppression.created),
        "until": rfc3339(suppression.until),
    }
    return HEAD + _lines(rows) + "".join(f"\n[[cause]]\n{_lines(_cause_rows(cause))}" for cause in suppression.causes)


def _cause_rows(cause: Cause) -> dict[str, str]:
    return {
        "environment": _text(cause.segment.environment),
        "service": _text(cause.segment.service),
        "operation": _text(cause.segment.operation),
        "feature": _text(cause.feature),
        "item": _text(cause.item),
        "lower": repr(float(cause.lower)),
        "upper": repr(float(cause.upper)),
        "entities": f"[{', '.join(map(_text, cause.entities))}]",
    }


def _lines(rows: dict[str, str]) -> str:
    return "".join(f"{name} = {value}\n" for name, value in rows.items())


def _text(value: str) -> str:
    """Return a TOML string; JSON's are TOML's, but for one control character."""
    return json.dumps(value, ensure_ascii=True).replace("\x7f", "\\u007f")


def _read(identity: str, tree: dict[str, Any]) -> Suppression:
    causes = tuple(_read_cause(row) for row in tree["cause"])
    if not causes:
        raise ValueError("cause: got none, expected at least one")
    return Suppression(
        identity,
        str(tree["incident"]),
        Verdict(tree["verdict"]),
        causes,
        _moment("created", tree["created"]),
        _moment("until", tree["until"]),
        str(tree.get("note", "")),
    )


def _read_cause(row: dict[str, Any]) -> Cause:
    lower, upper = float(row.get("lower", float("-inf"))), float(row.get("upper", float("inf")))
    if lower != lower or upper != upper or lower > upper:
        raise ValueError(f"lower, upper: got {lower} and {upper}, expected lower ≤ upper")
    segment = Segment(row.get("environment", ""), row["service"], row.get("operation", ""))
    return Cause(segment, row["feature"], row.get("item", ""), lower, upper, tuple(row.get("entities", ())))


def _moment(name: str, value: Any) -> int:
    if not isinstance(value, datetime):
        raise ValueError(f"{name}: got {value!r}, expected a time such as 2026-11-26T10:00:00Z")
    return from_rfc3339((value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat())
