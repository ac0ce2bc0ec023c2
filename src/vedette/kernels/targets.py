"""Request targets (``/path?query#fragment``, a URL, or a whole request line) split into method, path and query."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int32]


@njit(cache=True, nogil=True)
def path_start(data: Any, at: Any, end: Any) -> Any:
    """Return where the path starts: behind ``scheme://authority`` if there is one in front."""
    place = at
    while place < end and data[place] != 58:
        byte = data[place]
        if byte == 47 or byte == 63 or byte == 35:
            return at
        place += 1
    if place + 2 >= end or place == at or data[place + 1] != 47 or data[place + 2] != 47:
        return at
    place += 3
    while place < end and data[place] != 47 and data[place] != 63 and data[place] != 35:
        place += 1
    return place


@njit(cache=True, nogil=True)
def method_end(data: Any, at: Any, end: Any) -> Any:
    """Return the place of the space behind ``GET`` in ``GET /path HTTP/1.1``, or `at` if this is no request line."""
    place = at
    while place < end and data[place] >= 65 and data[place] <= 90:
        place += 1
    return place if place < end and place > at and data[place] == 32 else at


@njit(cache=True, nogil=True)
def target_end(data: Any, at: Any, end: Any) -> Any:
    """Return where the target of a request line ends: before `` HTTP/1.1``."""
    place = end
    while place > at and data[place - 1] != 32:
        place -= 1
    protocol = place > at and end - place >= 6 and data[place] == 72 and data[place + 4] == 47
    return place - 1 if protocol else end


@njit(cache=True, nogil=True)
def split(data: Any, offset: Any, length: Any, places: Any, sizes: Any) -> None:
    """Write method, path and query of each target as pieces (rows 0, 1, 2); a negative length is none.

    A fragment belongs to neither. `data` needs 16 bytes to spare.
    """
    sizes[:] = -1
    for i in range(offset.shape[0]):
        if length[i] < 0:
            continue
        at = np.int64(offset[i])
        end = at + length[i]
        stop = method_end(data, at, end)
        if stop > at:
            places[0, i], sizes[0, i] = at, stop - at
            at = stop + 1
            end = target_end(data, at, end)
        at = path_start(data, at, end)
        place = at
        while place < end and data[place] != 63 and data[place] != 35:
            place += 1
        places[1, i], sizes[1, i] = at, place - at
        if place < end and data[place] == 63:
            begin = place + 1
            place = begin
            while place < end and data[place] != 35:
                place += 1
            places[2, i], sizes[2, i] = begin, place - begin


def split_targets(data: NDArray[np.uint8], offset: Ints, length: Ints) -> tuple[tuple[Ints, Ints], ...]:
    """Return methods, paths and queries as pieces (offset, length), the length -1 where there is none."""
    places, sizes = np.zeros((3, len(offset)), np.int32), np.empty((3, len(offset)), np.int32)
    split(data, offset, length, places, sizes)
    return tuple(zip(places, sizes, strict=True))


def warm() -> None:
    """Compile the kernels."""
    piece = np.zeros(1, np.int32)
    split_targets(np.zeros(32, np.uint8), piece, piece)
