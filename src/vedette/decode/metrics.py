"""OTLP metrics in protobuf to columns: a plain reader, since points are few beside log records and spans."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from vedette.errors import BadInput
from vedette.records import schema
from vedette.records.batch import Decoded, RawBatch
from vedette.records.schema import Signal

MILLISECOND_METRICS = {
    "http.server.duration": "http.server.request.duration",
    "http.client.duration": "http.client.request.duration",
}
"""Metrics of the older conventions, in ms, and their names in the newer ones, in s."""

_DELTA = 1


@dataclass(frozen=True, slots=True)
class Point:
    """One data point."""

    time: int
    service: str
    environment: str
    name: str
    kind: str
    unit: str
    value: float
    count: int
    attributes: str


def decode_metrics(data: bytes, observed: int) -> Decoded:
    """Read an ExportMetricsServiceRequest; raises `BadInput` for bytes that are none."""
    try:
        points = list(_points(data))
    except (IndexError, struct.error, UnicodeDecodeError, ValueError) as error:
        raise BadInput("truncated_protobuf", detail=f"{len(data)} bytes: {error}") from None
    return metric_batch(points, observed)


def metric_batch(points: list[Point], observed: int) -> Decoded:
    """Return points as columns; those without a time get `observed`."""
    if not points:
        return Decoded(())
    labels = {
        schema.SERVICE: [point.service or "unknown_service" for point in points],
        schema.ENVIRONMENT: [point.environment or None for point in points],
        schema.METRIC_NAME: [MILLISECOND_METRICS.get(point.name, point.name) for point in points],
        schema.METRIC_KIND: [point.kind for point in points],
        schema.METRIC_UNIT: [_unit(point) for point in points],
        schema.ATTRIBUTES: [point.attributes or None for point in points],
    }
    scale = [1e-3 if point.name in MILLISECOND_METRICS and point.unit == "ms" else 1.0 for point in points]
    arrays = {name: pa.array(texts, pa.string()).dictionary_encode() for name, texts in labels.items()}
    arrays[schema.TIME] = pa.array([point.time or observed for point in points], pa.int64()).cast(schema.TIME_TYPE)
    values = [point.value * factor for point, factor in zip(points, scale, strict=True)]
    arrays[schema.METRIC_VALUE] = pa.array(values, pa.float64())
    arrays[schema.METRIC_COUNT] = pa.array([point.count for point in points], pa.int64())
    order = [name for name in schema.METRIC_COLUMNS if name in arrays]
    return Decoded(
        (RawBatch(Signal.METRIC, pa.RecordBatch.from_arrays([arrays[name] for name in order], names=order)),)
    )


def attributes_text(pairs: dict[str, object]) -> str:
    """Return attributes as ``key=value`` sorted by key and joined by commas."""
    return ",".join(f"{key}={pairs[key]}" for key in sorted(pairs))


def _unit(point: Point) -> str:
    return "s" if point.name in MILLISECOND_METRICS and point.unit == "ms" else point.unit


def _points(data: bytes) -> Iterator[Point]:
    for _, resource in _messages(data, 1):
        about = {
            key: value
            for _, body in _messages(resource, 1)
            for _, pair in _messages(body, 1)
            for key, value in [_pair(pair)]
        }
        service = str(about.get("service.name", ""))
        environment = str(about.get("deployment.environment.name", about.get("deployment.environment", "")))
        for _, scope in _messages(resource, 2):
            for _, metric in _messages(scope, 2):
                yield from _metric(metric, service, environment)


def _metric(metric: bytes, service: str, environment: str) -> Iterator[Point]:
    name, unit = "", ""
    for field, value in _fields(metric):
        if field == 1 and isinstance(value, bytes):
            name = value.decode()
        elif field == 3 and isinstance(value, bytes):
            unit = value.decode()
    for field, value in _fields(metric):
        if field not in (5, 7, 9, 10, 11) or not isinstance(value, bytes):
            continue
        kind = _kind(field, value)
        for _, body in _messages(value, 1):
            time, number, count, attributes = _point(body, field)
            if number is not None:
                yield Point(time, service, environment, name, kind, unit, number, count, attributes)


def _kind(field: int, body: bytes) -> str:
    if field == 5:
        return "gauge"
    if field in (9, 10, 11):
        return "histogram"
    temporality = next((value for number, value in _fields(body) if number == 2), 0)
    return "delta" if temporality == _DELTA else "cumulative"


def _point(body: bytes, field: int) -> tuple[int, float | None, int, str]:
    """Return time, value (a histogram's sum), count and attributes; field numbers depend on the sort of point."""
    plain = field in (5, 7)
    pairs_field = 7 if plain or field == 11 else 1 if field == 10 else 9
    time, number, count = 0, None, 0
    pairs: dict[str, object] = {}
    for name, value in _fields(body):
        if name == pairs_field and isinstance(value, bytes):
            key, text = _pair(value)
            pairs[key] = text
        elif name == 3 and isinstance(value, int):
            time = value
        elif isinstance(value, int) and name == 4:
            number, count = (_double(value), count) if plain else (number, value)
        elif isinstance(value, int) and name == 5 and not plain:
            number = _double(value)
        elif isinstance(value, int) and name == 6 and plain:
            number = float(value - (1 << 64) if value >> 63 else value)
    return time, number, count, attributes_text(pairs)


def _pair(body: bytes) -> tuple[str, object]:
    key, value = "", None
    for field, content in _fields(body):
        if field == 1 and isinstance(content, bytes):
            key = content.decode()
        elif field == 2 and isinstance(content, bytes):
            value = _any(content)
    return key, value


def _any(body: bytes) -> object:
    value: object = ""
    for field, content in _fields(body):
        if field == 1 and isinstance(content, bytes):
            value = content.decode()
        elif field == 2:
            value = "true" if content else "false"
        elif field == 3 and isinstance(content, int):
            value = content - (1 << 64) if content >> 63 else content
        elif field == 4 and isinstance(content, int):
            value = _double(content)
    return value


def _double(bits: int) -> float:
    number: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
    return number


def _messages(data: bytes, wanted: int) -> Iterator[tuple[int, bytes]]:
    return ((field, value) for field, value in _fields(data) if field == wanted and isinstance(value, bytes))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (field number, value): an int for varints and fixed widths, bytes for what is length-delimited."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
        elif wire == 2:
            size, at = _varint(data, at)
            if size > end - at:
                raise ValueError(f"a field of {size} bytes where {end - at} are left")
            yield tag >> 3, data[at : at + size]
            at += size
        elif wire in (1, 5):
            width = 8 if wire == 1 else 4
            if width > end - at:
                raise ValueError(f"a number of {width} bytes where {end - at} are left")
            yield tag >> 3, int.from_bytes(data[at : at + width], "little")
            at += width
        else:
            raise ValueError(f"wire type {wire}, expected 0, 1, 2 or 5")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value, shift = 0, 0
    while shift < 70:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise ValueError("a varint of more than ten bytes")
