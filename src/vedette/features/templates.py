"""Log templates: a column of lines to template numbers, in the order in which templates first occur.

A template is a line with what is a value by its look replaced by ``<*>`` (see `vedette.kernels.template.mask`).
Lines that differ in one word only, which takes many values there (names, say), are one template with ``<*>`` at
that word from the moment when this shows; `final` says what the earlier ones have become.

Notes
-----
A line is never looked at twice: equal hashes are equal templates, and only the first line of each
hash takes the slow path, in order, so numbers do not depend on how the stream was cut. It fails on
messages whose fixed words hold digits (``ipv4`` and ``ipv6`` are one) and on lists of names of varying length, and
needs `MANY` values before a varying word is recognized.

References
----------
P. He et al., Drain, ICWS 2017 (the merge by one differing word); the masks in one pass are ours.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.errors import StateCorrupt
from vedette.kernels import template as kernel
from vedette.records.texts import stable_hash
from vedette.state.tree import Tree

MANY: Final = 3
"""Values of one word, all else being equal, that are still words of their own: of 2, 3, 4, 6 and
8, lower group more lines rightly on public logs, but 2 takes any three outcomes for a variable."""

LEAST_FIXED: Final = 2
"""Fixed words, without a digit or mark, that a merged template must keep: one word alone says too little."""

MOST_FIXED: Final = 100
"""Fixed words of a line from which on it is not merged: the work and memory grow with their square."""

VERSION: Final = 2

MAX_TEMPLATES: Final = 5000
MOST_NAMED: Final = 2000
"""Names of other tools' alerts that are kinds of their own, so that tools that write values into them leave room."""
MAX_HASHES: Final = 1 << 18
OTHER: Final = 0
"""Number of the template for all that came when the tables were full."""

MAX_TEXT: Final = 300
ANY: Final = "<*>"

_EDGES = re.compile("([" + re.escape((kernel.SPACES + kernel.MARKS).decode()) + "])")


