"""OTLP logs and spans in protobuf to columns: one pass over the bytes, every length checked before use.

Both signals are resource → scope → record; which field of a record means what is a table. A message
that is truncated, or whose lengths lie, gives -1 and nothing else.

References
----------
opentelemetry-proto 1.x, ``logs.proto``, ``trace.proto``, ``common.proto``; Protocol Buffers, Encoding.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numba import njit

from vedette.kernels.bytes import MIX1, hash64, load64
from vedette.kernels.json_lines import ABSENT, FALSE, FLOAT, NESTED, TEXT, TRUE, WHOLE, column_of

SKIP, FIXED, VARINT, PIECE, BODY, ATTRIBUTE, STATUS = 0, 1, 2, 3, 4, 5, 6
FIELDS: Final = 32

_RAW_QUOTE, _RAW_SLASH = 34, 92


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
def any_value(data: Any, at: Any, end: Any, out: Any) -> bool:
    """Read an AnyValue; `out` gets kind, start, length, whole number and a float's bits. False if it is broken."""
    out[:] = 0
    while at < end:
        tag, at = varint(data, at, end)
        if at < 0:
            return False
        field, wire = np.int64(tag >> np.uint64(3)), np.int64(tag & np.uint64(7))
        if wire == 2 and (field == 1 or field == 5 or field == 6 or field == 7):
            start, stop = piece(data, at, end)
            if stop < 0:
                return False
            out[0] = TEXT if field == 1 else NESTED
            out[1], out[2] = start, stop - start
            at = stop
        elif wire == 0 and (field == 2 or field == 3):
            value, at = varint(data, at, end)
            if at < 0:
                return False
            out[0] = WHOLE if field == 3 else TRUE if value != np.uint64(0) else FALSE
            out[3] = np.int64(value)
        elif wire == 1 and field == 4:
            if at + 8 > end:
                return False
            out[0] = FLOAT
            out[4] = np.int64(load64(data, at))
            at += 8
        else:
            at = skip(data, at, end, wire)
            if at < 0:
                return False
    return True


@njit(cache=True, nogil=True)
def attribute(
    data: Any, at: Any, end: Any, row: Any, table: Any, cells: Any, ranked: Any, spare: Any, found: Any, scratch: Any
) -> bool:
    """Read a KeyValue into its column of `row`, or note it in `spare` if no column wants it."""
    keys, entries, column, rank, scale = table
    kind, offset, length, whole, real = cells
    start, stop = np.int64(0), np.int64(0)
    value_at, value_end = np.int64(0), np.int64(0)
    while at < end:
        tag, at = varint(data, at, end)
        if at < 0:
            return False
        field, wire = np.int64(tag >> np.uint64(3)), np.int64(tag & np.uint64(7))
        if wire == 2 and (field == 1 or field == 2):
            first, last = piece(data, at, end)
            if last < 0:
                return False
            if field == 1:
                start, stop = first, last
            else:
                value_at, value_end = first, last
            at = last
        else:
            at = skip(data, at, end, wire)
            if at < 0:
                return False
    if not any_value(data, value_at, value_end, scratch):
        return False
    entry = column_of(hash64(data, start, stop) ^ (np.uint64(0) * MIX1), keys, entries)
    if entry < 0:
        if found[0] < spare.shape[0]:
            spare[found[0], 0], spare[found[0], 1], spare[found[0], 2] = row, start, stop - start
            spare[found[0], 3 : 3 + 5] = scratch[:5]
            found[0] += 1
        return True
    target = column[entry]
    if scratch[0] != ABSENT and (kind[target, row] == ABSENT or rank[entry] <= ranked[target, row]):
        kind[target, row] = scratch[0]
        ranked[target, row] = rank[entry]
        offset[target, row] = scratch[1]
        length[target, row] = scratch[2]
        whole[target, row] = scratch[3]
        bits = scratch.view(np.float64)
        real[target, row] = (bits[4] if scratch[0] == FLOAT else np.float64(scratch[3])) * scale[entry]
    return True


@njit(cache=True, nogil=True)
def count_records(data: Any, size: Any) -> Any:
    """Return the number of records in an export request, -1 if lengths do not fit."""
    total = 0
    at = 0
    while at < size:
        tag, at = varint(data, at, size)
        if at < 0:
            return -1
        if tag != np.uint64(10):
            at = skip(data, at, size, np.int64(tag & np.uint64(7)))
            if at < 0:
                return -1
            continue
        inner, inner_end = piece(data, at, size)
        if inner_end < 0:
            return -1
        at = inner_end
        while inner < inner_end:
            tag, inner = varint(data, inner, inner_end)
            if inner < 0:
                return -1
            if tag != np.uint64(18):
                inner = skip(data, inner, inner_end, np.int64(tag & np.uint64(7)))
                if inner < 0:
                    return -1
                continue
            scope, scope_end = piece(data, inner, inner_end)
            if scope_end < 0:
                return -1
            inner = scope_end
            while scope < scope_end:
                tag, scope = varint(data, scope, scope_end)
                if scope < 0:
                    return -1
                total += 1 if tag == np.uint64(18) else 0
                scope = skip(data, scope, scope_end, np.int64(tag & np.uint64(7)))
                if scope < 0:
                    return -1
    return total


