"""Notifications as Alertmanager and CrowdSec document and send them."""

import json
from copy import deepcopy
from typing import Any

import pyarrow as pa
import pytest

from vedette.decode.alerts import HELD, decode_alertmanager, decode_crowdsec
from vedette.errors import BadInput
from vedette.records import schema
from vedette.records.batch import Decoded
from vedette.records.time import SECOND, from_rfc3339

NOW = from_rfc3339("2023-02-06T13:09:20Z")

PROBE: dict[str, Any] = {
    "receiver": "sms",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {
                "alertname": "ProbeFailure",
                "instance": "https://server.example.org",
                "job": "http_checks",
                "monitor": "master",
                "severity": "critical",
            },
            "annotations": {
                "description": "Instance https://server.example.org has been down for over 5m. Job: http_checks",
                "summary": "BlackBox Probe Failure: https://server.example.org",
            },
            "startsAt": "2023-02-06T13:08:45.828Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus.example.org:9090/graph?g0.expr=probe_success+%3D%3D+0\\u0026g0.tab=1",
            "fingerprint": "1a30ba71cca2921f",
        }
    ],
    "groupLabels": {"alertname": "ProbeFailure"},
    "commonLabels": {"alertname": "ProbeFailure", "severity": "critical"},
    "commonAnnotations": {},
    "externalURL": "http://prometheus.example.org:9093",
    "version": "4",
    "groupKey": '{}/{severity="critical"}:{alertname="ProbeFailure"}',
    "truncatedAlerts": 0,
}
META = [
    {"key": "ASNOrg", "value": "OVH SAS"},
    {"key": "target_user", "value": "root"},
    {"key": "service", "value": "ssh"},
    {"key": "log_type", "value": "ssh_failed-auth"},
    {"key": "source_ip", "value": "91.121.79.195"},
]
SSH: dict[str, Any] = {
    "capacity": 5,
    "decisions": None,
    "events": [{"meta": META, "timestamp": "2020-10-02T17:09:08Z"}],
    "events_count": 6,
    "labels": None,
    "leakspeed": "10s",
    "machine_id": "web-1",
    "message": "Ip 91.121.79.195 performed 'crowdsecurity/ssh-bf' (6 events over 30.18165ms) at 2020-10-26 09:50:32",
    "remediation": True,
    "scenario": "crowdsecurity/ssh-bf",
    "scenario_hash": "4441dcff07020f6690d998b7101e642359ba405c2abb83565bbbdcee36de280f",
    "scenario_version": "0.1",
    "simulated": False,
    "source": {
        "as_name": "OVH SAS", "cn": "FR", "ip": "91.121.79.195", "range": "91.121.72.0/21", "scope": "Ip",
        "value": "91.121.79.195",
    },
    "start_at": "2020-10-26T09:50:32.025353849+01:00",
    "stop_at": "2020-10-26T09:50:32.055534398+01:00",
}  # fmt: skip
STOPPED = from_rfc3339("2020-10-26T08:50:32.055534Z")


def rows(decoded: Decoded) -> list[dict[str, Any]]:
    found = []
    for batch in decoded.batches:
        place = batch.columns.schema.get_field_index(schema.TIME)
        found += batch.columns.set_column(place, schema.TIME, batch.columns[schema.TIME].cast(pa.int64())).to_pylist()
    return found


def notified(*changes: dict[str, Any], **labels: str) -> bytes:
    payload = deepcopy(PROBE)
    payload["alerts"] = [{**payload["alerts"][0], **change} for change in changes or ({},)]
    for alert in payload["alerts"]:
        alert["labels"] = {**alert["labels"], **labels}
    return json.dumps(payload).encode()


def test_an_alert_of_alertmanager_is_a_line_of_its_name() -> None:
    (row,) = rows(decode_alertmanager(notified(), NOW))
    assert row[schema.BODY] == "ProbeFailure"
    assert row[schema.SERVICE] == "http_checks"
    assert row[schema.HOST] == "server.example.org"
    assert row[schema.SEVERITY] == "critical"
    assert row[schema.ACTION] == "firing"
    assert row[schema.TIME] == NOW  # when it came: a window of when it began may be closed
    assert json.loads(row[schema.RAW])["alertmanager"] == PROBE["alerts"][0]


@pytest.mark.parametrize(
    ("labels", "service", "environment", "host"),
    [
        ({"service": "shop", "env": "prod", "instance": "10.0.0.5:9100"}, "shop", "prod", "10.0.0.5"),
        ({"app_kubernetes_io_name": "cart", "node": "node-3"}, "cart", None, "node-3"),
        ({"app": "", "environment": "test", "instance": "[::1]:9100"}, "http_checks", "test", "[::1]"),
    ],
)
def test_labels_say_whose_it_is(labels: dict[str, str], service: str, environment: str | None, host: str) -> None:
    (row,) = rows(decode_alertmanager(notified(**labels), NOW))
    assert (row[schema.SERVICE], row.get(schema.ENVIRONMENT), row[schema.HOST]) == (service, environment, host)


