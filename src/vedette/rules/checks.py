"""All tests of one field, run once on each distinct value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.kernels import automaton as kernel
from vedette.rules.compile import part_of_time, regex
from vedette.rules.model import LITERALS, NUMERIC, Atom, Kind

_PLACES: Final = {
    Kind.CONTAINS: kernel.CONTAINS,
    Kind.STARTS: kernel.STARTS,
    Kind.ENDS: kernel.ENDS,
    Kind.EQUALS: kernel.EQUALS,
}
_COMPARE: Final[dict[Kind, Callable[[float, float], bool]]] = {
    Kind.LESS: lambda mine, limit: mine < limit,
    Kind.AT_MOST: lambda mine, limit: mine <= limit,
    Kind.MORE: lambda mine, limit: mine > limit,
    Kind.AT_LEAST: lambda mine, limit: mine >= limit,
}

Pairs = NDArray[np.int64]
"""``(value, target)``, shape ``(n, 2)``."""
NONE: Final[Pairs] = np.zeros((0, 2), np.int64)


@dataclass(frozen=True, slots=True)
class Automaton:
    """Texts to look for, each with what it hits and where in a value it must be."""

    classes: NDArray[np.uint8]
    width: int
    table: NDArray[np.int32]
    head: NDArray[np.int32]
    link: NDArray[np.int32]
    sizes: NDArray[np.int64]
    tests: NDArray[np.int64]
    kinds: NDArray[np.int64]
    targets: NDArray[np.int64]

    @classmethod
    def of(cls, wanted: Iterable[tuple[bytes, int, int]], folded: bool) -> Automaton:
        """Build from texts, places and targets; ``folded`` takes ASCII capitals of values as small letters."""
        listed: dict[bytes, set[tuple[int, int]]] = defaultdict(set)
        for text, place, target in wanted:
            listed[text].add((place, target))
        texts = sorted(listed)
        data = np.frombuffer(b"".join(texts), np.uint8)
        sizes = np.array([len(text) for text in texts], np.int64)
        ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        classes, width = _classes(data, folded)
        states = kernel.count_states(data, ends)
        table = np.zeros(states * width, np.int32)
        head, link = np.empty(states, np.int32), np.empty(states, np.int32)
        kernel.build(data, ends, classes, width, table, head, link)
        flat = [pair for text in texts for pair in sorted(listed[text])]
        tests = np.concatenate([[0], np.cumsum([len(listed[text]) for text in texts])]).astype(np.int64)
        places, targets = np.array(flat, np.int64).reshape(-1, 2).T.copy()
        return cls(classes, width, table, head, link, sizes, tests, places, targets)

    def scan(self, data: NDArray[np.uint8], ends: NDArray[np.int64], targets: int) -> Pairs:
        """Return each value's targets once, in order of values."""
        room = 16 * len(ends) + 1024
        while True:
            out = np.empty((room, 2), np.int64)
            count = kernel.scan(
                data, ends, self.classes, self.width, self.table, self.head, self.link, self.sizes, self.tests,
                self.kinds, self.targets, np.zeros(targets, np.int64), out,
            )  # fmt: skip
            if count != kernel.FULL:
                return out[:count]
            room *= 4


def _classes(data: NDArray[np.uint8], folded: bool) -> tuple[NDArray[np.uint8], int]:
    """Return the class of each byte, and how many there are: the bytes that occur in texts, and all others."""
    used = np.unique(data)
    classes = np.zeros(256, np.uint8)
    classes[used] = np.arange(1, len(used) + 1) if len(used) < 256 else np.arange(256)
    if folded:
        classes[65:91] = classes[97:123]
    return classes, len(used) + 1 if len(used) < 256 else 256