@njit(cache=True, nogil=True)
def record(
    data: Any,
    at: Any,
    end: Any,
    row: Any,
    actions: Any,
    places: Any,
    table: Any,
    cells: Any,
    ranked: Any,
    fixed: Any,
    numbers: Any,
    offsets: Any,
    lengths: Any,
    spare: Any,
    found: Any,
    scratch: Any,
) -> bool:
    """Read one record; False if it is broken."""
    while at < end:
        tag, at = varint(data, at, end)
        if at < 0:
            return False
        field, wire = np.int64(tag >> np.uint64(3)), np.int64(tag & np.uint64(7))
        action = actions[field] if field < FIELDS else SKIP
        if action == FIXED and wire == 1:
            if at + 8 > end:
                return False
            fixed[places[field], row] = np.int64(load64(data, at))
            at += 8
        elif action == VARINT and wire == 0:
            value, at = varint(data, at, end)
            if at < 0:
                return False
            numbers[places[field], row] = np.int64(value)
        elif wire == 2 and action >= PIECE:
            start, stop = piece(data, at, end)
            if stop < 0:
                return False
            at = stop
            if action == PIECE:
                offsets[places[field], row], lengths[places[field], row] = start, stop - start
            elif action == ATTRIBUTE:
                if not attribute(data, start, stop, row, table, cells, ranked, spare, found, scratch):
                    return False
            elif action == BODY:
                if not any_value(data, start, stop, scratch):
                    return False
                numbers[places[field], row] = scratch[0]
                offsets[places[field], row], lengths[places[field], row] = scratch[1], scratch[2]
                fixed[places[field], row] = scratch[4] if scratch[0] == FLOAT else scratch[3]
            else:
                while start < stop:
                    tag, start = varint(data, start, stop)
                    if start < 0:
                        return False
                    if tag == np.uint64(24):
                        value, start = varint(data, start, stop)
                        if start < 0:
                            return False
                        numbers[places[field], row] = np.int64(value)
                    else:
                        start = skip(data, start, stop, np.int64(tag & np.uint64(7)))
                        if start < 0:
                            return False
        else:
            at = skip(data, at, end, wire)
            if at < 0:
                return False
    return True


@njit(cache=True, nogil=True)
def inherit(row: Any, shared: Any, cells: Any) -> None:
    """Give a row the resource's attributes where it has none of its own."""
    kind, offset, length, whole, real = cells
    for target in range(kind.shape[0]):
        if kind[target, row] == ABSENT and kind[target, shared] != ABSENT:
            kind[target, row] = kind[target, shared]
            offset[target, row], length[target, row] = offset[target, shared], length[target, shared]
            whole[target, row], real[target, row] = whole[target, shared], real[target, shared]


@njit(cache=True, nogil=True)
def parse(
    data: Any,
    size: Any,
    actions: Any,
    places: Any,
    table: Any,
    cells: Any,
    ranked: Any,
    fixed: Any,
    numbers: Any,
    offsets: Any,
    lengths: Any,
    spare: Any,
    found: Any,
) -> Any:
    """Read an export request into columns; returns the number of records, -1 for a broken message.

    The arrays have one column more than there are records: the last holds the resource's attributes.
    `data` needs 16 bytes to spare. ``spare`` gets (row, key start, key length, kind, start, length,
    whole, bits) of attributes that no column wants.
    """
    scratch = np.zeros(5, np.int64)
    kind = cells[0]
    shared = kind.shape[1] - 1
    row = 0
    at = 0
    while at < size:
        tag, at = varint(data, at, size)
        if tag != np.uint64(10):
            at = skip(data, at, size, np.int64(tag & np.uint64(7)))
            continue
        begin, stop = piece(data, at, size)
        at = stop
        kind[:, shared] = ABSENT
        inner = begin
        while inner < stop:
            tag, inner = varint(data, inner, stop)
            if tag != np.uint64(10):
                inner = skip(data, inner, stop, np.int64(tag & np.uint64(7)))
                continue
            first, last = piece(data, inner, stop)
            inner = last
            while first < last:
                tag, first = varint(data, first, last)
                if first < 0:
                    return -1
                if tag == np.uint64(10):
                    start, end = piece(data, first, last)
                    if end < 0 or not attribute(
                        data, start, end, shared, table, cells, ranked, spare[:0], found, scratch
                    ):
                        return -1
                    first = end
                else:
                    first = skip(data, first, last, np.int64(tag & np.uint64(7)))
                    if first < 0:
                        return -1
        inner = begin
        while inner < stop:
            tag, inner = varint(data, inner, stop)
            if tag != np.uint64(18):
                inner = skip(data, inner, stop, np.int64(tag & np.uint64(7)))
                continue
            scope, scope_end = piece(data, inner, stop)
            inner = scope_end
            while scope < scope_end:
                tag, scope = varint(data, scope, scope_end)
                if tag != np.uint64(18):
                    scope = skip(data, scope, scope_end, np.int64(tag & np.uint64(7)))
                    continue
                start, end = piece(data, scope, scope_end)
                scope = end
                if end < 0 or not record(
                    data,
                    start,
                    end,
                    row,
                    actions,
                    places,
                    table,
                    cells,
                    ranked,
                    fixed,
                    numbers,
                    offsets,
                    lengths,
                    spare,
                    found,
                    scratch,
                ):
                    return -1
                inherit(row, shared, cells)
                row += 1
    return row


@njit(cache=True, nogil=True)
def hex_pieces(data: Any, offset: Any, length: Any, size: Any, out: Any, ok: Any) -> None:
    """Write ids of `size` bytes as hexadecimal text; ``ok[i]`` is False for another length or all zero."""
    for i in range(offset.shape[0]):
        ok[i] = False
        if length[i] != size:
            continue
        for k in range(size):
            byte = data[offset[i] + k]
            ok[i] = ok[i] or byte != 0
            high, low = byte >> 4, byte & 15
            out[i, 2 * k] = high + (48 if high < 10 else 87)
            out[i, 2 * k + 1] = low + (48 if low < 10 else 87)
