"""Lines of Falco, Wazuh and Suricata as they are written: their usual noise calls nobody, what never came does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from tests.scenario.story import END, KEY, Learned, Story, play
from tests.unit.decode.test_tools import FALCO, SURICATA, WAZUH

from vedette.assembly import make_entry, make_shard
from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.journal.log import Chunk
from vedette.records.batch import SafeBatch

DAYS = 3
BATCH = 6 * 3600
Line = tuple[int, dict[str, Any]]
"""When, and the line; the way in says of which tool it is."""


def falco(moment: int, rule: str, priority: str, host: str) -> Line:
    more = {"service.name": "falco", "rule": rule, "priority": priority, "hostname": host, "time": rfc(moment)}
    return moment, json.loads(FALCO) | more


def wazuh(moment: int, what: str, level: int, host: str) -> Line:
    line = json.loads(WAZUH) | {"service.name": "wazuh", "timestamp": rfc(moment), "agent": {"name": host}}
    return moment, {**line, "rule": {**line["rule"], "description": what, "level": level}}


def suricata(moment: int, signature: str, severity: int, host: str) -> Line:
    line = json.loads(SURICATA) | {"service.name": "suricata", "timestamp": rfc(moment), "host": host}
    return moment, {**line, "alert": {**line["alert"], "signature": signature, "severity": severity}}


def rfc(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()


NOISE = (
    (wazuh, "sshd: authentication failed.", 5, "web-1"),
    (wazuh, "Web server 400 error code.", 5, "web-1"),
    (suricata, "ET SCAN Suspicious inbound to MSSQL port 1433", 2, "sensor-1"),
    (falco, "Terminal shell in container", "Notice", "node-1"),
    (falco, "Drop and execute new binary in container", "Critical", "node-1"),
)
"""What the tools raise all day, whatever they think of it."""
AT = END - 1800


def usual() -> list[Line]:
    rng = np.random.default_rng(9)
    moments = np.sort(rng.integers(END - DAYS * 86_400, END, DAYS * 150)).tolist()
    return [make(moment, *rest) for moment in moments for make, *rest in [NOISE[int(rng.integers(len(NOISE)))]]]


def safe(lines: list[Line]) -> Iterator[SafeBatch]:
    enter, ordered = make_entry(load(None), KEY), sorted(lines, key=lambda one: one[0])
    for _, some in groupby(ordered, key=lambda one: one[0] // BATCH):
        text = "\n".join(json.dumps(line) for _, line in some)
        yield from (enter(batch) for batch in JsonLines().decode(text.encode(), 0).batches)


@pytest.fixture(scope="module")
def learned() -> Learned:
    """The days of noise until the part of the last day in which something happens."""
    return Learned(safe([one for one in usual() if one[0] < AT // BATCH * BATCH]), lambda: make_shard(load(None)))


def told(learned: Learned, *more: Line) -> Story:
    return learned.then(safe([*(one for one in usual() if one[0] >= AT // BATCH * BATCH), *more]))


def triaged(story: Story) -> list[Any]:
    """Return the incidents that a person would hear of and that triage has a part in."""
    return [one for one in story.fired if any(p["detector"] == "triage" for p in one["explanation"]["contributions"])]


@pytest.fixture(scope="module")
def quiet(learned: Learned) -> Story:
    return told(learned)


def test_what_tools_raise_all_day_calls_nobody(quiet: Story) -> None:
    assert [one["title"] for one in quiet.fired] == []
    assert [one for one in quiet.findings if one["detector"] == "triage"] == []


def test_one_urgent_alert_that_never_came_is_an_incident_that_says_so(learned: Learned) -> None:
    (incident,) = told(
        learned, falco(AT, "Container escape via release_agent CVE-2022-0492", "Critical", "node-1")
    ).fired
    assert (incident["kind"], incident["segment_parts"]["service"]) == ("security", "falco")
    assert incident["title"] == "node-1: alert “Container escape via release_agent CVE-2022-0492” never came before"
    assert incident["explanation"]["sentence"].endswith("of critical urgency: nothing here had it in 3 days.")
    assert incident["explanation"]["counterfactual"].endswith("would not have fired without this")


def test_one_alert_of_little_urgency_that_never_came_calls_nobody(learned: Learned) -> None:
    assert triaged(told(learned, falco(AT, "Read sensitive file untrusted", "Notice", "node-1"))) == []


def test_a_critical_alert_that_only_another_host_had_says_on_how_many_days(learned: Learned) -> None:
    (incident,) = told(learned, falco(AT, "Drop and execute new binary in container", "Critical", "node-2")).fired
    assert incident["title"] == "node-2: alert “Drop and execute new binary in container” is rare here"
    assert "this host never had it; the site had it on 4 of 4 days" in incident["explanation"]["sentence"]


def test_what_a_scan_sets_off_in_several_tools_is_one_incident(learned: Learned) -> None:
    scan = (
        suricata(AT, "ET SCAN Possible Nmap User-Agent Observed", 3, "sensor-1"),
        wazuh(AT + 90, "Common web attack.", 6, "web-1"),
        falco(AT + 400, "Redirect stdout to network connection", "Notice", "node-1"),
        wazuh(AT + 500, "First time user executed sudo.", 4, "web-1"),
    )
    (incident,) = triaged(told(learned, *scan))
    parts = [part for part in incident["explanation"]["contributions"] if part["detector"] == "triage"]
    assert len(parts) == 4
    assert sum(part["share"] for part in incident["explanation"]["contributions"]) == pytest.approx(100)


def test_findings_do_not_depend_on_cuts_or_restarts() -> None:
    attack = falco(AT, "Container escape", "Critical", "node-1")
    batches = list(safe([*usual()[-250:], attack]))
    whole = play(make_shard(load(None)), batches)
    first, story = make_shard(load(None)), Story()
    for number, batch in enumerate(batches):
        columns = batch.columns
        for cut in range(0, len(batch), 17):
            piece = SafeBatch(batch.signal, columns.slice(cut, 17))
            story.note(first.step(Chunk(number, None, (piece,))))
        second = make_shard(load(None))
        second.restore(first.snapshot())
        first = second
    story.note(first.finish())
    assert story.findings == whole.findings
    assert any(one["detector"] == "triage" for one in whole.findings)
