"""On which line of a TOML file an option stands; the standard library's reader does not tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_HEADER: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY: Final = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_PART: Final = re.compile(r""""[^"]*"|'[^']*'|[^.\s]+""")


class Lines:
    """Lines by dotted names; tables of an array are numbered: ``notify.routes[0].hours``."""

    def __init__(self, text: str) -> None:
        self._lines: dict[str, int] = {}
        for name, number in _names(text):
            self._lines.setdefault(name, number)

    def of(self, key: str) -> int:
        """Return the line of an option, or of the innermost table around it; 1 where there is none."""
        while key:
            if key in self._lines:
                return self._lines[key]
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return 1


def _names(text: str) -> Iterator[tuple[str, int]]:
    table, seen = "", Counter[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _plain(header[2])
            yield table, number
            if header[1] == "[[":
                seen[table] += 1
                table = f"{table}[{seen[table] - 1}]"
                yield table, number
        elif key := _KEY.match(line):
            yield f"{table}.{_plain(key[1])}".lstrip("."), number


def _plain(name: str) -> str:
    return ".".join(part.strip("\"'") for part in _PART.findall(name))
