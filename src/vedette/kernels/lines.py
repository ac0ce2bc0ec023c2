"""Where lines start and end."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vedette.kernels.bytes import find_byte

_NEWLINES = np.uint64(0x0A0A0A0A0A0A0A0A)


@njit(cache=True, nogil=True)
def survey(data: Any, size: Any) -> Any:
    """Return the number of newlines, and the bits that any byte has set: above 127, text is not plain ASCII."""
    newlines = 0
    union = np.uint8(0)
    for at in range(size):
        newlines += data[at] == 10
        union |= data[at]
    return newlines, union


@njit(cache=True, nogil=True)
def split(data: Any, size: Any, starts: Any, ends: Any) -> Any:
    """Write where lines start and end (without their newline and carriage return); returns their number."""
    at = 0
    count = 0
    while at < size:
        end = find_byte(data, at, size, _NEWLINES)
        starts[count] = at
        ends[count] = end - 1 if end > at and data[end - 1] == 13 else end
        count += 1
        at = end + 1
    return count


def lines_of(buffer: NDArray[np.uint8], size: int) -> tuple[NDArray[np.int32], NDArray[np.int32], bool]:
    """Return starts and ends of the lines of ``buffer[:size]``, and whether all of it is ASCII.

    `buffer` has `vedette.kernels.bytes.PAD` bytes or more behind `size`.
    """
    newlines, union = survey(buffer, size)
    starts, ends = np.empty(newlines + 1, np.int32), np.empty(newlines + 1, np.int32)
    count = split(buffer, size, starts, ends)
    return starts[:count], ends[:count], union < 128


def warm() -> None:
    """Compile the kernels."""
    lines_of(np.zeros(32, np.uint8), 1)
