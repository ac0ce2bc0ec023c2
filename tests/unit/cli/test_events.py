"""``vedette score events``, as it is called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.unit.rules.written import ID, rule

GOOD = rule(
    1, {"one": {"EventID": 1102}}, logsource={"product": "windows", "service": "security"}, tags=["attack.t1003.001"]
)
EVENTS = '{"Channel":"Security","EventID":1102,"x":"\u2028"}\nnot JSON\n{"Channel":"Security","EventID":4624}\n'


def call(*words: str, cwd: Path) -> tuple[int, str]:
    """Run the command; return exit code and what it said."""
    command = [sys.executable, "-m", "vedette.cli.main", "score", *words]
    env = {**os.environ, "HOME": str(cwd), "VEDETTE_DATA": str(cwd / "data")}
    done = subprocess.run(command, cwd=cwd, capture_output=True, timeout=120, env=env, check=False)
    return done.returncode, done.stderr.decode()


def test_events_are_scored_by_the_rules_given_and_bad_rules_are_named(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/good.yml").write_text(GOOD)
    (tmp_path / "rules/bad.yml").write_text(rule(2, {"one": {"x|sounds": 1}}))
    (tmp_path / "in.jsonl").write_text(EVENTS)
    for name in ("out.jsonl", "out.csv"):
        code, said = call("events", "in.jsonl", "--output", name, "--rules", "rules", cwd=tmp_path)
        assert code == 0, said
        assert "rule left out: bad.yml:4 rule 2" in said
        assert "1 lines are no JSON objects and find nothing, the first is row 1" in said
    assert [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()] == [
        {"row": 0, "rule": ID.format(1), "techniques": ["T1003.001", "T1003"], "level": "high"}
    ]
    assert (tmp_path / "out.csv").read_text().splitlines()[1].replace(
        '"', ""
    ) == f"0,{ID.format(1)},T1003.001 T1003,high"
    assert len(list((tmp_path / "data/rules").iterdir())) == 1


def test_our_own_rules_are_the_default_and_can_be_joined_to_others(tmp_path: Path) -> None:
    (tmp_path / "good.yml").write_text(GOOD)
    (tmp_path / "in.jsonl").write_text('{"Channel":"System","EventID":7045,"ServiceName":"x"}\n' + EVENTS)
    assert call("events", "in.jsonl", "--output", "own.jsonl", cwd=tmp_path)[0] == 0
    assert (
        call("events", "in.jsonl", "--output", "both.jsonl", "--rules", "own", "--rules", "good.yml", cwd=tmp_path)[0]
        == 0
    )
    own, both = ((tmp_path / name).read_text().splitlines() for name in ("own.jsonl", "both.jsonl"))
    assert len(own) == 1
    assert len(both) == 2


def test_rules_that_are_not_there_or_not_asked_for_are_told(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(EVENTS)
    code, said = call("events", "in.jsonl", "--output", "out.jsonl", "--rules", "nowhere", cwd=tmp_path)
    assert code == 2, said
    assert "nowhere" in said
    code, said = call("metrics", "in.jsonl", "--output", "out.jsonl", "--rules", ".", cwd=tmp_path)
    assert code == 2
    assert "--rules is for events, got metrics" in said
