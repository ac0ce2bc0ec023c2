"""Good and bad requests of many objectives over the last hours, days and months, in fixed memory."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
ALL: Final = slice(None)


class Tally:
    """Sums over sliding windows of event time, a row an objective, as rings of buckets.

    A sum over some time takes in the buckets that end in it: between that time less a bucket and that time.

    Parameters
    ----------
    bucket
        Length of a bucket, ns.
    size
        Number of buckets; `bucket` times `size` is the longest time that can be summed over.

    Cost: 16 bytes a bucket and row.
    """

    def __init__(self, bucket: int, size: int) -> None:
        self.bucket, self.size = bucket, size
        self.counts = np.zeros((0, size, 2), np.int64)
        """Bad requests and all, shape ``(n_rows, size, 2)``."""
        self._latest = -1

    @property
    def reach(self) -> int:
        """Longest time that can be summed over, ns."""
        return self.bucket * self.size

    def grow(self, rows: int) -> None:
        """Make room for so many more rows."""
        self.counts = np.concatenate([self.counts, np.zeros((rows, self.size, 2), np.int64)])

    def advance(self, end: int) -> None:
        """Go on to the bucket of a window that ends at `end`, and empty those on the way."""
        latest = (end - 1) // self.bucket
        steps = min(latest - self._latest, self.size)
        self.counts[:, (latest - np.arange(steps)) % self.size] = 0
        self._latest = max(self._latest, latest)

    def add(self, counts: Ints) -> None:
        """Count bad requests and all, shape ``(n_rows, 2)``, in the bucket reached."""
        self.counts[:, self._latest % self.size] += counts

    def sums(self, time: int, rows: slice = ALL) -> Ints:
        """Return bad requests and all of the last `time` ns, shape ``(n_rows, 2)``."""
        places = (self._latest - np.arange(min(time // self.bucket, self.size))) % self.size
        total: Ints = self.counts[rows, places].sum(axis=1)
        return total
