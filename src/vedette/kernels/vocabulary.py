"""A growing list of distinct texts, found by their bytes: no Python object is made for a text."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vedette.kernels.bytes import PAD, hash64, same
from vedette.kernels.texts import gather

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

STABLE: Final = np.uint64(0x5EDE77E5EDE77E01)
"""Seed of hashes that must be the same in every process. Who can choose texts can make them collide, which
costs time and an estimate's accuracy; the texts compare by their bytes."""

FREE: Final = -1


@njit(cache=True, nogil=True)
def number_texts(
    data: Any,
    offset: Any,
    size: Any,
    seed: Any,
    table: Any,
    hashes: Any,
    ends: Any,
    text: Any,
    count: Any,
    limit: Any,
    out: Any,
) -> Any:
    """Write each piece's number to `out`, new ones in order; stop before the arrays overflow.

    Parameters
    ----------
    data, offset, size
        The pieces, with `vedette.kernels.bytes.PAD` bytes to spare; a negative size is no text and gets -1.
    seed
        Of the hashes.
    table
        int32, a power of two: place to number, `FREE` where empty.
    hashes, ends, text
        The known texts: uint64 ``(m,)``, int64 ``(m + 1,)`` and bytes with `PAD` to spare.
    count, limit
        Known texts, and how many there may be: new ones beyond it get -1.

    Returns
    -------
    (done, count)
        Pieces numbered, and texts known now. ``done < len(out)`` asks the caller to grow the arrays.
    """
    mask = table.shape[0] - 1
    for i in range(out.shape[0]):
        start, length = np.int64(offset[i]), np.int64(size[i])
        if length < 0:
            out[i] = -1
            continue
        key = hash64(data, start, start + length, seed)
        place = np.int64(key >> np.uint64(20)) & mask
        known = table[place]
        while known >= 0 and not (
            hashes[known] == key
            and ends[known + 1] - ends[known] == length
            and same(data, start, text, ends[known], length)
        ):
            place = (place + 1) & mask
            known = table[place]
        if known < 0 and count < limit:
            if count == hashes.shape[0] or 2 * count >= table.shape[0] or ends[count] + length + PAD > text.shape[0]:
                return i, count
            text[ends[count] : ends[count] + length] = data[start : start + length]
            ends[count + 1] = ends[count] + length
            hashes[count] = key
            table[place] = count
            known = count
            count += 1
        out[i] = known
    return out.shape[0], count


@njit(cache=True, nogil=True)
def fill(hashes: Any, count: Any, table: Any) -> None:
    """Enter the first `count` known texts into an empty table."""
    mask = table.shape[0] - 1
    for number in range(count):
        place = np.int64(hashes[number] >> np.uint64(20)) & mask
        while table[place] >= 0:
            place = (place + 1) & mask
        table[place] = number


class Vocabulary:
    """Numbers texts 0, 1, 2 … in the order in which they come.

    Cost: about 40 ns a text that is known; 20 bytes and its own for each.

    Parameters
    ----------
    seed
        Of the hashes; `STABLE` where they must mean the same in every process.
    """

    def __init__(self, seed: np.uint64 = STABLE) -> None:
        self._seed = seed
        self._count = 0
        self._table = np.full(256, FREE, np.int32)
        self._hashes = np.zeros(64, np.uint64)
        self._ends = np.zeros(65, np.int64)
        self._text = np.zeros(1024, np.uint8)

    def __len__(self) -> int:
        return self._count

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """Hash of each text."""
        return self._hashes[: self._count]

    def numbers(self, data: Bytes, offset: NDArray[Any], size: NDArray[Any], limit: int = 1 << 31) -> Ints:
        """Return the numbers of pieces of `data`, new ones in order; -1 for a negative size and beyond `limit`."""
        offset, size = offset.astype(np.int64, copy=False), size.astype(np.int64, copy=False)  # one kernel for all
        out = np.empty(len(offset), np.int64)
        done = 0
        while True:
            rows = slice(done, None)
            taken, self._count = number_texts(
                data,
                offset[rows],
                size[rows],
                self._seed,
                self._table,
                self._hashes,
                self._ends,
                self._text,
                self._count,
                limit,
                out[rows],
            )
            done += taken
            if done == len(out):
                return out
            self._grow(int(size[done]))

    def text(self, number: int) -> str:
        """Return a text by its number."""
        return self._text[self._ends[number] : self._ends[number + 1]].tobytes().decode("utf-8", "replace")

    def gathered(self, numbers: Ints) -> tuple[Bytes, NDArray[np.int32]]:
        """Return the texts of these numbers one after the other, and Arrow's offsets."""
        start = self._ends[numbers].astype(np.int32)
        size = self._ends[numbers + 1].astype(np.int32) - start
        ends, out = np.empty(len(numbers) + 1, np.int32), np.zeros(int(size.sum()) + PAD, np.uint8)
        gather(self._text, start, size, ends, out)
        return out[: ends[-1]], ends

    def keep(self, numbers: Ints) -> Vocabulary:
        """Return a vocabulary of these texts only, numbered as they stand here."""
        kept = Vocabulary(self._seed)
        kept.numbers(self._text, self._ends[numbers], self._ends[numbers + 1] - self._ends[numbers])
        return kept

    def arrays(self) -> tuple[Bytes, Ints]:
        """Return copies of all bytes, and where each text ends, shape ``(n + 1,)``."""
        return self._text[: self._ends[self._count]].copy(), self._ends[: self._count + 1].copy()

    @classmethod
    def of(cls, data: Bytes, ends: Ints, seed: np.uint64 = STABLE) -> Vocabulary:
        """Return the vocabulary of `arrays`."""
        made = cls(seed)
        made.numbers(np.append(data, np.zeros(PAD, np.uint8)), ends[:-1], np.diff(ends))
        return made

    def _grow(self, size: int) -> None:
        """Make room for at least one more text of `size` bytes."""
        if self._count == len(self._hashes):
            self._hashes = _longer(self._hashes, 2 * self._count)
            self._ends = _longer(self._ends, 2 * self._count + 1)
        needed = int(self._ends[self._count]) + size + PAD
        if needed > len(self._text):
            self._text = _longer(self._text, 2 * needed)
        if 2 * self._count >= len(self._table):
            self._table = np.full(2 * len(self._table), FREE, np.int32)
            fill(self._hashes, self._count, self._table)


def _longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    longer = np.zeros(size, array.dtype)
    longer[: len(array)] = array
    return longer


def warm() -> None:
    """Compile the kernels."""
    vocabulary = Vocabulary()
    vocabulary.numbers(np.zeros(PAD, np.uint8), np.zeros(1, np.int32), np.zeros(1, np.int32))
    fill(vocabulary.hashes, 1, np.full(4, FREE, np.int32))
