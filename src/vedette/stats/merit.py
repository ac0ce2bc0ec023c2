"""Few by merit: of what might be told over four weeks, the strongest that are bearable."""

from __future__ import annotations

from bisect import insort
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAY: Final = 86_400.0
MEMORY: Final = 28 * DAY
"""Seconds for which what might have been told is remembered."""
MOST: Final = 1000
"""Remembered at most, the strongest."""


class Merit:
    """The candidates of the last four weeks, and which of them are among the bearable number.

    A candidate is told if fewer than the bearable number of those before it, told or not, were as strong: so many as
    the time since the first look has room for, one at least. So the bar follows from what really comes, without a model
    of its distribution. What comes at one moment counts once, by the strongest, and what gets worse by its worst.
    **It fails** where strengths grow all the time: each record is told.

    Parameters
    ----------
    bearable
        To be told a day.

    Cost: 150 bytes a candidate.
    """

    def __init__(self, bearable: float) -> None:
        self.bearable = bearable
        self._since = float("inf")
        self._seen: list[tuple[float, float, int]] = []
        """Strength, time and number of each, the weakest first."""

    def earn(self, time: float, strength: Floats, who: NDArray[np.int32], worse: Bools) -> Bools:
        """Take the candidates of a moment in, maybe none, and say which of them are to be told.

        Parameters
        ----------
        time
            Epoch seconds, not before that of the call before.
        strength
            In any unit, shape ``(n,)``; as are all others.
        who
            Number of that which it is of.
        worse
            Which are not new but worse than they were when they were taken in last, and take the place of that.
        """
        self._since = min(self._since, time)
        if not len(strength):
            return np.zeros(0, np.bool_)
        self._seen = [one for one in self._seen if time - one[1] <= MEMORY]
        for one in who[worse].tolist():
            last = max((seen for seen in self._seen if seen[2] == one), key=lambda seen: seen[1], default=None)
            if last is not None:
                self._seen.remove(last)
        room = max(int(self.bearable * min(time - self._since, MEMORY) / DAY), 1)
        bar = self._seen[-room][0] if len(self._seen) >= room else -np.inf
        strongest = int(np.argmax(strength))
        insort(self._seen, (float(strength[strongest]), time, int(who[strongest])))
        del self._seen[:-MOST]
        earned: Bools = strength > bar
        return earned

    def snapshot(self) -> dict[str, Any]:
        """Return the candidates."""
        return {"since": self._since, "seen": [list(one) for one in self._seen]}

    def restore(self, tree: dict[str, Any]) -> None:
        """Become what `snapshot` described."""
        self._since = tree["since"]
        self._seen = [(strength, time, who) for strength, time, who in tree["seen"]]
