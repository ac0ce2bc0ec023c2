"""Commands that ask a server or read a folder: the answer, the exit code, and nothing that a terminal would obey."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.interop.server import RunningServer
from tests.unit.cli import test_commands
from tests.unit.cli.test_commands import lines

from vedette import __version__
from vedette.cli.explain import lines_of
from vedette.cli.main import main
from vedette.cli.output import incident_lines, printable

Call = Callable[..., tuple[int, str, str]]
HOSTILE = "GET /\x1b[2J\t\x9b31m\nx"
INCIDENT = {
    "id": "d8a1421578",
    "phase": "firing",
    "kind": "security",
    "severity": "high",
    "title": HOSTILE,
    "segment": HOSTILE,
    "tier": HOSTILE,
    "started_at": "2026-10-10T13:00:00.000Z",
    "ended_at": None,
    "event_count": 7,
    "techniques": ["T1190"],
    "explanation": {
        "paragraph": HOSTILE,
        "contributions": [{"share": 100.0, "text": HOSTILE, "counterfactual": HOSTILE}],
        "lowered": [HOSTILE],
        "rarity": HOSTILE,
        "timeline": [{"time": "2026-10-10T13:00:00.000Z", "text": HOSTILE}],
        "evidence": [HOSTILE],
    },
}


@contextmanager
def answering(answer: Any, status: int = 200) -> Iterator[tuple[str, list[str]]]:
    """Answer everything the same; yields address and the paths asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join(10)


