"""``vedette rules add``: who signed a set is checked, and what it would have matched is told before it holds."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from tests.unit.rules.written import ID, correlation, rule

from vedette.cli.rules import rules
from vedette.decode.json_lines import JsonLines
from vedette.engine.clock import now
from vedette.errors import BadInput
from vedette.privacy.gate import Gate
from vedette.privacy.policy import Policy
from vedette.records.time import SECOND, rfc3339
from vedette.store.events import EventStore

LOGIN = rule(1, {"one": {"cs-uri-stem": "/login", "sc-status": 401}})
OTHER = rule(2, {"one": {"cs-uri-stem": "/backdoor"}})
SHELL = rule(3, {"one": {"Image|endswith": "/sh"}}, logsource={"product": "linux", "category": "process_creation"})
MANY = correlation(4, "event_count", [ID.format(1)], **{"group-by": ["cs-method"], "condition": {"gte": 5}})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def written(place: Path, *texts: str) -> Path:
    place.write_text("---\n".join(texts))
    return place


def run(*words: object, folder: Path) -> Result:
    return CliRunner().invoke(rules, ["add", "sigma", *map(str, words), "--data", str(folder)])


def told(*words: object, folder: Path) -> dict[str, Any]:
    found = run(*words, "--json", folder=folder)
    assert found.exit_code == 0, found.exception
    document: dict[str, Any] = json.loads(found.stdout)
    return document


def stored(folder: Path, ages: Sequence[float]) -> None:
    """Store a refused log-in of each age, in seconds."""
    times = sorted(now() - round(age * SECOND) for age in ages)
    rows = [
        {"time": rfc3339(time), "service": "shop", "method": "POST", "path": "/login", "status": 401} for time in times
    ]
    decoded = JsonLines().decode(b"".join(orjson.dumps(row) + b"\n" for row in rows), now())
    gate, store = Gate(Policy.default(), bytes(32)), EventStore(folder / "events")
    store.append(1, [gate.protect(batch) for batch in decoded.batches])
    store.flush()


def test_stored_events_tell_what_would_have_matched_and_what_could_not_be_tried(folder: Path, tmp_path: Path) -> None:
    stored(folder, [10.0 * one for one in range(6)] + [2 * 86_400.0])
    found = told(written(tmp_path / "a.yml", LOGIN, OTHER, SHELL, MANY), folder=folder)["backtest"]
    assert found["events"] == 7
    assert found["days"] == pytest.approx(2.0, abs=0.01)
    assert {one["id"]: one["matches"] for one in found["matched"]} == {ID.format(4): 1}
    assert found["untried"] == 1


def test_only_the_days_asked_for_are_tried(folder: Path, tmp_path: Path) -> None:
    stored(folder, [60.0, 3 * 86_400.0])
    source = written(tmp_path / "a.yml", LOGIN)
    counts = [told(source, "--days", days, folder=folder)["backtest"]["events"] for days in (1, 4, 0)]
    assert counts == [1, 2, 0]


def test_events_of_a_file_are_tried_in_the_source_s_own_form(folder: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    row = {"time": "2026-10-01T00:00:00Z", "Image": "/bin/sh", "CommandLine": "sh", "ParentImage": "/usr/sbin/nginx"}
    events.write_text(json.dumps(row) + "\nnot JSON\n")
    found = run(written(tmp_path / "a.yml", SHELL, OTHER), "--on", events, folder=folder)
    assert "would have matched: 1" in found.stdout
    assert "rule 3" in found.stdout
    assert "without an event of their log source: 1" in found.stdout


def test_an_unchanged_rule_is_not_told_again(folder: Path, tmp_path: Path) -> None:
    stored(folder, [60.0])
    source = written(tmp_path / "a.yml", LOGIN)
    assert len(told(source, "--apply", folder=folder)["backtest"]["matched"]) == 1
    assert told(source, folder=folder)["backtest"]["matched"] == []


def test_a_look_beside_a_server_removes_nothing(folder: Path, tmp_path: Path) -> None:
    stored(folder, [60.0])
    draft = next((folder / "events").rglob("*.parquet")).with_suffix(".tmp")
    draft.touch()
    assert told(written(tmp_path / "a.yml", LOGIN), folder=folder)["backtest"]["events"] == 1
    assert draft.exists()


class Signer:
    """A key pair of gpg's, in a folder of its own."""

    def __init__(self, home: Path, name: str, expires: str = "never") -> None:
        home.mkdir(mode=0o700)
        self._home, self._name = home, name
        self._gpg("--quick-generate-key", name, "ed25519", "sign", expires)

    def _gpg(self, *words: str) -> bytes:
        fixed = ["gpg", "--homedir", str(self._home), "--batch", "--passphrase", "", "--pinentry-mode", "loopback"]
        return subprocess.run([*fixed, *words], check=True, capture_output=True).stdout

    def public(self, place: Path, *, armored: bool) -> Path:
        place.write_bytes(self._gpg(*(["--armor"] if armored else []), "--export", self._name))
        return place

    def sign(self, source: Path) -> Path:
        signature = source.with_suffix(".asc")
        signature.write_bytes(self._gpg("--armor", "--output", "-", "--detach-sign", str(source)))
        return signature


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Signer, Signer]:
    place = tmp_path_factory.mktemp("keys")
    return Signer(place / "a", "Ada <ada@example.org>"), Signer(place / "b", "Eve <eve@example.org>")


