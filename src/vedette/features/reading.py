"""Requests whose values read like code, marked before the gate: afterwards the values are gone.

What `vedette.features.syntax` says of a value needs no history, so it stands in the stateless half, beside the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.features.parts import FILE, HEADER, PATH, XML, Part, query_parts
from vedette.features.protocol import odd_header, uploaded
from vedette.features.syntax import LANGUAGES, SILENT, WORDS, Reading, judge
from vedette.records import schema
from vedette.records.batch import RawBatch
from vedette.records.rule import with_marks
from vedette.records.schema import Signal
from vedette.records.texts import codes_of

BAR: Final = 3.5
"""Decades from which a request is told of: most constructs of the grammar tables alone, or what is strange in all."""

HIGH: Final = 6.0
"""Decades from which the mark is of the higher level: constructs that need one another."""

LEVELS: Final = ("medium", "high")

_ODD: Final = r"[^\w\s./:=&?+,@~%#!*\[\]()-]|%(?:25|2[2789bBeE]|3[b-eB-E]|5[cCeE]|60|7[b-dB-D]|[01cdefC-F])|\.\.|//|\("
"""RE2: what a value must have, one of them at least, to be looked at: marks of a grammar, written out or encoded."""

_PHRASE: Final = _ODD + r"|[\w)][+ ]\w|%20|__|\]\["
"""The same for queries, in which words alone make a sentence of another language, and names may reach into objects."""

_AGENT: Final = r"\$\{|[<'`\\]|\)\s*\{|\{\{"
"""The same for user agents, which have brackets and semicolons of their own."""

REMEMBERED: Final = 1 << 14
MOST: Final = 4096
"""Characters of a value that are read."""
PLAIN_NAME: Final = re.compile(r"[\w.\[\]-]+")

Look = Callable[[str], Reading]


class Reader:
    """Marks requests whose path, query or user agent reads like code.

    Notes
    -----
    Only values that have a mark of some grammar are read, each distinct one once and remembered. It works without
    any history. It fails on attacks made of ordinary words, and on bodies, of which telemetry has no values; there
    the structure that the middleware reports is learned (`request_shape`).

    Parameters
    ----------
    ids
        Mark of each language, by its name in `LANGUAGES` and one of `LEVELS`.

    Cost: 0.3 µs a distinct value without marks, some 100 µs for one with marks that was not met lately.
    """

    def __init__(self, ids: Mapping[tuple[str, str], str]) -> None:
        self._ids = ids

    def __call__(self, batch: RawBatch) -> RawBatch:
        """Return the batch with marks added to those of rules, or as it came where nothing reads like code."""
        if batch.signal is Signal.METRIC or not len(batch):
            return batch
        found: dict[int, Reading] = {}
        for name, odd, look in (
            (schema.PATH, _ODD, _path),
            (schema.QUERY, _PHRASE, _query),
            (schema.USER_AGENT, _AGENT, _agent),
        ):
            for row, reading in _readings(batch.columns, name, odd, look):
                found[row] = max(found.get(row, SILENT), reading, key=lambda one: one.decades)
        marks = {
            row: self._ids[one.what, LEVELS[one.decades >= HIGH]] for row, one in found.items() if one.what in LANGUAGES
        }
        return RawBatch(batch.signal, with_marks(batch.columns, marks)) if marks else batch


def _readings(columns: pa.RecordBatch, name: str, odd: str, look: Look) -> Iterator[tuple[int, Reading]]:
    """Yield the rows whose value reaches the bar, with what it reads like."""
    if name not in columns.schema.names:
        return
    column = columns.column(name)
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).dictionary_encode()
    values = column.dictionary.cast(pa.string())
    looked = np.flatnonzero(pc.match_substring_regex(values, odd).fill_null(False).to_numpy(zero_copy_only=False))
    found = {number: look(values[number].as_py()[:MOST]) for number in looked.tolist()}
    loud = {number: reading for number, reading in found.items() if reading.decades >= BAR}
    if loud:
        codes = codes_of(column)
        for row in np.flatnonzero(np.isin(codes, list(loud))).tolist():
            yield row, loud[int(codes[row])]


def read(part: Part) -> Reading:
    """Return what a part of a request reads like: its value, or its name if that is worse."""
    if part.place == HEADER:
        return odd_header(part.name, part.value)
    value = uploaded(part.value) if part.place == FILE else judge(part.value)
    name = judge(part.name) if part.name and part.place != XML else SILENT
    if name.what == WORDS and PLAIN_NAME.fullmatch(part.name):
        return value  # a parameter may be called as a command is
    return max(value, name, key=lambda one: one.decades)


@lru_cache(REMEMBERED)
def _path(value: str) -> Reading:
    bare, _, query = value.partition("?")
    return max(read(Part(PATH, "", unquote(bare))), _query(query), key=lambda one: one.decades)


@lru_cache(REMEMBERED)
def _query(value: str) -> Reading:
    parts = query_parts(value.removeprefix("?"))
    return max((read(part) for part in parts), key=lambda one: one.decades, default=SILENT)


@lru_cache(REMEMBERED)
def _agent(value: str) -> Reading:
    return read(Part(HEADER, "user-agent", value))
