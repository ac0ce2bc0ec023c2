"""``python -m bench floors``: has any figure of the scoreboard slipped, and how far is each from what is asked for?

``floors.toml`` has for each figure the value that was reached, the value below which it has slipped, and the floor and
the aim of those who ask. A figure below its floor is told; only one that has slipped is a failure.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import isfinite
from pathlib import Path
from typing import Any, Final

LIST: Final = Path(__file__).with_name("floors.toml")

DATALESS: Final = ("small",)
"""What needs no data, and a minute."""

_KEYS: Final = {"bench", "figure", "what", "reached", "keep", "floor", "aim"}


@dataclass(frozen=True, slots=True)
class Floor:
    """What a figure has to keep.

    Parameters
    ----------
    bench, figure
        Name of the benchmark, and the path to the number in its output, with dots.
    what
        The figure as people say it.
    reached, keep
        Value when it was measured last, and the one from which on it has slipped.
    floor, aim
        What is asked for; None for nothing.
    """

    bench: str
    figure: str
    what: str
    reached: float
    keep: float
    floor: float | None = None
    aim: float | None = None

    @property
    def more(self) -> bool:
        """Say whether more is better."""
        return self.keep <= self.reached

    def met_by(self, value: float, asked: float) -> bool:
        """Say whether a value is as good as another."""
        return isfinite(value) and (value >= asked if self.more else value <= asked)


def load(path: Path = LIST) -> list[Floor]:
    """Return the floors of a file.

    Raises
    ------
    ValueError
        For an entry with unknown or missing keys; it is named.
    """
    found = []
    for entry in tomllib.loads(path.read_text())["floor"]:
        missing, unknown = sorted(_KEYS - {"floor", "aim"} - entry.keys()), sorted(entry.keys() - _KEYS)
        if missing or unknown:
            raise ValueError(f"{path.name}: {entry}: missing {missing}, unknown {unknown}, expected {sorted(_KEYS)}")
        found.append(Floor(**entry))
    return found


def measured(names: Iterable[str], data: Path) -> dict[str, dict[str, Any]]:
    """Run benchmarks; returns their outputs by name."""
    found: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(names):
        run: Callable[[Path], dict[str, Any]] = import_module(f"bench.{name}").run
        found[name] = run(data)
    return found


def number(output: Any, path: str) -> float:
    """Return the number at a path with dots; ``"15/30"`` is a half.

    >>> number({"a": {"b": "15/30"}}, "a.b"), number({"a": [1, 2.5]}, "a.1")
    (0.5, 2.5)
    """
    for step in path.split("."):
        output = output[int(step)] if isinstance(output, list) else output[step]
    if isinstance(output, str):
        part, _, whole = output.partition("/")
        return float(part) / float(whole)
    return float(output)


def state(floor: Floor, value: float) -> str:
    """Return ``aim``, ``floor``, ``below`` (never reached) or ``slipped``."""
    if not floor.met_by(value, floor.keep):
        return "slipped"
    if floor.aim is not None and floor.met_by(value, floor.aim):
        return "aim"
    return "below" if floor.floor is not None and not floor.met_by(value, floor.floor) else "floor"


def check(floors: Sequence[Floor], outputs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return each figure beside what it has to keep, and the names of those that slipped."""
    rows = []
    for one in floors:
        value = number(outputs[one.bench], one.figure)
        asked = {"reached": one.reached, "keep": one.keep, "floor": one.floor, "aim": one.aim}
        rows.append({"what": one.what, "value": round(value, 4), **asked, "state": state(one, value)})
    count = {name: sum(row["state"] == name for row in rows) for name in ("aim", "floor", "below", "slipped")}
    return {"figures": rows, "count": count, "slipped": [row["what"] for row in rows if row["state"] == "slipped"]}


def run(data: Path, only: Sequence[str] = ()) -> dict[str, Any]:
    """Measure and check what is listed, or only some benchmarks; without data, what needs none.

    Raises
    ------
    ValueError
        For a benchmark that no floor is of.
    """
    floors = load()
    known = list(dict.fromkeys(one.bench for one in floors))
    if unknown := sorted(set(only) - set(known)):
        raise ValueError(f"no floor is of {', '.join(unknown)}, expected some of {', '.join(known)}")
    names = list(only) or (known if data.is_dir() else list(DATALESS))
    result = check([one for one in floors if one.bench in names], measured(names, data))
    return {**result, "not_measured": [name for name in known if name not in names]}
