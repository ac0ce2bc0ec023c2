"""Pieces of a buffer as Arrow columns."""

from __future__ import annotations

from secrets import randbits
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.errors import Oversize
from vedette.kernels import ids, texts
from vedette.kernels.bytes import PAD

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]

MAX_PAYLOAD: Final = 1 << 30
"""Bytes of a payload beyond which it is refused: places in it, and in its columns, are int32."""

_WHOLE: Final[dict[pa.DataType, type[np.signedinteger[Any]]]] = {pa.int16(): np.int16, pa.int64(): np.int64}

_SEED: Final = np.uint64(randbits(64))
"""Of the hashes that tell distinct values apart. It shows in no result: values are numbered as they come."""


def buffer_of(data: bytes, spare: int = PAD) -> Bytes:
    """Return a copy of `data` with `spare` zero bytes behind it; raises `Oversize` beyond `MAX_PAYLOAD`."""
    if len(data) > MAX_PAYLOAD:
        raise Oversize("payload_too_large", detail=f"got {len(data)} bytes, allowed {MAX_PAYLOAD} at once")
    buffer = np.empty(len(data) + spare, np.uint8)
    buffer[: len(data)] = np.frombuffer(data, np.uint8)
    buffer[len(data) :] = 0
    return buffer


def is_utf8(data: Bytes) -> bool:
    """Say whether bytes are valid UTF-8."""
    ends = np.array([0, len(data)], np.int32)
    column = pa.StringArray.from_buffers(1, pa.py_buffer(ends), pa.py_buffer(data))
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def text_array(data: Bytes, offset: Ints, length: Ints, *, checked: bool = True) -> pa.Array:
    """Return the pieces as a string column; a negative length is null.

    Parameters
    ----------
    data
        With `vedette.kernels.bytes.PAD` bytes to spare.
    offset, length
        The pieces, shape ``(n,)``.
    checked
        Whether they are known to be UTF-8; if not, what is none is replaced.
    """
    size = int(np.maximum(length, 0).sum(dtype=np.int64))
    if size > MAX_PAYLOAD:
        raise Oversize("column_too_large", detail=f"got {size} bytes of text, allowed {MAX_PAYLOAD} at once")
    ends, out = np.empty(len(offset) + 1, np.int32), np.empty(size + PAD, np.uint8)
    texts.gather(data, offset, length, ends, out)
    return string_array(ends, out[:size], length >= 0, checked=checked)


def view_array(data: Bytes, offset: Ints, length: Ints) -> pa.Array:
    """Return the pieces as string views into `data`, which they keep alive: nothing is copied.

    The pieces must be UTF-8, and none may be null.
    """
    views = np.empty((len(offset), 2), np.uint64)
    texts.view(data, offset, length, views)
    return pa.Array.from_buffers(pa.string_view(), len(offset), [None, pa.py_buffer(views), pa.py_buffer(data)])


def string_array(ends: Ints, out: Bytes, present: NDArray[np.bool_], *, checked: bool) -> pa.Array:
    """Return Arrow's offsets and bytes as a string column, null where not `present`."""
    validity = None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little"))
    column = pa.StringArray.from_buffers(len(present), pa.py_buffer(ends), pa.py_buffer(out), validity)
    return column if checked or is_utf8(out) else _replaced(ends, out, present)


def _replaced(ends: Ints, out: Bytes, present: NDArray[np.bool_]) -> pa.Array:
    """Return the texts with what is no UTF-8 replaced, one by one: this is rare."""
    pieces = zip(ends[:-1].tolist(), ends[1:].tolist(), present.tolist(), strict=True)
    return pa.array(
        [out[at:end].tobytes().decode("utf-8", "replace") if is_there else None for at, end, is_there in pieces],
        pa.string(),
    )


def label_array(data: Bytes, offset: Ints, length: Ints, *, checked: bool = True) -> pa.DictionaryArray:
    """Return the pieces as a dictionary column, its values in order of first occurrence; as `text_array`."""
    count = len(offset)
    places = 1 << max(2, (2 * count + 1).bit_length())
    codes, firsts = np.empty(count, np.int32), np.empty(count, np.int32)
    found = texts.distinct(
        data, offset, length, _SEED, np.empty(places, np.int32), np.empty(count, np.uint64), codes, firsts
    )
    values = text_array(data, offset[firsts[:found]], length[firsts[:found]], checked=checked)
    missing = codes < 0
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=missing if missing.any() else None), values)


def id_array(data: Bytes, offset: Ints, length: Ints, kind: pa.FixedSizeBinaryType) -> pa.Array:
    """Return ids written as hexadecimal text as bytes; null for what is none."""
    out, good = _ids(len(offset), kind)
    ids.from_hex(data, offset, length, out.view(np.uint32), good)
    return binary_array(out, good)


def binary_id_array(data: Bytes, sort: Bytes, offset: Ints, length: Ints, kind: pa.FixedSizeBinaryType) -> pa.Array:
    """Return ids that are bytes already; null for what has another length, or is all zeros."""
    out, good = _ids(len(offset), kind)
    ids.from_bytes(data, sort, offset, length, out, good)
    return binary_array(out, good)


def _ids(count: int, kind: pa.FixedSizeBinaryType) -> tuple[Bytes, NDArray[np.bool_]]:
    return np.zeros((count, kind.byte_width), np.uint8), np.empty(count, np.bool_)


def binary_array(out: Bytes, good: NDArray[np.bool_]) -> pa.Array:
    """Return rows of bytes as a column of fixed width, null where not `good`."""
    validity = None if good.all() else pa.py_buffer(np.packbits(good, bitorder="little"))
    return pa.Array.from_buffers(pa.binary(out.shape[1]), len(out), [validity, pa.py_buffer(out)])


def constant(text: str, count: int) -> pa.DictionaryArray:
    """Return one label for all of `count` rows."""
    return pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), pa.array([text]))


def filled(column: pa.DictionaryArray | None, text: str, count: int) -> pa.DictionaryArray:
    """Return a label column with nulls replaced by a text; all of it when there is no column."""
    if column is None:
        return constant(text, count)
    if column.null_count == 0:
        return column
    codes = column.indices.fill_null(len(column.dictionary))
    return pa.DictionaryArray.from_arrays(codes, pa.concat_arrays([column.dictionary, pa.array([text])]))


def relabeled(column: pa.DictionaryArray, values: list[str | None]) -> pa.DictionaryArray:
    """Return a label column with its distinct values replaced; None and ``""`` become null."""
    kept = list(dict.fromkeys(value for value in values if value))
    number = {value: code for code, value in enumerate(kept)}
    codes = np.array([*(number.get(value or "", -1) for value in values), -1], np.int32)
    mine = codes[column.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)]
    return pa.DictionaryArray.from_arrays(pa.array(mine, mask=mine < 0), pa.array(kept, pa.string()))


def fitting(values: NDArray[np.float64], kept: pa.DataType) -> pa.Array:
    """Return numbers as the column's type; NaN, infinite and out-of-range ones are null."""
    if pa.types.is_floating(kept):
        return pa.array(values, kept, mask=~np.isfinite(values))
    sort = _WHOLE[kept]
    info = np.iinfo(sort)
    good = np.isfinite(values) & (values >= info.min) & (values < float(info.max) + 1.0)
    whole = np.where(good, np.rint(np.where(good, values, 0.0)), 0.0)
    return pa.array(whole.astype(sort), kept, mask=~good)
