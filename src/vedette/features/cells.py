"""Open cells: what one segment did in one window so far, as rows of arrays.

A cell stays open until its window closes; rows of several windows can be taken in at once, so the
result does not depend on how the stream was cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vedette.kernels.ints import distinct
from vedette.kernels.pairs import PairCounts, Pairs
from vedette.state.tree import Tree
from vedette.stats import sketch

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Rows = TypeVar("Rows", NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8])

ENTITIES = ("client", "user")
DEEDS = ("requests", "denials", "misses")
"""What entities are counted doing: anything; being denied (401, 403); asking for what is not there."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Cells whose window is over; rows as in `Cells`."""

    names: tuple[str, ...]
    window: Ints
    segment: Ints
    counters: Ints
    latency: NDArray[np.uint32]
    distinct: dict[str, NDArray[np.uint8]]
    activity: dict[str, Pairs]
    """Who did what how often: (cell, entity's number) and a counter for each of `DEEDS`."""
    kinds: Pairs

    def counter(self, name: str) -> Floats:
        """Return one counter of all cells."""
        column: Floats = self.counters[:, self.names.index(name)].astype(np.float64)
        return column

    def with_wholes(self, whole: Ints) -> Closed:
        """Return these cells and, per window, those of the whole that they are parts of.

        `whole` holds the whole's segment number for each segment, its own for a whole; -1 for none. A
        whole's own cell, with what no part counts, is merged into the new one.
        """
        parts = np.flatnonzero(whole[self.segment] != self.segment)
        inside = np.flatnonzero(whole[self.segment] >= 0)
        windows, which = distinct(self.window[inside])
        firsts, group = distinct(which + len(windows) * whole[self.segment[inside]])
        order = np.argsort(group, kind="stable")
        starts = np.searchsorted(group[order], np.arange(len(firsts)))
        rows = inside[order]
        kept = np.full(len(self.window), -1)
        kept[parts] = np.arange(len(parts))
        above = np.full(len(self.window), -1)
        above[inside] = len(parts) + group

        def summed(table: Rows, merge: np.ufunc) -> Rows:
            if not len(rows):
                return table[parts]
            return np.concatenate([table[parts], merge.reduceat(table[rows], starts, axis=0).astype(table.dtype)])

        return Closed(
            self.names,
            np.concatenate([self.window[parts], self.window[inside[firsts]]]),
            np.concatenate([self.segment[parts], whole[self.segment[inside[firsts]]]]),
            summed(self.counters, np.add),
            summed(self.latency, np.add),
            {name: summed(registers, np.maximum) for name, registers in self.distinct.items()},
            {
                key: pairs.moved(kept).and_of(PairCounts.of(pairs.moved(above)).pairs())
                for key, pairs in self.activity.items()
            },
            self.kinds.moved(kept),
        )


