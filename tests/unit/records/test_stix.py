"""STIX bundles: what MITRE publishes becomes the table, anything else is refused by what it is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from vedette.errors import BadInput
from vedette.records.stix import read_bundle


def pattern(identity: str, name: str, *, phases: tuple[str, ...] = ("impact",), **more: Any) -> dict[str, Any]:
    return {
        "type": "attack-pattern",
        "id": f"attack-pattern--{identity}",
        "name": name,
        "external_references": [
            {"source_name": "capec", "external_id": "CAPEC-1"},
            {"source_name": "mitre-attack", "external_id": identity},
        ],
        "kill_chain_phases": [{"kill_chain_name": "mitre-attack", "phase_name": one} for one in phases],
        "x_mitre_domains": ["enterprise-attack"],
        "x_mitre_platforms": ["Windows", "Linux"],
        **more,
    }


def tactic(identity: str, short: str) -> dict[str, Any]:
    return {
        "type": "x-mitre-tactic",
        "id": f"x-mitre-tactic--{identity}",
        "name": short.title(),
        "x_mitre_shortname": short,
        "external_references": [{"source_name": "mitre-attack", "external_id": identity}],
    }


def revoked_by(old: str, new: str) -> dict[str, Any]:
    return {
        "type": "relationship",
        "relationship_type": "revoked-by",
        "source_ref": f"attack-pattern--{old}",
        "target_ref": f"attack-pattern--{new}",
    }


def bundle(*objects: dict[str, Any]) -> dict[str, Any]:
    matrix = {"type": "x-mitre-matrix", "tactic_refs": ["x-mitre-tactic--TA0002", "x-mitre-tactic--TA0040"]}
    version = {"type": "x-mitre-collection", "x_mitre_version": "20.0"}
    tactics = [tactic("TA0040", "impact"), tactic("TA0002", "execution")]
    return {"type": "bundle", "objects": [version, *tactics, matrix, *objects]}


def test_living_techniques_are_taken_with_tactics_in_the_order_of_the_matrix() -> None:
    table = read_bundle(bundle(pattern("T1499", "Denial", phases=("impact", "execution"))))
    assert table.version == "20.0"
    assert list(table.tactics) == ["execution", "impact"]
    assert table.techniques["T1499"].tactics == ("execution", "impact")
    assert table.techniques["T1499"].platforms == ("Linux", "Windows")


def test_a_deprecated_technique_is_left_out() -> None:
    table = read_bundle(bundle(pattern("T1499", "Denial"), pattern("T1500", "Old", x_mitre_deprecated=True)))
    assert list(table.techniques) == ["T1499"]


def test_a_chain_of_revoked_ids_is_followed_to_its_end() -> None:
    table = read_bundle(
        bundle(
            pattern("T1001", "First", revoked=True),
            pattern("T1002", "Second", revoked=True),
            pattern("T1003", "Third"),
            revoked_by("T1001", "T1002"),
            revoked_by("T1002", "T1003"),
        )
    )
    assert table.revoked == {"T1001": "T1003", "T1002": "T1003"}
    assert table.find("T1001") is table.techniques["T1003"]


def test_a_chain_that_runs_in_a_circle_or_into_nothing_is_left_out() -> None:
    table = read_bundle(
        bundle(
            pattern("T1001", "First", revoked=True),
            pattern("T1002", "Second", revoked=True),
            pattern("T1003", "Third"),
            pattern("T1004", "Gone", revoked=True),
            pattern("T1005", "Deprecated", x_mitre_deprecated=True),
            revoked_by("T1001", "T1002"),
            revoked_by("T1002", "T1001"),
            revoked_by("T1004", "T1005"),
        )
    )
    assert table.revoked == {}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], "got list, expected a STIX bundle"),
        ({"type": "indicator"}, "got type 'indicator'"),
        ({"type": "bundle", "objects": {}}, "expected a STIX bundle with objects"),
        ({"type": "bundle", "objects": [{"type": "malware"}, 7]}, "no technique of enterprise-attack among 2 objects"),
        (bundle(pattern("T1404", "Mobile", x_mitre_domains=["mobile-attack"])), "no technique of enterprise-attack"),
        (bundle(pattern("T1499", "Denial", phases=("harm",))), "'harm' at T1499"),
        (bundle({"type": "attack-pattern", "id": "x"}), "unusable 'external_references'"),
        (bundle(pattern("T14", "Denial")), "'T14'"),
    ],
)
def test_what_is_no_bundle_of_the_enterprise_matrix_is_refused(found: Any, words: str) -> None:
    with pytest.raises(BadInput, match=re.escape(words)):
        read_bundle(found)
