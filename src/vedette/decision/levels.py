"""Whether numbers are back where they were when an episode began, or their new level was only taken as usual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import isnan
from typing import Final

from vedette.records.feature import feature_of
from vedette.records.observation import Quantity
from vedette.records.segment import Segment
from vedette.state.tree import Tree

Number = tuple[Segment, str]
"""Segment and feature."""

MEASURED: Final = ("baseline", "ensemble")
"""Detectors of single numbers, whose findings have the ranges that these keep."""

MEMORY: Final = 5.0
"""Windows with a value after which an old look weighs 1/e: a route with few requests must be back in time, too."""
SLACK: Final = 2.0
"""Factor beyond the range within which a count is back: its rhythm moves the range in the hours of an episode."""
MOST: Final = 100
"""Numbers of an episode that are looked at."""


@dataclass(slots=True)
class Levels:
    """The learned ranges of numbers when they were left, and how much they are outside of them since.

    Notes
    -----
    The baseline takes a level that stays for hours as the new normal, after which nothing deviates. The range of the
    first finding is from before that.
    """

    ranges: dict[Number, tuple[float, float]] = field(default_factory=dict)
    away: dict[Number, float] = field(default_factory=dict)
    """Share of the latest windows, of those with a value, that lay outside."""

    def leave(self, number: Number, lower: float, upper: float) -> None:
        """Remember the range that a number left; the first one counts."""
        slack = SLACK if feature_of(number[1]).series(number[0]).quantity is Quantity.COUNT else 1.0
        self.take(number, lower / slack, upper * slack, 1.0)

    def take(self, number: Number, lower: float, upper: float, away: float) -> None:
        """Look at a number: its range, slack included, and its share outside so far; the first one counts."""
        if number not in self.ranges and len(self.ranges) < MOST:
            self.ranges[number], self.away[number] = (lower, upper), away

    def look(self, value_of: Callable[[Number], float | None]) -> None:
        """Take in a window; `value_of` returns a number's value in it, None for none."""
        for number, (lower, upper) in self.ranges.items():
            value = value_of(number)
            if value is not None and not isnan(value):
                outside = float(not lower <= value <= upper)
                self.away[number] += (outside - self.away[number]) / MEMORY

    def stays(self, number: Number) -> bool:
        """Say whether a number is not back."""
        return self.away.get(number, 0.0) > 0.5

    def snapshot(self) -> Tree:
        """Return the state as JSON-able rows."""
        rows = [
            [segment.environment, segment.service, segment.operation, feature, *bounds, self.away[segment, feature]]
            for (segment, feature), bounds in self.ranges.items()
        ]
        return {"rows": rows}

    @classmethod
    def restored(cls, tree: Tree) -> Levels:
        """Return what `snapshot` described."""
        rows = [((Segment(*row[:3]), row[3]), (row[4], row[5]), row[6]) for row in tree["rows"]]
        return cls({number: bounds for number, bounds, _ in rows}, {number: away for number, _, away in rows})
