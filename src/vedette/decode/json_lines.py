"""JSON lines to columns: the kernel reads nearly all, orjson the rest, and what orjson refuses is a dead letter."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa

from vedette.decode.columns import Columns, in_order
from vedette.decode.fold import JSON_ALIASES, Alias
from vedette.decode.lines import MAX_LINE, Lines
from vedette.decode.texts import filled, is_utf8
from vedette.decode.urgency import urgencies
from vedette.kernels import cells as kinds
from vedette.kernels import json_lines as kernel
from vedette.kernels.cells import Cells, make_cells
from vedette.kernels.names import Names, tree
from vedette.records import schema
from vedette.records.batch import DeadLetter, Decoded, RawBatch
from vedette.records.schema import Signal

_COLUMNS: Final = list(dict.fromkeys(alias.column for alias in JSON_ALIASES))
_EVENTS: Final = [name for name in _COLUMNS if name != schema.TIME]
_SCALES: Final = np.array([alias.scale for alias in JSON_ALIASES])
_NESTS: Final = (schema.BODY,)
"""Columns in which objects and arrays are kept, as JSON text."""


class JsonLines:
    """Decodes one JSON object a line.

    Parameters
    ----------
    service
        ``service.name`` of lines that name none.

    Notes
    -----
    As strict as orjson: a line that it refuses is a dead letter and costs no other line. Where a key
    occurs twice the last one counts. A value of a type that its column does not take is null.
    """

    name = "JSON lines"

    def __init__(self, service: str = "") -> None:
        self._service = service

    def decode(self, data: bytes, observed: int) -> Decoded:
        """Read all lines; empty ones are passed over."""
        lines = Lines(data)
        cells = make_cells(len(_COLUMNS), len(lines))
        good = np.zeros(len(lines), np.bool_)
        ends = np.where(lines.long() | ~lines.readable(), lines.starts, lines.ends)
        kernel.parse(lines.buffer, lines.starts, ends, *names(), *cells, good)
        columns = Columns(lines.buffer, cells, _COLUMNS, _SCALES, checked=True)
        dead = _reread(lines, columns, good)
        rows = np.flatnonzero(good)
        if not len(rows):
            return Decoded((), dead)
        raw = lines.raw(rows)
        if len(rows) < len(lines):
            columns.cells = cells.of(rows)
        return Decoded((RawBatch(Signal.LOG, self._batch(columns, raw, observed)),), dead)

    def _batch(self, columns: Columns, raw: pa.Array, observed: int) -> pa.RecordBatch:
        arrays = {schema.TIME: columns.times(observed), **columns.events(_EVENTS), schema.RAW: raw}
        arrays[schema.SERVICE] = filled(arrays.get(schema.SERVICE), self._service, len(columns))
        told = urgencies(columns, arrays.pop(schema.ALERT, None), arrays.get(schema.SEVERITY))
        if told is not None:
            arrays[schema.ALERT] = told
        return in_order(arrays)


def _reread(lines: Lines, columns: Columns, good: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[DeadLetter, ...]:
    """Read the lines that the kernel left, one by one; what they hold is appended to the buffer."""
    dead: list[DeadLetter] = []
    extra = bytearray()
    begin = columns.append(np.empty(0, np.uint8))
    for line in np.flatnonzero(~good).tolist():
        if lines.is_blank(line) and not lines.text(line).strip(b" \t\r"):
            continue
        columns.cells.kind[:, line] = kinds.ABSENT
        try:
            found = _chosen(_strict(lines.text(line)))
        except ValueError as error:
            dead.append(lines.dead(line, str(error)))
            continue
        good[line] = True
        for column, (rank, value) in found.items():
            extra += _put(columns.cells, column, line, rank, value, begin + len(extra))
    if extra:
        columns.append(np.frombuffer(bytes(extra), np.uint8))
    return tuple(dead)


def _put(cells: Cells, column: int, line: int, rank: int, value: Any, at: int) -> bytes:
    """Note a value that orjson read; returns its text, which will be at `at`."""
    kind, number = kinds.TEXT, 0
    if isinstance(value, bool):
        kind = kinds.TRUE if value else kinds.FALSE
    elif isinstance(value, int) and -(2**63) <= value < 2**63:
        kind, number = kinds.WHOLE, value
    elif isinstance(value, float):
        kind, number = kinds.FLOAT, int(np.float64(value).view(np.int64))
    elif not isinstance(value, str):
        kind = kinds.WIDE if isinstance(value, int) else kinds.NESTED
    text = value.encode() if isinstance(value, str) else orjson.dumps(value)
    cells.kind[column, line], cells.rank[column, line] = kind, rank
    cells.offset[column, line], cells.length[column, line] = at, len(text)
    cells.value[column, line] = number
    return text


def _strict(text: bytes) -> dict[str, Any]:
    """Read a line with orjson; raises ValueError with the reason of the dead letter."""
    if len(text) > MAX_LINE:
        raise ValueError("line_too_long")
    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ValueError(_reason(text, error)) from None
    if not isinstance(values, dict):
        raise ValueError("not_an_object")
    return values


def _reason(text: bytes, error: orjson.JSONDecodeError) -> str:
    if not is_utf8(np.frombuffer(text, np.uint8)):
        return "invalid_utf8"
    return "truncated_json" if "end of data" in error.msg or "EOF" in error.msg else "invalid_json"


def _chosen(values: dict[str, Any]) -> dict[int, tuple[int, Any]]:
    """Return rank and value of each column, by the most preferred of its names that has one."""
    chosen: dict[int, tuple[int, Any]] = {}
    for rank, alias, value in _named(values, _branches()):
        column = _COLUMNS.index(alias.column)
        usable = alias.column in _NESTS or not isinstance(value, (dict, list))
        if usable and value is not None and (column not in chosen or rank < chosen[column][0]):
            chosen[column] = rank, value
    return chosen


class Branch(dict[str, "Branch"]):
    """Names below a name, and what the name itself means."""

    meaning: tuple[int, Alias] | None = None


def _named(values: dict[str, Any], branch: Branch) -> list[tuple[int, Alias, Any]]:
    """Return the values that have a name of ours, and what it means."""
    found = []
    for name, value in values.items():
        below = branch.get(name)
        if below is None:
            continue
        if below.meaning is not None:
            found.append((*below.meaning, value))
        if isinstance(value, dict):
            found += _named(value, below)
    return found


@cache
def _branches() -> Branch:
    root = Branch()
    for rank, alias in enumerate(JSON_ALIASES):
        branch = root
        for name in alias.path:
            branch = branch.setdefault(name, Branch())
        branch.meaning = branch.meaning or (rank, alias)
    return root


@cache
def names() -> Names:
    """Return the tree of aliases, made at the first use since it needs a kernel."""
    return tree(
        [alias.path for alias in JSON_ALIASES],
        [_COLUMNS.index(alias.column) for alias in JSON_ALIASES],
        [alias.column in _NESTS for alias in JSON_ALIASES],
    )
