"""OCSF, ECS and CEF: valid for their own schemas and parsers, whatever an attacker wrote into an incident."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.e2e import seeded
from tests.unit.decision.test_lifecycle import finding, run

from vedette.notify.cef import cef_line
from vedette.notify.ecs import ecs_document
from vedette.notify.ocsf import Activity, detection_finding
from vedette.records.attack import builtin
from vedette.records.document import Document, finding_to_document, to_document

SCHEMA = Path(__file__).with_name("detection_finding.schema.json")
RELEASE = "1.2.3"
LATER = [finding_to_document(finding(minute)) for minute in (3, 4)]
SEEDED = seeded.incidents(seeded.segments(), 64)


@lru_cache(maxsize=1)
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text()))


def problems(document: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator().iter_errors(document)]


def ocsf(incident: Document, **more: Any) -> Document:
    return detection_finding(incident, builtin(), RELEASE, **more)


def real(**changes: Any) -> Document:
    """Return what the decision room made of a real finding, as the API gives it."""
    found = finding(3)
    return {**to_document(run({3: [found]}, 4)[0]), "findings": [finding_to_document(found)], **changes}


class TestOcsf:
    def test_a_real_incident_is_valid(self) -> None:
        made = ocsf(real())
        assert problems(made) == []
        assert (made["class_uid"], made["type_uid"]) == (2004, 200401)
        assert made["metadata"]["version"] == "1.8.0"
        assert made["finding_info"]["analytic"] == {"type_id": 3, "type": "Statistical", "name": "baseline"}

    @pytest.mark.parametrize("number", range(len(SEEDED)))
    def test_seeded_incidents_are_valid_with_and_without_findings(self, number: int) -> None:
        incident = SEEDED[number]
        assert problems(ocsf({**incident, "finding_ids": []})) == []
        assert problems(ocsf({**incident, "findings": seeded.findings(incident)})) == []

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"severity_id": 9}, "severity_id"),
            ({"time": "2026-11-24T10:00:00Z"}, "time"),
            ({"colour": "red"}, "colour"),
            ({"type_uid": 200201}, "type_uid"),
            ({"finding_info": {"title": "no uid"}}, "uid"),
            ({"evidences": [{"uid": "of nothing"}]}, "evidences"),
            ({"anomaly_analyses": [{"anomalies": []}]}, "analysis_targets"),
        ],
    )
    def test_the_schema_refuses_what_is_not_ocsf(self, change: dict[str, Any], words: str) -> None:
        """So that the tests above can fail."""
        assert any(words in problem for problem in problems({**ocsf(real()), **change}))

    @pytest.mark.parametrize(
        ("change", "activity", "status", "alert"),
        [
            ({}, 1, 1, True),
            ({"findings": LATER}, 2, 1, True),
            ({"findings": LATER, "verdict": "real"}, 2, 2, True),
            ({"verdict": "noise"}, 1, 3, True),
            ({"ended_at": "2030-01-01T00:00:00.000Z"}, 3, 4, False),
            ({"ended_at": "2030-01-01T00:00:00.000Z", "verdict": "expected"}, 3, 3, False),
        ],
    )
    def test_the_life_of_an_incident_is_create_update_close(
        self, change: dict[str, Any], activity: int, status: int, alert: bool
    ) -> None:
        made = ocsf(real(**change))
        assert (made["activity_id"], made["status_id"], made["is_alert"]) == (activity, status, alert)
        assert problems(made) == []

    def test_a_caller_that_knows_the_activity_says_it(self) -> None:
        made = ocsf(real(), activity=Activity.UPDATE)
        assert (made["activity_id"], made["type_uid"], made["type_name"]) == (2, 200402, "Detection Finding: Update")

    def test_a_technique_is_told_once_for_each_of_its_tactics(self) -> None:
        made = ocsf(real(techniques=["T1098.004", "T1562.001", "<script>"]))
        told = [
            (one["tactic"]["uid"], one["technique"]["uid"], one.get("sub_technique", {}).get("uid"))
            for one in made["finding_info"]["attacks"]
        ]
        assert told == [
            ("TA0003", "T1098", "T1098.004"),
            ("TA0004", "T1098", "T1098.004"),
            ("TA0112", "T1685", None),
        ]
        assert problems(made) == []

    def test_what_was_measured_stands_beside_what_is_normal(self) -> None:
        found = finding(3)
        (analysis,) = ocsf(real())["anomaly_analyses"]
        assert analysis["analysis_targets"] == [{"name": str(found.segment), "type": "segment"}]
        (anomaly,), (baseline,) = analysis["anomalies"], analysis["baselines"]
        assert anomaly["observation_parameter"] == baseline["observation_parameter"] == found.feature
        assert anomaly["observations"][0]["value"] == f"{found.actual:.6g} {found.unit}"
        assert [one["value"].split()[0] for one in baseline["observations"]] == ["expected", "lower", "upper"]

    def test_a_pseudonym_is_no_address_and_a_kept_address_is_one(self) -> None:
        made = ocsf(real(entities=["client c_7f3a", "client 192.0.2.7", "user u_12", "odd"]))
        told = [(one["type_id"], one["value"]) for one in made["observables"]]
        assert told == [(99, "c_7f3a"), (2, "192.0.2.7"), (4, "u_12"), (99, "odd")]
        assert problems(made) == []

    def test_the_rule_that_gave_the_title_is_the_analytic_and_the_others_are_related(self) -> None:
        other, ruled = (
            finding_to_document(replace(finding(3), detector="sigma", feature="rule", item=title))
            for title in ("Failed log-in", "Password guessing")
        )
        findings = [finding_to_document(finding(3)), other, ruled]
        made = ocsf(real(title="web: Password guessing", findings=findings))
        assert made["finding_info"]["analytic"] == {"type_id": 1, "type": "Rule", "name": "Password guessing"}
        related = [(one["type_id"], one["name"]) for one in made["finding_info"]["related_analytics"]]
        assert related == [(3, "baseline"), (1, "Failed log-in")]
        patterns = [one["observed_pattern"] for one in made["anomaly_analyses"][0]["anomalies"]]
        assert patterns == ["SURGE", "MATCHED", "MATCHED"]
        assert problems(made) == []

    def test_an_indicator_is_an_analytic_as_a_rule_is(self) -> None:
        title = "domain bad.example is on the list “own”"
        found = finding_to_document(replace(finding(3), detector="indicators", feature="indicator", item=title))
        made = ocsf(real(title=f"web: {title}", findings=[found]))
        assert made["finding_info"]["analytic"] == {"type_id": 1, "type": "Rule", "name": title}
        assert made["anomaly_analyses"][0]["anomalies"][0]["observed_pattern"] == "MATCHED"
        assert problems(made) == []

    def test_nothing_that_we_know_is_lost(self) -> None:
        incident = real()
        rest = ocsf(incident)["unmapped"]["vedette"]
        assert rest["contributions"] == incident["explanation"]["contributions"]
        assert rest["timeline"] == incident["explanation"]["timeline"]


class TestEcs:
    def test_times_severity_and_reason_are_where_ecs_has_them(self) -> None:
        incident = real(techniques=["T1110.001"], kind="security")
        made = ecs_document(incident, builtin(), RELEASE)
        assert made["@timestamp"] == incident["updated_at"]
        assert made["event"]["kind"] == "alert"
        assert made["event"]["category"] == ["intrusion_detection"]
        assert "end" not in made["event"]
        assert made["threat"]["technique"]["id"] == ["T1110"]
        assert made["threat"]["technique"]["subtechnique"]["id"] == ["T1110.001"]
        assert made["threat"]["tactic"] == {"id": ["TA0006"], "name": ["Credential Access"]}
        assert made["observer"]["version"] == RELEASE

    def test_trouble_that_is_no_attack_has_neither_category_nor_threat(self) -> None:
        made = ecs_document(real(techniques=[], kind="performance"), builtin(), RELEASE)
        assert "threat" not in made
        assert "category" not in made["event"]

    def test_an_end_is_told_once_there_is_one(self) -> None:
        made = ecs_document(real(ended_at="2030-01-01T00:00:00.000Z"), builtin(), RELEASE)
        assert made["event"]["end"] == "2030-01-01T00:00:00.000Z"


def read_cef(line: str) -> tuple[list[str], dict[str, str]]:
    """Read a CEF line as a receiver does: seven fields by unescaped pipes, then keys by unescaped equals signs."""
    assert line.startswith("CEF:")
    *header, extension = re.split(r"(?<!\\)(?:\\\\)*\|", line, maxsplit=7)
    keys = list(re.finditer(r"(?:^| )(\w+)=", extension))
    ends = [key.start() for key in keys[1:]] + [len(extension)]
    values = {key[1]: extension[key.end() : end] for key, end in zip(keys, ends, strict=True)}
    unescape = {name: re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), value) for name, value in values.items()}
    return [re.sub(r"\\(.)", r"\1", field) for field in header], unescape


class TestCef:
    def test_a_receiver_reads_back_what_was_meant(self) -> None:
        incident = real(techniques=["T1110"], title="a|b\\c\nd", segment="x=y\\z\nv| cs9=w", entities=["user u=1"])
        header, values = read_cef(cef_line(incident, RELEASE))
        assert header == ["CEF:0", "Vedette", "Vedette", RELEASE, header[4], "a|b\\c d", header[6]]
        assert values["cs1Label"] == "segment"
        assert values["cs1"] == "x=y\\z\nv| cs9=w"
        assert values["cs2"] == "T1110"
        assert values["cs4"] == "user u=1"
        assert values["externalId"] == incident["id"]
        assert values["rt"].isdigit()

    @pytest.mark.parametrize("number", range(len(SEEDED)))
    def test_hostile_text_stays_one_line_of_seven_fields(self, number: int) -> None:
        incident = SEEDED[number]
        line = cef_line(incident, RELEASE)
        header, values = read_cef(line)
        assert "\n" not in line
        assert len(header) == 7
        assert header[5] == incident["title"]
        assert set(values) <= {"externalId", "rt", "start", "end", "cat", "cnt", "msg", "cfp1Label", "cfp1"} | {
            f"cs{number}{label}" for number in range(1, 6) for label in ("", "Label")
        }

    @pytest.mark.parametrize(("word", "number"), [("low", "3"), ("medium", "5"), ("high", "8"), ("critical", "10")])
    def test_severity_is_a_number_of_the_same_word(self, word: str, number: str) -> None:
        assert read_cef(cef_line(real(severity=word), RELEASE))[0][6] == number

    def test_long_text_is_cut_to_what_the_format_allows(self) -> None:
        incident = real(title="t" * 2000)
        incident["explanation"]["sentence"] = "s" * 5000
        header, values = read_cef(cef_line(incident, RELEASE))
        assert (len(header[5]), len(values["msg"])) == (512, 1023)
