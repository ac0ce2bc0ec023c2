"""Where lines start and end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vedette.kernels.bytes import find_either

_NEWLINES = np.uint64(0x0A0A0A0A0A0A0A0A)


@njit(cache=True, nogil=True)
def split(data: Any, size: int, starts: Any, ends: Any) -> int:
    """Write where lines start and end (without their newline); returns their number."""
    at = 0
    count = 0
    while at < size:
        end = find_either(data, at, size, _NEWLINES, _NEWLINES)
        starts[count] = at
        ends[count] = end - 1 if end > at and data[end - 1] == 13 else end
        count += 1
        at = end + 1
    return count


def lines_of(data: bytes, buffer: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return starts and ends of the lines of `data`, without their line ends.

    `buffer` is `data` with `vedette.kernels.bytes.PAD` bytes or more behind it.
    """
    limit = data.count(b"\n") + 1
    starts, ends = np.empty(limit, np.int64), np.empty(limit, np.int64)
    count = split(buffer, len(data), starts, ends)
    return starts[:count], ends[:count]
