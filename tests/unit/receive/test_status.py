import json

import pytest
from google.rpc.status_pb2 import Status
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from vedette.receive.status import CODES, status, success

texts = st.text(st.characters(codec="utf-8"), max_size=300)
RESPONSES = {
    "logs": (ExportLogsServiceResponse, "rejected_log_records", "rejectedLogRecords"),
    "traces": (ExportTraceServiceResponse, "rejected_spans", "rejectedSpans"),
    "metrics": (ExportMetricsServiceResponse, "rejected_data_points", "rejectedDataPoints"),
}


@given(st.sampled_from(sorted(CODES)), texts)
def test_a_status_as_the_protobuf_library_reads_it(code: int, message: str) -> None:
    read = Status.FromString(status(code, message, as_json=False))
    assert (read.code, read.message) == (CODES[code], message)
    assert json.loads(status(code, message, as_json=True)) == {"code": CODES[code], "message": message}


@given(st.sampled_from(sorted(RESPONSES)), st.integers(1, 2**63 - 1), texts)
def test_a_partial_success_as_the_protobuf_library_reads_it(signal: str, rejected: int, message: str) -> None:
    make, field, name = RESPONSES[signal]
    partial = make.FromString(success(signal, rejected, message, as_json=False)).partial_success
    assert (getattr(partial, field), partial.error_message) == (rejected, message)
    document = json.loads(success(signal, rejected, message, as_json=True))
    assert document == {"partialSuccess": {name: str(rejected), "errorMessage": message}}


@pytest.mark.parametrize("signal", sorted(RESPONSES))
def test_full_success_leaves_partial_success_unset(signal: str) -> None:
    read = RESPONSES[signal][0].FromString(success(signal, 0, "", as_json=False))
    assert not read.HasField("partial_success")
    assert success(signal, 0, "", as_json=True) == b"{}"