@dataclass(slots=True)
class Checks:
    """What is asked of one field. Targets are leaves; a regex with a guard is a target behind all leaves."""

    leaves: int
    folded: Automaton | None = None
    cased: Automaton | None = None
    empty: list[int] = field(default_factory=list)
    null: list[int] = field(default_factory=list)
    exists: list[int] = field(default_factory=list)
    guarded: list[tuple[Any, list[int]]] = field(default_factory=list)
    free: list[tuple[Any, list[int]]] = field(default_factory=list)
    singly: list[tuple[Callable[[str], Any], Callable[[Any], bool], int]] = field(default_factory=list)
    """How a value is read, what is asked of what was read, and the target."""

    @classmethod
    def of(cls, wanted: Sequence[tuple[Atom, int]], leaves: int) -> Checks:
        """Return the tests of one field; each atom comes with its leaf."""
        made = cls(leaves)
        folded: list[tuple[bytes, int, int]] = []
        cased: list[tuple[bytes, int, int]] = []
        patterns: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
        for atom, leaf in wanted:
            if atom.kind in LITERALS and atom.value:
                text = atom.value if atom.cased else fold(atom.value)
                (cased if atom.cased else folded).append((text.encode(), _PLACES[atom.kind], leaf))
            elif atom.kind is Kind.REGEX:
                patterns[atom.value, atom.guard].append(leaf)
            else:
                made._single(atom, leaf)
        for (pattern, guard), targets in patterns.items():
            listed = made.guarded if guard else made.free
            listed.append((regex(pattern), targets))
            folded += [(fold(text).encode(), kernel.CONTAINS, leaves + len(listed) - 1) for text in guard]
        made.folded = Automaton.of(folded, True) if folded else None
        made.cased = Automaton.of(cased, False) if cased else None
        return made

    def _single(self, atom: Atom, leaf: int) -> None:
        if atom.kind is Kind.NULL:
            self.null.append(leaf)
        elif atom.kind is Kind.EXISTS or (atom.kind in LITERALS and atom.kind is not Kind.EQUALS):
            self.exists.append(leaf)
        elif atom.kind is Kind.EQUALS:
            self.empty.append(leaf)
        elif atom.kind is Kind.CIDR:
            network = ip_network(atom.value)
            self.singly.append((_address, lambda address: address in network, leaf))
        elif atom.kind in NUMERIC:
            compare, limit = _COMPARE[atom.kind], float(atom.value)
            self.singly.append((_number, lambda number: compare(number, limit), leaf))
        else:
            part, wanted = atom.part, int(atom.value)
            self.singly.append((_reader(part), lambda found: found == wanted, leaf))

    def hits(self, values: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return what each value hits, as ends and leaves; a further value at the end stands for null.

        Parameters
        ----------
        values
            Texts without nulls.
        """
        count = len(values)
        found: list[Pairs] = []
        if count:
            found += self._literal(values)
            found += [self._free(values), self._read(values)]
        found += [_pairs(range(count), self.exists), _pairs([count], self.null)]
        found.append(_pairs(np.flatnonzero(_sizes(values) == 0).tolist() if self.empty else (), self.empty))
        filled = [pairs for pairs in found if len(pairs)]
        if not filled:
            return np.zeros(count + 2, np.int64), np.zeros(0, np.int64)
        pairs = filled[0] if len(filled) == 1 else np.concatenate(filled)
        if len(filled) > 1:
            pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
        ends = np.concatenate([[0], np.cumsum(np.bincount(pairs[:, 0], minlength=count + 1))])
        return ends.astype(np.int64), np.ascontiguousarray(pairs[:, 1])

    def _literal(self, values: pa.Array) -> list[Pairs]:
        found: list[Pairs] = []
        if self.cased is not None:
            found.append(self.cased.scan(*_bytes(values), self.leaves))
        if self.folded is None:
            return found
        data, ends = _bytes(values)
        if len(data) and data.max() >= 128:
            data, ends = _bytes(pc.utf8_lower(values))
        pairs = self.folded.scan(data, ends, self.leaves + len(self.guarded))
        if not self.guarded:
            return [*found, pairs]
        waiting = pairs[:, 1] >= self.leaves
        return [*found, pairs[~waiting], self._checked(values, pairs[waiting])]

    def _checked(self, values: pa.Array, waiting: Pairs) -> Pairs:
        """Run each regex on the values that hold its guard."""
        found: list[Pairs] = []
        for number in np.unique(waiting[:, 1]).tolist():
            pattern, targets = self.guarded[number - self.leaves]
            rows = waiting[waiting[:, 1] == number, 0]
            texts = values.take(pa.array(rows)).to_pylist()
            hit = [row for row, text in zip(rows.tolist(), texts, strict=True) if pattern.search(text)]
            found.append(_pairs(hit, targets))
        return np.concatenate(found) if found else NONE

    def _free(self, values: pa.Array) -> Pairs:
        if not self.free:
            return NONE
        texts = values.to_pylist()
        found = [
            _pairs([row for row, text in enumerate(texts) if pattern.search(text)], targets)
            for pattern, targets in self.free
        ]
        return np.concatenate(found)

    def _read(self, values: pa.Array) -> Pairs:
        if not self.singly:
            return NONE
        found: list[Pairs] = []
        texts = values.to_pylist()
        for read in dict.fromkeys(reader for reader, _, _ in self.singly):
            known = [(row, got) for row, text in enumerate(texts) if (got := read(text)) is not None]
            for reader, holds, target in self.singly:
                if reader is read:
                    found.append(_pairs([row for row, got in known if holds(got)], [target]))
        return np.concatenate(found) if found else NONE


def fold(text: str) -> str:
    """Return a text as values are folded: by Arrow, so that both sides agree on every letter."""
    return text.lower() if text.isascii() else str(pc.utf8_lower(pa.scalar(text)).as_py())


def _pairs(values: Iterable[int], targets: Sequence[int]) -> Pairs:
    if not targets:
        return NONE
    rows = np.fromiter(values, np.int64)
    return np.stack([np.repeat(rows, len(targets)), np.tile(np.array(targets, np.int64), len(rows))], axis=1)


def _sizes(values: pa.Array) -> NDArray[np.int64]:
    found: NDArray[np.int64] = pc.binary_length(values).to_numpy(zero_copy_only=False)
    return found


def _bytes(values: pa.Array) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the bytes of texts and where each ends; texts have no nulls."""
    large = values.cast(pa.large_string())
    _, ends, data = large.buffers()
    places = np.frombuffer(ends, np.int64)[large.offset : large.offset + len(large) + 1]
    return np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8), places


def _address(text: str) -> Any:
    try:
        found = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


_READERS: Final[dict[str, Callable[[str], int | None]]] = {}


def _reader(part: str) -> Callable[[str], int | None]:
    """Return the one reader of a part of times, so that each value is read once."""
    return _READERS.setdefault(part, lambda text: part_of_time(text, part))
