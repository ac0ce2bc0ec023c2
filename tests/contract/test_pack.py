"""Vedette's own rules: each says what it is, and does what its test file says, on the engine that production runs."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from vedette.records.attack import builtin
from vedette.rules.load import PACK, TEST, own_rules
from vedette.rules.model import Not, RuleSet
from vedette.testing.cases import read_cases
from vedette.testing.detections import files_at, run, untested

FILES = sorted(path for path in PACK.rglob("*.yml") if not path.name.endswith(TEST))
WRITTEN = [
    pytest.param(document, id=document["name"])
    for path in FILES
    for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
TESTS = [pytest.param(path, name, id=name) for path, name in files_at(PACK)]


@lru_cache(maxsize=1)
def pack() -> RuleSet:
    return own_rules()


def test_every_rule_can_be_used() -> None:
    assert [str(problem) for problem in pack().problems] == []
    assert len(pack().rules) + len(pack().correlations) == len(WRITTEN)
    assert len(pack().correlations) >= 15


def test_names_and_ids_are_unique() -> None:
    written = [parameter.values[0] for parameter in WRITTEN]
    for key in ("id", "name", "title"):
        values: list[Any] = [document[key] for document in written]  # type: ignore[index, call-overload]
        assert len(set(values)) == len(values), key


@pytest.mark.parametrize("document", WRITTEN)
def test_a_rule_says_what_it_is(document: dict[str, Any]) -> None:
    assert UUID(document["id"]).version == 4
    assert document["author"] == "Vedette"
    assert document["status"] in ("experimental", "test", "stable")
    assert document["level"] in ("informational", "low", "medium", "high", "critical")
    assert str(document["date"]) >= "2026-11-26"
    assert len(document["description"]) > 40
    assert document["falsepositives"]
    assert ("logsource" in document) != ("correlation" in document)


@pytest.mark.parametrize("document", WRITTEN)
def test_its_techniques_exist_today_and_belong_to_its_tactics(document: dict[str, Any]) -> None:
    tags = [tag.removeprefix("attack.") for tag in document["tags"]]
    tactics = {tag for tag in tags if not tag.startswith("t1")}
    techniques = [builtin().techniques.get(tag.upper()) for tag in tags if tag.startswith("t1")]
    assert tactics <= set(builtin().tactics)
    assert techniques
    assert None not in techniques
    assert all(tactics & set(technique.tactics) for technique in techniques if technique)


@pytest.mark.parametrize(("path", "name"), TESTS)
def test_a_rule_fires_where_it_must_and_not_where_it_must_not(path: Path, name: str) -> None:
    cases = read_cases(path, name)
    assert [f"{one.case.name}: {one.problem}" for one in run(cases, pack()) if one.problem] == []
    assert {case.rule for case in cases if case.fires} == {case.rule for case in cases if not case.fires}


def test_no_rule_is_without_a_case_that_makes_it_fire() -> None:
    outcomes = [one for path, name in files_at(PACK) for one in run(read_cases(path, name), pack())]
    assert untested(pack(), outcomes) == []


def test_a_rule_turned_round_fails_its_cases() -> None:
    """So that the tests above can fail, for every rule."""
    turned = replace(pack(), rules=tuple(replace(one, condition=Not(one.condition)) for one in pack().rules))
    failed = {
        outcome.case.rule
        for path, name in files_at(PACK)
        for outcome in run(read_cases(path, name), turned)
        if outcome.problem
    }
    assert {one.head.name for one in pack().rules} - failed == set()


def test_what_only_counts_is_not_told() -> None:
    quiet = {one.head.name for one in (*pack().rules, *pack().correlations) if not one.head.told}
    loud = {one.head.name for one in (*pack().rules, *pack().correlations) if one.head.told}
    assert {"web_login_failed", "web_not_found", "ssh_login_succeeded", "web_large_answer"} <= quiet
    assert {"web_login_brute_force_address", "ssh_brute_force_address", "web_sql_injection_union"} <= loud
    assert {one.head.name for one in pack().rules if one.head.level == "informational"} <= quiet
