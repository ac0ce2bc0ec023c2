"""OTLP logs, spans and metrics in protobuf to cells: one pass over the bytes, every length checked before use.

All three are records inside messages inside messages. What the fields of each message mean is a
table; a message around records fills a shared row, and records inherit from it what they lack. A
request that is truncated, or whose lengths lie, gives -1 and nothing else.

References
----------
opentelemetry-proto 1.x, ``logs.proto``, ``trace.proto``, ``metrics.proto``, ``common.proto``;
Protocol Buffers, Encoding.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import load64
from vedette.kernels.cells import ABSENT, FALSE, FLOAT, NESTED, TEXT, TRUE, WHOLE, free
from vedette.kernels.names import COLUMN, RANK, ROOT, UNKNOWN, child

SKIP, FIXED, VARINT, PIECE, VALUE, ATTRIBUTE, INNER = range(7)
"""What to do with a field: nothing; keep 8 bytes, a varint, a piece, an AnyValue in a column; read a KeyValue;
read the message inside by a table of its own, once."""
FIELDS: Final = 32
LEAVES: Final = 4
"""Tables below are for the messages around records, by level; those above for records, by the field around them."""


@njit(cache=True, nogil=True)
def varint(data: Any, at: Any, end: Any) -> Any:
    """Return a varint and the place behind it; place -1 if it does not end before `end`."""
    value = np.uint64(0)
    shift = np.uint64(0)
    while at < end and shift < np.uint64(70):
        byte = np.uint64(data[at])
        at += 1
        value |= (byte & np.uint64(127)) << shift
        if byte < np.uint64(128):
            return value, at
        shift += np.uint64(7)
    return np.uint64(0), -1


@njit(cache=True, nogil=True)
def piece(data: Any, at: Any, end: Any) -> Any:
    """Return start and end of a length-delimited field's content; end -1 if it does not fit."""
    size, at = varint(data, at, end)
    if at < 0 or size > np.uint64(end - at):
        return 0, -1
    return at, at + np.int64(size)


@njit(cache=True, nogil=True)
def skip(data: Any, at: Any, end: Any, wire: Any) -> Any:
    """Return the place behind a field of this wire type, -1 if it does not fit or there is none such."""
    if wire == 0:
        _, at = varint(data, at, end)
        return at
    if wire == 2:
        _, at = piece(data, at, end)
        return at
    if wire == 1 or wire == 5:
        at += 8 if wire == 1 else 4
        return at if at <= end else -1
    return -1


@njit(cache=True, nogil=True)
def any_value(data: Any, at: Any, end: Any) -> Any:
    """Read an AnyValue: kind (-1 if it is broken), start, length and value, as `cells` keeps them."""
    kind, start, size, value = ABSENT, np.int64(0), np.int64(0), np.int64(0)
    while at < end:
        tag, at = varint(data, at, end)
        if at < 0:
            return -1, start, size, value
        field, wire = np.int64(tag >> np.uint64(3)), np.int64(tag & np.uint64(7))
        if wire == 2 and (field == 1 or (field >= 5 and field <= 7)):
            start, stop = piece(data, at, end)
            if stop < 0:
                return -1, start, size, value
            kind, size, at = TEXT if field == 1 else NESTED, stop - start, stop
            value = field
        elif wire == 0 and (field == 2 or field == 3):
            number, at = varint(data, at, end)
            if at < 0:
                return -1, start, size, value
            kind = WHOLE if field == 3 else TRUE if number != np.uint64(0) else FALSE
            value = np.int64(number)
        elif wire == 1 and field == 4 and at + 8 <= end:
            kind, value, at = FLOAT, np.int64(load64(data, at)), at + 8
        else:
            at = skip(data, at, end, wire)
            if at < 0:
                return -1, start, size, value
    return kind, start, size, value


