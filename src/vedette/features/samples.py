"""Example records of the open windows: the first of each sort, kept as columns and rendered when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.names import Names
from vedette.features.requests import shape_items
from vedette.kernels.ints import distinct
from vedette.records import schema
from vedette.records.time import rfc3339
from vedette.state.tree import Tree

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MAX_SAMPLES: Final = 24
"""Example records kept per window and segment, of requests and of lines each; ten of them at most are shown."""
SHOWN: Final = 10
MAX_TEXT: Final = 400
"""Characters of an example record that are shown."""

_TEXT: Final = (schema.METHOD, schema.PATH, schema.SPAN_NAME, schema.STATUS, schema.SEVERITY, schema.BODY)
_NAMED: Final = {schema.CLIENT: "client", schema.USER: "user", schema.USER_AGENT: "agent", schema.BODY_SHAPE: "shape"}
_KEPT: Final = {schema.TIME, schema.DURATION, *_TEXT, *_NAMED}
_KIND_BITS: Final = 24
_GRADES: Final = 10


@dataclass(frozen=True, slots=True)
class Page:
    """Example records of one window that came together; row *i* is of segment ``segment[i]``."""

    segment: Ints
    status: Ints
    shape: list[str]
    """Structure of each request, ``""`` for none."""
    time: list[int]
    columns: pa.RecordBatch | None
    rendered: list[str]
    """The records as lines, where they come from a snapshot and have no columns."""

    def text(self, row: int) -> str:
        """Return one record as a masked line."""
        if self.columns is None:
            return self.rendered[row]
        return line_of(self.columns, row, self.time[row])


@dataclass(slots=True)
class Held:
    """What one open window holds."""

    seen: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """Sorts of the records held, ascending: owner (segment, lines or not), kind and class of status in one number."""
    pages: list[Page] = field(default_factory=list)

    def fresh(self, sort: Ints) -> NDArray[np.bool_]:
        """Say which of some distinct sorts are new and find room, and note them."""
        new = np.flatnonzero(~_among(sort, self.seen))
        if not len(new):
            return np.zeros(len(sort), np.bool_)
        owner = _owner(sort[new])
        by_owner = np.argsort(owner, kind="stable")
        ordered = owner[by_owner]
        before = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
        held = np.bincount(_owner(self.seen), minlength=int(ordered.max(initial=0)) + 1)[ordered]
        kept = new[by_owner[before + held < MAX_SAMPLES]]
        self.seen = np.sort(np.concatenate([self.seen, sort[kept]]))
        fresh = np.zeros(len(sort), np.bool_)
        fresh[kept] = True
        return fresh


class Samples:
    """Keeps the first record of each (window, segment, kind, class of status)."""

    def __init__(self) -> None:
        self._windows: dict[int, Held] = {}

    def offer(
        self, columns: pa.RecordBatch, window: Ints, segment: Ints, kind: Ints, status: Floats, kinds: Names | None
    ) -> None:
        """Take in those records of a batch that are the first of their sort; segment -1 has none.

        `kinds` are the structures of requests, None for log lines: each have room of their own, so that
        what is kept of them does not depend on which came first.
        """
        owner = 2 * segment + (kinds is None)
        answer = np.maximum(np.nan_to_num(status), 0).astype(np.int64)
        sort = ((owner << _KIND_BITS) + kind + 1) * _GRADES + np.minimum(answer // 100, _GRADES - 1)
        starts, which = distinct(window)
        span = int(sort.max(initial=0)) + 1
        first, _ = distinct(np.where(segment < 0, -1, which * span + sort))
        first = first[segment[first] >= 0]
        for number, start in enumerate(window[starts].tolist()):
            rows = first[which[first] == number]
            held = self._windows.setdefault(start, Held())
            rows = rows[held.fresh(sort[rows])]
            if len(rows):
                held.pages.append(_page(columns, rows, segment, kind, answer, kinds))

    def take(self, open_from: int) -> dict[int, list[Page]]:
        """Remove and return the records of closed windows."""
        closing = [start for start in self._windows if start < open_from]
        return {start: self._windows.pop(start).pages for start in closing}

    def snapshot(self) -> Tree:
        """Return the records as rendered lines; they are for people, not for models."""
        return {str(start): _held_tree(held) for start, held in self._windows.items()}

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._windows = {int(start): _held_from(held) for start, held in tree.items()}


def best(pages: Sequence[Page], segments: Sequence[int], item: str) -> tuple[str, ...]:
    """Return records of some segments: those that carry `item` first, then those that failed, then others, by time.

    Records of one time are told in the order of their words: that in which they came depends on how the
    stream was cut, since requests and lines are taken in batch by batch.
    """
    ranked = sorted(
        (item not in shape_items(page.shape[row]), bool(page.status[row] < 400), page.time[row], page.text(row))
        for page in pages
        for row in np.flatnonzero(np.isin(page.segment, segments)).tolist()
    )
    return tuple(text for *_, text in ranked[:SHOWN])


def line_of(columns: pa.RecordBatch, row: int, moment: int) -> str:
    """Return one masked record as a line; `moment` is its time, ns since the epoch."""
    values = {name: columns.column(name)[row].as_py() for name in columns.schema.names if name != schema.TIME}
    words = [f"{values[name]}" for name in _TEXT if values.get(name) not in (None, "")]
    if values.get(schema.DURATION) is not None:
        words.append(f"{values[schema.DURATION] * 1000:.0f} ms")
    words += [f"{label}={values[name]}" for name, label in _NAMED.items() if values.get(name)]
    return " ".join([rfc3339(moment), *words])[:MAX_TEXT]


def _among(values: Ints, known: Ints) -> NDArray[np.bool_]:
    """Say which values are among ascending ones; `numpy.isin` sorts both anew."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    found: NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, values), len(known) - 1)] == values
    return found


def _owner(sort: Ints) -> Ints:
    owner: Ints = sort // _GRADES >> _KIND_BITS
    return owner


def _page(columns: pa.RecordBatch, rows: Ints, segment: Ints, kind: Ints, status: Ints, kinds: Names | None) -> Page:
    taken = columns.select([name for name in columns.schema.names if name in _KEPT]).take(pa.array(rows))
    shapes = ["" if kinds is None or number < 0 else kinds.texts[number] for number in kind[rows].tolist()]
    times = taken.column(schema.TIME).cast(pa.int64()).to_pylist()
    return Page(segment[rows], status[rows], shapes, times, taken, [])


def _held_tree(held: Held) -> Tree:
    pages = {str(number): _page_tree(page) for number, page in enumerate(held.pages)}
    return {"seen": held.seen.copy(), "pages": pages}


def _page_tree(page: Page) -> Tree:
    texts = [page.text(row) for row in range(len(page.segment))]
    return {"segment": page.segment, "status": page.status, "shape": page.shape, "time": page.time, "texts": texts}


def _held_from(tree: Tree) -> Held:
    return Held(tree["seen"].copy(), [_page_from(page) for page in tree["pages"].values()])


def _page_from(tree: Tree) -> Page:
    return Page(tree["segment"].copy(), tree["status"].copy(), tree["shape"], tree["time"], None, tree["texts"])
