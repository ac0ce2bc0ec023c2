"""OTLP export requests in protobuf: where their records are, what their fields mean, and all of it as cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.decode.columns import Columns
from vedette.decode.fold import ATTRIBUTES
from vedette.decode.texts import binary_id_array, buffer_of, string_array
from vedette.decode.values import write_out
from vedette.errors import BadInput
from vedette.kernels import otlp as kernel
from vedette.kernels import spare as spare_kernel
from vedette.kernels.bytes import PAD
from vedette.kernels.cells import make_cells
from vedette.kernels.names import Names, tree
from vedette.records import schema

Ints = NDArray[np.int64]
Fields = dict[int, tuple[int, Any]]
"""Field number → what to do with it, and the column that it fills or, for a message inside, its fields."""

ATTRIBUTE_COLUMNS: Final = tuple(dict.fromkeys(alias.column for alias in ATTRIBUTES.values()))
_SCALES: Final = np.array([alias.scale for alias in ATTRIBUTES.values()])


UNKNOWN: Final = "unknown_service"
"""``service.name`` where the resource has none, as the OpenTelemetry SDKs write it."""


@dataclass(frozen=True)
class Layout:
    """How the records of a signal are nested, and what the fields of each message are.

    Parameters
    ----------
    tags
        By level, the fields that lead to records, such as ``((1,), (2,), (2,))``.
    around
        By level, the fields of the messages around the records, which these inherit.
    records
        The fields of a record, by the number of the field around it.
    named
        Whether attributes of records fill columns.
    """

    tags: tuple[tuple[int, ...], ...]
    around: tuple[Fields, ...]
    records: dict[int, Fields]
    named: bool

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns that attributes fill, then those that fields fill."""
        tables = (*self.around, *self.records.values())
        return tuple(dict.fromkeys((*ATTRIBUTE_COLUMNS, *(name for table in tables for name in _filled(table)))))

    @cached_property
    def arrays(self) -> tuple[NDArray[np.uint64], Ints, NDArray[np.bool_]]:
        """Tags, tables, and what is filled by level, as the kernel takes them."""
        widest = max(map(len, self.tags))
        tags = [[number << 3 | 2 for number in (*row, *row[:1] * widest)[:widest]] for row in self.tags]
        below = kernel.LEAVES - len(self.around)
        tables = [
            *self.around,
            *({} for _ in range(below)),
            *(self.records.get(key, {}) for key in range(1 + max(self.records))),
        ]
        written = []
        for fields in tables:  # grows by the messages inside
            written.append(np.zeros((kernel.FIELDS, 2), np.int64))
            for field, (action, what) in fields.items():
                written[-1][field] = action, self._place(action, what, tables)
        fills = [[name in _filled(table) for name in self.columns] for table in self.around]
        return np.array(tags, np.uint64), np.array(written), np.array(fills, np.bool_)

    def _place(self, action: int, what: Any, tables: list[Fields]) -> int:
        """Return the column's number; for a message inside, that of its table, which is appended."""
        if action == kernel.INNER:
            tables.append(what)
            return len(tables) - 1
        return self.columns.index(what) if action != kernel.ATTRIBUTE else -1


def _filled(fields: Fields) -> tuple[str, ...]:
    """Return the columns that a message fills."""
    found: list[str] = []
    for action, what in fields.values():
        if action == kernel.INNER:
            found += _filled(what)
        else:
            found += ATTRIBUTE_COLUMNS if action == kernel.ATTRIBUTE else (what,)
    return tuple(found)


RESOURCE: Final[Fields] = {1: (kernel.INNER, {1: (kernel.ATTRIBUTE, None)})}
"""Fields of ResourceLogs and its like: a Resource with its attributes."""


class Request:
    """The records of one export request; raises `BadInput` for bytes that are none.

    Parameters
    ----------
    data
        The request in protobuf.
    layout
        That of its signal.
    """

    def __init__(self, data: bytes, layout: Layout) -> None:
        buffer = buffer_of(data)
        count = int(kernel.count(buffer, len(data), layout.arrays[0]))
        if count < 0:
            raise BadInput("truncated_protobuf", detail=f"{len(data)} bytes, a length in it does not fit")
        cells = make_cells(len(layout.columns), count + 1)
        spare = np.empty((len(data) // 4 + 1, 7), np.int64)
        done, found = kernel.parse(buffer, len(data), *layout.arrays, layout.named, *names(), *cells, spare)
        if found < 0:
            raise BadInput("truncated_protobuf", detail=f"{len(data)} bytes, record {done} of {count} is broken")
        self.columns = Columns(buffer, cells.of(slice(count)), layout.columns, _SCALES, checked=False)
        self.spare = spare[:found]

    def __len__(self) -> int:
        return len(self.columns)

    def value(self, name: str) -> Ints:
        """Return a column of whole numbers, 0 where there is none."""
        cells, number = self.columns.cells, self.columns.names.index(name)
        return np.where(cells.kind[number] > 0, cells.value[number], 0)

    def write_out(self, names: Sequence[str]) -> None:
        """Turn values that are no text into text, in these columns and the spare attributes."""
        for name in names:
            number = self.columns.names.index(name)
            kind, _, offset, length, value = (part[number] for part in self.columns.cells)
            write_out(self.columns, kind, offset, length, value)
        _, _, _, kind, offset, length, value = self.spare.T
        write_out(self.columns, kind, offset, length, value)

    def ids(self, name: str) -> pa.Array:
        """Return a column of ids; null where one is missing, zero, or not as long as it should be."""
        kind, _, offset, length, _ = (part[self.columns.names.index(name)] for part in self.columns.cells)
        return binary_id_array(self.columns.buffer, kind, offset, length, schema.EVENT_COLUMNS[name])

    def objects(self) -> pa.Array:
        """Return the spare attributes of each record as a JSON object, null where there are none."""
        size = 6 * int(self.spare[:, [2, 5]].sum()) + 10 * len(self.spare) + PAD
        ends, out = np.empty(len(self) + 1, np.int32), np.empty(size, np.uint8)
        spare_kernel.objects(self.columns.buffer, self.spare, ends, out)
        return string_array(ends, out[: ends[-1]], np.diff(ends) > 0, checked=False)

    def pairs(self) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int32]]:
        """Return the spare attributes of each record as ``key=value`` pairs: a buffer, offsets and lengths."""
        size = int(self.spare[:, [2, 5]].sum()) + 2 * len(self.spare) + PAD
        ends, out = np.empty(len(self) + 1, np.int32), np.empty(size, np.uint8)
        spare_kernel.pairs(self.columns.buffer, self.spare, np.empty(len(self.spare), np.int64), ends, out)
        return out, ends[:-1], np.diff(ends).astype(np.int32)


@cache
def names() -> Names:
    """Return the tree of attribute names, made at the first use since it needs a kernel."""
    columns = [ATTRIBUTE_COLUMNS.index(alias.column) for alias in ATTRIBUTES.values()]
    return tree([(name,) for name in ATTRIBUTES], columns, [False] * len(columns))
