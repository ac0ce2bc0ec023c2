"""OTLP/JSON to columns: written anew as protobuf, field by field, and read as such, so both give the same.

References
----------
OTLP specification 1.11, "JSON Protobuf Encoding": lowerCamelCase names, ids in hexadecimal, 64-bit
integers as text or number, enum values as numbers (names are accepted, too), unknown fields ignored.
"""

from __future__ import annotations

import struct
from base64 import b64decode
from typing import Any, Final

import orjson

from vedette.decode import otlp
from vedette.errors import BadInput
from vedette.records.batch import Decoded
from vedette.records.wire import piece, varint

Message = dict[str, tuple[int, Any]]
"""JSON name → (field number, how it is written or the message it holds)."""

_ANY: Final[Message] = {
    "stringValue": (1, "text"),
    "boolValue": (2, "varint"),
    "intValue": (3, "varint"),
    "doubleValue": (4, "double"),
    "bytesValue": (7, "base64"),
}
_ANY["arrayValue"] = (5, {"values": (1, _ANY)})
_PAIR: Final[Message] = {"key": (1, "text"), "value": (2, _ANY)}
_ANY["kvlistValue"] = (6, {"values": (1, _PAIR)})
_RESOURCE: Final[Message] = {"attributes": (1, _PAIR)}
_LOG: Final[Message] = {
    "timeUnixNano": (1, "fixed"),
    "observedTimeUnixNano": (11, "fixed"),
    "severityNumber": (2, "varint"),
    "severityText": (3, "text"),
    "body": (5, _ANY),
    "attributes": (6, _PAIR),
    "traceId": (9, "hex"),
    "spanId": (10, "hex"),
}
_SPAN: Final[Message] = {
    "traceId": (1, "hex"),
    "spanId": (2, "hex"),
    "parentSpanId": (4, "hex"),
    "name": (5, "text"),
    "kind": (6, "varint"),
    "startTimeUnixNano": (7, "fixed"),
    "endTimeUnixNano": (8, "fixed"),
    "attributes": (9, _PAIR),
    "status": (15, {"message": (2, "text"), "code": (3, "varint")}),
}
_NUMBER_POINT: Final[Message] = {
    "startTimeUnixNano": (2, "fixed"),
    "timeUnixNano": (3, "fixed"),
    "asDouble": (4, "double"),
    "asInt": (6, "fixed"),
    "attributes": (7, _PAIR),
}
_SUMMED_POINT: Final[Message] = {
    "startTimeUnixNano": (2, "fixed"),
    "timeUnixNano": (3, "fixed"),
    "count": (4, "fixed"),
    "sum": (5, "double"),
}
_METRIC: Final[Message] = {
    "name": (1, "text"),
    "unit": (3, "text"),
    "gauge": (5, {"dataPoints": (1, _NUMBER_POINT)}),
    "sum": (7, {"dataPoints": (1, _NUMBER_POINT), "aggregationTemporality": (2, "varint")}),
    "histogram": (9, {"dataPoints": (1, {**_SUMMED_POINT, "attributes": (9, _PAIR)})}),
    "exponentialHistogram": (10, {"dataPoints": (1, {**_SUMMED_POINT, "attributes": (1, _PAIR)})}),
    "summary": (11, {"dataPoints": (1, {**_SUMMED_POINT, "attributes": (7, _PAIR)})}),
}
_ENUMS: Final = {
    **{f"SPAN_KIND_{name.upper()}": number for number, name in enumerate(otlp.KINDS)},
    "STATUS_CODE_OK": 1,
    "STATUS_CODE_ERROR": 2,
    "AGGREGATION_TEMPORALITY_DELTA": 1,
    "AGGREGATION_TEMPORALITY_CUMULATIVE": 2,
}


def _request(kind: str, scope: str, records: str, record: Message) -> Message:
    return {kind: (1, {"resource": (1, _RESOURCE), scope: (2, {records: (2, record)})})}


LOGS: Final = _request("resourceLogs", "scopeLogs", "logRecords", _LOG)
SPANS: Final = _request("resourceSpans", "scopeSpans", "spans", _SPAN)
METRICS: Final = _request("resourceMetrics", "scopeMetrics", "metrics", _METRIC)


def decode_logs(data: bytes, observed: int) -> Decoded:
    """Read an ExportLogsServiceRequest in JSON; raises `BadInput` for bytes that are none."""
    return otlp.decode_logs(as_protobuf(data, LOGS), observed)


def decode_spans(data: bytes, observed: int) -> Decoded:
    """Read an ExportTraceServiceRequest in JSON; raises `BadInput` for bytes that are none."""
    return otlp.decode_spans(as_protobuf(data, SPANS), observed)


def decode_metrics(data: bytes, observed: int) -> Decoded:
    """Read an ExportMetricsServiceRequest in JSON; raises `BadInput` for bytes that are none."""
    return otlp.decode_metrics(as_protobuf(data, METRICS), observed)


def as_protobuf(data: bytes, message: Message) -> bytes:
    """Return a JSON request in protobuf; raises `BadInput` naming what could not be read."""
    try:
        values = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput("invalid_json", detail=str(error)) from None
    if not isinstance(values, dict):
        raise BadInput("invalid_json", detail=f"got {type(values).__name__}, expected an object")
    try:
        return _written(values, message)
    except (TypeError, ValueError, KeyError, AttributeError, struct.error, RecursionError) as error:
        raise BadInput("invalid_otlp_json", detail=f"{type(error).__name__}: {error}") from None


def _written(values: dict[str, Any], message: Message) -> bytes:
    parts = []
    for name, value in values.items():
        if name not in message or value is None:
            continue
        field, kind = message[name]
        parts += [_field(field, kind, one) for one in (value if isinstance(value, list) else [value])]
    return b"".join(parts)


def _field(field: int, kind: Any, value: Any) -> bytes:
    if isinstance(kind, dict):
        return piece(field, _written(value, kind))
    if kind == "text":
        if not isinstance(value, str):
            raise ValueError(f"got {value!r}, expected text")
        return piece(field, value.encode("utf-8", "replace"))
    if kind == "hex":
        return piece(field, bytes.fromhex(value))
    if kind == "base64":
        return piece(field, b64decode(value))
    if kind == "double":
        return varint(field << 3 | 1) + struct.pack("<d", float(value))
    number = _ENUMS[value] if isinstance(value, str) and value in _ENUMS else int(value)
    if kind == "fixed":
        return varint(field << 3 | 1) + struct.pack("<Q", number % (1 << 64))
    return varint(field << 3) + varint(number % (1 << 64))
