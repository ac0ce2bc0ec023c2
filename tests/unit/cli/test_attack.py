"""``vedette attack``: look-ups, imports, layers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.oracles.navigator import read_layer
from tests.unit.records.test_stix import bundle, pattern
from tests.unit.store.test_store import incident

from vedette.cli.attack import attack
from vedette.errors import BadInput
from vedette.records.feature import CATALOG
from vedette.store.attack import table_of
from vedette.store.database import open_database
from vedette.store.incidents import Incidents


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def run(*words: str, folder: Path) -> Result:
    return CliRunner().invoke(attack, [*words, "--data", str(folder)])


def test_a_technique_is_shown_with_tactics_platforms_and_sub_techniques(folder: Path) -> None:
    done = run("show", "T1110", folder=folder)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:2] == ["T1110  Brute Force", "tactics       Credential Access TA0006"]
    assert "  T1110.003  Password Spraying" in done.stdout.splitlines()


def test_a_revoked_id_says_what_took_its_place(folder: Path) -> None:
    done = run("show", "t1562.008", "--json", folder=folder)
    assert "T1562.008 was revoked; T1685.002 took its place" in done.stderr
    assert json.loads(done.stdout)["name"] == "Disable or Modify Tools: Disable or Modify Cloud Log"


def test_an_unknown_technique_is_named(folder: Path) -> None:
    done = run("show", "T9999", folder=folder)
    assert isinstance(done.exception, BadInput)
    assert "got 'T9999', expected an id of ATT&CK 19.1" in str(done.exception)


def test_an_imported_release_is_used_from_then_on(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "enterprise-attack.json"
    path.write_text(json.dumps(bundle(pattern("T1999", "Something New"))))
    done = run("import", str(path), folder=folder)
    assert done.stdout.startswith("ATT&CK 20.0: 1 techniques, 0 revoked ids")
    assert run("show", "T1999", folder=folder).stdout.startswith("T1999  Something New")


@pytest.mark.parametrize("content", ["", "{", '{"type": "indicator"}'])
def test_a_bad_bundle_changes_nothing(folder: Path, tmp_path: Path, content: str) -> None:
    path = tmp_path / "bundle.json"
    path.write_text(content)
    assert isinstance(run("import", str(path), folder=folder).exception, BadInput)
    assert table_of(folder).version == "19.1"


def test_the_layer_holds_what_detectors_claim_and_incidents_showed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir()
    store = Incidents(open_database(f"sqlite:///{folder / 'vedette.db'}"))
    store.save([replace(incident(), techniques=("T1190", "T1048"))], [])
    out = tmp_path / "layer.json"
    assert run("layer", "--out", str(out), folder=folder).exit_code == 0
    loaded = read_layer(out.read_text())
    assert loaded is not None
    rows = {one["techniqueID"]: one for one in loaded["techniques"]}
    assert {one.technique for one in CATALOG.values()} - {""} <= set(rows)
    assert incident().id in rows["T1048"]["comment"]
    assert "request_shape" in rows["T1190"]["comment"]
    assert rows["T1190"]["score"] == 3
    assert rows["T1110.003"]["comment"].startswith("rules: okta_password_spraying, ssh_password_spraying")
    assert "ssh_login_failed" not in rows["T1110"]["comment"], "what only other rules ask for is not told"


def test_a_layer_needs_no_data_and_makes_none(folder: Path) -> None:
    done = run("layer", folder=folder)
    assert json.loads(done.stdout)["domain"] == "enterprise-attack"
    assert not folder.exists()
