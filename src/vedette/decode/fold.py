"""Names folded to canonical columns: both generations of the HTTP conventions, ECS, and what loggers write.

One table for JSON lines, one for OTLP attributes; units are part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vedette.records import schema


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that means a canonical column; `scale` turns its unit into the column's."""

    column: str
    path: tuple[str, ...]
    scale: float = 1.0


def _aliases(column: str, *names: str, scale: float = 1.0) -> tuple[Alias, ...]:
    """Return names as they stand and, where they have dots, as nested objects; earlier names go first."""
    paths = [path for name in names for path in dict.fromkeys(((name,), tuple(name.split("."))))]
    return tuple(Alias(column, path, scale) for path in paths)


HTTP_TARGET: Final = "http.target"
"""Path and query in one: split by the decoder."""

COMMANDS: Final = ("CommandLine", "process.command_line", "eventName")
"""What stands for a message where events of processes (Sysmon, Sigma's taxonomy) or of a cloud have none."""

SURICATA: Final = Alias(schema.BODY, ("alert", "signature"))
WAZUH: Final = Alias(schema.BODY, ("rule", "description"))
FALCO: Final = Alias(schema.BODY, ("rule",))
PRIORITY: Final = Alias(schema.SEVERITY, ("priority",))

TOOLS: Final = (
    *_aliases(schema.ALERT, schema.ALERT),
    Alias(schema.ALERT, ("alert", "severity")),
    Alias(schema.ALERT, ("rule", "level")),
    SURICATA,
    WAZUH,
    FALCO,
    PRIORITY,
    Alias(schema.CLIENT, ("src_ip",)),
    Alias(schema.CLIENT, ("data", "srcip")),
    Alias(schema.HOST, ("agent", "name")),
)
"""How Suricata, Wazuh and Falco name an alert, its urgency, source and host.

A signature is the message, so that each signature is one template with a rate of its own; Falco's ``output``, full of
values, is not read. Scales of urgency differ: `vedette.decode.urgency` makes one of them.
"""

_LABELED: Final = (
    "k8s.pod.label.app.kubernetes.io/component",
    "k8s.pod.labels.app.kubernetes.io/component",
    "app.kubernetes.io/component",
    "k8s.pod.label.tier",
    "k8s.pod.labels.tier",
)
"""Kubernetes' labels of what a workload is, as collectors write them; ``labels`` is the older spelling."""