@njit(cache=True, nogil=True)
def pair(data: Any, at: Any, end: Any) -> Any:
    """Read a KeyValue: key's start and end (-1 if it is broken), then as `any_value`."""
    start, stop = np.int64(0), np.int64(0)
    kind, first, size, value = ABSENT, np.int64(0), np.int64(0), np.int64(0)
    while at < end:
        tag, at = varint(data, at, end)
        if at < 0:
            return start, -1, kind, first, size, value
        if tag == np.uint64(10) or tag == np.uint64(18):
            begin, last = piece(data, at, end)
            if last < 0:
                return start, -1, kind, first, size, value
            at = last
            if tag == np.uint64(10):
                start, stop = begin, last
            else:
                kind, first, size, value = any_value(data, begin, last)
                if kind < 0:
                    return start, -1, kind, first, size, value
        else:
            at = skip(data, at, end, np.int64(tag & np.uint64(7)))
            if at < 0:
                return start, -1, kind, first, size, value
    return start, stop, kind, first, size, value


@njit(cache=True, nogil=True)
def message(
    data: Any,
    at: Any,
    end: Any,
    row: Any,
    tables: Any,
    number: Any,
    root: Any,
    keep: Any,
    slots: Any,
    nodes: Any,
    text: Any,
    kind: Any,
    rank: Any,
    offset: Any,
    length: Any,
    value: Any,
    spare: Any,
    found: Any,
) -> Any:
    """Read the fields of a message into `row` by table `number`; returns the number of spare attributes, -1 if broken.

    Attributes are looked up below node `root`; those that no column wants are kept as spare if `keep`.
    """
    resume, resume_end, resume_number = np.int64(-1), end, number
    while at < end or resume >= 0:
        if at >= end:
            at, end, number, resume = resume, resume_end, resume_number, np.int64(-1)
            continue
        tag, at = varint(data, at, end)
        if at < 0:
            return -1
        field, wire = np.int64(tag >> np.uint64(3)), np.int64(tag & np.uint64(7))
        action = tables[number, field, 0] if field < FIELDS else SKIP
        column = tables[number, field, 1] if field < FIELDS else 0
        mine = np.int64(0)
        start, stop = at, at
        first, size, bits = at, np.int64(0), np.int64(0)
        if action == SKIP or wire != (1 if action == FIXED else 0 if action == VARINT else 2):
            at = skip(data, at, end, wire)
            if at < 0:
                return -1
            continue
        if action == FIXED:
            at += 8
            if at > end:
                return -1
            sort, bits = WHOLE, np.int64(load64(data, start))
        elif action == VARINT:
            word, at = varint(data, at, end)
            if at < 0:
                return -1
            sort, bits = WHOLE, np.int64(word)
        else:
            start, stop = piece(data, at, end)
            if stop < 0:
                return -1
            at = stop
            if action == INNER:
                if resume >= 0:
                    return -1
                resume, resume_end, resume_number = stop, end, number
                at, end, number = start, stop, column
                continue
            sort, first, size = TEXT, start, stop - start
            if action == VALUE:
                sort, first, size, bits = any_value(data, start, stop)
                if sort < 0:
                    return -1
            elif action == ATTRIBUTE:
                start, stop, sort, first, size, bits = pair(data, start, stop)
                if stop < 0:
                    return -1
                node = child(data, start, stop, root, slots, nodes, text) if root >= 0 else -1
                if node < 0 or nodes[node, COLUMN] < 0:
                    if keep and (stop > start or sort != ABSENT):
                        spare[found, 0], spare[found, 1], spare[found, 2] = row, start, stop - start
                        spare[found, 3], spare[found, 4], spare[found, 5], spare[found, 6] = sort, first, size, bits
                        found += 1
                    continue
                column, mine = nodes[node, COLUMN], nodes[node, RANK]
                if sort == ABSENT:
                    continue
        if free(kind, rank, column, row, mine):
            kind[column, row], rank[column, row] = sort, mine
            offset[column, row], length[column, row], value[column, row] = first, size, bits
    return found


@njit(cache=True, nogil=True)
def wanted(tag: Any, level: Any, tags: Any) -> bool:
    """Say whether a field leads to records."""
    for k in range(tags.shape[1]):
        if tag == tags[level, k]:
            return True
    return False


