"""What stands for a technique, and that only a proof makes it proved."""

from __future__ import annotations

from typing import Any

import pytest

from vedette.engine.claims import claims
from vedette.engine.matrix import MOST_RULES, Present, matrix
from vedette.notify.navigator import By
from vedette.records.attack import builtin
from vedette.rules.model import Correlation, Head, Or, Rule, RuleSet, Source, quiet

NOTHING = Present({}, frozenset())


def rule(name: str, *techniques: str, source: Source | None = None, told: bool = True) -> Rule:
    head = Head(name, f"rule {name}", "high", techniques, name=name)
    return Rule(head if told else quiet(head), source or Source("linux", "process_creation"), Or(()))


def proof(technique: str, outcome: str = "both", stale: str = "") -> dict[str, Any]:
    seconds = None if outcome == "missed" else 30.0
    return {
        "technique": technique,
        "outcome": outcome,
        "stale": stale,
        "date": "2026-11-01T00:00:00Z",
        "seconds": seconds,
    }


def cell(
    technique: str,
    *rules: Rule,
    correlations: tuple[Correlation, ...] = (),
    present: Present = NOTHING,
    incidents: list[dict[str, Any]] | None = None,
    proofs: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    made = matrix(builtin(), RuleSet(rules, correlations), present, incidents or [], proofs or [])
    return next(one for one in made["techniques"] if one["id"] == technique)


def test_every_technique_stands_in_a_column_that_there_is() -> None:
    made = matrix(builtin(), RuleSet(), NOTHING, [], [])
    columns = {one["key"] for one in made["tactics"]}
    assert len(made["techniques"]) == len(builtin().techniques)
    assert {name for one in made["techniques"] for name in one["tactics"]} <= columns


@pytest.mark.parametrize(
    ("proofs", "state"),
    [
        ([], "unproved"),
        ([proof("T1505.003")], "proved"),
        ([proof("T1505.003", "missed")], "missed"),
        ([proof("T1505.003"), proof("T1505.003", "missed")], "missed"),
        ([proof("T1505.003", stale="older than 90 days")], "stale"),
        ([proof("T1505.003", "missed", stale="older than 90 days")], "stale"),
        ([proof("T1505.003"), proof("T1505.003", "missed", stale="older than 90 days")], "proved"),
    ],
)
def test_only_proofs_that_count_make_the_state(proofs: list[dict[str, Any]], state: str) -> None:
    assert cell("T1505.003", rule("webshell", "T1505.003"), proofs=proofs)["state"] == state


def test_neither_a_rule_with_data_nor_an_incident_proves_a_technique() -> None:
    there = Present({"linux/process_creation": 5.0}, frozenset())
    found = cell(
        "T1505.003", rule("a", "T1505.003"), present=there, incidents=[{"id": "i", "techniques": ["T1505.003"]}]
    )
    assert (found["state"], found["data"], found["incidents"]) == ("unproved", True, 1)


def test_what_nothing_claims_has_no_state() -> None:
    assert cell("T1505.003")["state"] == "none"
    assert cell("T1505.003", proofs=[proof("T1505.003", "missed")])["state"] == "missed"


def test_a_rule_waits_for_the_log_source_that_has_no_events() -> None:
    there = Present({"webserver": 10.0}, frozenset())
    rules = rule("a", "T1190", source=Source(category="webserver")), rule("b", "T1190")
    found = cell("T1190", *rules, present=there)
    assert [(row["title"], row["arriving"]) for row in found["rules"]] == [("rule a", True), ("rule b", False)]
    assert (found["rules_waiting"], found["waits_for"]) == (1, ["linux/process_creation"])


def test_a_correlation_needs_the_log_sources_of_all_its_rules() -> None:
    parts = rule("a", told=False), rule("b", source=Source(category="webserver"), told=False)
    inner = Correlation(quiet(Head("inner", "inner", "high")), "temporal", ("a", "b"), 60)
    outer = Correlation(Head("outer", "both of them", "high", ("T1505.003",)), "event_count", ("inner",), 60)
    half = cell("T1505.003", *parts, correlations=(outer, inner), present=Present({"webserver": 1.0}, frozenset()))
    assert half["rule_count"] == half["rules_waiting"] == 1, "what only correlations ask for does not count"
    assert half["waits_for"] == ["linux/process_creation"]
    both = Present({"webserver": 1.0, "linux/process_creation": 1.0}, frozenset())
    assert cell("T1505.003", *parts, correlations=(outer, inner), present=both)["rules_waiting"] == 0


def test_learned_detectors_say_whether_their_number_is_watched() -> None:
    found = cell("T1110", present=Present({}, frozenset({"denied_ratio"})))
    watched = {row["feature"]: row["watched"] for row in found["detectors"]}
    assert watched["denied_ratio"]
    assert not watched["user_day"]
    assert (found["data"], found["state"]) == (True, "unproved")


def test_many_rules_are_counted_and_those_with_data_are_listed_first() -> None:
    rules = [rule(f"{number:02}", "T1190") for number in range(MOST_RULES + 5)]
    there = Present({"webserver": 1.0}, frozenset())
    found = cell("T1190", *rules, rule("zz", "T1190", source=Source(category="webserver")), present=there)
    assert (found["rule_count"], len(found["rules"]), found["rules"][0]["title"]) == (26, MOST_RULES, "rule zz")


def test_a_revoked_id_counts_for_its_successor_once() -> None:
    assert cell("T1685", rule("old", "T1562.001", "T1685"))["rule_count"] == 1


def test_what_was_simulated_shows_nothing() -> None:
    assert cell("T1190", incidents=[{"id": "i", "techniques": ["T1190"], "simulated": "drill"}])["incidents"] == 0


def test_log_sources_are_listed_with_their_events_those_with_most_rules_first() -> None:
    rules = rule("a"), rule("b"), rule("c", source=Source(category="webserver"))
    made = matrix(builtin(), RuleSet(rules), Present({"webserver": 7.0}, frozenset()), [], [])
    assert made["logsources"] == [
        {"logsource": "linux/process_creation", "rules": 2, "events": 0},
        {"logsource": "webserver", "rules": 1, "events": 7},
    ]


def test_claims_hold_only_proofs_that_count_and_incidents_that_are_real() -> None:
    proofs = [proof("T1190"), proof("T1078", "missed"), proof("T1136", stale="older than 90 days")]
    incidents = [{"id": "i", "techniques": ["T1048"]}, {"id": "s", "techniques": ["T1048"], "simulated": "drill"}]
    made = list(claims(RuleSet((rule("a", "T1505.003"), rule("b", "T1505.003", told=False))), incidents, proofs))
    assert [one.technique for one in made if one.by is By.PROOF] == ["T1190"]
    assert [one.name for one in made if one.by is By.INCIDENT] == ["i"]
    assert [one.name for one in made if one.by is By.RULE] == ["a"]