JSON_ALIASES: Final = (
    *_aliases(
        schema.TIME, "@timestamp", "timestamp", "time", "ts", "datetime", "date", "asctime", "t", "eventTime", "UtcTime"
    ),
    *_aliases(schema.SERVICE, "service.name", "service", "service_name", "serviceName", "app", "application"),
    *_aliases(
        schema.ENVIRONMENT,
        "deployment.environment.name",
        "deployment.environment",
        "service.environment",
        "environment",
        "env",
    ),
    *_aliases(schema.TIER, "vedette.tier", *_LABELED),
    *_aliases(
        schema.SEVERITY,
        "severity_text",
        "level",
        "severity",
        "log.level",
        "levelname",
        "loglevel",
        "lvl",
        "SeverityText",
    ),
    *_aliases(schema.BODY, "body", "message", "msg", "log", "event.original", "Body", *COMMANDS),
    *_aliases(schema.METHOD, "http.request.method", "http.method", "method", "request_method", "verb", "cs-method"),
    *_aliases(schema.ROUTE, "http.route", "route"),
    *_aliases(schema.PATH, "url.path", "http.path", "path", "uri", "request_uri", "url", "cs-uri-stem"),
    *_aliases(HTTP_TARGET, "http.target", "http.url", "url.full", "url.original", "request"),
    *_aliases(schema.QUERY, "url.query", "query_string", "args", "cs-uri-query"),
    *_aliases(
        schema.STATUS,
        "http.response.status_code",
        "http.status_code",
        "http.status",
        "status_code",
        "statusCode",
        "status",
        "code",
        "sc-status",
    ),
    *_aliases(
        schema.RESPONSE_SIZE,
        "http.response.body.size",
        "http.response_content_length",
        "http.response.body.bytes",
        "body_bytes_sent",
        "bytes_sent",
        "response_size",
        "bytes",
        "vedette.bytes",
        "size",
    ),
    *_aliases(
        schema.REQUEST_SIZE,
        "http.request.body.size",
        "http.request_content_length",
        "http.request.body.bytes",
        "request_length",
    ),
    *_aliases(schema.DURATION, "duration", "duration_s", "request_time", "elapsed", "took"),
    *_aliases(
        schema.DURATION,
        "duration_ms",
        "durationMs",
        "latency_ms",
        "elapsed_ms",
        "response_time_ms",
        "responseTime",
        "took_ms",
        scale=1e-3,
    ),
    *_aliases(schema.DURATION, "duration_us", scale=1e-6),
    *_aliases(schema.DURATION, "event.duration", "duration_ns", scale=1e-9),
    *_aliases(
        schema.CLIENT,
        "client.address",
        "http.client_ip",
        "client_ip",
        "clientIp",
        "remote_addr",
        "remoteAddress",
        "remote_ip",
        "net.peer.ip",
        "net.sock.peer.addr",
        "client.ip",
        "source.ip",
        "ip",
        "network.peer.address",
        "sourceIPAddress",
        "IpAddress",
        "c-ip",
    ),
    *_aliases(
        schema.USER,
        "user.id",
        "enduser.id",
        "user_id",
        "userId",
        "user.name",
        "username",
        "remote_user",
        "user",
        "User",
        "TargetUserName",
        "userIdentity.arn",
    ),
    *_aliases(schema.SESSION, "session.id", "session_id", "sessionId"),
    *_aliases(schema.USER_AGENT, "user_agent.original", "http.user_agent", "user_agent", "userAgent", "agent"),
    *_aliases(schema.ERROR_TYPE, "error.type", "exception.type", "exc_type"),
    *_aliases(schema.HOST, "host.name", "hostname", "host", "Computer"),
    *_aliases(schema.ACTION, "event.name", "event.action", "eventName", "action"),
    *_aliases(schema.OUTCOME, "event.outcome", "outcome"),
    *_aliases(schema.PROCESS, "process.executable.name", "process.name", "Image"),
    *_aliases(schema.RESOURCE, "vedette.resource", "file.path", "TargetFilename", "requestParameters.bucketName"),
    *_aliases(schema.COUNTRY, "client.geo.country_iso_code", "source.geo.country_iso_code", "geo.country.iso_code"),
    *_aliases(schema.TRACE_ID, "trace_id", "traceId", "traceID", "trace.id", "TraceId"),
    *_aliases(schema.SPAN_ID, "span_id", "spanId", "spanID", "span.id", "SpanId"),
    *_aliases(schema.BODY_SHAPE, schema.BODY_SHAPE),
    *TOOLS,
)
"""Names in JSON lines. Where a line has several of one column, the first in this order is taken."""

CALLED: Final = (
    *_aliases(schema.DATABASE, "db.system.name", "db.system"),
    *_aliases(schema.NAMESPACE, "db.namespace", "db.name"),
    *_aliases(schema.BROKER, "messaging.system.name", "messaging.system"),
    *_aliases(schema.PEER, "service.peer.name", "peer.service"),
    *_aliases(schema.SERVER, "server.address", "net.peer.name"),
)
"""What spans say of whom they call; of no use in lines."""

_OTLP_COLUMNS: Final = frozenset(
    {
        schema.SERVICE,
        schema.ENVIRONMENT,
        schema.TIER,
        schema.METHOD,
        schema.ROUTE,
        schema.PATH,
        HTTP_TARGET,
        schema.QUERY,
        schema.STATUS,
        schema.RESPONSE_SIZE,
        schema.REQUEST_SIZE,
        schema.CLIENT,
        schema.USER,
        schema.SESSION,
        schema.USER_AGENT,
        schema.ERROR_TYPE,
        schema.HOST,
        schema.ACTION,
        schema.OUTCOME,
        schema.PROCESS,
        schema.RESOURCE,
        schema.COUNTRY,
        schema.BODY_SHAPE,
        *(alias.column for alias in CALLED),
    }
)

ATTRIBUTES: Final = {
    alias.path[0]: alias
    for alias in (*JSON_ALIASES, *CALLED)
    if alias.column in _OTLP_COLUMNS and len(alias.path) == 1 and "." in alias.path[0]
}
"""OTLP attribute name → alias, most preferred first: the conventions' own names only, not loggers' short ones."""

SEVERITIES: Final = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


def severity_of(number: int) -> str:
    """Return the text of an OTLP severity number, 1 to 24; ``""`` for 0 or what is out of range."""
    return SEVERITIES[(number - 1) // 4] if 1 <= number <= 24 else ""