@pytest.mark.parametrize("armored", [True, False])
def test_a_signature_of_a_trusted_key_is_named(
    armored: bool, signers: tuple[Signer, Signer], folder: Path, tmp_path: Path
) -> None:
    source = written(tmp_path / "a.yml", LOGIN)
    words = ("--signature", signers[0].sign(source), "--signed-by", signers[0].public(tmp_path / "k", armored=armored))
    assert "Ada <ada@example.org>" in told(source, *words, folder=folder)["signed_by"]
    assert "signed by" in run(source, *words, folder=folder).stdout


def test_what_was_changed_or_signed_by_others_is_refused_and_not_taken_in(
    signers: tuple[Signer, Signer], folder: Path, tmp_path: Path
) -> None:
    source = written(tmp_path / "a.yml", LOGIN)
    signature = signers[0].sign(source)
    ada, eve = (one.public(tmp_path / f"k{place}", armored=True) for place, one in enumerate(signers))
    by_other = run(source, "--signature", signature, "--signed-by", eve, "--apply", folder=folder)
    assert isinstance(by_other.exception, BadInput)
    assert "does not prove" in str(by_other.exception)
    none = run(source, "--signature", source, "--signed-by", ada, "--apply", folder=folder)
    assert "does not prove" in str(none.exception)
    source.write_text(LOGIN + "\n# changed\n")
    changed = run(source, "--signature", signature, "--signed-by", ada, "--apply", folder=folder)
    assert "does not prove" in str(changed.exception)
    assert not folder.exists()


def test_a_signature_without_keys_is_refused(folder: Path, tmp_path: Path) -> None:
    source = written(tmp_path / "a.yml", LOGIN)
    assert "give both" in run(source, "--signature", source, folder=folder).output


def test_a_signature_of_a_key_that_expired_is_refused(folder: Path, tmp_path: Path) -> None:
    signer = Signer(tmp_path / "old", "Old <old@example.org>", expires="seconds=2")
    source = written(tmp_path / "a.yml", LOGIN)
    signature, keys = signer.sign(source), signer.public(tmp_path / "k", armored=True)
    time.sleep(3)
    refused = run(source, "--signature", signature, "--signed-by", keys, "--apply", folder=folder)
    assert isinstance(refused.exception, BadInput)
    assert "does not prove" in str(refused.exception)
    assert not folder.exists()
