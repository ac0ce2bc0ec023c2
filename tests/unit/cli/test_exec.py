"""``vedette simulate exec``: what it shows, what it refuses, how it ends."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.simulate.atomic.test_load import EXCERPT

from vedette.cli.exec import exec_command
from vedette.errors import BadInput, ConfigError
from vedette.simulate.atomic.guard import CI_VARIABLES


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*CI_VARIABLES, "VEDETTE_OWNED"):
        monkeypatch.delenv(name, raising=False)


def run(*words: str) -> Result:
    return CliRunner().invoke(exec_command, [str(EXCERPT), *words])


@pytest.fixture
def mark(tmp_path: Path) -> str:
    (tmp_path / "owned").write_text(platform.node())
    return str(tmp_path / "owned")


def test_by_default_tests_are_listed_and_nothing_runs() -> None:
    done = run("--technique", "T1082")
    assert done.exit_code == 0
    assert "planned  T1082-486e88ea  Hostname Discovery\n         hostname\n" in done.stdout
    assert "nothing was carried out" in done.stderr
    assert "exit" not in done.stdout


def test_one_document_tells_all_of_each_test(mark: str) -> None:
    done = run("--technique", "t1124", "--execute", "--owned", mark, "--json")
    told = json.loads(done.stdout)
    assert told["summary"] == {"ran": 1}
    (test,) = told["tests"]
    assert (test["technique"], test["exit"], test["cleaned"]) == ("T1124", 0, True)
    assert test["guid"].startswith(test["id"].partition("-")[2])
    assert test["started_at"].endswith("Z")


def test_a_host_that_is_not_marked_is_refused(tmp_path: Path) -> None:
    done = run("--execute", "--owned", str(tmp_path / "none"))
    assert isinstance(done.exception, ConfigError)
    assert "not marked as owned" in str(done.exception)


def test_a_ci_job_is_refused(mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    refused = run("--execute", "--owned", mark, "--technique", "T1124")
    assert "--sandbox" in str(refused.exception)
    assert run("--execute", "--owned", mark, "--technique", "T1124", "--sandbox").exit_code == 0


def test_a_technique_without_tests_is_named() -> None:
    done = run("--technique", "T9999")
    assert isinstance(done.exception, BadInput)
    assert "got T9999" in str(done.exception)


def test_what_the_list_does_not_have_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "allow.json").write_text("[]")
    done = run("--technique", "T1124", "--allow", str(tmp_path / "allow.json"))
    assert "refused  T1124" in done.stdout
    assert "it is not on the allow-list" in done.stdout
