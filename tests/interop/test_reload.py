"""Rules of a running server are changed: by command and by signal, at a place in the journal, and never by half."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.interop.server import RunningServer
from tests.unit.rules.written import rule

from vedette.assembly import make_shard
from vedette.cli.indicators import indicators
from vedette.cli.rules import rules
from vedette.config.load import load
from vedette.engine.step import step_range
from vedette.errors import BadInput
from vedette.journal.log import Journal
from vedette.records.time import SECOND, rfc3339
from vedette.rules.added import place_of
from vedette.rules.shelf import Shelf

NEW = rule(7, {"one": {"cs-uri-stem|contains": "zanzibar"}}, title="Zanzibar", level="critical")
BROKEN = "title: Broken\nlogsource: {category: webserver}\ndetection: {condition: x}\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(
        tmp_path / "data",
        VEDETTE_FEATURES_WINDOW="10s",
        VEDETTE_FEATURES_LATENESS="1s",
        VEDETTE_ENGINE_SNAPSHOT_EVERY="1h",
    )
    running.start()
    yield running
    running.end()


def until(ask: Callable[[], Any], seconds: float = 90.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := ask()):
        assert time.monotonic() < deadline, "a hang, or nothing was found"
        time.sleep(0.2)
    return found


def run(*words: str) -> Result:
    return CliRunner().invoke(rules, [*words])


def add(server: RunningServer, folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "a.yml").write_text(text)
    assert run("add", "sigma", str(folder), "--apply", "--data", str(server.folder)).exit_code == 0


def visit(server: RunningServer, ago: float = 0.0) -> None:
    at = rfc3339(round((time.time() - ago) * SECOND))
    line = {"@timestamp": at, "service": "shop", "method": "GET", "path": "/zanzibar", "status": 200}
    body = json.dumps(line).encode()
    assert server.ask("/api/v1/ingest", body, content_type="application/x-ndjson")[0] in (200, 202, 204)


def named(server: RunningServer) -> list[Any]:
    found = server.api("incidents?phase=firing&phase=pending&phase=resolved")["items"]
    return [one for one in found if "Zanzibar" in json.dumps(one)]


def test_an_added_rule_holds_after_reload_and_after_a_kill(server: RunningServer, tmp_path: Path) -> None:
    before = server.api("rules")["rules"]
    add(server, tmp_path / "in", NEW)
    visit(server)
    told = run("reload", "--url", server.url)
    assert told.exit_code == 0, told.output
    assert "1 added, 0 changed, 0 removed" in told.output
    assert server.api("rules")["rules"] == before + 1
    visit(server)
    (incident,) = until(lambda: named(server))
    assert incident["severity"] == "critical"
    server.kill()
    server.start()
    assert server.api("rules")["rules"] == before + 1
    server.kill()
    assert "Zanzibar" in _replayed(server.folder)


def _replayed(folder: Path) -> str:
    """Return the findings of a replay of the journal that begins with the rules of an empty folder."""
    options = {"data.folder": str(folder / "none"), "features.window": "10s", "features.lateness": "1s"}
    config, shelf = load(None, overrides=options, environ={}), Shelf(folder / "rules")
    with Journal(folder / "journal") as journal:
        lo, hi = journal.first(0), journal.next(0)
        stepped = step_range(journal, 0, lo, hi, None, lambda: make_shard(config, shelf=shelf))
    return str(stepped.findings)


def test_what_can_not_be_read_changes_nothing_and_is_named(server: RunningServer, tmp_path: Path) -> None:
    add(server, tmp_path / "in", NEW)
    assert run("reload", "--url", server.url).exit_code == 0
    before = server.api("rules")
    place_of(server.folder, "sigma").write_bytes(b"PK\x03\x04 damaged")
    refused = run("reload", "--url", server.url)
    assert isinstance(refused.exception, BadInput)
    assert "sigma.zip" in str(refused.exception)
    assert server.api("rules") == before
    server.kill()
    server.start()
    assert server.api("rules") == before
    assert "sigma.zip" in server.api("status")["message"]
    visit(server)
    assert until(lambda: named(server))
    place_of(server.folder, "sigma").unlink()
    assert run("reload", "--url", server.url).exit_code == 0
    assert server.api("status")["message"] == ""


def test_one_broken_rule_is_named_and_the_others_hold(server: RunningServer, tmp_path: Path) -> None:
    add(
        server,
        tmp_path / "in",
        NEW + "---\ntitle: Broken\nlogsource: {category: webserver}\ndetection: {condition: x}\n",
    )
    told = run("reload", "--json", "--url", server.url)
    (left_out,) = json.loads(told.stdout)["left_out"]
    assert "a.yml" in left_out
    assert "Broken" in left_out


def test_a_hangup_reloads_and_ends_nothing(server: RunningServer, tmp_path: Path) -> None:
    before = server.api("rules")["rules"]
    add(server, tmp_path / "in", NEW)
    os.kill(server.pid, signal.SIGHUP)
    assert until(lambda: server.api("rules")["rules"] == before + 1)


def test_a_list_of_indicators_holds_after_reload_and_a_damaged_one_changes_nothing(
    server: RunningServer, tmp_path: Path
) -> None:
    source = tmp_path / "own.csv"
    source.write_text("value,severity,description\nzanzibar-c2.net,critical,Zanzibar\n")
    words = [str(source), "--name", "own", "--apply", "--data", str(server.folder)]
    assert CliRunner().invoke(indicators, ["add", *words]).exit_code == 0
    assert server.api("rules")["indicators"] == 0
    told = run("reload", "--url", server.url)
    assert "and 1 indicators in force" in told.output
    at = rfc3339(round(time.time() * SECOND))
    line = {"@timestamp": at, "service": "proxy", "message": "CONNECT x.zanzibar-c2.net:443"}
    assert server.ask("/api/v1/ingest", json.dumps(line).encode(), content_type="application/x-ndjson")[0] < 300
    (incident,) = until(lambda: named(server))
    assert incident["title"] == "proxy: domain zanzibar-c2.net is on the list “own”: Zanzibar"
    (server.folder / "indicators" / "own.arrow").write_bytes(b"damaged")
    refused = run("reload", "--url", server.url)
    assert refused.exit_code != 0
    assert "own.arrow" in str(refused.exception)
    assert server.api("rules")["indicators"] == 1
    server.kill()
    server.start()
    assert server.api("rules")["indicators"] == 0
    assert "own.arrow" in server.api("status")["message"]
    assert CliRunner().invoke(indicators, ["add", *words]).exit_code == 0
    assert run("reload", "--url", server.url).exit_code == 0
    assert server.api("rules")["indicators"] == 1
    assert server.api("status")["message"] == ""
