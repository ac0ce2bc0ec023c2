"""Dead letters are kept masked, bounded, and cost no data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vedette.engine import deadletter
from vedette.engine.deadletter import EACH, DeadLetters
from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy
from vedette.records.batch import DeadLetter
from vedette.telemetry import metrics


@pytest.fixture
def letters(tmp_path: Path) -> DeadLetters:
    return DeadLetters(tmp_path / "dead.jsonl", Gate(Policy.default(), bytes(32)).mask_text)


def test_a_letter_says_what_where_and_why_but_nothing_personal(letters: DeadLetters, tmp_path: Path) -> None:
    letters.keep([DeadLetter("invalid_json", 7, b'{"user": "jane@example.org", \xff')], "http", 0)
    (line,) = (tmp_path / "dead.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "time": "1970-01-01T00:00:00.000Z",
        "source": "http",
        "reason": "invalid_json",
        "offset": 7,
        "sample": '{"user": "<email>", \ufffd',
    }


def test_files_stay_small(letters: DeadLetters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadletter, "MAX_BYTES", 5000)
    for number in range(100):
        letters.keep([DeadLetter("invalid_json", number, b"x" * 100)] * (EACH if number == 99 else 1), "http", 0)
    newer, older = tmp_path / "dead.jsonl", tmp_path / "dead.jsonl.1"
    assert older.stat().st_size <= 5000
    assert len(newer.read_text().splitlines()) == EACH


def test_a_disk_that_fails_is_counted(tmp_path: Path) -> None:
    before = metrics.LETTERS_LOST.total()
    DeadLetters(tmp_path / "missing" / "dead.jsonl", str).keep([DeadLetter("a", 0, b"b")] * 3, "http", 0)
    assert metrics.LETTERS_LOST.total() == before + 3
