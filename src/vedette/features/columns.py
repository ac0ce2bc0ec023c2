"""Arrow columns as numpy arrays: codes with their distinct values, numbers with NaN for null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.features.names import Names
from vedette.kernels import ints as kernel
from vedette.kernels.vocabulary import Vocabulary
from vedette.records import schema
from vedette.records.schema import Signal
from vedette.records.texts import Bytes, codes_of, padded

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]

WORDS: Final = {schema.TRACE_ID: 2, schema.SPAN_ID: 1, schema.PARENT_SPAN_ID: 1}
"""Length of ids, in words of eight bytes."""


@dataclass(frozen=True, slots=True)
class Labels:
    """A column of few distinct texts: ``values[codes[i]]`` is row *i*; code -1 is null."""

    codes: Ints
    values: list[str]

    def take(self, rows: NDArray[np.intp]) -> Labels:
        """Return the column of these rows only."""
        return Labels(self.codes[rows], self.values)

    def value(self, code: int) -> str:
        """Return a value by its code; nothing for null."""
        return self.values[code] if code >= 0 else ""

    def numbers(self, names: Names, limit: int) -> Ints:
        """Return each row's number among `names`, new ones in order of first occurrence; -1 for null."""
        if not self.values:
            return self.codes
        codes, place = distinct(self.codes)
        numbered = [names.number(self.values[code], limit) if code >= 0 else -1 for code in codes.tolist()]
        numbers: Ints = np.array(numbered, np.int64)[place]
        return numbers

    @property
    def present(self) -> NDArray[np.bool_]:
        """Rows that are not null."""
        present: NDArray[np.bool_] = self.codes >= 0
        return present


def labels(columns: pa.RecordBatch, name: str) -> Labels:
    """Return a label column; one that the batch does not carry is all null."""
    if name not in columns.schema.names:
        return Labels(np.full(columns.num_rows, -1, np.int64), [])
    column = columns.column(name)
    return Labels(codes_of(column).astype(np.int64), column.dictionary.to_pylist())


@dataclass(frozen=True, slots=True)
class Texts:
    """A label column whose values stay bytes: value *k* is ``data[ends[k]:ends[k + 1]]``; code -1 is null."""

    codes: Ints
    data: Bytes
    ends: NDArray[np.int32]

    def numbers(self, vocabulary: Vocabulary, limit: int) -> Ints:
        """Return each row's number in the vocabulary, new ones in order of first occurrence; -1 for null."""
        codes, place = distinct(self.codes)
        offset = self.ends[codes]
        size = np.where(codes >= 0, self.ends[codes + 1] - offset, -1).astype(np.int32)
        return vocabulary.numbers(self.data, offset, size, limit)[place]


def texts(columns: pa.RecordBatch, name: str) -> Texts:
    """Return a label column as `Texts`; one that the batch does not carry is all null."""
    if name not in columns.schema.names:
        return Texts(np.full(columns.num_rows, -1, np.int64), *padded(pa.array([], pa.string())))
    column = columns.column(name)
    return Texts(codes_of(column).astype(np.int64), *padded(column.dictionary))


def numbers(columns: pa.RecordBatch, name: str) -> Floats:
    """Return a numeric column as float64; null, or a column that is not carried, is NaN."""
    if name not in columns.schema.names:
        return np.full(columns.num_rows, np.nan)
    column = columns.column(name)
    floats: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return floats


def ids(columns: pa.RecordBatch, name: str) -> tuple[tuple[Hashes, ...], NDArray[np.bool_]]:
    """Return the words of eight bytes of a column of trace or span ids, and which rows have one."""
    words, count = WORDS[name], columns.num_rows
    if name not in columns.schema.names:
        return tuple(np.zeros(count, np.uint64) for _ in range(words)), np.zeros(count, np.bool_)
    column = columns.column(name)
    valid = column.is_valid().to_numpy(zero_copy_only=False).astype(np.bool_)
    first = column.offset * words
    table = np.frombuffer(column.buffers()[1], np.uint64)[first : first + count * words].reshape(count, words)
    return tuple(table[:, place] for place in range(words)), valid


def times(columns: pa.RecordBatch) -> Ints:
    """Return event times, ns since the epoch."""
    stamps: Ints = columns.column(schema.TIME).cast(pa.int64()).to_numpy(zero_copy_only=False)
    return stamps


def distinct(codes: Ints) -> tuple[Ints, Ints]:
    """Return the distinct codes in order of first occurrence, and each row's place among them."""
    firsts, place = kernel.distinct(codes)
    return codes[firsts], place


def is_request(signal: Signal, columns: pa.RecordBatch) -> NDArray[np.bool_]:
    """Say which rows are requests that a service answered: server spans, and log lines with a path or status."""
    if signal is Signal.SPAN:
        kind = labels(columns, schema.SPAN_KIND)
        return np.array([value == "server" for value in kind.values] + [False], np.bool_)[kind.codes]
    told = [columns.column(name) for name in (schema.PATH, schema.ROUTE, schema.STATUS) if name in columns.schema.names]
    present: NDArray[np.bool_] = np.zeros(columns.num_rows, np.bool_)
    for column in told:
        present |= column.is_valid().to_numpy(zero_copy_only=False)
    return present
