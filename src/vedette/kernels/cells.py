"""Values by column and record, as the decoding kernels leave them.

``kind``, ``rank`` (uint8), ``offset``, ``length`` (int32) and ``value`` (int64), each of shape
``(n_columns, n_records)``; ``kind`` starts as zero, the others mean something where it is not.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

ABSENT: Final = 0
TEXT: Final = 1
WHOLE: Final = 2
"""``value`` is the number."""
FLOAT: Final = 3
"""``value`` holds the bits of the float64."""
TRUE: Final = 4
FALSE: Final = 5
NULL: Final = 6
NESTED: Final = 7
ESCAPED: Final = 8
"""A text with JSON escapes in it."""
WIDE: Final = 9
"""A number that takes more than float64 arithmetic to read; the text is to be converted."""


class Cells(NamedTuple):
    """The arrays, in the order in which kernels take them."""

    kind: NDArray[np.uint8]
    rank: NDArray[np.uint8]
    offset: NDArray[np.int32]
    length: NDArray[np.int32]
    value: NDArray[np.int64]

    def of(self, records: slice | NDArray[np.intp]) -> Cells:
        """Return the cells of some records."""
        return Cells(
            self.kind[:, records],
            self.rank[:, records],
            self.offset[:, records],
            self.length[:, records],
            self.value[:, records],
        )


def make_cells(columns: int, records: int) -> Cells:
    """Return empty cells."""
    shape = (columns, records)
    return Cells(
        np.zeros(shape, np.uint8),
        np.empty(shape, np.uint8),
        np.empty(shape, np.int32),
        np.empty(shape, np.int32),
        np.empty(shape, np.int64),
    )


@njit(cache=True, nogil=True)
def free(kind: Any, rank: Any, column: Any, record: Any, mine: Any) -> bool:
    """Say whether a cell is empty or holds a value of a name that is not preferred to rank `mine`."""
    return kind[column, record] == ABSENT or mine <= rank[column, record]
