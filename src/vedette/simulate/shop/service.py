"""The shop as a service: instrumented with OpenTelemetry, served on loopback, asked by real HTTP requests."""

from __future__ import annotations

import http.client
import os
from threading import Thread
from typing import TYPE_CHECKING, Any

from flask import Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from vedette.middleware import StructureMiddleware
from vedette.simulate.model import Traffic, Visit
from vedette.simulate.otlp import RESOURCE
from vedette.simulate.shop.app import Faults, make_app

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

EXPORT_EVERY = 1000
"""Milliseconds between two exports of spans."""


class Quiet(WSGIRequestHandler):
    """Serves without a line on stderr for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


class ShopService:
    """A running shop.

    Parameters
    ----------
    exporter
        Takes the spans.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self.faults = Faults()
        self._provider = _provider(exporter)
        app = make_app(self.faults)
        instrument(app, self._provider)
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
        self._thread = Thread(target=self._server.serve_forever, name="shop", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return self._server.server_port

    def ask(self, visit: Visit) -> int:
        """Send a visit as a real request and return the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(visit.method, visit.path, visit.payload or None, headers(visit))
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def close(self, *, export: bool = True) -> None:
        """Stop serving and export what is left, unless nobody is there to take it."""
        self._server.shutdown()
        self._thread.join()
        if export:
            self._provider.shutdown()


def headers(visit: Visit) -> dict[str, str]:
    """Return a visit's headers."""
    kind = {"Content-Type": "application/json"} if visit.body is not None else {}
    return {"X-Forwarded-For": visit.client, "X-Shop-User": visit.user, "X-Takes": f"{visit.takes:.6f}", **kind}


def instrument(app: Any, provider: TracerProvider) -> None:
    """Instrument the shop as its documentation would: OpenTelemetry for Flask, our middleware, who is asking."""
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    from opentelemetry import trace
    from opentelemetry.instrumentation.flask import FlaskInstrumentor

    instrumentor: Any = FlaskInstrumentor()
    instrumentor.instrument_app(app, tracer_provider=provider)
    app.wsgi_app = StructureMiddleware(app.wsgi_app)

    def who() -> None:
        span = trace.get_current_span()
        span.set_attribute("client.address", request.headers.get("X-Forwarded-For", request.remote_addr or ""))
        if request.headers.get("X-Shop-User"):
            span.set_attribute("user.id", request.headers["X-Shop-User"])

    def size(response: Response) -> Response:
        trace.get_current_span().set_attribute("http.response.body.size", response.content_length or 0)
        return response

    hooks = app.before_request_funcs[None]
    begin_span = hooks.pop()  # the instrumentation's own, added last
    hooks[:0] = [begin_span, who]
    app.after_request(size)


def answer_sizes() -> dict[str, int]:
    """Return the bytes of the shop's answers by route and status, as it gives them."""
    client = make_app(Faults(), sleep=lambda seconds: None).test_client()
    sizes: dict[str, int] = {}
    for visit in Traffic(20.0, seed=5).between(0.0, 60.0):
        key = f"{visit.route} {visit.status}"
        if key not in sizes:
            answer = client.open(visit.path, method=visit.method, data=visit.payload, headers=headers(visit))
            sizes[key] = len(answer.data)
    return sizes


def _provider(exporter: SpanExporter) -> TracerProvider:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(shutdown_on_exit=False, resource=Resource.create(dict(RESOURCE)))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EXPORT_EVERY))
    return provider
