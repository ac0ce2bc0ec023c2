"""The structure of queries, told once for each distinct one."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_plus

import pyarrow as pa

from vedette.decode.texts import relabeled
from vedette.records import schema
from vedette.records.shape import value_part

MAX_PARAMETERS: Final = 64
"""Parameters of a query whose structure is told."""


def query_shapes(arrays: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Return the columns with the structure of the query, where no structure was reported."""
    query = arrays.get(schema.QUERY)
    if query is None or schema.BODY_SHAPE in arrays:
        return arrays
    return {**arrays, schema.BODY_SHAPE: relabeled(query, [query_shape(text) for text in query.dictionary.to_pylist()])}


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