def test_without_labels_of_a_service_it_is_that_of_the_sender() -> None:
    body = json.dumps({"alerts": [{"status": "firing", "labels": {"alertname": "Watchdog"}}]}).encode()
    assert rows(decode_alertmanager(body, NOW))[0][schema.SERVICE] == "alertmanager"
    assert rows(decode_alertmanager(body, NOW, "infra"))[0][schema.SERVICE] == "infra"


def test_what_is_resolved_is_another_line_and_no_error() -> None:
    (row,) = rows(decode_alertmanager(notified({"status": "resolved"}), NOW))
    assert (row[schema.BODY], row[schema.SEVERITY], row[schema.ACTION]) == ("ProbeFailure resolved", "info", "resolved")


def test_each_alert_is_told_by_fingerprint_state_and_beginning() -> None:
    asked: list[str] = []
    later = {"startsAt": "2023-02-06T14:00:00Z"}
    bare = {"fingerprint": None}
    body = notified({}, {"status": "resolved"}, later, bare)
    assert decode_alertmanager(body, NOW, "", lambda name: not asked.append(name)).accepted == 4  # type: ignore[func-returns-value]
    assert len(set(asked)) == 4
    assert decode_alertmanager(body, NOW, "", lambda name: False).batches == ()


def test_an_alert_of_crowdsec_is_a_line_of_its_scenario() -> None:
    (row,) = rows(decode_crowdsec(json.dumps([SSH]).encode(), STOPPED + 40 * SECOND))
    assert row[schema.BODY] == "crowdsecurity/ssh-bf"
    assert (row[schema.SERVICE], row[schema.HOST]) == ("crowdsec", "web-1")
    assert (row[schema.CLIENT], row[schema.COUNTRY]) == ("91.121.79.195", "FR")
    assert row[schema.TIME] == STOPPED + 40 * SECOND
    assert json.loads(row[schema.RAW])["crowdsec"] == SSH


def test_an_old_alert_of_crowdsec_keeps_its_time() -> None:
    body = json.dumps(SSH).encode()
    assert rows(decode_crowdsec(body, STOPPED + HELD + SECOND))[0][schema.TIME] // 1000 == STOPPED // 1000
    assert rows(decode_crowdsec(body, STOPPED + HELD - SECOND))[0][schema.TIME] == STOPPED + HELD - SECOND
    broken = json.dumps({**SSH, "stop_at": "yesterday"}).encode()
    assert rows(decode_crowdsec(broken, NOW))[0][schema.TIME] == NOW


def test_of_a_range_there_is_no_address() -> None:
    source = {"scope": "Range", "value": "91.121.72.0/21"}
    assert rows(decode_crowdsec(json.dumps([{**SSH, "source": source}]).encode(), NOW))[0].get(schema.CLIENT) is None
    source = {"scope": "Ip", "value": "2001:db8::1"}
    assert (
        rows(decode_crowdsec(json.dumps([{**SSH, "source": source}]).encode(), NOW))[0][schema.CLIENT] == "2001:db8::1"
    )


@pytest.mark.parametrize("item", [3, None, [], {}, {"labels": 5}, {"labels": {"alertname": 7}}, {"scenario": ["x"]}])
def test_what_is_no_alert_is_a_dead_letter_and_costs_no_other(item: object) -> None:
    of_alertmanager = decode_alertmanager(json.dumps({"alerts": [item, *PROBE["alerts"]]}).encode(), NOW)
    of_crowdsec = decode_crowdsec(json.dumps([item, SSH]).encode(), NOW)
    for decoded in (of_alertmanager, of_crowdsec):
        assert decoded.accepted == 1
        assert [letter.reason for letter in decoded.dead] == ["no_alert_name"]


@pytest.mark.parametrize("body", [b"", b"{", b"3", b"[]", b"{}", b'{"alerts": 3}', b"\xff"])
def test_what_is_no_notification_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(BadInput, match=r"invalid_json|expected an object with a list of alerts"):
        decode_alertmanager(body, NOW)


@pytest.mark.parametrize("body", [b"", b"[1", b"3", b'"x"'])
def test_what_is_no_list_of_crowdsec_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(BadInput, match=r"invalid_json|expected a list of alerts"):
        decode_crowdsec(body, NOW)


def test_no_alerts_are_no_rows() -> None:
    assert decode_crowdsec(b"[]", NOW) == decode_alertmanager(b'{"alerts": []}', NOW) == Decoded(())
