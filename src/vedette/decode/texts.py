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
    return pa.StringArray.from_buffers(len(offset), pa.py_buffer(ends), pa.py_buffer(out), validity)


def label_array(data: NDArray[np.uint8], offset: Ints, length: Ints) -> pa.DictionaryArray:
    """Return the pieces as a dictionary column, its values in order of first occurrence."""
    count = len(offset)
    places = 1 << max(2, (2 * count + 1).bit_length())
    codes, firsts = np.empty(count, np.int32), np.empty(count, np.int32)
    found = texts.distinct(data, offset, length, np.zeros(places, np.uint64), np.zeros(places, np.int32), codes, firsts)
    values = text_array(data, offset[firsts[:found]], length[firsts[:found]])
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), values)
