"""A recorded attack is what its manifest says or refused in words; it is moved to now, and names one's own hosts."""

from __future__ import annotations

import hashlib
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
import yaml

from vedette.errors import BadInput
from vedette.simulate.recording import Expected, read

EVENTS = [
    {"ts": "2024-03-01T10:00:20Z", "host": "web-9", "message": "root@web-9 from 192.0.2.7 port 1"},
    {"ts": "2024-03-01T10:00:00Z", "host": "web-9.example", "message": "web-99 and 192.0.2.77", "n": 1, "l": ["web-9"]},
]


def recorded(folder: Path, events: list[Any] | str = EVENTS, *, name: str = "a.jsonl", **more: Any) -> Path:
    text = events if isinstance(events, str) else "".join(json.dumps(one) + "\n" for one in events)
    data = lzma.compress(text.encode()) if name.endswith(".xz") else text.encode()
    (folder / name).write_bytes(data)
    facts = {"id": "x", "technique": "T1110.001", "file": name, "sha256": hashlib.sha256(data).hexdigest(), **more}
    manifest = folder / "a.yaml"
    manifest.write_text(yaml.safe_dump({key: value for key, value in facts.items() if value is not None}))
    return manifest


def test_events_are_in_order_moved_and_as_fast_as_asked(tmp_path: Path) -> None:
    found = list(read(recorded(tmp_path)).played(1000.0, 10.0, {}))
    assert [time for time, _ in found] == [1000.0, 1002.0]
    assert "ts" not in found[0][1]


def test_names_are_replaced_as_wholes_wherever_they_stand(tmp_path: Path) -> None:
    recording = read(recorded(tmp_path, entities={"web-9": "db-1", "192.0.2.7": "198.51.100.1"}))
    first, second = (event for _, event in recording.played(0.0, 1.0, {"root": "ana"}))
    assert second == {"host": "db-1", "message": "ana@db-1 from 198.51.100.1 port 1"}
    assert first == {"host": "web-9.example", "message": "web-99 and 192.0.2.77", "n": 1, "l": ["db-1"]}


def test_a_service_is_given_to_events_that_name_none(tmp_path: Path) -> None:
    events = [{"ts": "2024-03-01T10:00:00Z", "service": "own"}, {"ts": "2024-03-01T10:00:01Z"}]
    first, second = (event for _, event in read(recorded(tmp_path, events, service="ssh")).played(0.0, 1.0, {}))
    assert first == {"service": "own"}
    assert second == {"service.name": "ssh"}


def test_a_packed_recording_is_read(tmp_path: Path) -> None:
    assert len(read(recorded(tmp_path, name="a.jsonl.xz")).events) == 2


def test_what_is_expected_is_a_technique_of_a_severity(tmp_path: Path) -> None:
    expected = read(recorded(tmp_path, expect={"severity": "high", "within": "90s"})).expected
    assert expected == Expected("T1110.001", "high", 90.0)
    assert expected.holds({"techniques": ["T1110"], "severity": "critical"})
    assert not expected.holds({"techniques": ["T1110.003"], "severity": "critical"})
    assert not expected.holds({"techniques": ["T1110.001"], "severity": "medium"})


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({"technique": "brute force"}, "got 'brute force', expected such as T1110.001"),
        ({"technique": None}, "technique: expected a text"),
        ({"sha256": "0" * 64}, "expected 000000"),
        ({"file": "none.jsonl"}, "No such file"),
        ({"file": "../a.jsonl"}, "outside the manifest's folder"),
        ({"colour": "red"}, "got colour, expected"),
        ({"expect": "high"}, "expect: got 'high', expected a mapping"),
        ({"entities": ["web-9"]}, "entities: got ['web-9'], expected a mapping"),
        ({"expect": {"severity": "loud"}}, "got 'loud', expected technique"),
        ({"expect": {"within": "soon"}}, "got 'soon', expected a time such as"),
    ],
)
def test_a_manifest_that_says_something_else_is_refused(more: dict[str, Any], cause: str, tmp_path: Path) -> None:
    manifest = recorded(tmp_path, **more)
    (tmp_path.parent / "a.jsonl").write_text("{}")
    with pytest.raises(BadInput) as refused:
        read(manifest)
    assert cause in str(refused.value)
    assert "a.yaml" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('{"ts": "2024-03-01T10:00:00Z"}\n{"ts":', "a.jsonl:2: no JSON"),
        ("[1]\n", "a.jsonl:1: got list"),
        ('{"a": 1}\n', "a.jsonl:1: time None"),
        ('{"ts": "noon"}\n', "a.jsonl:1: time 'noon'"),
        ("\n", "no event in it"),
    ],
)
def test_a_line_that_is_no_event_is_named(text: str, cause: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        read(recorded(tmp_path, text))
    assert cause in str(refused.value)


def test_what_is_no_mapping_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- a\n")
    with pytest.raises(BadInput, match="got list, expected a mapping"):
        read(tmp_path / "a.yaml")
