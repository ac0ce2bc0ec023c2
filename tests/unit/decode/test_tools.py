"""Alerts of other tools, as those tools write them."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from vedette.decode.json_lines import JsonLines
from vedette.records import schema

FALCO = (
    '{"hostname":"node-1","output":"10:06:21.141562733: Notice A shell was spawned in a container with an attached '
    'terminal (user=root container=3f1a shell=sh)","priority":"Notice","rule":"Terminal shell in container",'
    '"source":"syscall","tags":["container","shell","mitre_execution","T1059"],"time":"2026-01-05T10:06:21.141562733Z",'
    '"output_fields":{"container.id":"3f1a","proc.name":"sh","user.name":"root"}}'
)
WAZUH = (
    '{"timestamp":"2026-01-05T10:06:21.141+0000","rule":{"level":5,"description":"sshd: authentication failed.",'
    '"id":"5716","groups":["syslog","sshd"],"firedtimes":3},"agent":{"id":"001","name":"web-1","ip":"10.0.0.5"},'
    '"manager":{"name":"wazuh"},"id":"1767607581.1","decoder":{"name":"sshd"},"data":{"srcip":"203.0.113.9",'
    '"dstuser":"root"},"location":"/var/log/auth.log"}'
)
SURICATA = (
    '{"timestamp":"2026-01-05T10:06:21.141562+0000","flow_id":1,"in_iface":"eth0","event_type":"alert",'
    '"src_ip":"203.0.113.9","src_port":4444,"dest_ip":"10.0.0.5","dest_port":445,"proto":"TCP","host":"sensor-1",'
    '"alert":{"action":"allowed","gid":1,"signature_id":2001569,"rev":15,"signature":"ET SCAN Behavioral Unusual Port '
    '445 traffic","category":"Misc activity","severity":3}}'
)


def read(line: str) -> dict[str, object]:
    decoded = JsonLines("tool").decode(line.encode(), 0)
    assert not decoded.dead
    columns = decoded.batches[0].columns
    place = columns.schema.get_field_index(schema.TIME)
    return columns.set_column(place, schema.TIME, columns[schema.TIME].cast(pa.int64())).to_pylist()[0]


@pytest.mark.parametrize(
    ("line", "signature", "host", "client"),
    [
        (FALCO, "Terminal shell in container", "node-1", None),
        (WAZUH, "sshd: authentication failed.", "web-1", "203.0.113.9"),
        (SURICATA, "ET SCAN Behavioral Unusual Port 445 traffic", "sensor-1", "203.0.113.9"),
    ],
    ids=["falco", "wazuh", "suricata"],
)
def test_an_alert_is_known_by_its_signature_host_and_source(
    line: str, signature: str, host: str, client: str | None
) -> None:
    row = read(line)
    assert row[schema.BODY] == signature
    assert row[schema.HOST] == host
    assert row.get(schema.CLIENT) == client
    assert int(str(row[schema.TIME])) // 10**9 == datetime(2026, 1, 5, 10, 6, 21, tzinfo=UTC).timestamp()


def test_the_urgency_of_falco_is_a_severity() -> None:
    assert read(FALCO)[schema.SEVERITY] == "Notice"


def test_an_application_s_own_message_goes_before_the_names_of_tools() -> None:
    line = json.dumps(
        {"msg": "checkout done", "rule": "r7", "level": "info", "priority": "high", "agent": {"name": "x"}}
    )
    row = read(line)
    assert (row[schema.BODY], row[schema.SEVERITY]) == ("checkout done", "info")


@pytest.mark.parametrize(
    ("line", "changed", "urgency"),
    [
        (FALCO, {"priority": "Emergency"}, "critical"),
        (FALCO, {"priority": "Error"}, "high"),
        (FALCO, {"priority": "Warning"}, "medium"),
        (FALCO, {}, "low"),
        (WAZUH, {"rule": {"description": "x", "level": 15}}, "critical"),
        (WAZUH, {"rule": {"description": "x", "level": 12}}, "high"),
        (WAZUH, {"rule": {"description": "x", "level": "7"}}, "medium"),
        (WAZUH, {"rule": {"description": "x", "level": 0}}, "low"),
        (WAZUH, {"rule": {"description": "x", "level": -3}}, "medium"),
        (WAZUH, {"rule": {"description": "x"}}, "medium"),
        (SURICATA, {"alert": {"signature": "x", "severity": 1}}, "high"),
        (SURICATA, {"alert": {"signature": "x", "severity": 2}}, "medium"),
        (SURICATA, {"alert": {"signature": "x", "severity": 9}}, "medium"),
        ('{"message":"disk 7 failed"}', {"vedette.alert": "High"}, "high"),
        ('{"message":"disk 7 failed"}', {"vedette": {"alert": "alice@example.org"}}, "medium"),
        ('{"message":"disk 7 failed"}', {"rule": {"level": 15}}, None),
        ('{"message":"disk 7 failed"}', {"priority": "Critical"}, None),
        ('{"rule":"r7"}', {}, None),
    ],
)
def test_urgency_is_one_scale_and_what_is_no_alert_has_none(
    line: str, changed: dict[str, object], urgency: str | None
) -> None:
    assert read(json.dumps(json.loads(line) | changed)).get(schema.ALERT) == urgency
