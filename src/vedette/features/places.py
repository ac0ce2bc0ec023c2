"""One open place of a log template: the values that it has had, and those that it has in an open window."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

MOST_VALUES: Final = 16
"""Different values of a place; one with more names things and not states, and is no longer watched."""

LONGEST: Final = 40
"""Bytes of a value; longer ones are no states."""

RISING: Final = 3
"""Late values, each a greater number than all before, that show a counter, of which every value is new once."""

_DATE: Final = re.compile(r"(\d{4}-?\d{2}-?\d{2}|\d{1,2}[:/]\d{1,2}[:/]\d{1,4}|\d{1,2}\.\d{1,2}\.\d{4})\b.*")


@dataclass(slots=True)
class Known:
    """What a place has had: values by hash, whether each is usual, and the greatest number of the late ones."""

    since: int
    lines: int = 0
    usual: dict[int, bool] = field(default_factory=dict)
    rising: int = 0
    highest: float = float("-inf")
    closed: bool = False

    def count_up(self, text: str) -> None:
        """Note whether a late value is a greater number than the late ones before it."""
        try:
            number = float(text)
        except ValueError:
            return
        self.rising = self.rising + 1 if number > self.highest else 0
        self.highest = max(self.highest, number)

    def row(self) -> list[Any]:
        """Return the state, JSON-able."""
        usual = [[str(value), told] for value, told in self.usual.items()]
        return [self.since, self.lines, self.rising, self.highest if self.rising else 0.0, self.closed, usual]

    @classmethod
    def of(cls, row: list[Any]) -> Known:
        """Return what `row` described."""
        since, lines, rising, highest, closed, usual = row
        values = {int(value): told for value, told in usual}
        return cls(since, lines, values, rising, highest if rising else float("-inf"), closed)


@dataclass(slots=True)
class Seen:
    """What a place had in an open window: lines by service and value, and the values' texts."""

    counts: dict[tuple[int, int], int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    many: bool = False
    """Whether there are too many values, or one that is too long or a date."""

    def meet(self, value: int, text: str) -> None:
        """Take in a value that was not seen before; its text is empty where it is no state."""
        self.texts[value] = text
        self.many = self.many or not text or len(self.texts) > MOST_VALUES

    def add(self, service: int, value: int, count: int) -> None:
        """Count lines; of too many values nothing is counted, however the stream was cut."""
        key = (service, value)
        self.counts[key] = self.counts.get(key, 0) + count
        if self.many:
            self.counts = {}


def is_state(raw: bytes) -> bool:
    """Say whether a value may be one of few: short, and no date or time."""
    return 0 < len(raw) <= LONGEST and not _DATE.fullmatch(raw.decode("utf-8", "replace"))
