"""``vedette test``: what it prints, writes and answers for rules that are right and rules that are wrong."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from vedette.cli.test import test as command
from vedette.errors import BadInput

RULE = """\
title: A
id: 6f1d1a4e-6a53-4ad6-93b3-0d6ac2c0a3f6
name: a
logsource: {category: webserver}
detection:
  selection: {cs-uri-query|contains: evil}
  condition: selection
level: high
---
title: Many
id: 0b1b7e0e-8e3f-4f0b-9d0e-2f7f5f7c9b11
name: many
correlation:
  type: event_count
  rules: [a]
  group-by: [c-ip]
  timespan: 1m
  condition: {gt: 2}
"""
EVENT = "http.request.method: GET, url.path: /, client.address: 192.0.2.1"
GOOD = f"""\
rule: a
must_fire:
  - - {{{EVENT}, url.query: evil}}
must_not_fire:
  - - {{{EVENT}, url.query: good}}
---
rule: many
must_fire:
  - - {{'@repeat': 3, '@every': 20, {EVENT}, url.query: evil}}
must_not_fire:
  - - {{'@repeat': 3, '@every': 40, {EVENT}, url.query: evil}}
  - - {{'@repeat': 2, {EVENT}, url.query: evil}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text(RULE)
    (tmp_path / "rules" / "a.test.yml").write_text(GOOD)
    return tmp_path / "rules"


def run(*words: str) -> Result:
    return CliRunner().invoke(command, words)


def test_rules_that_are_right_are_a_success(folder: Path) -> None:
    done = run(str(folder))
    assert done.exit_code == 0
    assert done.stdout.splitlines() == ["Unit Testing:  a.test.yml", "  SUCCESS (5 cases)"]
    assert "5 cases, 0 failed" in done.stderr


def test_a_rule_that_is_too_loud_or_too_quiet_fails_with_what_fired(folder: Path, tmp_path: Path) -> None:
    (folder / "a.yml").write_text(RULE.replace("contains: evil", "contains: o"))
    done = run(str(folder), "--junit", str(tmp_path / "out.xml"))
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1:] == [
        "  FAILED:",
        "    a must_fire 1: did not fire on 1 events; what fired: nothing",
        "    a must_not_fire 1: fired on 1 events, expected silence",
        "    many must_fire 1: did not fire on 3 events; what fired: nothing",
    ]
    top = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert (top.get("tests"), top.get("failures")) == ("5", "3")
    names = [case.get("name") for case in top.iter("testcase") if case.find("failure") is not None]
    assert names == ["a must_fire 1", "a must_not_fire 1", "many must_fire 1"]


def test_one_file_is_tested_with_the_rules_of_its_folder(folder: Path) -> None:
    assert run(str(folder / "a.test.yml")).exit_code == 0


def test_rules_may_be_elsewhere(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (folder / "a.test.yml").rename(tmp_path / "tests" / "a.test.yml")
    assert run(str(tmp_path / "tests"), "--rules", str(folder)).exit_code == 0


def test_a_rule_that_is_not_there_is_a_failure(folder: Path) -> None:
    (folder / "a.test.yml").write_text("rule: b\nmust_fire: [[{a: 1}]]\n")
    done = run(str(folder))
    assert done.exit_code == 1
    assert "b must_fire 1: there is no rule of this name or id" in done.stdout
    assert "no case makes these fire: a, many" in done.stderr


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.yml", "title: A\ndetection: {}\n", "a.yml:1"),
        ("a.test.yml", "rule: [", "a.test.yml"),
    ],
)
def test_a_rule_or_test_that_cannot_be_read_is_named(folder: Path, name: str, text: str, words: str) -> None:
    (folder / name).write_text(text)
    done = run(str(folder))
    assert isinstance(done.exception, BadInput)
    assert words in str(done.exception)


def test_a_folder_without_tests_is_no_success(folder: Path) -> None:
    (folder / "a.test.yml").unlink()
    done = run(str(folder))
    assert isinstance(done.exception, BadInput)
    assert "names that end in .test.yml" in str(done.exception)


def test_hostile_names_command_neither_terminal_nor_xml(folder: Path, tmp_path: Path) -> None:
    (folder / "a.test.yml").write_text('rule: "<b>\\e[2J&"\nmust_fire: [[{a: 1}]]\n')
    done = run(str(folder), "--junit", str(tmp_path / "out.xml"))
    assert done.exit_code == 1
    assert "\x1b" not in done.stdout
    (case,) = ElementTree.parse(tmp_path / "out.xml").getroot().iter("testcase")
    assert str(case.get("name")).startswith("<b>")
