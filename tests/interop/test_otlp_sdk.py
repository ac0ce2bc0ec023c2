"""The OpenTelemetry SDK against a real server: exact counts, and no loss where it can retry."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from tests.interop.loopback import Memory, await_true, make_app, running

from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy
from vedette.receive.keys import Keys
from vedette.telemetry import metrics

RESOURCE = Resource({"service.name": "shop", "deployment.environment.name": "test"})
COMPRESSIONS = [Compression.NoCompression, Compression.Gzip, Compression.Deflate]


@pytest.fixture
def intake() -> Memory:
    return Memory()


@pytest.fixture
def url(intake: Memory, tmp_path: Path) -> Iterator[str]:
    with running(make_app(intake, tmp_path / "keys.json")) as address:
        yield address


def span_exporter(url: str, **options: Any) -> OTLPSpanExporter:
    return OTLPSpanExporter(endpoint=f"{url}/v1/traces", **options)


def make_spans(exporter: OTLPSpanExporter, count: int, *, batch: bool = True) -> None:
    """Make spans with the SDK, and wait until all were exported or given up."""
    provider = TracerProvider(resource=RESOURCE)
    provider.add_span_processor(BatchSpanProcessor(exporter) if batch else SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    for number in range(count):
        with tracer.start_as_current_span(f"GET /product/{number % 3}") as span:
            span.set_attribute("http.request.method", "GET")
            span.set_attribute("http.response.status_code", 200 + number % 2)
    provider.force_flush()
    provider.shutdown()


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_spans_arrive_each_once(url: str, intake: Memory, compression: Compression) -> None:
    make_spans(span_exporter(url, compression=compression), 1500)
    assert intake.rows() == 1500
    assert len(set(intake.column("span_id"))) == 1500
    assert intake.sources == {"otlp/traces": 1500}
    assert set(intake.column("service.name")) == {"shop"}
    assert set(intake.column("deployment.environment.name")) == {"test"}
    assert set(intake.column("http.response.status_code")) == {200, 201}


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_logs_arrive_each_once(url: str, intake: Memory, compression: Compression) -> None:
    provider = LoggerProvider(resource=RESOURCE)
    exporter = OTLPLogExporter(endpoint=f"{url}/v1/logs", compression=compression)
    provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
    logger = provider.get_logger("test")
    for number in range(1200):
        body = f"order {number} placed"
        logger.emit(LogRecord(timestamp=time.time_ns(), severity_number=SeverityNumber.WARN, body=body))
    provider.force_flush()
    provider.shutdown()
    assert sorted(intake.column("body")) == sorted(f"order {number} placed" for number in range(1200))
    assert intake.sources == {"otlp/logs": 1200}


def test_a_session_of_log_records_is_a_token_behind_the_gate(url: str, intake: Memory) -> None:
    provider = LoggerProvider(resource=RESOURCE)
    provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=f"{url}/v1/logs")))
    logger = provider.get_logger("test")
    for number in range(30):
        session = {} if number % 3 == 2 else {"session.id": f"7f3a-of-{number % 3}"}
        logger.emit(LogRecord(timestamp=time.time_ns(), body=f"order {number} placed", attributes=session))
    provider.force_flush()
    provider.shutdown()
    assert set(intake.column("session.id")) == {"7f3a-of-0", "7f3a-of-1", None}
    gate = Gate(Policy.default(), b"k" * 32)
    tokens = [one for batch in intake.batches for one in gate.protect(batch).columns.column("session.id").to_pylist()]
    assert [tokens.count(one) for one in dict.fromkeys(tokens)] == [10, 10, 10]
    assert all(re.fullmatch("s_[0-9a-f]{12}", token) for token in tokens if token is not None)


def test_metrics_arrive_with_their_values(url: str, intake: Memory) -> None:
    exporter = OTLPMetricExporter(endpoint=f"{url}/v1/metrics", compression=Compression.Gzip)
    provider = MeterProvider([PeriodicExportingMetricReader(exporter, 3_600_000)], resource=RESOURCE)
    meter = provider.get_meter("test")
    for number in range(7):
        meter.create_counter(f"orders_{number}", unit="1").add(number + 1)
    meter.create_histogram("latency", unit="s").record(0.25)
    provider.shutdown()
    values = dict(zip(intake.column("metric.name"), intake.column("metric.value"), strict=True))
    assert values == {**{f"orders_{number}": number + 1.0 for number in range(7)}, "latency": 0.25}
    assert intake.sources == {"otlp/metrics": 8}


def test_exporters_in_many_threads_lose_and_double_nothing(url: str, intake: Memory) -> None:
    threads = [threading.Thread(target=make_spans, args=(span_exporter(url), 400)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert intake.rows() == len(set(intake.column("span_id"))) == 3200


class TestKeys:
    @pytest.fixture
    def key(self, tmp_path: Path) -> str:
        return Keys(tmp_path / "keys.json").create("test", ("ingest",))

    def test_the_right_key_is_let_in(self, key: str, url: str, intake: Memory) -> None:
        make_spans(span_exporter(url, headers={"authorization": f"Bearer {key}"}), 10)
        assert intake.rows() == 10

    def test_without_a_key_nothing_is_taken_and_the_client_does_not_insist(
        self, key: str, url: str, intake: Memory
    ) -> None:
        before = metrics.REQUESTS.value("/v1/traces", "401")
        make_spans(span_exporter(url), 10)
        assert intake.calls == 0
        assert metrics.REQUESTS.value("/v1/traces", "401") - before == 1

    def test_a_wrong_secret_is_refused(self, key: str, url: str, intake: Memory) -> None:
        make_spans(span_exporter(url, headers={"authorization": f"Bearer {key[:-1]}x"}), 10)
        assert intake.calls == 0

    def test_a_key_that_may_only_read_is_refused(self, url: str, intake: Memory, tmp_path: Path) -> None:
        key = Keys(tmp_path / "keys.json").create("reader", ("read",))
        make_spans(span_exporter(url, headers={"authorization": f"Bearer {key}"}), 10)
        assert intake.calls == 0


def test_overload_loses_nothing(url: str, intake: Memory) -> None:
    intake.refusals = 2
    make_spans(span_exporter(url), 100)
    assert intake.refused == 2
    assert intake.rows() == len(set(intake.column("span_id"))) == 100


def test_too_large_a_request_is_dropped_by_the_client_and_the_next_one_is_taken(intake: Memory, tmp_path: Path) -> None:
    before = metrics.REQUESTS.value("/v1/logs", "413")
    with running(make_app(intake, tmp_path / "keys.json", max_request=20_000)) as url:
        provider = LoggerProvider(resource=RESOURCE)
        provider.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(endpoint=f"{url}/v1/logs")))
        logger = provider.get_logger("test")
        logger.emit(LogRecord(timestamp=time.time_ns(), body="x" * 50_000))
        logger.emit(LogRecord(timestamp=time.time_ns(), body="short"))
        provider.shutdown()
    assert intake.column("body") == ["short"]
    assert metrics.REQUESTS.value("/v1/logs", "413") - before == 1


def test_a_restart_of_the_server_loses_nothing(intake: Memory, tmp_path: Path) -> None:
    app = make_app(intake, tmp_path / "keys.json")
    with running(app) as url:
        make_spans(span_exporter(url), 50)
    port = int(url.rpartition(":")[2])
    exporting = threading.Thread(target=make_spans, args=(span_exporter(url), 50))
    exporting.start()
    time.sleep(0.5)  # the first attempt finds nobody
    with ExitStack() as stack:
        stack.enter_context(running(app, port))
        exporting.join(30)
        await_true(lambda: intake.rows() == 100)
    assert len(set(intake.column("span_id"))) == 100
