"""Pieces of a buffer as Arrow columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.kernels import texts

Ints = NDArray[np.int32]


def text_array(data: NDArray[np.uint8], offset: Ints, length: Ints) -> pa.Array:
    """Return the pieces as a string column; a negative length is null."""
    ends = np.empty(len(offset) + 1, np.int32)
    out = np.empty(int(np.maximum(length, 0).sum()), np.uint8)
    texts.gather(data, offset, length, ends, out)
    validity = None if (length >= 0).all() else pa.py_buffer(np.packbits(length >= 0, bitorder="little"))
    column = pa.StringArray.from_buffers(len(offset), pa.py_buffer(ends), pa.py_buffer(out), validity)
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return _replaced(data, offset, length)
    return column


def _replaced(data: NDArray[np.uint8], offset: Ints, length: Ints) -> pa.Array:
    """Return the pieces with what is no UTF-8 replaced, one by one: this is rare."""
    pieces = zip(offset.tolist(), length.tolist(), strict=True)
    texts = [None if size < 0 else data[at : at + size].tobytes().decode("utf-8", "replace") for at, size in pieces]
    return pa.array(texts, pa.string())


def label_array(data: NDArray[np.uint8], offset: Ints, length: Ints) -> pa.DictionaryArray:
    """Return the pieces as a dictionary column, its values in order of first occurrence."""
    count = len(offset)
    places = 1 << max(2, (2 * count + 1).bit_length())
    codes, firsts = np.empty(count, np.int32), np.empty(count, np.int32)
    found = texts.distinct(data, offset, length, np.zeros(places, np.uint64), np.zeros(places, np.int32), codes, firsts)
    values = text_array(data, offset[firsts[:found]], length[firsts[:found]])
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), values)


def fitting(values: NDArray[np.float64], kept: pa.DataType) -> pa.Array:
    """Return numbers as the column's type; NaN, infinite and out-of-range ones are null."""
    if pa.types.is_floating(kept):
        return pa.array(values, kept, mask=~np.isfinite(values))
    info = np.iinfo(kept.to_pandas_dtype())
    good = np.isfinite(values) & (values >= info.min) & (values < float(info.max) + 1.0)
    whole = np.where(good, np.rint(np.where(good, values, 0.0)), 0.0)
    return pa.array(whole.astype(kept.to_pandas_dtype()), kept, mask=~good)