@njit(cache=True, nogil=True)
def count(data: Any, size: Any, tags: Any) -> Any:
    """Return the number of records in a request, -1 if lengths do not fit. ``tags[level]`` lead to records."""
    ends = np.empty(8, np.int64)
    ends[0] = size
    level = 0
    total = 0
    at = np.int64(0)
    while level >= 0:
        if at >= ends[level]:
            level -= 1
            continue
        tag, at = varint(data, at, ends[level])
        if at < 0:
            return -1
        if not wanted(tag, level, tags):
            at = skip(data, at, ends[level], np.int64(tag & np.uint64(7)))
            if at < 0:
                return -1
            continue
        start, stop = piece(data, at, ends[level])
        if stop < 0:
            return -1
        at = stop
        if level == tags.shape[0] - 1:
            total += 1
        else:
            level += 1
            ends[level] = stop
            at = start
    return total


@njit(cache=True, nogil=True)
def inherit(row: Any, shared: Any, kind: Any, offset: Any, length: Any, value: Any) -> None:
    """Give a row what the shared row has where it has nothing of its own."""
    for column in range(kind.shape[0]):
        if kind[column, shared] != ABSENT and kind[column, row] == ABSENT:
            kind[column, row] = kind[column, shared]
            offset[column, row], length[column, row] = offset[column, shared], length[column, shared]
            value[column, row] = value[column, shared]


@njit(cache=True, nogil=True)
def parse(
    data: Any,
    size: Any,
    tags: Any,
    tables: Any,
    fills: Any,
    named: Any,
    slots: Any,
    nodes: Any,
    text: Any,
    kind: Any,
    rank: Any,
    offset: Any,
    length: Any,
    value: Any,
    spare: Any,
) -> Any:
    """Read a request into cells; returns the numbers of records and of spare attributes, -1 for a broken request.

    Parameters
    ----------
    data
        uint8, with `vedette.kernels.bytes.PAD` bytes to spare; ``data[:size]`` passed `count`.
    tags
        uint64 ``(levels, k)``: the fields of each level that lead to records.
    tables
        int64 ``(n, FIELDS, 2)``: action and column (or table) of each field; by level, and from
        `LEAVES` on by the number of the field around the record.
    fills
        bool ``(levels, n_columns)``: columns that a message of this level, around records, fills.
    named
        Whether the records' own attributes fill columns; otherwise all are spare.
    slots, nodes, text
        The attributes' names (`vedette.kernels.names`).
    kind, rank, offset, length, value
        Cells, one record more than there are: the last one is shared.
    spare
        int64 ``(n, 7)``: row, key's start and length, kind, start, length and value of attributes
        that no column wants, in order of rows.
    """
    ends = np.empty(8, np.int64)
    ends[0] = size
    last = tags.shape[0] - 1
    shared = kind.shape[1] - 1
    level, row, found = 0, 0, 0
    around = np.int64(0)
    at = np.int64(0)
    while level >= 0:
        if at >= ends[level]:
            level -= 1
            continue
        tag, at = varint(data, at, ends[level])
        if not wanted(tag, level, tags):
            at = skip(data, at, ends[level], np.int64(tag & np.uint64(7)))
            continue
        start, stop = piece(data, at, ends[level])
        leaf = level == last
        if not leaf:
            for column in range(fills.shape[1]):
                if fills[level, column]:
                    kind[column, shared] = ABSENT
        found = message(
            data,
            start,
            stop,
            row if leaf else shared,
            tables,
            LEAVES + around if leaf else level,
            ROOT if named or not leaf else UNKNOWN,
            leaf,
            slots,
            nodes,
            text,
            kind,
            rank,
            offset,
            length,
            value,
            spare,
            found,
        )
        if found < 0:
            return row, -1
        if leaf:
            inherit(row, shared, kind, offset, length, value)
            row += 1
            at = stop
        else:
            around = np.int64(tag >> np.uint64(3))
            level += 1
            ends[level] = stop
            at = start
    return row, found
