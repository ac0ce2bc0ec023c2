"""Test files of rules: streams of events, copies and times; what is wrong is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vedette.errors import BadInput
from vedette.testing.cases import Case, read_cases


def read(folder: Path, text: str) -> list[Case]:
    path = folder / "a.test.yml"
    path.write_text(text)
    return read_cases(path, "a.test.yml")


def test_every_stream_is_a_case_in_order(tmp_path: Path) -> None:
    text = "rule: r\nmust_fire:\n  - - {a: 1}\n  - - {a: 2}\nmust_not_fire:\n  - - {a: 3}\n"
    cases = read(tmp_path, text)
    assert [case.name for case in cases] == ["r must_fire 1", "r must_fire 2", "r must_not_fire 1"]
    assert [case.fires for case in cases] == [True, True, False]
    assert cases[0].events == ({"a": 1},)


def test_a_file_has_a_document_for_each_rule(tmp_path: Path) -> None:
    cases = read(tmp_path, "rule: r\nmust_fire: [[{a: 1}]]\n---\nrule: s\nmust_fire: [[{a: 1}]]\n")
    assert [case.rule for case in cases] == ["r", "s"]


def test_an_event_without_a_time_comes_a_second_after_the_one_before(tmp_path: Path) -> None:
    (case,) = read(tmp_path, "rule: r\nmust_fire:\n  - [{a: 1}, {a: 2}, {'@timestamp': 10, a: 3}, {a: 4}]\n")
    assert case.times == (0.0, 1.0, 10.0, 11.0)


def test_copies_are_spread_and_numbered(tmp_path: Path) -> None:
    event = "{'@timestamp': 5, '@repeat': 3, '@every': 2, u: 'user{n}', deep: {x: ['{n}']}, k: 7}"
    (case,) = read(tmp_path, f"rule: r\nmust_fire:\n  - [{event}]\n")
    assert case.times == (5.0, 7.0, 9.0)
    assert [event["u"] for event in case.events] == ["user1", "user2", "user3"]
    assert case.events[2] == {"u": "user3", "deep": {"x": ["3"]}, "k": 7}


def test_a_stream_is_in_order_of_time(tmp_path: Path) -> None:
    text = "rule: r\nmust_fire:\n  - [{'@repeat': 2, '@every': 10, a: 1}, {'@timestamp': 5, a: 2}]\n"
    (case,) = read(tmp_path, text)
    assert (case.times, [event["a"] for event in case.events]) == ((0.0, 5.0, 10.0), [1, 2, 1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "unreadable"),
        ("a: [", "a.test.yml"),
        ("[1]", "got list, expected rule (a name), must_fire and must_not_fire"),
        ("rule: 7\nmust_fire: [[{a: 1}]]", "got rule, must_fire, expected rule"),
        ("rule: r\nmust_fires: [[{a: 1}]]", "got rule, must_fires"),
        ("rule: r\nmust_not_fire: [[{a: 1}]]", "r: got no must_fire"),
        ("rule: r\nmust_fire: [{a: 1}]", "r must_fire 1: got {'a': 1}, expected a list"),
        ("rule: r\nmust_fire: [[7]]", "got 7, expected an event"),
        ("rule: r\nmust_fire: [[{'@time': 7}]]", "got @time, expected @timestamp, @repeat or @every"),
        ("rule: r\nmust_fire: [[{'@repeat': 0}]]", "got @repeat 0, expected a whole number from 1"),
        ("rule: r\nmust_fire: [[{'@repeat': many}]]", "got @repeat 'many'"),
        ("rule: r\nmust_fire: [[{'@every': -1}]]", "got @every -1, expected seconds from 0"),
        ("rule: r\nmust_fire: [[{'@timestamp': noon}]]", "got @timestamp 'noon', expected seconds from 0"),
        ("rule: r\nmust_fire: [[{'@repeat': 1000000}]]", "more than 100000 events"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    if not text:
        with pytest.raises(BadInput, match=r"missing\.test\.yml"):
            read_cases(tmp_path / "missing.test.yml", "missing.test.yml")
        return
    with pytest.raises(BadInput, match=re.escape(words)) as raised:
        read(tmp_path, text)
    assert "a.test.yml" in str(raised.value)
