"""Targets split into path and query, and the structure of queries; on distinct values only."""

from __future__ import annotations

from urllib.parse import unquote_plus

import numpy as np
import pyarrow as pa

from vedette.records import schema
from vedette.records.shape import value_part

MAX_PARAMETERS = 64
"""Parameters of a query whose structure is told; the rest is one ``…``."""


def split_targets(arrays: dict[str, pa.Array], target: str) -> dict[str, pa.Array]:
    """Return the columns with `target` (``/path?query``, or a URL) split up where path or query is missing."""
    out = dict(arrays)
    column = merged(out.get(schema.PATH), out.pop(target, None))
    if column is None:
        return out
    parts = [_split(text) if _has_more(text) else (text, None) for text in column.dictionary.to_pylist()]
    queries = [query for _, query in parts]
    out[schema.PATH] = relabeled(column, [path for path, _ in parts])
    if any(queries):
        out[schema.QUERY] = merged(out.get(schema.QUERY), relabeled(column, queries))
    return out


def merged(first: pa.DictionaryArray | None, second: pa.DictionaryArray | None) -> pa.DictionaryArray | None:
    """Return the first column with its nulls filled from the second."""
    if first is None or second is None or first.null_count == 0:
        return second if first is None else first
    codes = first.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    others = second.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    both = np.where(codes >= 0, codes, np.where(others >= 0, others + len(first.dictionary), -1)).astype(np.int32)
    values = pa.concat_arrays([first.dictionary, second.dictionary])
    return pa.DictionaryArray.from_arrays(pa.array(both, mask=both < 0), values)


def query_shapes(arrays: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Return the columns with the structure of the query, where no structure was reported."""
    query = arrays.get(schema.QUERY)
    if query is None or schema.BODY_SHAPE in arrays:
        return arrays
    return {**arrays, schema.BODY_SHAPE: relabeled(query, [query_shape(text) for text in query.dictionary.to_pylist()])}


def relabeled(column: pa.DictionaryArray, values: list[str | None]) -> pa.DictionaryArray:
    """Return a label column with its distinct values replaced; None and ``""`` become null."""
    kept = list(dict.fromkeys(value for value in values if value))
    number = {value: code for code, value in enumerate(kept)}
    codes = np.array([*(number.get(value or "", -1) for value in values), -1], np.int32)
    mine = codes[column.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]
    return pa.DictionaryArray.from_arrays(pa.array(mine, mask=mine < 0), pa.array(kept, pa.string()))


def query_shape(query: str | None) -> str | None:
    """Return a query's structure, as in `schema.BODY_SHAPE`; names and classes, never a value.

    >>> query_shape("q=red+shoes&page=2")
    'page:int:d:1|q:str:as:16'
    """
    if not query:
        return None
    pairs = [piece.partition("=") for piece in query.split("&", MAX_PARAMETERS)[:MAX_PARAMETERS]]
    parts = {value_part(unquote_plus(name), unquote_plus(value)) for name, _, value in pairs}
    return "|".join(sorted(parts))


def _has_more(target: str) -> bool:
    """Say whether there is more than a path."""
    return "?" in target or "#" in target or "://" in target or not target


def _split(target: str | None) -> tuple[str | None, str | None]:
    if target is None:
        return None, None
    rest = target.partition("://")[2]
    if rest:
        host, slash, tail = rest.partition("/")
        target = slash + tail or "/"
        del host
    path, _, query = target.partition("?")
    return path.partition("#")[0] or "/", query.partition("#")[0]
