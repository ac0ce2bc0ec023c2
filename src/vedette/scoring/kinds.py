"""The kinds of data that can be scored, and the one function behind ``vedette score`` and `vedette.score`."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

import pyarrow as pa

from vedette.errors import BadInput

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


def score(kind: str, data: Any) -> Any:
    """Judge a data set by Vedette's own detectors and defaults, without labels and causally.

    Parameters
    ----------
    kind
        What it is: ``metrics`` (columns ``series, t, value``), and the other kinds of ``vedette score``.
    data
        A pyarrow Table, or a polars or pandas frame.

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
    library = type(data).__module__.partition(".")[0]
    if isinstance(data, pa.Table):
        return score_table(kind, data)
    if library == "polars":
        frame = import_module("polars")
        return frame.from_arrow(score_table(kind, data.to_arrow()))
    if library == "pandas":
        return score_table(kind, pa.Table.from_pandas(data, preserve_index=False)).to_pandas()
    raise BadInput("unknown_table", detail=f"got {type(data)!r}, expected a pyarrow Table or a polars or pandas frame")