def health(state: str) -> dict[str, Any]:
    tiles = {
        "incidents": {"open": 0, "critical": 0},
        "events_per_second": 0.0,
        "events_total": 0,
        "lag_seconds": 0.0,
        "segments": {"ready": 0, "total": 0},
        "budget": {"used": 0, "limit": 1},
        "calibration": {"failing": ["baseline: latency of web"], "incidents_per_day": 2.0},
        "drift": [],
        "unreadable": {"total": 0, "share": 0.0},
        "notifications": {"waiting": 2, "lag_seconds": 90.0, "failing": ["mail"]},
    }
    return {"state": state, "message": "", "version": "1", "tiles": tiles, "data_from": None, "data_to": None}


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command in this process and folder; returns exit code, what it printed, and what it said."""
    for name, value in {"HOME": tmp_path, "XDG_STATE_HOME": tmp_path / "state", "VEDETTE_DATA": "data"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr("vedette.kernels.quiet_threads", lambda: None)  # its environment would outlive the test
    monkeypatch.chdir(tmp_path)

    def run(*words: str, **environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            patch.setattr("sys.argv", ["vedette", *words])
            for name, value in environment.items():
                patch.setenv(name, value)
            try:
                main()
                code = 0
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that took in a few JSON lines; its folder stays."""
    running = RunningServer(tmp_path_factory.mktemp("here") / "data")
    running.start()
    rows = [json.dumps({"time": f"2026-10-10T13:{n // 60:02}:{n % 60:02}Z", "msg": f"item {n}"}) for n in range(300)]
    assert running.ask("/api/v1/ingest?service=app", "\n".join(rows).encode())[0] == 200
    yield running
    assert running.stop() in (0, 130)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server process with seeded incidents, some of which carry hostile text."""
    command = [sys.executable, "-m", "tests.e2e.fake_server", "--scene", "full"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


class TestOfARunningServer:
    def test_status_is_a_line_a_figure(self, server: RunningServer, call: Call) -> None:
        code, printed, _ = call("status", "--url", server.url)
        assert code == 0
        rows = dict(line.split("\t") for line in printed.splitlines())
        assert rows["version"] == __version__
        assert len(rows) <= 10
        code, printed, _ = call("status", "--json", "--url", server.url)
        assert (code, json.loads(printed)["version"]) == (0, __version__)

    def test_no_incidents_is_an_empty_list_and_a_hint(self, server: RunningServer, call: Call) -> None:
        code, printed, _ = call("incidents", "--json", "--url", server.url)
        assert (code, json.loads(printed)["items"]) == (0, [])
        code, printed, said = call("incidents", "--url", server.url)
        assert (code, printed, said) == (0, "", "no open incidents\n")

    @pytest.mark.parametrize("name", ["nope", "a b", "a/b", "?state=all", "ä"])
    def test_an_unknown_incident_is_not_found(self, server: RunningServer, call: Call, name: str) -> None:
        code, printed, said = call("explain", name, "--url", server.url)
        assert (code, printed) == (5, "")
        assert said.startswith("vedette: ")
        assert len(said.splitlines()) == 1

    def test_the_doctor_knows_it(self, server: RunningServer, call: Call) -> None:
        listen = server.url.removeprefix("http://")
        _, printed, _ = call("doctor", "--json", VEDETTE_SERVER_LISTEN=listen)
        (port,) = [one for one in json.loads(printed) if one["check"] == "port"]
        assert (port["good"], port["found"]) == (True, f"Vedette {__version__} answers on {listen}")

    def test_its_journal_is_replayed_once_it_is_down(self, tmp_path: Path, call: Call) -> None:
        running = RunningServer(tmp_path / "data")
        running.start()
        assert running.ask("/api/v1/ingest?service=app", b'{"msg":"a"}\n{"msg":"b"}\n')[0] == 200
        code, _, said = call("replay", "data")
        assert code == 3
        assert f"data is used by another Vedette (process {running.pid})" in said
        assert running.stop() in (0, 130)
        code, printed, said = call("replay", "data", "--json")
        assert code == 0, said
        assert set(json.loads(printed)) == {"summary", "incidents"}


class TestOfAnotherServer:
    def test_a_server_that_is_starting_is_not_healthy(self, call: Call) -> None:
        with answering(health("starting")) as (url, _):
            assert call("status", "--url", url)[0] == 3
            assert call("status", "--json", "--url", url)[0] == 3

    def test_a_key_that_is_missing_is_exit_code_4(self, call: Call) -> None:
        with answering({"detail": "a key with the scope read is needed"}, 401) as (url, _):
            code, printed, said = call("incidents", "--url", url)
            assert (code, printed) == (4, "")
            assert "a key with the scope read is needed; give --key or VEDETTE_KEY" in said
            listen = url.removeprefix("http://")
            _, printed, _ = call("doctor", VEDETTE_SERVER_LISTEN=listen)
            assert f"✓ port       a server that wants a key answers on {listen}" in printed

    @pytest.mark.parametrize("answer", [{}, [], "hello", None])
    def test_the_doctor_says_who_holds_the_port(self, call: Call, answer: Any) -> None:
        with answering(answer) as (url, _):
            listen = url.removeprefix("http://")
            code, printed, said = call("doctor", VEDETTE_SERVER_LISTEN=listen)
        assert (code, said) == (3, "")
        assert f"✗ port       something else than Vedette answers on {listen}\n  fix: choose another" in printed

    def test_a_list_is_tab_separated_whatever_the_log_said(self, call: Call) -> None:
        with answering({"items": [INCIDENT], "next": None}) as (url, asked):
            words = (
                "--state",
                "all",
                "--severity",
                "high",
                "--severity",
                "low",
                "--tier",
                "message queue",
                "--limit",
                "3",
            )
            code, printed, said = call("incidents", *words, "--url", url)
        assert (code, said) == (0, "why: vedette explain d8a1421578\n")
        assert asked == ["/api/v1/incidents?state=all&severity=high&severity=low&tier=message+queue&limit=3"]
        (row,) = printed.splitlines()
        assert row.split("\t")[:4] == ["d8a1421578", "high", "firing", "2026-10-10T13:00:00.000Z"]
        assert row.split("\t")[4:] == [printable(HOSTILE)] * 2

    def test_an_incident_is_asked_for_by_its_name_whole(self, call: Call) -> None:
        with answering(INCIDENT) as (url, asked):
            code, printed, _ = call("explain", "a b/c?d", "--url", url)
        assert code == 0
        assert asked == ["/api/v1/incidents/a%20b%2Fc%3Fd?"]
        assert "\x1b" not in printed


class TestForms:
    @pytest.mark.parametrize(("form", "version"), [("ocsf", ("metadata", "1.8.0")), ("ecs", ("ecs", "9.3.0"))])
    def test_a_document_a_line(self, url: str, call: Call, form: str, version: tuple[str, str]) -> None:
        code, printed, _ = call("incidents", "--state", "all", "--limit", "10", "--format", form, "--url", url)
        documents = [json.loads(line) for line in printed.splitlines()]
        assert (code, len(documents)) == (0, 10)
        assert {document[version[0]]["version"] for document in documents} == {version[1]}

    def test_a_line_of_cef_a_line_and_nothing_for_the_terminal(self, url: str, call: Call) -> None:
        code, printed, _ = call("incidents", "--state", "all", "--limit", "60", "--format", "cef", "--url", url)
        assert code == 0
        assert [line[:23] for line in printed.splitlines()] == ["CEF:0|Vedette|Vedette|" + __version__[:1]] * 60
        assert "\x1b" not in printed

    def test_another_form_is_refused_by_name(self, call: Call) -> None:
        code, _, said = call("incidents", "--format", "leef")
        assert code == 2
        assert "'leef' is not one of 'ocsf', 'ecs', 'cef'" in said


class TestDoctor:
    @pytest.mark.parametrize("listen", ["[::1]:9", "localhost:9"])
    def test_a_free_port_is_fine(self, call: Call, listen: str) -> None:
        _, printed, said = call("doctor", VEDETTE_SERVER_LISTEN=listen)
        assert said == ""
        assert f"✓ port       {listen} is free; no server is running" in printed

    def test_an_address_that_is_none_is_named(self, call: Call) -> None:
        code, printed, said = call("doctor", VEDETTE_SERVER_LISTEN="nowhere.invalid:9")
        assert (code, said) == (3, "")
        assert "✗ port       nowhere.invalid:9 is no address of this machine" in printed

    def test_damaged_state_is_told_with_its_fix_and_nothing_is_made(self, tmp_path: Path, call: Call) -> None:
        quarantine = tmp_path / "data" / "state" / "quarantine"
        quarantine.mkdir(parents=True)
        (quarantine / "a.state").touch()
        code, printed, _ = call("doctor", "--data", "data")
        assert code == 3
        assert "✗ state      0 snapshots, 1 set aside as damaged" in printed
        assert "then remove data/state/quarantine" in printed
        call("doctor", "--data", "other")
        assert not (tmp_path / "other").exists()


class TestReplay:
    def test_a_file_is_reported_as_documented(self, tmp_path: Path, call: Call) -> None:
        (tmp_path / "access.log").write_text(lines(0, 500))
        code, printed, _ = call("replay", "access.log", "--json")
        assert code == 0
        document = json.loads(printed)
        assert set(document["summary"]) == {"days", "incidents_per_day", "budget_per_day", "findings"}
        assert document["incidents"] == []
        code, printed, said = call("replay", "access.log")
        assert (code, printed) == (0, "")
        assert said == "0 incidents in 0.0 days; 1 false ones a day are bearable\n"

    def test_a_folder_without_a_journal_is_named_and_left_alone(self, tmp_path: Path, call: Call) -> None:
        (tmp_path / "here").mkdir()
        code, _, said = call("replay", "here")
        assert (code, said) == (2, "vedette: no_journal: here is no data folder of 'vedette up'\n")
        assert list((tmp_path / "here").iterdir()) == []

    @pytest.mark.parametrize("name", ["missing.log", "binary.log"])
    def test_what_cannot_be_replayed_is_named(self, tmp_path: Path, call: Call, name: str) -> None:
        (tmp_path / "binary.log").write_bytes(b"\x7fELF\0\0\1" * 50)
        code, printed, said = call("replay", name)
        assert (code, printed) == (2, "")
        assert name in said
        assert "Traceback" not in said


class TestScore:
    ROW = '{"series": "a", "t": 60, "value": 1, "tags": ["x"]}\n'

    @pytest.mark.parametrize(
        ("output", "words"),
        [
            ("out.xlsx", "unknown_format: got 'out.xlsx', expected one of .parquet, .csv"),
            ("none/out.csv", "unwritable_file: none/out.csv"),
            ("none/out.jsonl", "unwritable_file: none/out.jsonl"),
        ],
    )
    def test_what_cannot_be_written_is_named(self, tmp_path: Path, call: Call, output: str, words: str) -> None:
        (tmp_path / "in.jsonl").write_text(self.ROW)
        code, printed, said = call("score", "metrics", "in.jsonl", "-o", output)
        assert (code, printed) == (2, "")
        assert words in said
        assert len(said.splitlines()) == 1

    @pytest.mark.parametrize("name", ["in.parquet", "in.csv", "in.jsonl"])
    def test_what_cannot_be_read_is_named(self, tmp_path: Path, call: Call, name: str) -> None:
        (tmp_path / name).write_text('{"series": ' if name == "in.jsonl" else "")
        code, printed, said = call("score", "metrics", name, "-o", "out.csv")
        assert (code, printed) == (2, "")
        assert f"unreadable_file: {name}: " in said


def test_what_a_log_says_never_commands_a_terminal() -> None:
    first, second = incident_lines(INCIDENT)
    told = "\n".join((first, second, *lines_of(INCIDENT)))
    assert told.count("\x1b[31m") == 2, "the severities, in red"
    assert "\x1b[2J" not in told
    assert "\x9b" not in told
    assert "\t" not in told


@pytest.mark.parametrize("url", ["foo", "http://127.0.0.1:port"])
def test_an_address_that_is_none_is_named(tmp_path: Path, url: str) -> None:
    code, printed, said = test_commands.call("status", "--url", url, cwd=tmp_path)
    assert (code, printed) == (3, "")
    assert url in said
    assert "Traceback" not in said


def test_status_says_what_was_not_delivered(call: Call) -> None:
    with answering(health("watching")) as (url, _):
        _, printed, _ = call("status", "--url", url)
    assert "notify\t2 waiting, the oldest for 90 s, failing: mail" in printed


def test_status_says_what_abstains_and_how_many_incidents_there_were(call: Call) -> None:
    with answering(health("watching")) as (url, _):
        _, printed, _ = call("status", "--url", url)
    assert "bearable, 2 a day over four weeks; abstaining: baseline: latency of web\n" in printed


def test_channels_are_listed_without_secrets_and_a_failed_test_is_an_exit_code(call: Call) -> None:
    Path("vedette.toml").write_text(
        '[notify.channels.hook]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hunter2"\nsecret = "hunter3"\n'
    )
    code, printed, said = call("notify", "channels")
    assert (code, printed) == (0, "hook\twebhook\thttp://127.0.0.1:9/…\n")
    code, tried, said = call("notify", "test", "hook")
    assert code == 3
    assert tried.startswith("hook\tfailed: 127.0.0.1:9: ConnectError")
    _, shown, _ = call("config", "show")
    assert "hunter" not in printed + tried + said + shown
    code, _, said = call("notify", "test", "hok")
    assert (code, "there are: hook" in said) == (2, True)
