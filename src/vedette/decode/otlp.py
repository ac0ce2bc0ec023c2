"""OTLP logs, spans and metrics in protobuf to columns."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.decode.columns import NUMERIC, in_order
from vedette.decode.fold import severity_of
from vedette.decode.metrics import decode_metrics
from vedette.decode.protobuf import ATTRIBUTE_COLUMNS, RESOURCE, UNKNOWN, Layout, Request
from vedette.decode.texts import filled, fitting
from vedette.kernels.otlp import ATTRIBUTE, FIXED, INNER, PIECE, VALUE, VARINT
from vedette.records import schema
from vedette.records.batch import Decoded, RawBatch
from vedette.records.schema import Signal

__all__ = ["decode_logs", "decode_metrics", "decode_spans"]

KINDS: Final = ("", "internal", "server", "client", "producer", "consumer")
ERROR: Final = 2
"""Span status code for an error."""

_START, _END, _SEEN, _LEVEL, _KIND, _STATUS = "start", "end", "observed", "severity_number", "span.kind", "span.status"

LOGS: Final = Layout(
    tags=((1,), (2,), (2,)),
    around=(RESOURCE, {}),
    records={
        2: {
            1: (FIXED, _START),
            11: (FIXED, _SEEN),
            2: (VARINT, _LEVEL),
            3: (PIECE, schema.SEVERITY),
            5: (VALUE, schema.BODY),
            6: (ATTRIBUTE, None),
            9: (PIECE, schema.TRACE_ID),
            10: (PIECE, schema.SPAN_ID),
        }
    },
    named=True,
)

SPANS: Final = Layout(
    tags=((1,), (2,), (2,)),
    around=(RESOURCE, {}),
    records={
        2: {
            1: (PIECE, schema.TRACE_ID),
            2: (PIECE, schema.SPAN_ID),
            4: (PIECE, schema.PARENT_SPAN_ID),
            5: (PIECE, schema.SPAN_NAME),
            6: (VARINT, _KIND),
            7: (FIXED, _START),
            8: (FIXED, _END),
            9: (ATTRIBUTE, None),
            15: (INNER, {3: (VARINT, _STATUS)}),
        }
    },
    named=True,
)

_LABELS: Final = tuple(name for name in ATTRIBUTE_COLUMNS if name not in NUMERIC)


def decode_logs(data: bytes, observed: int) -> Decoded:
    """Read an ExportLogsServiceRequest; raises `BadInput` for bytes that are none."""
    request = Request(data, LOGS)
    if not len(request):
        return Decoded(())
    request.write_out((*_LABELS, schema.BODY))
    arrays = request.columns.events((*ATTRIBUTE_COLUMNS, schema.BODY, schema.SEVERITY))
    start = request.value(_START)
    arrays[schema.TIME] = _times(np.where(start > 0, start, request.value(_SEEN)), observed)
    levels = tuple(severity_of(number) for number in range(25))
    arrays[schema.SEVERITY] = either(arrays.get(schema.SEVERITY), named(request.value(_LEVEL), levels))
    arrays[schema.TRACE_ID] = request.ids(schema.TRACE_ID)
    arrays[schema.SPAN_ID] = request.ids(schema.SPAN_ID)
    return _decoded(Signal.LOG, arrays, request)


def decode_spans(data: bytes, observed: int) -> Decoded:
    """Read an ExportTraceServiceRequest; raises `BadInput` for bytes that are none."""
    request = Request(data, SPANS)
    if not len(request):
        return Decoded(())
    request.write_out(_LABELS)
    arrays = request.columns.events((*ATTRIBUTE_COLUMNS, schema.SPAN_NAME))
    start, end = request.value(_START), request.value(_END)
    arrays[schema.TIME] = _times(start, observed)
    arrays[schema.DURATION] = fitting(np.where((end >= start) & (start > 0), (end - start) / 1e9, np.nan), pa.float64())
    arrays[schema.SPAN_KIND] = named(request.value(_KIND), KINDS)
    arrays[schema.TRACE_ID] = request.ids(schema.TRACE_ID)
    arrays[schema.SPAN_ID] = request.ids(schema.SPAN_ID)
    arrays[schema.PARENT_SPAN_ID] = request.ids(schema.PARENT_SPAN_ID)
    failed = named(request.value(_STATUS) == ERROR, ("", "error"))
    arrays[schema.ERROR_TYPE] = either(arrays.get(schema.ERROR_TYPE), failed)
    return _decoded(Signal.SPAN, arrays, request)


def _decoded(signal: Signal, arrays: dict[str, pa.Array], request: Request) -> Decoded:
    arrays[schema.SERVICE] = filled(arrays.get(schema.SERVICE), UNKNOWN, len(request))
    arrays[schema.RAW] = request.objects()
    columns = in_order({name: column for name, column in arrays.items() if column.null_count < len(request)})
    return Decoded((RawBatch(signal, columns),))


def _times(values: NDArray[np.int64], observed: int) -> pa.Array:
    return pa.array(np.where(values > 0, values, observed)).cast(schema.TIME_TYPE)


def named(numbers: NDArray[np.int64] | NDArray[np.bool_], names: tuple[str, ...]) -> pa.DictionaryArray:
    """Return numbers as labels; 0 and what is out of range are null."""
    good = (numbers > 0) & (numbers < len(names))
    codes = np.where(good, numbers, 0).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=~good), pa.array(list(names)))


def either(first: pa.DictionaryArray | None, second: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return the first labels; the second ones where those are null or empty."""
    if first is None:
        return second
    usable = pc.not_equal(first.dictionary, "").to_numpy(zero_copy_only=False)
    codes = first.indices.fill_null(0).to_numpy(zero_copy_only=False)
    mine = first.is_valid().to_numpy(zero_copy_only=False) & usable[codes]
    if mine.all():
        return first
    known = {text: code for code, text in enumerate(first.dictionary.to_pylist())}
    extra = [text for text in dict.fromkeys(second.dictionary.to_pylist()) if text not in known]
    places = {**known, **{text: len(known) + number for number, text in enumerate(extra)}}
    theirs = np.array([places[text] for text in second.dictionary.to_pylist()], np.int32)
    others = np.where(second.is_valid(), theirs[second.indices.fill_null(0)], -1)
    both = np.where(mine, codes, others).astype(np.int32)
    values = pa.concat_arrays([first.dictionary, pa.array(extra, pa.string())])
    return pa.DictionaryArray.from_arrays(pa.array(both, mask=both < 0), values)
