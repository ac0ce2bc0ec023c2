"""Real OpenTelemetry SDK exporters against a real server."""

import logging

import pytest
from opentelemetry._logs import SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from tests.interop.server import RunningServer

from vedette.store.events import EventStore

RESOURCE = Resource.create({"service.name": "sdk"})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> RunningServer:
    running = RunningServer(tmp_path_factory.mktemp("sdk"))
    running.start()
    return running


def test_traces_logs_and_metrics_arrive_in_full(server: RunningServer) -> None:
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    traces = TracerProvider(resource=RESOURCE)
    exporter = OTLPSpanExporter(endpoint=f"{server.url}/v1/traces", compression=Compression.Gzip)
    traces.add_span_processor(BatchSpanProcessor(exporter))
    tracer = traces.get_tracer("test")
    for number in range(500):
        with tracer.start_as_current_span(f"op {number % 5}") as span:
            span.set_attribute("http.request.method", "GET")
    traces.shutdown()

    logs = LoggerProvider(resource=RESOURCE)
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{server.url}/v1/logs")))
    logger = logs.get_logger("test")
    for number in range(300):
        logger.emit(severity_number=SeverityNumber.INFO, body=f"line {number}")
    logs.shutdown()

    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=f"{server.url}/v1/metrics"), 60_000)
    metrics = MeterProvider([reader], resource=RESOURCE)
    metrics.get_meter("test").create_counter("orders").add(3)
    metrics.shutdown()

    assert server.stop() in (0, 130)
    store = EventStore(server.folder / "events")
    counts = {name: store.scan(name, 0, 1 << 62, ["service.name"]).num_rows for name in ("span", "log", "metric")}
    assert counts == {"span": 500, "log": 300, "metric": 1}
