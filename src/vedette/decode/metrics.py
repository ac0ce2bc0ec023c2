"""OTLP metrics in protobuf to columns: gauges, sums, histograms of both sorts, summaries."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.decode.columns import some
from vedette.decode.protobuf import RESOURCE, UNKNOWN, Fields, Layout, Request
from vedette.decode.texts import filled, label_array, relabeled
from vedette.kernels.cells import ABSENT
from vedette.kernels.otlp import ATTRIBUTE, FIXED, PIECE, VARINT
from vedette.records import schema
from vedette.records.batch import Decoded, RawBatch
from vedette.records.schema import Signal

MILLISECOND_METRICS: Final = {
    "http.server.duration": "http.server.request.duration",
    "http.client.duration": "http.client.request.duration",
}
"""Metrics of the older conventions, in ms, and their names in the newer ones, in s."""

GAUGE, SUM, HISTOGRAM, EXPONENTIAL, SUMMARY = 5, 7, 9, 10, 11
"""Fields of a Metric."""

_DELTA: Final = 1
"""Aggregation temporality; what is not delta is cumulative."""

_SORTS: Final = ("gauge", "delta", "cumulative", "histogram")
_TIME, _COUNT, _TOTAL, _TEMPORALITY = "time", "count", "histogram.sum", "temporality"
_GAUGES: Final = ("gauge.real", "gauge.whole")
_SUMS: Final = ("sum.real", "sum.whole")


def _number(real: str, whole: str) -> Fields:
    """Return the fields of a NumberDataPoint; gauges and sums have columns of their own, which tell them apart."""
    return {3: (FIXED, _TIME), 4: (FIXED, real), 6: (FIXED, whole), 7: (ATTRIBUTE, None)}


_SUMMED: Final[Fields] = {3: (FIXED, _TIME), 4: (FIXED, _COUNT), 5: (FIXED, _TOTAL)}

METRICS: Final = Layout(
    tags=((1,), (2,), (2,), (GAUGE, SUM, HISTOGRAM, EXPONENTIAL, SUMMARY), (1,)),
    around=(
        RESOURCE,
        {},
        {1: (PIECE, schema.METRIC_NAME), 3: (PIECE, schema.METRIC_UNIT)},
        {2: (VARINT, _TEMPORALITY)},
    ),
    records={
        GAUGE: _number(*_GAUGES),
        SUM: _number(*_SUMS),
        HISTOGRAM: {**_SUMMED, 9: (ATTRIBUTE, None)},
        EXPONENTIAL: {**_SUMMED, 1: (ATTRIBUTE, None)},
        SUMMARY: {**_SUMMED, 7: (ATTRIBUTE, None)},
    },
    named=False,
)


def decode_metrics(data: bytes, observed: int) -> Decoded:
    """Read an ExportMetricsServiceRequest; raises `BadInput` for bytes that are none.

    A point without a number, such as one that says "no recorded value", is passed over.
    """
    request = Request(data, METRICS)
    if not len(request):
        return Decoded(())
    request.write_out((schema.SERVICE, schema.ENVIRONMENT, schema.TIER))
    values, there = _values(request)
    arrays = _labels(request)
    legacy = _rename(arrays)
    time = request.value(_TIME)
    arrays[schema.TIME] = pa.array(np.where(time > 0, time, observed)).cast(schema.TIME_TYPE)
    arrays[schema.METRIC_KIND] = _sorts(request)
    arrays[schema.METRIC_VALUE] = pa.array(np.where(legacy, values * 1e-3, values))
    arrays[schema.METRIC_COUNT] = pa.array(request.value(_COUNT))
    order = [name for name in schema.METRIC_COLUMNS if name in arrays]
    batch = pa.RecordBatch.from_arrays([arrays[name] for name in order], names=order)
    batch = batch if there.all() else batch.filter(pa.array(there))
    return Decoded((RawBatch(Signal.METRIC, batch),)) if len(batch) else Decoded(())


def _values(request: Request) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the points' numbers, and which of them have one."""
    values, there = np.zeros(len(request)), np.zeros(len(request), np.bool_)
    for name in (*_GAUGES, *_SUMS, _TOTAL):
        mine = request.columns.kind(name) != ABSENT
        bits = request.value(name)
        numbers = bits if name.endswith("whole") else bits.view(np.float64)
        values[mine] = numbers[mine]
        there |= mine
    return values, there


def _sorts(request: Request) -> pa.DictionaryArray:
    """Return each point's sort, as `schema.METRIC_KIND` has them."""
    summed = np.logical_or(*(request.columns.kind(name) != ABSENT for name in _SUMS))
    codes = np.where(summed, np.where(request.value(_TEMPORALITY) == _DELTA, 1, 2), 0)
    codes[request.columns.kind(_TOTAL) != ABSENT] = 3
    return pa.DictionaryArray.from_arrays(codes.astype(np.int32), pa.array(list(_SORTS)))


def _labels(request: Request) -> dict[str, pa.Array]:
    """Return the columns of text; what is empty is null, a missing service the SDKs' word for it."""
    found = {}
    for name in (schema.SERVICE, schema.ENVIRONMENT, schema.TIER, schema.METRIC_NAME, schema.METRIC_UNIT):
        found[name] = label_array(request.columns.buffer, *some(request.columns.piece(name)), checked=False)
    found[schema.SERVICE] = filled(found[schema.SERVICE], UNKNOWN, len(request))
    out, *piece = request.pairs()
    found[schema.ATTRIBUTES] = label_array(out, *some((piece[0], piece[1])), checked=False)
    return found


def _rename(arrays: dict[str, pa.Array]) -> NDArray[np.bool_]:
    """Give metrics of older conventions their newer names and units; returns which points were in ms."""
    names, units = arrays[schema.METRIC_NAME], arrays[schema.METRIC_UNIT]
    known = names.dictionary.to_pylist()
    if not MILLISECOND_METRICS.keys() & set(known):
        return np.zeros(len(names), np.bool_)
    old = pc.is_in(names, pa.array(list(MILLISECOND_METRICS))).to_numpy(zero_copy_only=False)
    legacy: NDArray[np.bool_] = old & pc.equal(units.cast(pa.string()), "ms").fill_null(False).to_numpy(
        zero_copy_only=False
    )
    arrays[schema.METRIC_NAME] = relabeled(names, [MILLISECOND_METRICS.get(name, name) for name in known])
    texts = pc.if_else(pa.array(legacy), "s", units.cast(pa.string()))
    arrays[schema.METRIC_UNIT] = texts.dictionary_encode()
    return legacy
