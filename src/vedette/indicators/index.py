"""All indicators in force, made ready to be looked up: one hash table of exact values, one list of disjoint ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from vedette.indicators.kept import Feed, indicator_at
from vedette.indicators.model import Indicator, Kind, mark_of
from vedette.kernels.bytes import PAD
from vedette.kernels.indicators import MAPPED, Ranges, Values, build, exact, flatten, scan

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

ROOM: Final = 1 << 14
"""Finds that one call of the kernel has room for; it is called again for more."""
CHAIN: Final = 8
"""Indicators that are told of one value: equal ones of other lists, ranges around it."""


class Index:
    """Looks up what texts hold.

    Parameters
    ----------
    feeds
        What was kept; the values of a feed stay in its file, mapped into memory.

    Cost: 150 bytes an indicator beside the file of 90, whose pages the system may take back; 1.3 µs an event for a
    thousand, 1.8 µs for a million (``python -m bench indicators``).
    """

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self.feeds = [feed for feed in feeds if feed.table.num_rows]
        sizes = [feed.table.num_rows for feed in self.feeds]
        self._ends_of_feeds = np.cumsum(sizes, dtype=np.int64)
        self.kinds = self._column("kind", np.uint8)
        self.since, self.until = self._column("since", np.int64), self._column("until", np.int64)
        self.following = np.full(len(self), -1, np.int64)
        """Of each indicator the next that is told with it, or -1."""
        address = self.kinds == Kind.ADDRESS
        self._values = Values(*self._texts(), self.kinds, np.zeros(1 << max(2 * len(self), 2).bit_length(), np.uint64))
        if not address.all():
            build(self._values, ~address, self.following)
        self._ranges = self._cut(np.flatnonzero(address))
        self._kinds_there = {Kind(kind) for kind in np.unique(self.kinds).tolist()}
        self._places: tuple[Words, Ints] | None = None

    def __len__(self) -> int:
        return int(self._ends_of_feeds[-1]) if len(self._ends_of_feeds) else 0

    def within(self, data: NDArray[np.uint8], starts: Ints, stops: Ints) -> tuple[Ints, Ints]:
        """Return ``(text, indicator)`` of all that texts hold; of equal indicators the first.

        Parameters
        ----------
        data, starts, stops
            Bytes of the texts, with `PAD` more behind them, and where each begins and ends.
        """
        out = np.empty((max(ROOM, int((stops - starts).max(initial=0))), 2), np.int64)
        found: list[Ints] = [out[:0]]
        begin = 0
        while begin < len(starts):
            count, begin = scan(data, starts, stops, begin, self._values, self._ranges, out)
            found.append(out[:count].copy())
        pairs = np.concatenate(found)
        return pairs[:, 0], pairs[:, 1]

    def whole(self, data: NDArray[np.uint8], starts: Ints, stops: Ints, kind: Kind) -> tuple[Ints, Ints]:
        """Return the same of texts that are indicators of a kind as a whole, such as user agents."""
        if kind not in self._kinds_there:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        found = np.empty(len(starts), np.int64)
        exact(data, starts, stops, int(kind), self._values, found)
        there = np.flatnonzero(found >= 0)
        return there, found[there]

    def holding(self, text: str) -> list[int]:
        """Return the indicators that one text holds, valid or not, and what is told with them."""
        data = np.frombuffer(text.encode() + bytes(PAD), np.uint8)
        starts, stops = np.zeros(1, np.int64), np.array([len(data) - PAD])
        found = [self.within(data, starts, stops)[1], *(self.whole(data, starts, stops, kind)[1] for kind in Kind)]
        once: dict[int, None] = {}
        for entry in np.concatenate(found).tolist():
            while entry >= 0:
                once[entry] = None
                entry = int(self.following[entry])
        return list(once)

    def valid(self, rows: Ints, entries: Ints, times: Ints) -> tuple[Ints, Ints]:
        """Return the rows with all indicators that are told of them: equal ones and those around, valid at that time.

        Parameters
        ----------
        rows, entries
            Row and first indicator of each find.
        times
            Of the rows, ns since the epoch.
        """
        parts: list[tuple[Ints, Ints]] = []
        for _ in range(CHAIN):
            moment = times[rows]
            fine = (self.since[entries] <= moment) & (moment < self.until[entries])
            parts.append((rows[fine], entries[fine]))
            more = self.following[entries]
            rows, entries = rows[more >= 0], more[more >= 0]
            if not len(rows):
                break
        pairs = np.stack([np.concatenate([part[side] for part in parts]) for side in (0, 1)], axis=1)
        once = np.unique(pairs, axis=0)
        return once[:, 0], once[:, 1]

    def mark(self, entry: int) -> str:
        """Return the id that marks what an indicator matches."""
        feed, row = self._place(entry)
        return mark_of(feed.table["id"][row].as_py())

    def found(self, mark: str) -> Indicator | None:
        """Return the indicator of a mark, if it is in force."""
        if not len(self):
            return None
        key = bytes.fromhex(mark.replace("-", ""))
        heads, order = self._by_id()
        at = int(np.searchsorted(heads, np.uint64(int.from_bytes(key[:8], "big"))))
        while at < len(heads) and int(heads[at]) == int.from_bytes(key[:8], "big"):
            feed, row = self._place(int(order[at]))
            if feed.table["id"][row].as_py() == key:
                return self.indicator(int(order[at]))
            at += 1
        return None

    def indicator(self, entry: int) -> Indicator:
        """Return all that is known of an indicator."""
        return indicator_at(*self._place(entry))

    def _place(self, entry: int) -> tuple[Feed, int]:
        number = int(np.searchsorted(self._ends_of_feeds, entry, "right"))
        return self.feeds[number], entry - (int(self._ends_of_feeds[number - 1]) if number else 0)

    def _by_id(self) -> tuple[Words, Ints]:
        """Return the first halves of all ids, ascending, and whose each is; made when first asked for."""
        if self._places is None:
            parts = [
                np.frombuffer(chunk.buffers()[1], ">u8").reshape(-1, 2)[chunk.offset : chunk.offset + len(chunk), 0]
                for feed in self.feeds
                for chunk in feed.table["id"].chunks
            ]
            heads = np.concatenate(parts).astype(np.uint64)
            order = np.argsort(heads, kind="stable")
            self._places = heads[order], order
        return self._places

    def _column(self, name: str, kind: Any) -> NDArray[Any]:
        parts = [feed.table[name].to_numpy() for feed in self.feeds]
        return np.concatenate([np.zeros(0, kind), *parts]).astype(kind, copy=False)

    def _texts(self) -> tuple[NDArray[np.uint8], Ints]:
        """Return the bytes of all values that are no addresses, and their ends; an address has none."""
        chunks = [chunk for feed in self.feeds for chunk in feed.table["value"].chunks if len(chunk)]
        ends, parts, size = [np.zeros(1, np.int64)], [], 0
        for chunk in chunks:
            _, places, data = chunk.buffers()
            mine = np.frombuffer(places, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1].astype(np.int64)
            parts.append(np.frombuffer(data, np.uint8)[mine[0] : mine[-1]] if data else np.zeros(0, np.uint8))
            ends.append(mine[1:] - mine[0] + size)
            size = int(ends[-1][-1])
        return np.concatenate([*parts, np.zeros(PAD, np.uint8)]), np.concatenate(ends)

    def _cut(self, entries: Ints) -> Ranges:
        """Return the pieces that ranges are cut into: halves of where each starts, who owns it, the first level."""
        high, low = (self._column(name, np.uint64)[entries] for name in ("high", "low"))
        flat = np.stack([high, low, *_behind(high, low, self._column("prefix", np.uint8)[entries])], axis=1)
        flat = flat.reshape(-1, 2)
        order = np.lexsort((flat[:, 1], flat[:, 0]))
        different = np.any(np.diff(flat[order], axis=0, prepend=flat[order][:1] ^ np.uint64(1)) != 0, axis=1)
        ranks = np.empty(len(flat), np.int64)
        ranks[order] = np.cumsum(different) - 1
        pieces = flat[order][different]
        starts, stops = ranks[0::2], ranks[1::2]
        owner = np.full(len(pieces), -1, np.int64)
        around = np.full(len(entries), -1, np.int64)
        if len(entries):
            flatten(starts, stops, np.lexsort((np.arange(len(entries)), -stops, starts)), owner, around)
        self.following[entries] = np.where(around >= 0, entries[around], -1)
        owner = np.where(owner >= 0, entries[owner], -1) if len(entries) else owner
        highs, lows = np.ascontiguousarray(pieces[:, 0]), np.ascontiguousarray(pieces[:, 1])
        return Ranges(highs, lows, owner, _first_level(highs, lows))


def _behind(high: Words, low: Words, prefix: NDArray[np.uint8]) -> tuple[Words, Words]:
    """Return the first address behind each range, in two halves."""
    wide = prefix < 65
    size = np.uint64(1) << np.where(wide, 64 - np.minimum(prefix, 64), 128 - np.maximum(prefix, 65)).astype(np.uint64)
    behind = np.where(wide, low, low + size)
    return np.where(wide, high + size, high + (~wide & (behind < low))), behind


def _first_level(highs: Words, lows: Words) -> Ints:
    """Return for each ``x.y`` of IPv4 the first piece that starts at ``x.y.0.0`` or later."""
    before = int(np.searchsorted(highs, np.uint64(1), "left"))
    starts = MAPPED + (np.arange(65537, dtype=np.uint64) << np.uint64(16))
    return np.searchsorted(lows[:before], starts, "left").astype(np.int64)
