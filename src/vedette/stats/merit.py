"""Few by merit: of what might be told over four weeks, the strongest that are bearable."""

from __future__ import annotations

from bisect import insort
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DAY: Final = 86_400.0
MEMORY: Final = 28 * DAY
"""Seconds for which what might have been told is remembered."""
MOST: Final = 1000
"""Remembered at most, the strongest."""


class Merit:
    """The candidates of the last four weeks, and which of them are among the bearable number.

    A candidate is told if fewer than the bearable number of those before it, told or not, were as strong: so many as
    the time since the first look has room for, one at least. So the bar follows from what really comes, without a model
    of its distribution. What comes at one moment counts once, by the strongest. **It fails** where strengths grow all
    the time: each record is told.

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

    def earn(self, time: float, strength: Floats) -> NDArray[np.bool_]:
        """Take the candidates of a moment in, epoch seconds, maybe none, and say which of them are to be told.

        Parameters
        ----------
        time
            Not before that of the call before.
        strength
            In any unit, shape ``(n,)``.
        """
        self._since = min(self._since, time)
        if not len(strength):
            return np.zeros(0, np.bool_)
        self._seen = [one for one in self._seen if time - one[1] <= MEMORY]
        room = max(int(self._bearable * min(time - self._since, MEMORY) / DAY), 1)
        bar = self._seen[-room][0] if len(self._seen) >= room else -np.inf
        insort(self._seen, (float(strength.max()), time))
        del self._seen[:-MOST]
        earned: NDArray[np.bool_] = strength > bar
        return earned

    def snapshot(self) -> dict[str, Any]:
        """Return the candidates."""
        return {"since": self._since, "seen": [list(one) for one in self._seen]}

    def restore(self, tree: dict[str, Any]) -> None:
        """Become what `snapshot` described."""
        self._since = tree["since"]
        self._seen = [(strength, time) for strength, time in tree["seen"]]
