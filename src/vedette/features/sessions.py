"""Log lines that carry a session or a trace, gathered until nothing more comes of it.

A session of a service is over once it was silent for a while, in event time. What is handed on does not depend on how
the stream was cut: lines wait until their window closes, and windows are taken in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.calls import mixed
from vedette.features.registry import Slots
from vedette.features.session_keys import session_keys
from vedette.kernels.bytes import MIX2
from vedette.kernels.ints import distinct
from vedette.records.observation import Scope
from vedette.records.segment import Segment
from vedette.records.session import Session
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

MOST_LINES: Final = 1 << 19
"""Lines that wait of one window, and lines of sessions that are held: 24 bytes each."""

MOST_SESSIONS: Final = 1 << 16
"""Sessions held."""

MOST_STEPS: Final = 1000
"""Lines of a session; one that has more never ends, or says nothing by its shape, and is not judged."""

ATTRIBUTE: Final = "session"

LINE: Final = np.dtype(  # the key is a hash of trace or session, and service
    [("service", np.int32), ("template", np.int32), ("key", np.uint64), ("stamp", np.int64)]
)
ALL: Final = 64
"""A depth that leaves all sessions out."""

CUT: Final = -1
"""Template of the first line of a session of which not all is known."""

Lines = NDArray[np.void]
"""Rows of `LINE`."""

NOTHING: Final[Lines] = np.zeros(0, LINE)


@dataclass(slots=True)
class Waiting:
    """The lines of an open window; beyond `MOST_LINES`, those of every second, fourth … session."""

    depth: int = 0
    came: int = 0
    parts: list[Lines] = field(default_factory=list)

    def add(self, lines: Lines) -> None:
        """Take in lines, in order of arrival."""
        self.came += len(lines)
        self.parts.append(_sampled(lines, self.depth))
        while sum(map(len, self.parts)) > MOST_LINES:
            self.depth += 1
            self.parts = [_sampled(part, self.depth) for part in self.parts]

    def lines(self) -> Lines:
        """Return the lines, in order of arrival."""
        return np.concatenate([NOTHING, *self.parts])


class Sessions:
    """Open sessions of all services.

    Notes
    -----
    Where there are more lines or sessions than are held, whole sessions are left out, by their key: every second, then
    every fourth, and so on, and more again once there is room. So no session is cut short by a limit, which would look
    like lines that are missing. Sessions that may have begun before it began to look are not handed on.

    **It fails** where sessions pause for longer than `idle`: each part is a session then. Lines that came too late for
    their window are missing.

    Parameters
    ----------
    segments, scopes
        The shard's, by number.
    idle
        Silence after which a session is over, ns.

    Cost: 50 ns a line with a session to take in, 0.1 µs to close, 5 µs a different order of lines.
    """

    def __init__(self, segments: Slots[Segment], scopes: Slots[Scope], idle: int) -> None:
        self._segments = segments
        self._scopes = scopes
        self._idle = idle
        self._waiting: dict[int, Waiting] = {}
        self._held: Lines = NOTHING
        self._depth = 0
        self._deeper = 0
        """What the depth was before it was lowered last."""
        self._since = -1
        """When the depth was lowered last, or the first window began, ns; -1 before it."""
        self.blind = 0
        """Lines of sessions that were left out."""

    def take(self, columns: pa.RecordBatch, window: Ints, service: Ints, template: Ints, stamps: Ints) -> None:
        """Take in log lines; `service` and `template` are numbers, -1 for none."""
        key = session_keys(columns)
        rows = np.flatnonzero((key != 0) & (service >= 0) & (template >= 0))
        if not len(rows):
            return
        lines = np.zeros(len(rows), LINE)
        lines["service"], lines["template"] = service[rows], template[rows]
        lines["key"] = key[rows] ^ (lines["service"].astype(np.uint64) * MIX2)
        lines["stamp"] = stamps[rows]
        starts, which = distinct(window[rows])
        for number, start in enumerate(window[rows][starts].tolist()):
            inside = lines if len(starts) == 1 else _rows(lines, which == number)
            self._waiting.setdefault(start, Waiting()).add(inside)

    def close(self, start: int, end: int) -> list[Session]:
        """Take in the window from `start` to `end`, the next one, and return the sessions that are over at its end."""
        if self._since < 0:
            self._since, self._deeper = start, ALL
        if start not in self._waiting and not len(self._held) and not self._depth:
            return []
        waiting = self._waiting.pop(start, Waiting())
        fresh = waiting.lines()
        fresh = _rows(fresh, np.argsort(fresh["stamp"], kind="stable"))
        self.blind += waiting.came - len(fresh)
        held = np.concatenate([self._held, fresh])
        held = _rows(held, np.argsort(held["key"], kind="stable"))
        held = self._thinned(held, waiting.depth, end)
        begins = _begins(held)
        if not len(begins):
            self._held = held
            return []
        first, last = (one.reduceat(held["stamp"], begins) for one in (np.minimum, np.maximum))
        partial = (first < self._since + self._idle) & (_depth_of(held["key"][begins]) <= self._deeper)
        held["template"][begins[partial]] = CUT
        size = np.diff(np.append(begins, len(held)))
        over = end - last >= self._idle
        leaving = np.repeat(over, size)
        self._held = self._trimmed(_rows(held, ~leaving), last[~over], size[~over])
        return list(self._handed(_rows(held, leaving), size[over]))

    def _thinned(self, held: Lines, depth: int, end: int) -> Lines:
        """Return the lines of as many sessions as may be held, and let more in again once there is room."""
        before = len(held)
        self._depth = max(self._depth, depth)
        held = _sampled(held, self._depth)
        while len(held) > MOST_LINES or len(_begins(held)) > MOST_SESSIONS:
            self._depth += 1
            held = _sampled(held, self._depth)
        self.blind += before - len(held)
        roomy = 4 * len(held) < MOST_LINES and 4 * len(_begins(held)) < MOST_SESSIONS
        if self._depth > depth and roomy and end - self._since >= self._idle:
            self._deeper, self._depth, self._since = self._depth, self._depth - 1, end
        return held

    def _trimmed(self, held: Lines, last: Ints, size: Ints) -> Lines:
        """Return the lines without those of sessions that are too long, for which one line stands."""
        if not (size > MOST_STEPS).any():
            return held
        begins = np.cumsum(size) - size
        long = size > MOST_STEPS
        self.blind += int(size[long].sum() - long.sum())
        held["template"][begins[long]] = CUT
        held["stamp"][begins[long]] = last[long]
        keep = ~np.repeat(long, size)
        keep[begins[long]] = True
        return _rows(held, keep)

    def _handed(self, lines: Lines, size: Ints) -> Iterator[Session]:
        """Yield the sessions of which all is known, those that are alike as one."""
        if not len(lines):
            return
        begins = np.cumsum(size) - size
        good = lines["template"][begins] != CUT
        _, alike = distinct(_ways(lines, begins, size)[good])
        times = np.bincount(alike)
        ways: list[tuple[int, tuple[int, ...], int]] = []
        firsts = np.flatnonzero(good)[np.unique(alike, return_index=True)[1]]
        for place, count in zip(firsts.tolist(), times.tolist(), strict=True):
            rows = slice(int(begins[place]), int(begins[place] + size[place]))
            ways.append((int(lines["service"][begins[place]]), tuple(lines["template"][rows].tolist()), count))
        for service, steps, count in sorted(ways):
            slot = self._scopes.slot(Scope(self._segments.keys[service], ATTRIBUTE))
            if slot >= 0:
                yield Session(slot, steps, count)

    def snapshot(self) -> Tree:
        """Return the open windows and sessions, as columns."""
        return {
            "waiting": {
                str(start): {"depth": held.depth, "came": held.came, "lines": _tree(held.lines())}
                for start, held in self._waiting.items()
            },
            "held": _tree(self._held),
            "depth": [self._depth, self._deeper, self._since],
            "blind": self.blind,
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described."""
        self._waiting = {
            int(start): Waiting(int(held["depth"]), int(held["came"]), [_lines(held["lines"])])
            for start, held in tree["waiting"].items()
        }
        self._held = _lines(tree["held"])
        self._depth, self._deeper, self._since = map(int, tree["depth"])
        self.blind = int(tree["blind"])


