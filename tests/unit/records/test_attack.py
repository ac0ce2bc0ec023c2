"""The ATT&CK table: complete enough for every id that we use, and bad tables are named."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from vedette.errors import BadInput
from vedette.records.attack import NOTICE, builtin, from_document, to_document
from vedette.records.controls import controls_of
from vedette.records.feature import CATALOG
from vedette.records.finding import Kind

SOURCE = Path(__file__).parents[3] / "src" / "vedette"


def small() -> dict[str, Any]:
    return {
        "version": "19.1",
        "tactics": {"credential-access": ["TA0006", "Credential Access"]},
        "techniques": {"T1110": ["Brute Force", ["credential-access"], ["Linux"]]},
        "revoked": {"T0999": "T1110"},
    }


def test_every_technique_that_the_source_names_is_in_the_table() -> None:
    named = {
        found
        for path in SOURCE.rglob("*.py")
        if path.name not in ("attack.py", "stix.py")
        for found in re.findall(r"[\"'](T1\d{3}(?:\.\d{3})?)[\"']", path.read_text())
    }
    assert len(named) >= 8, "the pattern no longer finds what features and simulate use"
    assert sorted(named - set(builtin().techniques)) == []


def test_every_technique_that_a_finding_can_carry_is_in_the_table() -> None:
    carried = {feature.technique for feature in CATALOG.values()} - {""}
    assert carried <= set(builtin().techniques)


def test_the_table_is_the_release_that_it_says_it_is() -> None:
    table = builtin()
    assert table.version == "19.1"
    assert len(table.techniques) == 697
    assert len(table.tactics) == 15
    assert {one.id for one in table.tactics.values()} >= {"TA0001", "TA0005", "TA0112"}


def test_every_sub_technique_has_its_parent_and_every_technique_a_tactic() -> None:
    table = builtin()
    assert [one.id for one in table.techniques.values() if one.parent not in table.techniques] == []
    assert [one.id for one in table.techniques.values() if not one.tactics] == []


def test_revoked_ids_are_no_techniques_and_lead_to_one() -> None:
    table = builtin()
    assert set(table.revoked).isdisjoint(table.techniques)
    assert set(table.revoked.values()) <= set(table.techniques)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("T1110.001", "T1110.001"),
        ("t1110", "T1110"),
        ("T1086", "T1059.001"),
        ("T1089", "T1685"),
        ("T1562.001", "T1685"),
        ("T1073", "T1574.001"),
    ],
)
def test_an_id_is_found_in_either_case_and_after_it_was_revoked_once_or_twice(written: str, found: str) -> None:
    technique = builtin().find(written)
    assert technique is not None
    assert technique.id == found


@pytest.mark.parametrize("written", ["T9999", "", "T1110.999", "brute force", "TA0006"])
def test_what_is_no_technique_is_not_found(written: str) -> None:
    assert builtin().find(written) is None


def test_a_sub_technique_is_named_after_its_parent_as_mitre_does() -> None:
    table = builtin()
    assert table.title(table.techniques["T1505.003"]) == "Server Software Component: Web Shell"
    assert table.title(table.techniques["T1190"]) == "Exploit Public-Facing Application"
    assert table.techniques["T1505.003"].url == "https://attack.mitre.org/techniques/T1505/003"


def test_a_table_survives_being_written_and_read() -> None:
    again = from_document(json.loads(json.dumps(to_document(builtin()))))
    assert again == builtin()
    assert to_document(builtin())["notice"] == NOTICE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"techniques": {"T1": ["Short", [], []]}}, "'T1'"),
        ({"techniques": {"T1110": ["Brute Force", ["guessing"], []]}}, "'guessing' at T1110"),
        ({"techniques": {"T1110": ["Brute Force"]}}, "expected version, tactics"),
        ({"techniques": []}, "expected version, tactics"),
        ({"revoked": {"T0999": "T9999"}}, "'T9999' in place of T0999"),
        ({"tactics": {"credential-access": ["X", "Credential Access"]}}, "'X'"),
    ],
)
def test_a_bad_table_is_refused_by_the_entry_that_is_bad(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)):
        from_document({**small(), **change})


@pytest.mark.parametrize("document", [None, [], 7, {}, {"version": "19.1"}])
def test_what_is_no_table_is_refused(document: Any) -> None:
    with pytest.raises(BadInput, match="expected version, tactics, techniques and revoked"):
        from_document(document)


@pytest.mark.parametrize(
    ("kind", "tactics", "numbers"),
    [
        (Kind.SECURITY, [], [13]),
        (Kind.SECURITY, ["defense-impairment"], [8, 13]),
        (Kind.SECURITY, ["exfiltration", "stealth"], [8, 13, 17]),
        (Kind.PERFORMANCE, ["impact"], []),
        (Kind.OPERATIONS, [], []),
    ],
)
def test_controls_follow_from_kind_and_tactic(kind: Kind, tactics: list[str], numbers: list[int]) -> None:
    assert [control.number for control in controls_of(kind, tactics)] == numbers
