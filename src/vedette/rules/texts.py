"""Many texts to look for, made ready for `vedette.kernels.finder`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.kernels import finder as kernel
from vedette.kernels.bytes import PAD

Pairs = NDArray[np.int64]
"""``(value, target)``, shape ``(n, 2)``."""
LISTS: Final = 1 << 15
"""Of entries with the same gram; more than the command lines of SigmaHQ have texts."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts to look for, each with what it hits and where in a value it must be."""

    data: NDArray[np.uint8]
    spans: NDArray[np.int32]
    entries: NDArray[np.int32]
    grams: NDArray[np.uint64]
    filter: NDArray[np.uint64]
    heads: NDArray[np.int32]
    after: NDArray[np.int32]
    sizes: NDArray[np.uint8]
    anchors: NDArray[np.int64]
    tests: NDArray[np.int32]
    targets: NDArray[np.int32]
    """Numbered from 0; ``hit[target]`` is what the caller calls it."""
    hit: NDArray[np.int64]
    fold: bool

    @classmethod
    def of(cls, wanted: Iterable[tuple[bytes, int, int]], fold: bool) -> Texts:
        """Build from texts (none is empty), places and targets; ``fold`` takes ASCII capitals as small letters."""
        listed: dict[tuple[bytes, int], set[int]] = defaultdict(set)
        for text, place, target in wanted:
            listed[text, place].add(target)
        grams = Counter(gram for text, place in listed if place == kernel.CONTAINS for gram in set(_grams(text)))
        entries = np.zeros((len(listed), 5), np.int32)
        anchors: set[tuple[int, int]] = set()
        sizes = np.zeros(1 << 16, np.uint8)
        starts = np.concatenate([[0], np.cumsum([len(text) for text, _ in listed])]).astype(np.int64)
        for row, (text, place) in enumerate(listed):
            where, size, at = _gram(text, place, grams)
            entries[row] = where, size, starts[row] + at, at, place
            if where != kernel.CONTAINS:
                anchors.add((where, size))
        data = np.frombuffer(b"".join(text for text, _ in listed) + bytes(PAD), np.uint8)
        filter_ = np.zeros((1 << kernel.BITS) // 64, np.uint64)
        heads, after = np.full(LISTS, -1, np.int32), np.empty(len(listed), np.int32)
        found = np.empty(len(listed), np.uint64)
        kernel.enter(data, entries, found, filter_, heads, after, sizes)
        named = np.array([target for targets in listed.values() for target in sorted(targets)], np.int64)
        hit, targets = np.unique(named, return_inverse=True)
        return cls(
            data=data,
            spans=np.stack([starts[:-1], np.diff(starts)], axis=1).astype(np.int32),
            entries=entries,
            grams=found,
            filter=filter_,
            heads=heads,
            after=after,
            sizes=sizes,
            anchors=np.array(sorted(anchors), np.int64).reshape(-1, 2),
            tests=np.concatenate([[0], np.cumsum([len(targets) for targets in listed.values()])]).astype(np.int32),
            targets=targets.astype(np.int32),
            hit=hit,
            fold=fold,
        )

    def as_is(self) -> Texts:
        """Return the same for values that are in small letters already, beyond ASCII too."""
        return replace(self, fold=False)

    def find(
        self, data: NDArray[np.uint8], starts: NDArray[np.int64], stops: NDArray[np.int64]
    ) -> tuple[Pairs, NDArray[np.int64]]:
        """Return each value's targets once, in order of values; and which values hold letters beyond ASCII.

        Those are left out if capitals are taken as small letters: give them again, made small by who knows how.
        """
        scratch = np.zeros(int((stops - starts).max(initial=0)) + PAD, np.uint8)
        wide = np.zeros(len(starts), np.bool_)
        room = 128 * len(starts) + 1024  # pages that are not written to cost nothing
        while True:
            out, seen = np.empty((room, 2), np.int64), np.zeros(len(self.hit), np.int32)
            count = kernel.find(
                data, starts, stops, self.fold, scratch, self.data, self.spans, self.entries, self.grams, self.filter,
                self.heads, self.after, self.sizes, self.anchors, self.tests, self.targets, seen,
                wide, out,
            )  # fmt: skip
            if count != kernel.FULL:
                found = out[:count]
                found[:, 1] = self.hit[found[:, 1]]
                return found, np.flatnonzero(wide)
            room *= 4


def _grams(text: bytes) -> Iterable[bytes]:
    size = min(len(text), kernel.GRAM)
    return (text[at : at + size] for at in range(len(text) - size + 1))


def _gram(text: bytes, place: int, common: Counter[bytes]) -> tuple[int, int, int]:
    """Return where a text's gram must be, its size, and its place in the text: of inner grams the rarest."""
    if place == kernel.CONTAINS:
        size = min(len(text), kernel.GRAM)
        at = min(range(len(text) - size + 1), key=lambda at: common[text[at : at + size]])
        return kernel.CONTAINS, size, at
    size = min(len(text), kernel.ANCHOR)
    return (kernel.STARTS, size, 0) if place == kernel.STARTS else (kernel.ENDS, size, len(text) - size)