def _depth_of(key: NDArray[np.uint64]) -> Ints:
    """Return the depth from which on sessions of a key are left out."""
    bits = (key >> np.uint64(20)) | np.uint64(1 << 40)
    lowest = bits & (~bits + np.uint64(1))
    return np.asarray(np.log2(lowest.astype(np.float64)), np.int64) + 1


def _sampled(lines: Lines, depth: int) -> Lines:
    return lines if depth == 0 else _rows(lines, _depth_of(lines["key"]) > depth)


def _rows(lines: Lines, which: NDArray[np.bool_] | NDArray[np.intp]) -> Lines:
    """Return some lines; by words of eight bytes, as numpy copies records ten times as slowly."""
    words = lines.view(np.int64).reshape(-1, LINE.itemsize // 8)
    rows = np.flatnonzero(which) if which.dtype == np.bool_ else which  # a mask of rows costs numpy five times as much
    return words.take(rows, axis=0).reshape(-1).view(LINE)


def _begins(lines: Lines) -> Ints:
    """Return the rows where sessions begin, of lines in order of key."""
    new = np.ones(len(lines), np.bool_)
    new[1:] = lines["key"][1:] != lines["key"][:-1]
    return np.flatnonzero(new)


def _ways(lines: Lines, begins: Ints, size: Ints) -> Ints:
    """Return a hash of each session's service and templates in their order."""
    place = np.arange(len(lines)) - np.repeat(begins, size)
    total = np.add.reduceat(mixed(lines["template"], place), begins)
    return np.asarray(total ^ (lines["service"][begins].astype(np.uint64) * MIX2)).view(np.int64)


def _tree(lines: Lines) -> Tree:
    return {name: np.ascontiguousarray(lines[name]) for name in LINE.names or ()}


def _lines(tree: Tree) -> Lines:
    lines = np.zeros(len(tree["key"]), LINE)
    for name in LINE.names or ():
        lines[name] = tree[name]
    return lines
