"""Names looked up as a tree: which column, if any, does this key below that one mean?

A name is found by its hash and then compared byte by byte, below the node of its parent: no key
that a sender makes up can be taken for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vedette.kernels.bytes import MIX1, MIX2, PAD, load64, same

ROOT: Final = 0
UNKNOWN: Final = -1
"""The node of a key that no name has, and of all that is below it."""

PARENT, START, SIZE, COLUMN, RANK, NESTS = 0, 1, 2, 3, 4, 5


class Names(NamedTuple):
    """The tree as arrays: ``nodes (n, 6)`` int64 by the constants above, found through ``slots`` (int32)."""

    slots: NDArray[np.int32]
    nodes: NDArray[np.int64]
    text: NDArray[np.uint8]


@njit(cache=True, nogil=True)
def slot_hash(data: Any, start: Any, size: Any, parent: Any) -> Any:
    """Return a hash of a name's first eight bytes and its size below its parent.

    Weak and quick: names are few, known, and compared in whole.
    """
    word = load64(data, start)
    if size < 8:
        word &= (np.uint64(1) << np.uint64(8 * size)) - np.uint64(1)
    return ((word ^ np.uint64(size)) + np.uint64(parent) * MIX2) * MIX1 >> np.uint64(40)


@njit(cache=True, nogil=True)
def child(data: Any, start: Any, stop: Any, parent: Any, slots: Any, nodes: Any, text: Any) -> Any:
    """Return the node of ``data[start:stop]`` below `parent`, or `UNKNOWN`."""
    mask = slots.shape[0] - 1
    size = stop - start
    place = np.int64(slot_hash(data, start, size, parent)) & mask
    node = np.int64(slots[place])
    while node != 0:
        if nodes[node, PARENT] == parent and nodes[node, SIZE] == size:
            if same(data, start, text, nodes[node, START], size):
                return node
        place = (place + 1) & mask
        node = np.int64(slots[place])
    return -1


def tree(paths: Sequence[tuple[str, ...]], columns: Sequence[int], nests: Sequence[bool]) -> Names:
    """Return the tree of some paths; a path's place in the sequence is its rank, the first one counts.

    ``nests[i]`` says whether an object or array is a value of path *i*.
    """
    known: dict[tuple[str, ...], int] = {(): ROOT}
    nodes = [[ROOT, 0, 0, -1, 0, 0]]
    text = bytearray()
    for rank, (path, column, nested) in enumerate(zip(paths, columns, nests, strict=True)):
        for depth in range(1, len(path) + 1):
            if path[:depth] not in known:
                known[path[:depth]] = len(nodes)
                name = path[depth - 1].encode()
                nodes.append([known[path[: depth - 1]], len(text), len(name), -1, 0, 0])
                text += name
        if nodes[known[path]][COLUMN] < 0:
            nodes[known[path]][COLUMN:] = [column, rank, nested]
    return _filed(np.array(nodes, np.int64), np.frombuffer(bytes(text) + bytes(PAD), np.uint8).copy())


def _filed(nodes: NDArray[np.int64], text: NDArray[np.uint8]) -> Names:
    slots = np.zeros(1 << (4 * len(nodes)).bit_length(), np.int32)
    for node in range(1, len(nodes)):
        parent, start, size = nodes[node, :COLUMN].tolist()
        place = int(slot_hash(text, start, size, parent)) & (len(slots) - 1)
        while slots[place] != 0:
            place = (place + 1) & (len(slots) - 1)
        slots[place] = node
    return Names(slots, nodes, text)