class Cells:
    """Numbers the open (window, segment) cells densely, and counts things in them.

    Parameters
    ----------
    counters
        Names of the whole-number columns.
    sketches
        Whether cells keep latency and distinct-entity sketches (about 3 KB a cell).
    """

    def __init__(self, counters: tuple[str, ...], sketches: bool) -> None:
        self.names = counters
        self._sketched = sketches
        self._numbers: dict[tuple[int, int], int] = {}
        self.window = np.zeros(0, np.int64)
        self.segment = np.zeros(0, np.int64)
        self.counters = np.zeros((0, len(counters)), np.int64)
        self.latency = np.zeros((0, sketch.DD_BINS if sketches else 0), np.uint32)
        self.distinct = {name: np.zeros((0, sketch.HLL_REGISTERS), np.uint8) for name in ENTITIES if sketches}
        self.activity = {name: PairCounts(len(DEEDS)) for name in ENTITIES if sketches}
        self.kinds = PairCounts()
        """How often each kind (of structure, of log line) occurred per cell."""

    def __len__(self) -> int:
        return len(self._numbers)

    def place(self, windows: Ints, segments: Ints) -> Ints:
        """Return each row's cell number, opening cells as needed; segment -1 has no cell."""
        if not len(windows):
            return np.zeros(0, np.int64)
        span = int(segments.max()) + 2
        _, which = distinct(windows)
        firsts, place = distinct(which * span + segments + 1)
        pairs = zip(windows[firsts].tolist(), segments[firsts].tolist(), strict=True)
        found = [
            -1 if segment < 0 else self._numbers.setdefault((window, segment), len(self._numbers))
            for window, segment in pairs
        ]
        self._grow()
        cells: Ints = np.array(found, np.int64)[place]
        return cells

    def _grow(self) -> None:
        old, size = len(self.window), len(self._numbers)
        if size <= old:
            return
        fresh = np.array(list(self._numbers)[old:], np.int64)
        self.window = np.concatenate([self.window, fresh[:, 0]])
        self.segment = np.concatenate([self.segment, fresh[:, 1]])
        self.counters = _taller(self.counters, size)
        self.latency = _taller(self.latency, size)
        self.distinct = {name: _taller(registers, size) for name, registers in self.distinct.items()}

    def count(self, cells: Ints, columns: dict[str, Ints]) -> None:
        """Add whole-number columns, by counter name, to the rows' cells."""
        inside = cells >= 0
        for name, column in columns.items():
            sums = np.bincount(cells[inside], weights=column[inside], minlength=len(self))
            self.counters[:, self.names.index(name)] += sums.astype(np.int64)

    def time(self, cells: Ints, seconds: Floats) -> None:
        """Add durations; NaN and negative ones are left out."""
        rows = (cells >= 0) & (seconds >= 0)
        sketch.dd_add(cells[rows].astype(np.int32), seconds[rows], self.latency)

    def meet(self, entity: str, cells: Ints, hashes: NDArray[np.uint64]) -> None:
        """Count how many different ones were there, by hash."""
        sketch.hll_add(cells.astype(np.int32), hashes, self.distinct[entity])

    def act(self, entity: str, cells: Ints, codes: Ints, deeds: Ints) -> None:
        """Count who did what, by the entity's number, -1 for nobody; `deeds` has a column for each of `DEEDS`."""
        self.activity[entity].add(cells, codes, deeds)

    def starts(self) -> Ints:
        """Return the sorted starts of the windows that hold cells."""
        starts: Ints = np.unique(self.window)
        return starts

    def split(self, leaving: NDArray[np.bool_]) -> Closed:
        """Take the leaving cells out and return them; those that stay are numbered anew, in order."""
        tables = {key: table.pairs() for key, table in self.activity.items()}
        kinds = self.kinds.pairs()
        closed = Closed(
            self.names,
            self.window[leaving],
            self.segment[leaving],
            self.counters[leaving],
            self.latency[leaving],
            {name: registers[leaving] for name, registers in self.distinct.items()},
            {key: pairs.moved(_renumbering(leaving)) for key, pairs in tables.items()},
            kinds.moved(_renumbering(leaving)),
        )
        stay = _renumbering(~leaving)
        self.window, self.segment = self.window[~leaving], self.segment[~leaving]
        self.counters, self.latency = self.counters[~leaving], self.latency[~leaving]
        self.distinct = {name: registers[~leaving] for name, registers in self.distinct.items()}
        self.activity = {
            key: PairCounts.of(pairs.moved(stay), _places(self.activity[key])) for key, pairs in tables.items()
        }
        self.kinds = PairCounts.of(kinds.moved(stay))
        self._index()
        return closed

    def _index(self) -> None:
        places = zip(self.window.tolist(), self.segment.tolist(), strict=True)
        self._numbers = {key: place for place, key in enumerate(places)}

    def snapshot(self) -> Tree:
        """Return the open cells as arrays."""
        return {
            "window": self.window.copy(),
            "segment": self.segment.copy(),
            "counters": self.counters.copy(),
            "latency": self.latency.copy(),
            "distinct": {name: registers.copy() for name, registers in self.distinct.items()},
            "activity": {key: _pairs_tree(pairs) for key, pairs in self.activity.items()},
            "kinds": _pairs_tree(self.kinds),
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self.window, self.segment = tree["window"].copy(), tree["segment"].copy()
        self.counters, self.latency = tree["counters"].copy(), tree["latency"].copy()
        self.distinct = {name: registers.copy() for name, registers in tree["distinct"].items()}
        self.activity = {key: _pairs_from(tree["activity"][key]) for key in self.activity}
        self.kinds = _pairs_from(tree["kinds"])
        self._index()


def _taller(rows: Rows, size: int) -> Rows:
    return np.concatenate([rows, np.zeros((size - len(rows), rows.shape[1]), rows.dtype)])


def _renumbering(keep: NDArray[np.bool_]) -> Ints:
    """Return each cell's new number when only some are kept; -1 for the others."""
    return np.where(keep, np.cumsum(keep) - 1, -1)


def _places(table: PairCounts) -> int:
    """Return the size that a table will need again: half of it once it is mostly empty."""
    return table.places if 4 * len(table) > table.places else max(1 << 10, table.places // 2)


def _pairs_tree(table: PairCounts) -> Tree:
    left, right, counts = table.pairs().sorted()
    return {"left": left, "right": right, "counts": counts}


def _pairs_from(tree: Tree) -> PairCounts:
    return PairCounts.of(Pairs(tree["left"], tree["right"], tree["counts"]))
