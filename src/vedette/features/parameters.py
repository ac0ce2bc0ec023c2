"""Values that few of come at an open place of a log template: exit codes, states, modes. New ones are items.

A place is watched while it has few different values. Those of its first hour and two hundred lines are usual; what
comes later is an item of its own, beside one for all usual values, for novelty to judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.closed import Items, items_of
from vedette.features.places import MOST_VALUES, RISING, Known, Seen, is_state
from vedette.features.registry import Slots
from vedette.features.templates import ANY, MAX_TEXT, Templates
from vedette.kernels import values as kernel
from vedette.kernels.bytes import MIX1, MIX2
from vedette.kernels.ints import distinct
from vedette.records.observation import Scope
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash
from vedette.records.time import SECOND
from vedette.state.tree import Tree

Ints = NDArray[np.int64]

MOST_PLACES: Final = 4000
"""Places watched; later ones are not, and are counted: 2 KB each at most."""

SETTLED_LINES: Final = 200
SETTLED_AFTER: Final = 3600 * SECOND
"""Lines of a place, and time since its first one, until what it had is all that is usual."""

USUAL: Final = 1
"""Item of all usual values."""

ATTRIBUTE: Final = "log_value"

Found = tuple[Ints, Ints, Ints, Ints, NDArray[np.uint64]]

Place = tuple[int, int]
"""Template, and which of its open places."""


class Parameters:
    """Open windows, with the values of places that are watched, and what each place had before.

    Notes
    -----
    What is kept does not depend on the order of rows or on how the stream was cut: a place with many values has many.
    It works for exit codes, states, levels, versions. **It fails** on counters that move once a day, each value of
    which is new, and on lines whose value holds what stands beside it in the template: those are not read.

    Cost: 0.1 µs a line of a template that has watched places; 2 KB a place at most.
    """

    def __init__(self, segments: Slots[Segment], scopes: Slots[Scope], templates: Templates) -> None:
        self._segments, self._scopes, self._templates = segments, scopes, templates
        self._known: dict[Place, Known] = {}
        self._watched = 0
        self._parts: list[tuple[bytes, ...]] = []
        self._open: dict[int, dict[Place, Seen]] = {}
        self._texts: dict[int, str] = {}
        self.refused = 0
        """Places not watched because there are too many."""

    def take(self, bodies: pa.Array, window: Ints, service: Ints, template: Ints) -> None:
        """Take in log lines; `service` and `template` are numbers, -1 for none."""
        self._read_templates()
        rows = np.flatnonzero((service >= 0) & (template >= 0))
        used, which = _numbered(template[rows], len(self._parts))
        live = np.array([len(self._parts[one]) > 1 for one in used.tolist()], np.bool_)
        rows = rows[live[which]]
        if not len(rows):
            return
        bodies = bodies if bodies.offset == 0 else pa.concat_arrays([bodies])
        _, ends, data = bodies.buffers()
        text, edges = np.frombuffer(data, np.uint8), np.frombuffer(ends, np.int32)
        line, place, begin, size, code = self._values(text, edges, rows, template[rows], window[rows])
        row = rows[line]
        where = template[row] * kernel.MOST + place
        mixed = (code ^ where.astype(np.uint64)) * MIX1
        mixed ^= (service[row].astype(np.uint64) * MIX2) ^ (window[row].astype(np.uint64) * MIX1)
        firsts, group = distinct(mixed.view(np.int64))
        row, place, begin, size, code = row[firsts], place[firsts], begin[firsts], size[firsts], code[firsts]
        counts = np.bincount(group, minlength=len(firsts)).tolist()
        services, values = service[row].tolist(), code.tolist()
        for chosen in _together(window[row], where[firsts]):
            at = chosen[0]
            places = self._open.setdefault(int(window[row[at]]), {})
            seen = places.setdefault((int(template[row[at]]), int(place[at])), Seen())
            for one in chosen.tolist():
                if seen.many:
                    break
                if values[one] not in seen.texts:
                    raw = text[begin[one] : begin[one] + size[one]].tobytes()
                    seen.meet(values[one], raw.decode("utf-8", "replace") if is_state(raw) else "")
                seen.add(services[one], values[one], counts[one])

    def _values(
        self, text: NDArray[np.uint8], edges: NDArray[np.int32], rows: Ints, template: Ints, window: Ints
    ) -> Found:
        """Return what the kernel finds at the places that are watched: row, place, offset, size and hash."""
        starts = window[distinct(window)[0]].tolist()
        used, which = _numbered(template, len(self._parts))
        wanted = np.zeros((len(used), kernel.MOST), np.bool_)
        for number, one in enumerate(used.tolist()):
            for at in range(min(len(self._parts[one]) - 1, kernel.MOST)):
                wanted[number, at] = not self._is_closed((one, at)) and not self._has_many((one, at), starts)
        room = int(wanted.sum(axis=1)[which].sum())
        line, place, begin, size = (np.empty(room, np.int64) for _ in range(4))
        code = np.empty(room, np.uint64)
        parts = _flat([self._parts[one] for one in used.tolist()])
        count = kernel.values(text, edges, rows, which, *parts, wanted, line, place, begin, size, code)
        return line[:count], place[:count], begin[:count], size[:count], code[:count]

    def _read_templates(self) -> None:
        for number in range(len(self._parts), self._templates.size):
            text = self._templates.text(number)
            self._parts.append(() if len(text) >= MAX_TEXT else tuple(text.encode().split(ANY.encode())))

    def _is_closed(self, where: Place) -> bool:
        known = self._known.get(where)
        return known is not None and known.closed

    def _has_many(self, where: Place, starts: list[int]) -> bool:
        """Say whether a place had too many values in each of some windows, so that more of them say nothing."""
        return all((seen := self._open.get(start, {}).get(where)) is not None and seen.many for start in starts)

    def close(self, open_from: int) -> Items:
        """Return the values of windows before `open_from`, as items."""
        self._texts = {}
        rows = [
            row
            for start in sorted(start for start in self._open if start < open_from)
            for where, seen in sorted(self._open.pop(start).items(), key=lambda one: one[0])
            for row in self._judged(start, where, seen)
        ]
        totals: dict[tuple[int, Scope, int], int] = {}
        for start, scope, item, count in rows:
            totals[start, scope, item] = totals.get((start, scope, item), 0) + count
        return items_of(((*key, count) for key, count in totals.items()), self._scopes)

    def _judged(self, start: int, where: Place, seen: Seen) -> Iterator[tuple[int, Scope, int, int]]:
        """Yield a place's values of a window, and remember them."""
        known = self._known.setdefault(where, Known(start))
        if known.closed:
            return
        self._watched += known.lines == 0
        settled = known.lines >= SETTLED_LINES and start - known.since >= SETTLED_AFTER
        fresh = {value: text for value, text in seen.texts.items() if value not in known.usual}
        known.lines += sum(seen.counts.values())
        for value, text in sorted(fresh.items(), key=lambda one: one[1]):
            known.usual[value] = not settled
            if settled:
                known.count_up(text)
        full = self._watched > MOST_PLACES
        self.refused += full
        if full or seen.many or len(known.usual) > MOST_VALUES or known.rising >= RISING:
            self._known[where] = Known(known.since, closed=True)
            self._watched -= 1
            self._forget(where[0])
            return
        if not settled:
            return
        for (service, value), count in sorted(seen.counts.items()):
            item = USUAL
            if not known.usual[value]:
                text = self._told(where, seen.texts[value])
                item = stable_hash(text)
                self._texts[item] = text
            yield start, Scope(self._segments.keys[service], ATTRIBUTE), item, count

    def _forget(self, template: int) -> None:
        """Look at a template's lines no more once all its places are closed."""
        places = min(len(self._parts[template]) - 1, kernel.MOST) if template < len(self._parts) else 0
        if all(self._is_closed((template, place)) for place in range(places)):
            self._parts[template] = ()

    def _told(self, where: Place, value: str) -> str:
        """Return a template with a value at its place."""
        parts = self._templates.text(where[0]).split(ANY)
        return ANY.join(parts[: where[1] + 1]) + value + ANY.join(parts[where[1] + 1 :])

    @property
    def texts(self) -> list[str]:
        """The items of the windows that were closed last."""
        return list(self._texts.values())

    def snapshot(self) -> Tree:
        """Return the open windows and what was known, as JSON-able rows."""
        return {
            "refused": self.refused,
            "known": [[*where, *one.row()] for where, one in self._known.items()],
            "open": [
                [
                    start,
                    *where,
                    [[service, str(value), count] for (service, value), count in seen.counts.items()],
                    [[str(value), text] for value, text in seen.texts.items()],
                ]
                for start, places in self._open.items()
                for where, seen in places.items()
            ],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described; the templates are there already."""
        self.refused = int(tree["refused"])
        self._known, self._open, self._parts = {}, {}, []
        for template, place, *row in tree["known"]:
            self._known[template, place] = Known.of(row)
        self._watched = sum(not known.closed for known in self._known.values())
        for start, template, place, counts, texts in tree["open"]:
            seen = Seen({(service, int(value)): count for service, value, count in counts})
            for value, text in texts:
                seen.meet(int(value), text)
            self._open.setdefault(start, {})[template, place] = seen
        self._read_templates()
        for template in range(len(self._parts)):
            self._forget(template)


def _together(window: Ints, where: Ints) -> Iterator[Ints]:
    """Yield the numbers of those that share window and place, in order of first occurrence and of themselves."""
    starts, which = distinct(window)
    _, pair = distinct(where * len(starts) + which)
    order = np.argsort(pair, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(pair[order])) + 1) if len(order) else ()


def _numbered(template: Ints, most: int) -> tuple[Ints, Ints]:
    """Return the templates that occur, ascending, and each row's place among them."""
    seen = np.zeros(most, np.bool_)
    seen[template] = True
    return np.flatnonzero(seen), (np.cumsum(seen) - 1)[template]


def _flat(parts: list[tuple[bytes, ...]]) -> tuple[Ints, Ints, NDArray[np.uint8]]:
    """Return where each template's parts begin, where each part begins, and their bytes."""
    sizes = [len(part) for one in parts for part in one]
    first = np.cumsum([0, *(len(one) for one in parts)])
    words = np.frombuffer(b"".join(part for one in parts for part in one) + b"\0", np.uint8)
    return first, np.cumsum([0, *sizes]), words
