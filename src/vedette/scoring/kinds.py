"""The kinds of data that can be scored, and the one function behind ``vedette score`` and `vedette.score`."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import pyarrow as pa

from vedette.errors import BadInput
from vedette.scoring.span_lines import with_lines

KINDS: Final = ("metrics", "logs", "requests", "spans", "vectors", "alerts", "entities", "events")
"""Each is a module of this room with a function ``score_KIND``."""


def score_table(kind: str, table: pa.Table) -> pa.Table:
    """Return the verdicts on a table of one kind; columns as the kind's function documents.

    Raises
    ------
    BadInput
        For an unknown kind, a missing column, or a column of another type.
    """
    if kind not in KINDS:
        raise BadInput("unknown_kind", detail=f"got {kind!r}, expected one of {', '.join(KINDS)}")
    scored: pa.Table = getattr(import_module(f"vedette.scoring.{kind}"), f"score_{kind}")(table)
    return scored


def score(kind: str, data: Any, lines: Any = None) -> Any:
    """Judge a data set by Vedette's own detectors and defaults, without labels and causally.

    Parameters
    ----------
    kind
        What it is: ``metrics`` (columns ``series, t, value``), and the other kinds of ``vedette score``.
    data
        A pyarrow Table, or a polars or pandas frame.
    lines
        For ``spans``: their log lines as another one, with columns ``trace_id, service, t, line``.

    Returns
    -------
    The same sort of table or frame; what is added is described at ``vedette.scoring.KIND.score_KIND``.

    Raises
    ------
    BadInput
        For an unknown kind, a missing column, or a column of another type.

    Examples
    --------
    >>> import pyarrow as pa, vedette
    >>> scored = vedette.score("metrics", pa.table({"series": ["a"], "t": [0], "value": [1.0]}))
    >>> scored["state"].to_pylist()
    ['learning']
    """
    table = _table(data)
    if lines is not None:
        if kind != "spans":
            raise BadInput("unexpected_lines", detail=f"lines are for spans, got {kind}")
        table = with_lines(table, _table(lines))
    scored = score_table(kind, table)
    if isinstance(data, pa.Table):
        return scored
    library = _library(data)
    return import_module("polars").from_arrow(scored) if library == "polars" else scored.to_pandas()


def _table(data: Any) -> pa.Table:
    if isinstance(data, pa.Table):
        return data
    library = _library(data)
    if library == "polars":
        return data.to_arrow()
    if library == "pandas":
        return pa.Table.from_pandas(data, preserve_index=False)
    raise BadInput("unknown_table", detail=f"got {type(data)!r}, expected a pyarrow Table or a polars or pandas frame")


def _library(data: Any) -> str:
    return type(data).__module__.partition(".")[0]
