import json

import pyarrow as pa
import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from vedette.decode import otlp, otlp_json
from vedette.errors import BadInput
from vedette.records import schema
from vedette.records.batch import Decoded

OBSERVED = 7 * 10**18


def attribute(name: str, value: object) -> KeyValue:
    kinds = {str: "string_value", bool: "bool_value", int: "int_value", float: "double_value"}
    return KeyValue(key=name, value=AnyValue(**{kinds[type(value)]: value}))


def spans(**attributes: object) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.append(attribute("service.name", "shop"))
    span = resource.scope_spans.add().spans.add(
        name="GET /a",
        kind=2,
        start_time_unix_nano=10**18,
        end_time_unix_nano=10**18 + 25 * 10**7,
        trace_id=b"\x01" * 16,
        span_id=b"\x02" * 8,
    )
    span.attributes.extend(attribute(name, value) for name, value in attributes.items())
    return request


def rows(decoded: Decoded) -> list[dict[str, object]]:
    out: list[dict[str, object]] = []
    for batch in decoded.batches:
        place = batch.columns.schema.get_field_index(schema.TIME)
        times = batch.columns.column(schema.TIME).cast(pa.int64())
        out += batch.columns.set_column(place, schema.TIME, times).to_pylist()
    return out


def as_json(request: object) -> bytes:
    """OTLP's JSON: ids in hexadecimal, where protobuf's own JSON has base64."""
    from base64 import b64decode

    def fixed(value: object) -> object:
        if isinstance(value, dict):
            return {
                name: b64decode(child).hex() if name in ("traceId", "spanId", "parentSpanId") else fixed(child)
                for name, child in value.items()
            }
        return [fixed(child) for child in value] if isinstance(value, list) else value

    return json.dumps(fixed(MessageToDict(request, use_integers_for_enums=True))).encode()


def test_a_span_fills_its_columns() -> None:
    request = spans(
        **{
            "http.request.method": "GET",
            "url.path": "/a",
            "http.response.status_code": 200,
            "user.id": 7,
            "session.id": "a",
            "x.y": 1.5,
        }
    )
    (row,) = rows(otlp.decode_spans(request.SerializeToString(), OBSERVED))
    assert row[schema.SERVICE] == "shop"
    assert (row[schema.METHOD], row[schema.PATH], row[schema.STATUS]) == ("GET", "/a", 200)
    assert row[schema.DURATION] == pytest.approx(0.25)
    assert row[schema.SPAN_KIND] == "server"
    assert row[schema.TRACE_ID] == b"\x01" * 16
    assert (row[schema.USER], row[schema.SESSION]) == ("7", "a")
    assert json.loads(str(row[schema.RAW])) == {"x.y": 1.5}


def test_both_generations_of_http_names_are_one() -> None:
    old = spans(**{"http.method": "GET", "http.target": "/a?q=1", "http.status_code": 404, "net.peer.ip": "1.1.1.1"})
    new = spans(
        **{
            "http.request.method": "GET",
            "url.path": "/a",
            "url.query": "q=1",
            "http.response.status_code": 404,
            "client.address": "1.1.1.1",
        }
    )
    columns = (schema.METHOD, schema.PATH, schema.QUERY, schema.STATUS, schema.CLIENT)
    one, two = (rows(otlp.decode_spans(request.SerializeToString(), OBSERVED))[0] for request in (old, new))
    assert [one[name] for name in columns] == [two[name] for name in columns] == ["GET", "/a", "q=1", 404, "1.1.1.1"]


def test_both_generations_say_whom_a_span_calls() -> None:
    old = spans(**{"db.system": "mysql", "db.name": "orders", "net.peer.name": "db1", "peer.service": "orders-db"})
    new = spans(
        **{
            "db.system.name": "mysql",
            "db.namespace": "orders",
            "server.address": "db1",
            "service.peer.name": "orders-db",
        }
    )
    columns = (schema.DATABASE, schema.NAMESPACE, schema.SERVER, schema.PEER)
    one, two = (rows(otlp.decode_spans(request.SerializeToString(), OBSERVED))[0] for request in (old, new))
    assert [one[name] for name in columns] == [two[name] for name in columns] == ["mysql", "orders", "db1", "orders-db"]
    brokers = [spans(**{name: "kafka"}) for name in ("messaging.system", "messaging.system.name")]
    for request in brokers:
        assert rows(otlp.decode_spans(request.SerializeToString(), OBSERVED))[0][schema.BROKER] == "kafka"


def test_a_failed_span_says_so() -> None:
    request = spans()
    request.resource_spans[0].scope_spans[0].spans[0].status.code = 2
    assert rows(otlp.decode_spans(request.SerializeToString(), OBSERVED))[0][schema.ERROR_TYPE] == "error"


texts = st.text(max_size=12)
records = st.lists(
    st.tuples(
        st.integers(0, 2**62),
        st.integers(0, 26),
        texts,
        st.dictionaries(
            texts, st.one_of(texts, st.integers(-9, 9), st.booleans(), st.floats(allow_nan=False)), max_size=3
        ),
    ),
    max_size=6,
)


