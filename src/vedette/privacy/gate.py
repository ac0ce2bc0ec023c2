"""The only door from `RawBatch` to `SafeBatch`: nothing unmasked passes, and what is not known is dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray

from vedette.privacy.find import mask
from vedette.privacy.policy import Policy, Treatment
from vedette.privacy.pseudonym import Pseudonyms, is_address
from vedette.records import schema
from vedette.records.batch import RawBatch, SafeBatch
from vedette.records.schema import LABEL, TEXT, columns_of
from vedette.records.shape import safe_name
from vedette.records.texts import codes_of, label_column

Ints = NDArray[np.signedinteger[Any]]
Relabeler = Callable[[pa.Array], tuple[Ints, pa.Array]]
"""Distinct values to each one's place among the changed ones, and those, each once."""

PREFIXES: Final = {schema.CLIENT: "c", schema.USER: "u", schema.SESSION: "s"}
INVALID: Final = "!invalid"

_PART = re.compile(
    r"(?P<name>[^:|]{1,200})(?P<rest>(:(int|num):d:\d{1,7}|:str:[adspxu]*:\d{1,7}|:(empty|bool|null|object|array)))"
)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MARKERS: Final = frozenset({INVALID, "…"})

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
        return column if column.type == kind else _fitted(column, kind)

    def _text(self, column: pa.Array, treatment: Treatment, name: str) -> pa.Array:
        if treatment is Treatment.KEEP:
            return column.cast(TEXT)
        if treatment is Treatment.PSEUDONYM:
            return relabel(column, self._relabeler(name, treatment)).cast(TEXT)
        return mask(column.cast(TEXT))

    def _relabeler(self, name: str, treatment: Treatment) -> Relabeler:
        if treatment is Treatment.PSEUDONYM:
            return partial(self._pseudonyms.tokens, PREFIXES.get(name, "p"))
        if treatment is Treatment.TOKENS:
            return partial(_encoded, self._tokens)
        if treatment is Treatment.ADDRESS:
            return partial(_encoded, self._addresses)
        return partial(_encoded, _CHANGES[treatment])

    def _addresses(self, hosts: pa.Array) -> pa.Array:
        """Return hosts with a token for each that is an address, masked else."""
        named = zip(hosts.to_pylist(), mask(hosts).to_pylist(), strict=True)
        token = partial(self._pseudonyms.token, "a")
        return pa.array([token(host) if is_address(host) else name for host, name in named], TEXT)

    def _tokens(self, objects: pa.Array) -> pa.Array:
        """Return JSON objects with a token for each text; nothing for what is no object."""
        token, name_of = cache(partial(self._pseudonyms.token, "p")), cache(safe_name)
        return pa.array([_object(text, token, name_of) for text in objects.to_pylist()], TEXT)


def _object(text: str, token: Callable[[str], str], name_of: Callable[[str], str]) -> str:
    """Return a JSON object with a token for each text; nothing for what is none."""
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(given, dict):
        return ""
    found = {
        name_of(name): token(value) if isinstance(value, str) else value
        for name, value in given.items()
        if isinstance(value, (str, int, float))
    }
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()


def _fitted(column: pa.Array, kind: pa.DataType) -> pa.Array:
    """Return numbers as the canonical type; ids that are not of exactly it could be anything, and are gone."""
    return pa.nulls(len(column), kind) if pa.types.is_fixed_size_binary(kind) else column.cast(kind)


def relabel(column: pa.Array, change: Relabeler) -> pa.DictionaryArray:
    """Return a label column with its distinct values changed; no old value is left in any buffer."""
    if not isinstance(column, pa.DictionaryArray):
        column = column.cast(TEXT).dictionary_encode()
    codes, values = codes_of(column), column.dictionary.cast(TEXT)
    used = np.zeros(len(values) + 1, np.bool_)
    used[codes] = True
    used = used[:-1]
    whole = bool(used.all())
    place, changed = change(values if whole else values.filter(pa.array(used)))
    if whole and changed is values and column.type == LABEL:
        return column
    recode = np.full(len(values) + 1, -1, np.int32)
    recode[np.flatnonzero(used)] = place
    return label_column(recode[codes], changed)


def _encoded(change: Callable[[pa.Array], pa.Array], values: pa.Array) -> tuple[Ints, pa.Array]:
    changed = change(values)
    if changed is values:  # distinct as they came
        return np.arange(len(values)), values
    encoded = changed.dictionary_encode()
    place: Ints = encoded.indices.to_numpy()
    return place, encoded.dictionary


def _names(queries: pa.Array) -> pa.Array:
    return mask(pa.array([parameter_names(query) for query in queries.to_pylist()], TEXT))


def _shapes(shapes: pa.Array) -> pa.Array:
    return pa.array([safe_shape(shape) for shape in shapes.to_pylist()], TEXT)


def _ids(texts: pa.Array) -> pa.Array:
    return pa.array([" ".join(filter(_UUID.fullmatch, text.split())) for text in texts.to_pylist()], TEXT)


def _kept(values: pa.Array) -> pa.Array:
    return values


_CHANGES: Final[Mapping[Treatment, Callable[[pa.Array], pa.Array]]] = MappingProxyType(
    {
        Treatment.MASK: mask,
        Treatment.NAMES: _names,
        Treatment.SHAPE: _shapes,
        Treatment.KEEP: _kept,
        Treatment.IDS: _ids,
    }
)


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
