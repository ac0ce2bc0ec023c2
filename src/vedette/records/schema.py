"""The canonical columns: OpenTelemetry names, units included.

A batch carries only the columns that its source can fill; a column that is there has the type
given here. `RawBatch` columns may be ``string``, ``string_view`` or dictionary-encoded where a
text type is given; `SafeBatch` columns have exactly the type given here.

Notes
-----
Both generations of the HTTP conventions end here: ``http.method`` becomes ``http.request.method``,
``http.server.duration`` in ms becomes ``duration`` in s, and so on (`vedette.decode.fold`).

References
----------
OpenTelemetry semantic conventions 1.44; ``vedette.*`` are our own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pyarrow as pa

TIME_TYPE: Final = pa.timestamp("ns", tz="UTC")
TEXT: Final = pa.string()
LABEL: Final = pa.dictionary(pa.int32(), pa.string())
TRACE: Final = pa.binary(16)
SPAN: Final = pa.binary(8)
"""Ids as W3C Trace Context has them, as bytes: half of what their hexadecimal text takes."""


class Signal(StrEnum):
    """The kind of telemetry that a batch holds."""

    LOG = "log"
    SPAN = "span"
    METRIC = "metric"


TIME: Final = "time"
SERVICE: Final = "service.name"
ENVIRONMENT: Final = "deployment.environment.name"
TIER: Final = "vedette.tier"
"""What a service is to the others, such as ``frontend``, ``database`` or ``worker``, where its telemetry says so."""
SEVERITY: Final = "severity_text"
BODY: Final = "body"
METHOD: Final = "http.request.method"
ROUTE: Final = "http.route"
PATH: Final = "url.path"
QUERY: Final = "url.query"
STATUS: Final = "http.response.status_code"
RESPONSE_SIZE: Final = "http.response.body.size"
REQUEST_SIZE: Final = "http.request.body.size"
DURATION: Final = "duration"
CLIENT: Final = "client.address"
USER: Final = "user.id"
USER_AGENT: Final = "user_agent.original"
ERROR_TYPE: Final = "error.type"
SESSION: Final = "session.id"
"""What a client does in one sitting, or a job in one run; groups log lines that carry no trace."""
HOST: Final = "host.name"
ACTION: Final = "event.name"
OUTCOME: Final = "event.outcome"
PROCESS: Final = "process.executable.name"
RESOURCE: Final = "vedette.resource"
"""What was acted upon: a file, an object of a store, a table."""
COUNTRY: Final = "client.geo.country_iso_code"
DATABASE: Final = "db.system.name"
"""Which database or cache a span calls, such as ``postgresql``."""
NAMESPACE: Final = "db.namespace"
"""Name of the database within its server."""
BROKER: Final = "messaging.system.name"
"""Which queue a span sends to, such as ``kafka``."""
PEER: Final = "service.peer.name"
"""Whom a span calls, as the caller says."""
SERVER: Final = "server.address"
"""Host that a span calls, a name or an address; of a server's own span, its own."""
SPAN_NAME: Final = "name"
SPAN_KIND: Final = "kind"
TRACE_ID: Final = "trace_id"
SPAN_ID: Final = "span_id"
PARENT_SPAN_ID: Final = "parent_span_id"
BODY_SHAPE: Final = "vedette.request.shape"
"""Structure of a request's parameters or body: ``path:type:class:length`` items joined by ``|``.

``class`` names the character classes that occur (``a`` letters, ``d`` digits, ``s`` space,
``p`` URL-safe punctuation ``-_.~@``, ``x`` any other ASCII punctuation, ``u`` non-ASCII); ``length``
is the number of characters rounded up to a power of two. Never a value.
"""
ALERT: Final = "vedette.alert"
"""How urgent another tool calls its alert, one of `URGENCIES`; null for what is no alert. The body is its name."""
RAW: Final = "raw"
"""The native record as text; read by rules, dropped at the privacy gate."""

RULES: Final = "vedette.rules"
"""Ids of the rules that the raw record matched, separated by spaces; null for nearly all."""
ASKED: Final = "vedette.rules.fields"
"""What correlations of rules ask of a matched record: a JSON object, of tokens and numbers behind the privacy gate."""

SIMULATION: Final = "vedette.simulation"
"""Name of the simulation that a record is of, null for all that is real; set by the way in, never by a record."""

URGENCIES: Final = ("low", "medium", "high", "critical")
"""One scale for all tools, least first."""

METRIC_NAME: Final = "metric.name"
METRIC_KIND: Final = "metric.kind"
METRIC_UNIT: Final = "metric.unit"
METRIC_VALUE: Final = "metric.value"
METRIC_COUNT: Final = "metric.count"
ATTRIBUTES: Final = "attributes"

EVENT_COLUMNS: Final[dict[str, pa.DataType]] = {
    TIME: TIME_TYPE,
    SERVICE: LABEL,
    ENVIRONMENT: LABEL,
    TIER: LABEL,
    SEVERITY: LABEL,
    BODY: TEXT,
    METHOD: LABEL,
    ROUTE: LABEL,
    PATH: LABEL,
    QUERY: LABEL,
    STATUS: pa.int16(),
    RESPONSE_SIZE: pa.int64(),
    REQUEST_SIZE: pa.int64(),
    DURATION: pa.float64(),
    CLIENT: LABEL,
    USER: LABEL,
    SESSION: LABEL,
    USER_AGENT: LABEL,
    ERROR_TYPE: LABEL,
    HOST: LABEL,
    ACTION: LABEL,
    OUTCOME: LABEL,
    PROCESS: LABEL,
    RESOURCE: LABEL,
    COUNTRY: LABEL,
    DATABASE: LABEL,
    NAMESPACE: LABEL,
    BROKER: LABEL,
    PEER: LABEL,
    SERVER: LABEL,
    SPAN_NAME: LABEL,
    SPAN_KIND: LABEL,
    TRACE_ID: TRACE,
    SPAN_ID: SPAN,
    PARENT_SPAN_ID: SPAN,
    BODY_SHAPE: LABEL,
    ALERT: LABEL,
    RAW: TEXT,
    RULES: LABEL,
    ASKED: LABEL,
    SIMULATION: LABEL,
}
"""Logs and spans. ``duration`` is in seconds, sizes in bytes, ``time`` a span's start."""

METRIC_COLUMNS: Final[dict[str, pa.DataType]] = {
    TIME: TIME_TYPE,
    SERVICE: LABEL,
    ENVIRONMENT: LABEL,
    TIER: LABEL,
    METRIC_NAME: LABEL,
    METRIC_KIND: LABEL,
    METRIC_UNIT: LABEL,
    METRIC_VALUE: pa.float64(),
    METRIC_COUNT: pa.int64(),
    ATTRIBUTES: LABEL,
    SIMULATION: LABEL,
}
"""Metric points: ``kind`` is ``gauge``, ``delta``, ``cumulative`` or ``histogram``.

A histogram's ``value`` is its sum and ``count`` its number of observations; ``attributes`` are
``key=value`` pairs sorted by key and joined by ``,``.
"""


def columns_of(signal: Signal) -> dict[str, pa.DataType]:
    """Return the canonical columns of a signal, name to type."""
    return METRIC_COLUMNS if signal is Signal.METRIC else EVENT_COLUMNS
