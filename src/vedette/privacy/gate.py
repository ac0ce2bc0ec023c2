"""The only door from `RawBatch` to `SafeBatch`: nothing unmasked passes, and what is not known is dropped."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.privacy.find import mask
from vedette.privacy.policy import Policy, Treatment
from vedette.privacy.pseudonym import Pseudonyms
from vedette.records import schema
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.schema import LABEL, TEXT, columns_of
from vedette.records.shape import safe_name

PREFIXES: Final = {schema.CLIENT: "c", schema.USER: "u"}
INVALID: Final = "!invalid"

_PART = re.compile(
    r"(?P<name>[^:|]{1,200})(?P<rest>(:(int|num):d:\d{1,7}|:str:[adspxu]*:\d{1,7}|:(empty|bool|null|object|array)))"
)
_MARKERS: Final = frozenset({INVALID, "…"})

TRACE_IDS: Final = r"^(?:[0-9a-fA-F]{16}|[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"
"""Ids of 64 and 128 bits, and UUIDs."""

MAX_PARTS: Final = 66


class Gate:
    """Treats every column as the policy says.

    Parameters
    ----------
    policy
        What becomes of each column.
    key
        Secret that makes pseudonyms.
    """

    def __init__(self, policy: Policy, key: bytes) -> None:
        self._policy = policy
        self._pseudonyms = Pseudonyms(key)

    def protect(self, batch: RawBatch) -> SafeBatch:
        """Return the batch without anything personal, its columns of exactly the canonical types."""
        types = columns_of(batch.signal)
        kept = {
            name: self._treat(name, batch.columns.column(name), types[name])
            for name in batch.columns.schema.names
            if name in types and self._policy.treatments.get(name, Treatment.DROP) is not Treatment.DROP
        }
        return SafeBatch(batch.signal, pa.RecordBatch.from_arrays(list(kept.values()), names=list(kept)))

    def mask_text(self, text: str) -> str:
        """Return one text, masked, such as the sample of a dead letter."""
        return str(mask(pa.array([text], TEXT))[0])

    def _treat(self, name: str, column: pa.Array, kind: pa.DataType) -> pa.Array:
        treatment = self._policy.treatments[name]
        if kind == TEXT:
            return self._text(column, treatment, name)
        if kind == LABEL:
            return relabel(column, self._relabeler(name, treatment))
        return column.cast(kind)

    def _text(self, column: pa.Array, treatment: Treatment, name: str) -> pa.Array:
        if treatment is Treatment.KEEP:
            return column.cast(TEXT)
        if treatment is Treatment.PSEUDONYM:
            return relabel(column.cast(TEXT).dictionary_encode(), self._relabeler(name, treatment)).cast(TEXT)
        if treatment is Treatment.HEX:
            return hexadecimal(column.cast(TEXT))
        return mask(column.cast(TEXT))

    def _relabeler(self, name: str, treatment: Treatment) -> Callable[[pa.Array], list[str]]:
        if treatment is Treatment.PSEUDONYM:
            prefix = PREFIXES.get(name, "p")
            return lambda values: self._pseudonyms.tokens(prefix, values.to_pylist())
        if treatment is Treatment.NAMES:
            return lambda values: mask(_names(values)).to_pylist()
        if treatment is Treatment.SHAPE:
            return lambda values: [safe_shape(value) for value in values.to_pylist()]
        if treatment is Treatment.MASK:
            return lambda values: mask(values).to_pylist()
        return lambda values: values.to_pylist()


def hexadecimal(column: pa.Array) -> pa.Array:
    """Return ids as tracers make them; anything else, which could be a name or a number, becomes null."""
    good = pc.fill_null(pc.match_substring_regex(column, TRACE_IDS), False).to_numpy(zero_copy_only=False)
    if good.all():
        return column
    # `take`, not `if_else`: that one nulls the row and leaves its bytes in the buffer
    return column.take(pa.array(np.arange(len(column)), mask=~good))


def relabel(column: pa.Array, change: Callable[[pa.Array], list[str]]) -> pa.DictionaryArray:
    """Return a label column with its distinct values changed; no old value is left in any buffer."""
    if not isinstance(column, pa.DictionaryArray):
        column = column.cast(TEXT).dictionary_encode()
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    used = np.unique(codes[codes >= 0])
    values = change(column.dictionary.cast(TEXT).take(pa.array(used)))
    number = {value: code for code, value in enumerate(dict.fromkeys(values))}
    recode = np.full(len(column.dictionary) + 1, -1, np.int32)
    recode[used] = [number[value] for value in values]
    fresh = recode[codes]
    return pa.DictionaryArray.from_arrays(pa.array(fresh, pa.int32(), mask=fresh < 0), pa.array(list(number), TEXT))


def _names(queries: pa.Array) -> pa.Array:
    return pa.array([parameter_names(query) for query in queries.to_pylist()], TEXT)


def parameter_names(query: str) -> str:
    """Return the sorted names of a query's parameters.

    >>> parameter_names("q=red&page=2&me@example.com=1")
    '*&page&q'
    """
    names = (piece.partition("=")[0] for piece in query.split("&", MAX_PARTS)[:MAX_PARTS])
    return "&".join(sorted({safe_name(name) for name in names}))


def safe_shape(shape: str) -> str:
    """Return a structure that came from outside, if it is one; anything else is ``!invalid``.

    >>> safe_shape("q:str:as:16|id:int:d:4"), safe_shape("q=secret")
    ('q:str:as:16|id:int:d:4', '!invalid')
    """
    parts = shape.split("|")
    if len(parts) > MAX_PARTS:
        return INVALID
    return "|".join(_safe_part(part) for part in parts) if all(map(_is_part, parts)) else INVALID


def _is_part(part: str) -> bool:
    return part in _MARKERS or _PART.fullmatch(part) is not None


def _safe_part(part: str) -> str:
    match = _PART.fullmatch(part)
    return part if match is None else f"{safe_name(match['name'])}{match['rest']}"
