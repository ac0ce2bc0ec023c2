"""Arrow's text and label columns as the plain arrays that kernels read, and back; texts as hashes that last."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.kernels.bytes import PAD

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]


def padded(texts: pa.Array) -> tuple[Bytes, Ints]:
    """Return a copy of a string column's bytes, with `PAD` to spare, and its offsets, shape ``(n + 1,)``."""
    _, places, data = texts.buffers()
    if not len(texts):
        return np.zeros(PAD, np.uint8), np.zeros(1, np.int32)
    ends = np.frombuffer(places, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    start, stop = int(ends[0]), int(ends[-1])
    copy = np.zeros(stop - start + PAD, np.uint8)
    if stop > start:
        copy[: stop - start] = np.frombuffer(data, np.uint8)[start:stop]
    return copy, ends - np.int32(start)


def string_column(data: Bytes, ends: Ints) -> pa.Array:
    """Return bytes that are known to be UTF-8, and Arrow's offsets, as a string column."""
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(data))


def codes_of(column: pa.DictionaryArray) -> Ints:
    """Return the codes of a label column; -1 is null."""
    indices = column.indices if column.null_count == 0 else column.indices.fill_null(-1)
    codes: Ints = indices.to_numpy(zero_copy_only=False)
    return codes


def label_column(codes: Ints, values: pa.Array) -> pa.DictionaryArray:
    """Return codes, -1 for null, and their distinct values as a label column."""
    missing = codes < 0
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=missing if missing.any() else None), values)


def labels_at(found: Mapping[int, str], rows: int) -> pa.DictionaryArray:
    """Return a label column with a text at some rows, null at the others."""
    values = {text: number for number, text in enumerate(dict.fromkeys(found.values()))}
    codes = np.full(rows, -1, np.int32)
    codes[list(found)] = [values[text] for text in found.values()]
    return label_column(codes, pa.array(values, pa.string()))


def stable_hash(text: str) -> int:
    """Return a 64-bit hash that is the same in every process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
