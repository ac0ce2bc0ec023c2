"""The allow-list: nothing runs that was changed by one character."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.simulate.atomic.test_load import EXCERPT

from vedette.errors import BadInput
from vedette.simulate.atomic.allow import Entry, Refused, digest, permitted, read_allowed
from vedette.simulate.atomic.load import Atomic, load

TEST = Atomic(
    "T1082", "Hostname", "g1", ("linux",), "sh", "hostname > #{out}", "rm #{out}", arguments={"out": "/tmp/x"}
)
ALLOWED = {"g1": Entry("g1", "T1082", digest(TEST.filled({"out": "here"})), {"out": "here"})}


def test_every_shipped_entry_allows_the_test_of_atomic_red_team_that_it_names() -> None:
    tests = {test.guid: test for test in load(EXCERPT).tests}
    allowed = read_allowed()
    assert len(allowed) >= 16
    for guid, entry in allowed.items():
        assert tests[guid].technique == entry.technique
        assert "#{" not in permitted(tests[guid], allowed)[1].command


def test_arguments_of_the_list_are_filled_in() -> None:
    entry, text = permitted(TEST, ALLOWED)
    assert (text.command, text.cleanup, entry.network) == ("hostname > here", "rm here", True)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"guid": "g2"}, "not on the allow-list"),
        ({"command": "hostname > #{out} "}, None),
        ({"command": "hostname  > #{out}"}, "not the one that was allowed"),
        ({"cleanup": "rm -r #{out}"}, "not the one that was allowed"),
        ({"executor": "bash"}, "not the one that was allowed"),
        ({"executor": "powershell"}, "its executor is powershell"),
        ({"elevated": True}, "needs root"),
        ({"platforms": ("windows",)}, "it is for windows"),
    ],
)
def test_what_was_changed_is_refused(change: dict[str, Any], why: str | None) -> None:
    changed = replace(TEST, **change)
    if why is None:
        permitted(changed, ALLOWED)
        return
    with pytest.raises(Refused, match=why):
        permitted(changed, ALLOWED)


def test_a_default_that_was_changed_is_refused_unless_the_list_gives_the_value() -> None:
    evil = replace(TEST, arguments={"out": "/tmp/x; touch /tmp/evil"})
    permitted(evil, ALLOWED)  # the list's own value is filled in
    by_default = {"g1": Entry("g1", "T1082", digest(TEST.filled({})))}
    permitted(TEST, by_default)
    with pytest.raises(Refused, match="SHA-256 is"):
        permitted(evil, by_default)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"sha256": "00"}, "sha256: got '00', expected 64 hexadecimal digits"),
        ({"guid": 3}, "guid: got 3, expected text"),
        ({"arguments": {"a": 1}}, "arguments: got"),
        ({"touches": ["here"]}, "touches: got"),
        ({"network": "no"}, "network: got 'no', expected true or false"),
        ({"root": True}, "got 'root', expected name"),
    ],
)
def test_a_list_with_a_mistake_allows_nothing_and_says_where(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    path = tmp_path / "allow.json"
    good = {"guid": "g", "technique": "T1082", "sha256": "0" * 64}
    path.write_text(json.dumps([good, {**good, **row}]))
    with pytest.raises(BadInput, match="entry 2") as caught:
        read_allowed(path)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "{}", "[3]"])
def test_what_is_no_list_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "allow.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=str(path)):
        read_allowed(path)
