import json
from itertools import pairwise
from typing import Any

import pytest

from vedette.records.attack import builtin
from vedette.records.time import SECOND, rfc3339
from vedette.simulate.estate import DAY, HOUR
from vedette.simulate.prove import Played, judge, junit, layout, payloads, report, sign, telemetry
from vedette.simulate.techniques import TECHNIQUES

NOW = 1_790_000_000.0
KEY = b"k" * 32


def played(key: str, begin: float = NOW - DAY) -> Played:
    return Played(key, TECHNIQUES[key], begin, begin + TECHNIQUES[key].seconds)


def incident(service: str, began: float, detector: str = "baseline", feature: str = "denied_ratio") -> dict[str, Any]:
    moment = rfc3339(round(began * SECOND))
    opened = rfc3339(round((began + 60) * SECOND))
    return {
        "id": f"{service}-{began}",
        "started_at": moment,
        "updated_at": opened,
        "title": "something",
        "segment_parts": {"environment": "", "service": service, "operation": ""},
        "explanation": {
            "contributions": [{"detector": detector, "feature": feature, "text": feature}],
            "timeline": [{"time": opened, "text": "incident opened", "score": 80.0}],
        },
    }


def test_every_technique_is_one_of_attack() -> None:
    table = builtin()
    assert all(table.find(one.id) is not None for one in TECHNIQUES.values())


def test_all_is_over_before_now_and_no_two_overlap() -> None:
    plan = layout(TECHNIQUES, NOW)
    assert len(plan) == len(TECHNIQUES)
    assert plan[-1].end < NOW
    assert all(one.end < other.begin for one, other in pairwise(plan))


def test_quiet_techniques_come_at_night_and_the_others_by_day() -> None:
    for one in layout(TECHNIQUES, NOW):
        hour = one.begin % DAY / HOUR
        assert 2 <= hour < 6 if one.technique.quiet else 9 <= hour < 17


def test_telemetry_is_in_order_of_time_and_the_same_for_the_same_seed() -> None:
    plan = [played("T1110.001")]
    records = list(telemetry(plan, 0.02, 7))
    times = [record.time for record in records]
    assert times == sorted(times)
    assert [record.document for record in telemetry(plan, 0.02, 7)] == [record.document for record in records]
    assert [record.document for record in telemetry(plan, 0.02, 8)] != [record.document for record in records]


def test_payloads_are_json_lines_that_hold_every_record() -> None:
    records = list(telemetry([played("T1059.004")], 0.05, 7))
    parts = list(payloads(iter(records)))
    lines = [line for _, body in parts for line in body.splitlines()]
    assert sum(count for count, _ in parts) == len(lines) == len(records)
    assert {json.loads(line)["service.name"] for line in lines} >= {"shop", "hosts", "proxy"}


@pytest.mark.parametrize("key", TECHNIQUES)
def test_a_technique_leaves_something_in_the_service_that_shows_it(key: str) -> None:
    one = played(key)
    without = {json.dumps(record.document) for record in telemetry([one], 0.01, 7, intensity=1e-9)}
    added = [record for record in telemetry([one], 0.01, 7) if json.dumps(record.document) not in without]
    assert {record.service for record in added} == {one.technique.service}
    assert all(one.begin <= record.time < one.end for record in added)


def test_an_incident_of_its_service_and_time_proves_a_technique() -> None:
    one = played("T1110.001")
    (proof,), stray = judge([one], [incident("shop", one.begin + 30)])
    assert (proof.outcome, proof.seconds, proof.incidents, proof.named) == ("model", 90.0, 1, True)
    assert not stray


def test_rules_and_models_are_told_apart() -> None:
    one = played("T1059.004")
    ruled = incident("hosts", one.begin, "sigma", "rule")
    learned = incident("hosts", one.begin + 1, "novelty", "template")
    assert judge([one], [ruled])[0][0].outcome == "rule"
    assert judge([one], [learned])[0][0].outcome == "model"
    assert judge([one], [ruled, learned])[0][0].outcome == "both"


@pytest.mark.parametrize(("service", "after"), [("ssh", 30.0), ("shop", -600.0), ("shop", 3600.0)])
def test_an_incident_elsewhere_or_at_another_time_is_a_false_one(service: str, after: float) -> None:
    one = played("T1110.001")
    other = incident(service, one.begin + after)
    (proof,), stray = judge([one], [other])
    assert proof.outcome == "missed"
    assert stray == [other]


def test_an_explanation_that_names_something_else_does_not_count_as_named() -> None:
    one = played("T1110.001")
    (proof,), _ = judge([one], [incident("shop", one.begin, feature="latency_p95_seconds")])
    assert proof.outcome == "model"
    assert not proof.named


def test_the_account_counts_what_was_found_and_a_change_breaks_its_signature() -> None:
    plan = [played("T1110.001"), played("T1078", NOW - DAY / 2)]
    proofs, stray = judge(plan, [incident("shop", plan[0].begin), incident("proxy", NOW)])
    account = report(proofs, stray, {"date": "2026-01-01"}, KEY)
    assert (account["found"], account["played"], account["coverage"]) == (1, 2, 0.5)
    assert len(account["false_incidents"]) == 1
    body = {name: value for name, value in account.items() if name != "signature"}
    assert account["signature"] == sign(body, KEY)
    assert account["signature"] != sign({**body, "found": 2}, KEY)
    assert account["signature"] != sign(body, b"x" * 32)


def test_junit_has_a_failure_for_what_was_missed() -> None:
    plan = [played("T1110.001"), played("T1078", NOW - DAY / 2)]
    proofs, stray = judge(plan, [incident("shop", plan[0].begin)])
    text = junit(report(proofs, stray, {}, KEY))
    assert 'tests="2"' in text
    assert 'failures="1"' in text
    assert text.count("<failure") == 1
