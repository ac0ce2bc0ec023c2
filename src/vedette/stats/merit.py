"""Few by merit: of what might be told over four weeks, the strongest that are bearable."""

from __future__ import annotations

from bisect import insort
from typing import Any, Final

DAY: Final = 86_400.0
MEMORY: Final = 28 * DAY
"""Seconds for which what might have been told is remembered."""
MOST: Final = 1000
"""Remembered at most, the strongest."""


class Merit:
    """The candidates of the last four weeks, and which of them are among the bearable number.

    A candidate is told if no more than the bearable number of those before it, told or not, were as strong: so many as
    the time since the first look has room for, one at least. So the bar follows from what really comes, without a model
    of its distribution. **It fails** where strengths grow all the time: each record is told.

    Parameters
    ----------
    bearable
        To be told a day.

    Cost: 16 bytes a candidate.
    """

    def __init__(self, bearable: float) -> None:
        self._bearable = bearable
        self._since = float("inf")
        self._seen: list[tuple[float, float]] = []
        """Strength and time of each, the weakest first."""

    def earns(self, time: float, strength: float) -> bool:
        """Take a candidate in, at a time in epoch seconds, and say whether it is to be told."""
        self._since = min(self._since, time)
        self._seen = [one for one in self._seen if time - one[1] <= MEMORY]
        room = max(int(self._bearable * min(time - self._since, MEMORY) / DAY), 1)
        earns = len(self._seen) < room or strength > self._seen[-room][0]
        insort(self._seen, (strength, time))
        del self._seen[:-MOST]
        return earns

    def look(self, time: float) -> None:
        """Note that somebody looks from this time on, epoch seconds."""
        self._since = min(self._since, time)

    def snapshot(self) -> dict[str, Any]:
        """Return the candidates."""
        return {"since": self._since, "seen": [list(one) for one in self._seen]}

    def restore(self, tree: dict[str, Any]) -> None:
        """Become what `snapshot` described."""
        self._since = tree["since"]
        self._seen = [(strength, time) for strength, time in tree["seen"]]