class Templates:
    """Learns templates and numbers lines by them."""

    def __init__(self) -> None:
        self._table = kernel.classes()
        self._keys = np.zeros(MAX_HASHES * 2, np.uint64)
        self._values = np.zeros(MAX_HASHES * 2, np.int32)
        self._hashes: dict[int, int] = {}
        self._numbers: dict[str, int] = {"(other)": OTHER}
        self._texts = ["(other)"]
        self._variants: dict[tuple[str, ...], set[str]] = {}
        self._became: dict[int, int] = {}
        self._named_count = 0

    @property
    def size(self) -> int:
        """Number of templates."""
        return len(self._texts)

    def text(self, number: int) -> str:
        """Return a template's text."""
        return self._texts[number]

    def assign(self, bodies: pa.Array, named: NDArray[np.bool_] | None = None) -> NDArray[np.int32]:
        """Return each line's template number; -1 for null.

        `named` says which lines are names as a whole, in which a number is no value: those of alerts of other tools,
        such as of rules with a CVE id. Beyond `MOST_NAMED` of them, names are lines as any others.
        """
        bodies = bodies if bodies.offset == 0 else pa.concat_arrays([bodies])
        count = len(bodies)
        _, ends, data = bodies.buffers()
        hashes, out = np.empty(count, np.uint64), np.empty(count, np.int32)
        offsets = np.frombuffer(ends, np.int32)[: count + 1]
        text = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
        longest = int(np.diff(offsets).max()) if count else 0
        kernel.template_hashes(text, offsets, self._table, np.empty(3 * longest + 16, np.uint8), hashes)
        whole = {} if named is None or not named.any() else self._whole(bodies, named, hashes)
        misses = np.empty(count, np.int32)
        missed = kernel.look_up(hashes, self._keys, self._values, out, misses)
        for row in misses[:missed].tolist():
            line = text[offsets[row] : offsets[row + 1]].tobytes()
            out[row] = self._name(whole[row], line) if row in whole else self._learn(int(hashes[row]), line)
        if bodies.null_count:
            out[bodies.is_null().to_numpy(zero_copy_only=False)] = -1
        return out

    def _whole(
        self, bodies: pa.Array, named: NDArray[np.bool_], hashes: NDArray[np.uint64]
    ) -> dict[int, tuple[int, int]]:
        """Put the hashes of names in place of those of their templates; return both where a name is new, by row."""
        rows = np.flatnonzero(named & bodies.is_valid().to_numpy(zero_copy_only=False))
        words = bodies.take(pa.array(rows)).dictionary_encode()
        keys = np.array([stable_hash(f"name {word}") | 1 for word in words.dictionary.to_pylist()], np.uint64)
        places = words.indices.to_numpy()
        masked = hashes[rows]
        hashes[rows] = keys[places]
        fresh = np.array([int(key) not in self._hashes for key in keys.tolist()], np.bool_)[places]
        return {
            row: (key, before)
            for row, key, before in zip(
                rows[fresh].tolist(), hashes[rows][fresh].tolist(), masked[fresh].tolist(), strict=True
            )
        }

    def _name(self, keys: tuple[int, int], line: bytes) -> int:
        """Return the number of a name; of a line like others where there are too many."""
        key, masked = keys
        if key in self._hashes:
            return self._hashes[key]
        if self._named_count >= MOST_NAMED or len(self._hashes) >= MAX_HASHES:
            return self._learn(masked, line)
        self._named_count += 1
        number = self._named(line.decode("utf-8", "replace"))
        self._remember(key, number)
        return number

    def _learn(self, key: int, line: bytes) -> int:
        known = self._hashes.get(key)
        if known is not None:
            return known
        if len(self._hashes) >= MAX_HASHES:
            return OTHER
        number = self._number(words_of(line))
        self._remember(key, number)
        return number

    def _number(self, words: tuple[str, ...]) -> int:
        """Return the template of a line that was not seen before, merging where one word takes many values."""
        fixed = [place for place, word in enumerate(words) if word and word != ANY and not _EDGES.fullmatch(word)]
        for place in fixed if LEAST_FIXED < len(fixed) <= MOST_FIXED else ():
            general = (*words[:place], ANY, *words[place + 1 :])
            variants = self._variants.setdefault(general, set())
            if len(variants) <= MANY:
                variants.add(words[place])
            if len(variants) > MANY:
                return self._merged(general, place, variants)
        return self._named("".join(words))

    def _merged(self, general: tuple[str, ...], place: int, variants: set[str]) -> int:
        """Return the number of a merged template, and note that those of its variants became it."""
        number = self._named("".join(general))
        for word in variants:
            text = "".join((*general[:place], word, *general[place + 1 :]))[:MAX_TEXT]
            before = self._numbers.get(text, number)
            if before != number and number != OTHER:
                self._became.setdefault(before, number)
        return number

    def final(self) -> NDArray[np.int32]:
        """Return what each template has become by now: itself, or the one it was merged into."""
        out = np.arange(self.size, dtype=np.int32)
        for number in self._became:
            out[number] = self._last(number)
        return out

    def _last(self, number: int) -> int:
        seen = {number}
        while (after := self._became.get(number, number)) not in seen:
            seen.add(after)
            number = after
        return number

    def _named(self, text: str) -> int:
        text = text[:MAX_TEXT]
        if text not in self._numbers and len(self._texts) >= MAX_TEMPLATES:
            return OTHER
        number = self._numbers.setdefault(text, len(self._texts))
        if number == len(self._texts):
            self._texts.append(text)
        return number

    def _remember(self, key: int, number: int) -> None:
        self._hashes[key] = number
        mask = len(self._keys) - 1
        place = (key >> 30) & mask
        while self._keys[place] != 0:
            place = (place + 1) & mask
        self._keys[place], self._values[place] = key, number

    def snapshot(self) -> Tree:
        """Return the learned templates."""
        return {
            "version": VERSION,
            "named": self._named_count,
            "became": [[before, after] for before, after in self._became.items()],
            "texts": list(self._texts),
            "hashes": np.array(list(self._hashes), np.uint64),
            "numbers": np.array(list(self._hashes.values()), np.int32),
            "variants": [[list(general), sorted(words)] for general, words in self._variants.items()],
        }

    def restore(self, tree: Tree) -> None:
        """Become what `snapshot` described. Raises `StateCorrupt` on another version."""
        if tree.get("version") != VERSION:
            raise StateCorrupt(f"template state: got version {tree.get('version')!r}, expected {VERSION}")
        self.__init__()  # type: ignore[misc]
        self._texts = list(tree["texts"])
        self._numbers = {text: number for number, text in enumerate(self._texts)}
        self._variants = {tuple(general): set(words) for general, words in tree["variants"]}
        self._became = dict(tree["became"])
        self._named_count = int(tree.get("named", 0))
        for key, number in zip(tree["hashes"].tolist(), tree["numbers"].tolist(), strict=True):
            self._remember(key, number)


def words_of(line: bytes) -> tuple[str, ...]:
    """Return the words and edges of a line, values as ``<*>``.

    >>> "".join(words_of(b"took 12ms at node-3, ok"))
    'took <*> at <*>, ok'
    """
    space = np.empty(3 * len(line) + 16, np.uint8)
    text = np.frombuffer(line or b"\0", np.uint8)
    size = kernel.mask(text, 0, len(line), kernel.classes(), space)
    parts = space[:size].tobytes().decode("utf-8", "replace").split(ANY)
    words: list[str] = []
    for number, part in enumerate(parts):
        words += [ANY] if number else []
        words += [word for word in _EDGES.split(part) if word]
    return tuple(words)
