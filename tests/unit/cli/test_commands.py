"""The command line: what operators get wrong is named, with the exit code that says whose turn it is."""

from __future__ import annotations

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.interop.loopback import await_true

from vedette.cli.main import COMMANDS

LINE = '192.0.2.7 - - [10/Oct/2026:13:%02d:%02d +0000] "GET /item/%d HTTP/1.1" 200 12 "-" "x"\n'
NOBODY = "http://127.0.0.1:9"


def lines(first: int, last: int) -> str:
    return "".join(LINE % (number // 60, number % 60, number) for number in range(first, last))


def call(*words: str, cwd: Path, stdin: bytes = b"", wait: float = 60.0, **environment: str) -> tuple[int, str, str]:
    """Run a command; returns exit code, what it printed, and what it said."""
    command = [sys.executable, "-m", "vedette", *words]
    env = {**os.environ, "HOME": str(cwd), "VEDETTE_DATA": str(cwd / "data"), **environment}
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, timeout=wait, env=env, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def watched(path: Path, *words: str) -> dict[str, object]:
    """Return the document of ``vedette watch FILE --no-follow --json``."""
    code, printed, said = call("watch", str(path), "--no-follow", "--json", *words, cwd=path.parent)
    assert code == 0, said
    document: dict[str, object] = json.loads(printed)
    return document


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    code, printed, _ = call(command, "--help", cwd=tmp_path)
    assert code == 0
    assert printed.startswith(f"Usage: vedette {command}") or "Usage:" in printed
    assert "\x1b" not in printed


def test_a_misspelled_command_gets_a_hint(tmp_path: Path) -> None:
    code, _, said = call("wach", cwd=tmp_path)
    assert code == 2
    assert "Did you mean 'watch'?" in said


class TestWatch:
    def test_the_document_is_as_documented(self, tmp_path: Path) -> None:
        path = tmp_path / "access.log"
        path.write_text(lines(0, 500) + "what is this\n")
        document = watched(path)
        assert set(document) == {"summary", "incidents"}
        summary = document["summary"]
        assert isinstance(summary, dict)
        assert {"lines", "unreadable", "segments", "from", "to", "findings"} <= set(summary)
        assert (summary["lines"], summary["unreadable"]) == (501, 1)
        assert summary["from"] == "2026-10-10T13:00:00.000Z"

    def test_a_compressed_file_and_standard_input_are_read(self, tmp_path: Path) -> None:
        path = tmp_path / "access.log.gz"
        path.write_bytes(gzip.compress(lines(0, 200).encode()))
        assert watched(path)["summary"]["lines"] == 200  # type: ignore[index]
        code, printed, _ = call("watch", "-", "--no-follow", "--json", cwd=tmp_path, stdin=lines(0, 100).encode())
        assert (code, json.loads(printed)["summary"]["lines"]) == (0, 100)

    def test_an_empty_file_is_fine(self, tmp_path: Path) -> None:
        (tmp_path / "a.log").touch()
        assert watched(tmp_path / "a.log")["summary"]["lines"] == 0  # type: ignore[index]

    def test_a_bad_line_costs_no_other(self, tmp_path: Path) -> None:
        path = tmp_path / "access.log"
        parts = [lines(0, 100).encode(), b"x" * (10 << 20) + b"\n", b"\xff\xfe broken\n", lines(100, 200).encode()]
        path.write_bytes(b"".join(parts))
        summary = watched(path)["summary"]
        assert isinstance(summary, dict)
        assert (summary["lines"], summary["unreadable"]) == (202, 2)
        assert sum(summary["unreadable_reasons"].values()) == 2

    @pytest.mark.parametrize(
        ("content", "words"),
        [(b"\x7fELF\0\0\1" * 50, "binary_file"), (None, "No such file")],
        ids=["binary", "missing"],
    )
    def test_what_cannot_be_watched_is_named(self, tmp_path: Path, content: bytes | None, words: str) -> None:
        path = tmp_path / "input.log"
        if content is not None:
            path.write_bytes(content)
        code, printed, said = call("watch", str(path), "--no-follow", cwd=tmp_path)
        assert code == 2
        assert words in said
        assert str(path) in said
        assert printed == ""

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        code, _, said = call("watch", str(tmp_path), "--no-follow", cwd=tmp_path)
        assert code == 2
        assert "Is a directory" in said

    def test_a_file_is_followed_until_interrupted(self, tmp_path: Path) -> None:
        path, said = tmp_path / "access.log", tmp_path / "said"
        path.write_text(lines(0, 100))
        command = [sys.executable, "-m", "vedette.cli.main", "watch", str(path)]
        with said.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=tmp_path) as process:
            await_true(lambda: "following" in said.read_text(), 60.0)
            path.rename(tmp_path / "access.log.1")
            path.write_text(lines(100, 150))
            await_true(lambda: process.poll() is None, 2.0)
            process.send_signal(signal.SIGINT)
            try:
                assert process.wait(60) in (0, 130)
            finally:
                process.kill()
        assert "Traceback" not in said.read_text()


class TestUp:
    def test_every_problem_of_the_configuration_is_told_at_once(self, tmp_path: Path) -> None:
        (tmp_path / "vedette.toml").write_text('[server]\nlisten = 5\nporrt = 1\n\n[features]\nwindow = "soon"\n')
        code, _, said = call("up", cwd=tmp_path)
        assert code == 2
        assert "vedette.toml:2" in said
        assert "vedette.toml:3" in said
        assert "vedette.toml:6" in said
        assert "porrt" in said
        assert "'soon'" in said

    def test_a_port_in_use_is_named(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            code, _, said = call("up", "--listen", address, cwd=tmp_path)
        assert code == 2
        assert f"got {address}: Address already in use" in said

    def test_other_machines_are_let_in_only_with_a_key(self, tmp_path: Path) -> None:
        code, _, said = call("up", "--listen", "0.0.0.0:0", cwd=tmp_path)
        assert code == 2
        assert "got 0.0.0.0:0, allowed loopback only until a key is set: vedette key create" in said

    def test_a_second_server_on_the_same_data_is_refused(self, tmp_path: Path) -> None:
        command = [sys.executable, "-m", "vedette.cli.main", "up", "--listen", "127.0.0.1:0", "--data", "data"]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as first:
            assert first.stderr is not None
            assert "listening" in first.stderr.readline()
            code, _, said = call("up", "--listen", "127.0.0.1:0", "--data", "data", cwd=tmp_path)
            first.send_signal(signal.SIGINT)
            first.wait(20)
        assert code not in (0, 1)
        assert "data" in said
        assert "Traceback" not in said


class TestWithoutServer:
    @pytest.mark.parametrize(
        "words", [("incidents", "--json"), ("explain", "abc"), ("status",)], ids=["incidents", "explain", "status"]
    )
    def test_no_server_is_said_with_what_to_do(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        code, printed, said = call(*words, cwd=tmp_path, VEDETTE_URL=NOBODY)
        assert (code, printed) == (3, "")
        assert NOBODY in said
        assert "vedette up" in said


class TestScore:
    def test_metrics_come_back_row_by_row(self, tmp_path: Path) -> None:
        rows = "\n".join(f"a,{60 * number},{number % 7}" for number in range(200))
        (tmp_path / "in.csv").write_text(f"series,t,value\n{rows}\n")
        code, _, said = call("score", "metrics", "in.csv", "--output", "out.csv", cwd=tmp_path)
        assert code == 0, said
        head, *body = (tmp_path / "out.csv").read_text().splitlines()
        assert len(body) == 200
        assert {"series", "t", "score", "p_value", "state", "alert"} <= set(head.replace('"', "").split(","))

    def test_spans_can_have_their_log_lines_from_another_file(self, tmp_path: Path) -> None:
        spans = [f"{n},{n},,web,serve,{6 * n},5" for n in range(400)]
        lines = [f"{n},web,{6 * n + 0.001},{'no such page' if n > 300 else 'page found'}" for n in range(400)]
        head = "trace_id,span_id,parent_span_id,service,name,t,duration_ms"
        (tmp_path / "spans.csv").write_text("\n".join([head, *spans]))
        (tmp_path / "lines.csv").write_text("\n".join(["trace_id,service,t,line", *lines]))
        words = ("score", "spans", "spans.csv", "--lines", "lines.csv", "--output", "out.jsonl")
        code, _, said = call(*words, cwd=tmp_path)
        assert code == 0, said
        told = [row["what"] for row in map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines())]
        assert told.index("serve: unusual log lines") == 30
        code, _, said = call("score", "metrics", "spans.csv", "--lines", "lines.csv", "-o", "out.csv", cwd=tmp_path)
        assert code == 2
        assert "--lines is for spans, got metrics" in said

    @pytest.mark.parametrize(
        ("name", "content", "words"),
        [
            ("in.csv", "series,value\na,1\n", "missing_column: t; got series, value"),
            ("in.xlsx", "x", ".xlsx"),
            ("in.csv", None, "in.csv"),
        ],
        ids=["column", "suffix", "missing"],
    )
    def test_bad_input_is_named(self, tmp_path: Path, name: str, content: str | None, words: str) -> None:
        if content is not None:
            (tmp_path / name).write_text(content)
        code, _, said = call("score", "metrics", name, "--output", "out.csv", cwd=tmp_path)
        assert code == 2
        assert words in said
        assert "Traceback" not in said
