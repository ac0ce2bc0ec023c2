import pytest
from tests.unit.rules.written import correlation, rule, rules_of

from vedette.rules.model import Atom, Kind
from vedette.rules.parse import ALIASES, DEEPEST, LARGEST, parse

GOOD = rule(1, {"one": {"cs-method": "GET"}})


def problem(text: str) -> str:
    """Return the one problem of a text, beside a good rule that is not hurt by it."""
    rules = parse({"good.yml": GOOD, "bad.yml": text})
    assert [one.head.title for one in rules.rules] == ["rule 1"]
    assert len(rules.problems) == 1
    return str(rules.problems[0])


def test_a_syntax_error_is_told_with_its_line() -> None:
    assert problem("title: x\ndetection:\n  a: [1,\n") == ("bad.yml:4: not YAML: did not find expected node content")


def test_an_unknown_modifier_is_told_with_its_line() -> None:
    told = problem(rule(2, {"one": {"cs-method|sounds": "GET"}}))
    assert told.startswith("bad.yml:4 rule 2: ")
    assert "sounds" in told


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?=a)b", "(?<!a)b", "a(", "((x{1000}){1000}){1000}"])
def test_a_regex_that_needs_back_tracking_or_no_end_of_memory_is_refused(pattern: str) -> None:
    told = problem(rule(2, {"one": {"cs-method|re": pattern}}))
    assert "rule 2" in told


def test_a_regex_that_kills_back_tracking_engines_is_taken() -> None:
    assert len(rules_of(rule(2, {"one": {"cs-method|re": "(a+)+$"}})).rules) == 1


def test_a_document_of_aliases_upon_aliases_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]
    assert f"more than {ALIASES} aliases" in problem("\n".join([*lines, "detection: {one: *a8}"]))


def test_a_document_nested_without_end_is_refused() -> None:
    assert f"deeper than {DEEPEST} levels" in problem("detection: " + "[" * 5000 + "]" * 5000)
    assert f"deeper than {DEEPEST} levels" in problem("\n".join(" " * n + "a:" for n in range(200)))
    assert f"deeper than {DEEPEST} levels" in problem("- " * 20_000 + "x")
    assert f"deeper than {DEEPEST} levels" in problem("? " * 20_000 + "x")


def test_a_text_that_is_too_long_is_refused() -> None:
    assert str(LARGEST) in problem("a" * (LARGEST + 1))


def test_a_key_that_is_there_twice_is_told() -> None:
    assert "the key 'title' is there twice" in problem("title: x\n" + GOOD)


def test_yaml_that_is_no_rule_is_told() -> None:
    assert "no detection, correlation or filter" in problem("apiVersion: v1")
    assert "bad.yml:1" in problem("detection: 5\ntitle: x\nlogsource: {category: a}\n")


def test_a_second_rule_with_the_same_id_is_told_and_left_out() -> None:
    assert "is already that of good.yml" in problem(rule(1, {"one": {"cs-method": "PUT"}}))


def test_a_placeholder_that_nobody_fills_is_told() -> None:
    assert "%admins%" in problem(rule(2, {"one": {"user|expand": "%admins%"}}))


def test_a_condition_that_names_what_is_not_there_is_told() -> None:
    assert "'two'" in problem(rule(2, {"one": {"a": 1}, "condition": "one and two"}))


def test_a_correlation_of_a_missing_rule_is_told_and_one_that_builds_on_it_too() -> None:
    count = {"condition": {"gte": 3}}
    bad = (
        correlation(2, "event_count", ["nowhere"], **count)
        + "---\n"
        + correlation(3, "event_count", ["00000000-0000-4000-8000-000000000002"], **count)
    )
    rules = parse({"good.yml": GOOD, "bad.yml": bad})
    assert [str(one).split(": ", 1)[1] for one in rules.problems] == [
        "its rule 'nowhere' is not here",
        "it needs itself, or one that can't be used",
    ]
    assert len(rules.rules) == 1


def test_correlations_that_need_one_another_are_told() -> None:
    first, second = (f"00000000-0000-4000-8000-00000000000{number}" for number in (2, 3))
    rules = parse(
        {
            "a.yml": correlation(2, "event_count", [second], condition={"gte": 1}),
            "b.yml": correlation(3, "event_count", [first], condition={"gte": 1}),
        }
    )
    assert len(rules.problems) == 2
    assert rules.correlations == ()


def test_a_list_of_thousands_of_values_is_taken() -> None:
    found = rules_of(rule(2, {"one": {"cs-uri|contains": [f"/p{number}/" for number in range(4500)]}}))
    assert len(found.rules) == 1


def test_deprecated_rules_are_left_out_without_a_word() -> None:
    assert rules_of(rule(2, {"one": {"a": 1}}, status="deprecated")).rules == ()


def test_a_filter_joins_the_rules_that_it_names_only() -> None:
    two = rule(2, {"one": {"cs-method": "GET"}})
    text = """
title: our scanner
logsource: {category: webserver}
filter:
  rules: [00000000-0000-4000-8000-000000000001]
  ours: {c-ip: 10.0.0.7}
  condition: not ours
"""
    first, second = rules_of(GOOD, two, text).rules
    assert first.condition != second.condition
    assert second.condition == Atom("cs-method", Kind.EQUALS, "get")


def test_a_filter_of_rules_that_are_not_here_is_told() -> None:
    text = "title: f\nlogsource: {category: webserver}\nfilter: {rules: [nowhere], one: {a: 1}, condition: not one}\n"
    assert "no rule here is one that it names, of its log source: nowhere" in problem(text)


def test_rules_that_a_correlation_takes_in_are_not_told_unless_it_says_so() -> None:
    one = correlation(2, "event_count", ["00000000-0000-4000-8000-000000000001"], condition={"gte": 3})
    assert not rules_of(GOOD, one).rules[0].head.told
    assert rules_of(GOOD, one.replace("correlation:", "correlation:\n  generate: true")).rules[0].head.told


def test_author_and_techniques_are_kept() -> None:
    head = (
        rules_of(rule(2, {"one": {"a": 1}}, author="A. Author", tags=["attack.t1059.001", "attack.execution"]))
        .rules[0]
        .head
    )
    assert (head.author, head.techniques, head.tactics) == ("A. Author", ("T1059.001",), ("execution",))
