"""Alerts of other tools that come as one JSON document: Alertmanager's webhook, CrowdSec's HTTP plugin.

Each alert becomes a log line, whose message is the alert's name alone: so every name is one template with a rate of its
own, as signatures of Falco, Wazuh and Suricata are (`vedette.decode.fold.TOOLS`). The whole alert is in the raw record,
for rules.

References
----------
Prometheus, Alertmanager configuration, ``webhook_config``: payload version 4. CrowdSec, ``pkg/models.Alert``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import orjson

from vedette.decode.json_lines import JsonLines
from vedette.decode.lines import SAMPLE
from vedette.decode.urgency import urgency_of
from vedette.errors import BadInput
from vedette.records import schema
from vedette.records.batch import DeadLetter, Decoded
from vedette.records.time import SECOND, from_rfc3339

IsNew = Callable[[str], bool]
"""Says of an alert's identity whether it was taken in before; it is told of every alert once."""

SERVICE: Final = ("service_name", "service", "app", "app_kubernetes_io_name", "application", "job")
ENVIRONMENT: Final = ("deployment_environment_name", "deployment_environment", "environment", "env")
HOST: Final = ("host", "hostname", "node", "nodename", "instance")
"""Labels that name a column, first to last: what Prometheus' own exporters and Kubernetes' rules use."""

HELD: Final = round(timedelta(hours=1).total_seconds()) * SECOND
"""Time for which senders hold alerts back (``group_wait``, ``group_threshold``), with much to spare: an alert no older
counts when it comes, or its window would be closed; an older one is history and keeps its time."""

_HOST: Final = re.compile(r"(?:\w+://)?(\[[^\]]*\]|[^/:]+)")

Row = tuple[dict[str, Any], str]
"""Canonical columns of an alert, and its identity; empty for none."""


def decode_alertmanager(data: bytes, observed: int, service: str = "", is_new: IsNew = bool) -> Decoded:
    """Read a notification of Alertmanager; what fires and what is resolved are lines of their own.

    Parameters
    ----------
    service
        ``service.name`` of alerts whose labels name none.
    is_new
        Alertmanager sends all alerts of a group again and again; those that are not new are passed over.

    Raises
    ------
    BadInput
        For what is no such notification.
    """
    payload = _json(data)
    alerts = payload.get("alerts") if isinstance(payload, dict) else None
    if not isinstance(alerts, list):
        raise BadInput(
            "not_a_notification", detail="expected an object with a list of alerts, as Alertmanager sends it"
        )
    return _decoded(alerts, _of_alertmanager, observed, service or "alertmanager", is_new)


def decode_crowdsec(data: bytes, observed: int, service: str = "", is_new: IsNew = bool) -> Decoded:
    """Read alerts of CrowdSec: a list of them, or one; parameters and errors as for `decode_alertmanager`."""
    payload = _json(data)
    alerts = [payload] if isinstance(payload, dict) else payload
    if not isinstance(alerts, list):
        raise BadInput("not_a_list", detail='expected a list of alerts, as the format "{{.|toJson}}" gives it')
    return _decoded(alerts, lambda alert: _of_crowdsec(alert, observed), observed, service or "crowdsec", is_new)


def _json(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadInput("invalid_json", detail=str(error)) from None


def _decoded(
    alerts: Iterable[Any], read: Callable[[Mapping[str, Any]], Row], observed: int, service: str, is_new: IsNew
) -> Decoded:
    dead: list[DeadLetter] = []
    lines = b"\n".join(_lines(alerts, read, is_new, dead))
    decoded = JsonLines(service).decode(lines, observed) if lines else Decoded(())
    return Decoded(decoded.batches, (*dead, *decoded.dead))


def _lines(
    alerts: Iterable[Any], read: Callable[[Mapping[str, Any]], Row], is_new: IsNew, dead: list[DeadLetter]
) -> Iterator[bytes]:
    for number, alert in enumerate(alerts):
        row, identity = read(alert) if isinstance(alert, dict) else ({}, "")
        if not row.get(schema.BODY):
            dead.append(DeadLetter("no_alert_name", number, orjson.dumps(alert)[:SAMPLE]))
        elif not identity or is_new(identity):
            yield orjson.dumps({name: value for name, value in row.items() if value})


def _of_alertmanager(alert: Mapping[str, Any]) -> Row:
    labels = _mapping(alert.get("labels"))
    name, is_over = _text(labels.get("alertname")), alert.get("status") == "resolved"
    row = {
        schema.BODY: f"{name} resolved" if name and is_over else name,
        schema.SEVERITY: "info" if is_over else _text(labels.get("severity")),
        schema.SERVICE: _first(labels, SERVICE),
        schema.ENVIRONMENT: _first(labels, ENVIRONMENT),
        schema.HOST: _bare(_first(labels, HOST)),
        schema.ACTION: "resolved" if is_over else "firing",
        schema.ALERT: "" if is_over else urgency_of(_text(labels.get("severity"))),
        "alertmanager": alert,
    }
    which = _text(alert.get("fingerprint")) or orjson.dumps(labels, option=orjson.OPT_SORT_KEYS).decode()
    return row, f"{which} {row[schema.ACTION]} {alert.get('startsAt')}"


def _of_crowdsec(alert: Mapping[str, Any], observed: int) -> Row:
    source = _mapping(alert.get("source"))
    is_address = str(source.get("scope", "ip")).lower() == "ip"
    row = {
        schema.BODY: _text(alert.get("scenario")),
        schema.CLIENT: _text(source.get("ip")) or (_text(source.get("value")) if is_address else ""),
        schema.COUNTRY: _text(source.get("cn")),
        schema.HOST: _text(alert.get("machine_id")),
        schema.ALERT: "medium",
        "@timestamp": _history(alert, observed),
        "crowdsec": alert,
    }
    return row, _text(alert.get("uuid"))


def _history(alert: Mapping[str, Any], observed: int) -> str:
    """Return the time of an alert that is old; nothing for one that just came, or has none."""
    text = next(filter(None, (_text(alert.get(name)) for name in ("created_at", "stop_at", "start_at"))), "")
    try:
        return text if text and from_rfc3339(text) < observed - HELD else ""
    except ValueError:
        return ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _first(labels: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((text for name in names if (text := _text(labels.get(name)))), "")


def _bare(host: str) -> str:
    """Return a host without scheme, port and path.

    >>> _bare("10.0.0.5:9100"), _bare("https://shop.example.com/health"), _bare("[::1]:9100"), _bare("web-1")
    ('10.0.0.5', 'shop.example.com', '[::1]', 'web-1')
    """
    found = _HOST.match(host)
    return found[1] if found else host
