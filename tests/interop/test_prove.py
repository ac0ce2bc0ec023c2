"""``vedette prove`` as CI runs it: a real server, real telemetry, and a threshold that can fail."""

import json
import subprocess
import sys
from pathlib import Path

COMMAND = [sys.executable, "-m", "vedette.cli.main", "prove"]


def test_an_attack_on_the_shop_and_one_on_a_host_are_proved_with_nothing_false(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    words = ["T1110.001", "T1059.004", "--days", "1.5", "--min-coverage", "1", "--junit", str(junit), "--json"]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    account = json.loads(done.stdout)
    assert [one["outcome"] != "missed" for one in account["techniques"]] == [True, True]
    assert all(one["named"] for one in account["techniques"])
    assert account["false_incidents"] == []
    assert 'failures="0"' in junit.read_text()


def test_what_is_missed_fails_the_run() -> None:
    """The same attack, so slow that there is nothing to be seen."""
    words = ["T1110.001", "--days", "0.3", "--intensity", "0.000001", "--min-coverage", "1", "--json"]
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert json.loads(done.stdout)["found"] == 0


def test_a_technique_that_does_not_exist_is_named() -> None:
    done = subprocess.run([*COMMAND, "T9999"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "got 'T9999'" in done.stderr