@given(records, st.one_of(texts, st.none()))
def test_logs_read_as_the_library_reads_them(
    drawn: list[tuple[int, int, str, dict[str, object]]], service: str | None
) -> None:
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add()
    if service is not None:
        resource.resource.attributes.append(attribute("service.name", service))
    scope = resource.scope_logs.add()
    for moment, severity, body, attributes in drawn:
        record = scope.log_records.add(time_unix_nano=moment, severity_number=severity)
        record.body.string_value = body
        record.attributes.extend(attribute(name, value) for name, value in attributes.items())
    found = rows(otlp.decode_logs(request.SerializeToString(), OBSERVED))
    assert len(found) == len(drawn)
    for row, (moment, severity, body, _) in zip(found, drawn, strict=True):
        assert row[schema.TIME] == (moment or OBSERVED)
        assert row[schema.BODY] == body
        expected = otlp.severity_of(severity)
        assert row.get(schema.SEVERITY) == (expected or None)
        if service is not None:
            assert row[schema.SERVICE] == service
    assert rows(otlp_json.decode_logs(as_json(request), OBSERVED)) == found


@pytest.mark.parametrize(
    "label", ["vedette.tier", "k8s.pod.label.app.kubernetes.io/component", "app.kubernetes.io/component"]
)
def test_a_label_of_a_workload_is_its_tier_in_all_signals(label: str) -> None:
    traced = spans()
    metered, logged = ExportMetricsServiceRequest(), ExportLogsServiceRequest()
    point = metered.resource_metrics.add().scope_metrics.add().metrics.add(name="rows").gauge.data_points.add()
    point.as_int, point.time_unix_nano = 3, 10**18
    logged.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=10**18)
    for resource in (traced.resource_spans[0], metered.resource_metrics[0], logged.resource_logs[0]):
        resource.resource.attributes.append(attribute(label, "database"))
    decoded = (
        otlp.decode_spans(traced.SerializeToString(), OBSERVED),
        otlp.decode_metrics(metered.SerializeToString(), OBSERVED),
        otlp.decode_logs(logged.SerializeToString(), OBSERVED),
    )
    assert [row[schema.TIER] for one in decoded for row in rows(one)] == ["database"] * 3


def test_every_truncation_is_refused_or_whole() -> None:
    request = spans(**{"http.request.method": "GET", "url.path": "/a"})
    data = request.SerializeToString()
    for size in range(1, len(data)):
        with pytest.raises(BadInput, match="truncated_protobuf"):
            otlp.decode_spans(data[:size], OBSERVED)


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    for decode in (otlp.decode_logs, otlp.decode_spans, otlp.decode_metrics, otlp_json.decode_logs):
        try:
            decode(data, OBSERVED)
        except BadInput:
            continue


@given(st.integers(0, 400), st.integers(0, 255))
def test_no_changed_byte_breaks_it(place: int, byte: int) -> None:
    data = bytearray(
        spans(**{"http.request.method": "GET", "url.path": "/a", "http.response.status_code": 200}).SerializeToString()
    )
    data[place % len(data)] = byte
    try:
        otlp.decode_spans(bytes(data), OBSERVED)
    except BadInput:
        return


def test_invalid_utf8_is_replaced_not_kept() -> None:
    data = spans(**{"url.path": "/aXb"}).SerializeToString().replace(b"/aXb", b"/a\xffb")
    assert rows(otlp.decode_spans(data, OBSERVED))[0][schema.PATH] == "/a�b"


def test_metrics_of_every_kind() -> None:
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    resource.resource.attributes.append(attribute("service.name", "shop"))
    scope = resource.scope_metrics.add()
    gauge = scope.metrics.add(name="memory", unit="By").gauge.data_points.add(time_unix_nano=5, as_int=-3)
    gauge.attributes.append(attribute("host", "a"))
    total = scope.metrics.add(name="requests").sum
    total.aggregation_temporality = 2
    total.data_points.add(time_unix_nano=6, as_double=2.5)
    scope.metrics.add(name="http.server.duration", unit="ms").histogram.data_points.add(
        time_unix_nano=7, count=4, sum=1200.0
    )
    scope.metrics.add(name="s").summary.data_points.add(time_unix_nano=8, count=2, sum=3.0)
    found = rows(otlp.decode_metrics(request.SerializeToString(), OBSERVED))
    assert [row[schema.METRIC_KIND] for row in found] == ["gauge", "cumulative", "histogram", "histogram"]
    assert [row[schema.METRIC_VALUE] for row in found] == [-3.0, 2.5, pytest.approx(1.2), 3.0]
    assert found[0][schema.ATTRIBUTES] == "host=a"
    assert found[2][schema.METRIC_NAME] == "http.server.request.duration"
    assert found[2][schema.METRIC_UNIT] == "s"
    assert rows(otlp_json.decode_metrics(as_json(request), OBSERVED)) == found


@pytest.mark.parametrize("data", [b"[]", b"nope", b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}'])
def test_bad_json_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        otlp_json.decode_spans(data, OBSERVED)
