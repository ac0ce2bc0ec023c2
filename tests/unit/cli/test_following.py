"""``vedette watch FILE`` after the past: what is appended is read once, whatever happens to the file."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from tests.interop.loopback import await_true
from tests.unit.cli.test_commands import call, lines

from vedette.cli import watch as module
from vedette.cli.watch import watch
from vedette.errors import BadInput

Change = Callable[[Path], object]
POLL = 1.0
"""Seconds between looks at a file that has not grown."""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("vedette.kernels.quiet_threads", lambda: None)  # its environment would outlive the test
    monkeypatch.chdir(tmp_path)
    return tmp_path / "access.log"


@pytest.fixture
def follow(log: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Watch the log in this process; whenever it waits for more, the next change happens, then Ctrl-C."""

    def run(*changes: Change, words: tuple[str, ...] = (), color: bool = False) -> Result:
        left: Iterator[Change] = iter(changes)

        def sleep(seconds: float) -> None:
            assert seconds == POLL
            change = next(left, None)
            if change is None:
                signal.raise_signal(signal.SIGINT)
            else:
                change(log)

        monkeypatch.setattr(module, "time", SimpleNamespace(sleep=sleep))
        return CliRunner().invoke(watch, [str(log), *words], color=color)

    return run


def append(data: str | bytes) -> Change:
    def change(path: Path) -> None:
        with path.open("ab") as file:
            file.write(data.encode() if isinstance(data, str) else data)

    return change


def rotate(data: str) -> Change:
    def change(path: Path) -> None:
        path.rename(path.with_suffix(".1"))
        path.write_text(data)

    return change


def truncate(data: str) -> Change:
    return lambda path: path.write_text(data)


def told(result: Result) -> list[str]:
    """Return what the summaries say: of the past, then of all."""
    assert result.exit_code == 0, result.exception or result.output
    return [line.rpartition(", 2 segments")[0] for line in result.stderr.splitlines() if " unreadable, " in line]


def test_what_is_appended_is_read_once(log: Path, follow: Callable[..., Result]) -> None:
    log.write_text(lines(0, 100))
    result = follow(append(lines(100, 110)), append(lines(110, 130)))
    assert told(result) == ["100 lines, 0 unreadable", "130 lines, 0 unreadable"]


def test_rotation_and_truncation_cost_no_line(log: Path, follow: Callable[..., Result]) -> None:
    log.write_text(lines(0, 100))
    result = follow(rotate(lines(100, 120)), append(lines(120, 125)), truncate(lines(125, 130)))
    assert told(result) == ["100 lines, 0 unreadable", "130 lines, 0 unreadable"]


def test_a_file_that_is_gone_for_a_while_is_waited_for(log: Path, follow: Callable[..., Result]) -> None:
    log.write_text(lines(0, 100))
    assert told(follow(Path.unlink, append(lines(100, 105))))[-1] == "105 lines, 0 unreadable"


def test_a_line_that_is_still_being_written_is_one_line(log: Path, follow: Callable[..., Result]) -> None:
    last = lines(100, 101)
    log.write_text(lines(0, 100) + last[:40])
    assert told(follow(append(last[40:]))) == ["100 lines, 0 unreadable", "101 lines, 0 unreadable"]


def test_a_long_line_in_the_past_makes_nothing_come_twice(log: Path, follow: Callable[..., Result]) -> None:
    log.write_text(lines(0, 100) + "x" * (10 << 20) + "\n" + lines(100, 200))
    assert told(follow(append(lines(200, 201)))) == ["201 lines, 1 unreadable", "202 lines, 1 unreadable"]


@pytest.mark.parametrize("bad", [b"what is this\n", b"\xff\xfe\n", b"\0\0\0\n"], ids=["words", "no UTF-8", "zeros"])
def test_a_bad_line_neither_ends_the_watch_nor_changes_the_format(
    log: Path, follow: Callable[..., Result], bad: bytes
) -> None:
    log.write_text(lines(0, 100))
    assert told(follow(append(bad), append(lines(100, 110))))[-1] == "111 lines, 1 unreadable"


def test_the_format_of_an_empty_file_is_found_once_there_is_text(log: Path, follow: Callable[..., Result]) -> None:
    log.touch()
    result = follow(append(b"\x7fELF\0\0\n"), append(lines(0, 50)))
    assert told(result)[-1] == "51 lines, 1 unreadable"
    assert "no events" in result.stderr


def test_an_example_from_the_file_commands_no_terminal(log: Path, follow: Callable[..., Result]) -> None:
    log.write_text("\x1b[2J\x1b]0;title\x07 hello\n" + "all is well\n" * 100)
    said = follow(color=True).stderr
    assert "�[2J�]0;title� hello" in said
    assert "\x1b[2J" not in said


@pytest.mark.parametrize("kind", ["missing", "folder", "long name"])
def test_what_cannot_be_followed_is_named(log: Path, follow: Callable[..., Result], kind: str) -> None:
    if kind == "folder":
        log.mkdir()
    result = CliRunner().invoke(watch, ["x" * 300]) if kind == "long name" else follow()
    assert isinstance(result.exception, BadInput)
    assert result.exception.detail.startswith("x" * 300 if kind == "long name" else str(log))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(log: Path, follow: Callable[..., Result]) -> None:
    log.touch(mode=0)
    result = follow()
    assert isinstance(result.exception, BadInput)
    assert result.exception.detail == f"{log}: Permission denied"


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "old.gz"])
def test_what_cannot_grow_is_read_to_its_end(tmp_path: Path, name: str) -> None:
    (tmp_path / "old.gz").write_bytes(gzip.compress(lines(0, 100).encode()))
    code, printed, said = call("watch", name, cwd=tmp_path, stdin=lines(0, 100).encode())
    assert code == 0, said
    assert printed == "Nothing unusual found.\n"
    assert "100 lines, 0 unreadable" in said
    assert "following" not in said


def test_a_process_follows_through_truncation_and_rotation_until_interrupted(log: Path, tmp_path: Path) -> None:
    log.write_text(lines(0, 100))
    said = tmp_path / "said"
    command = [sys.executable, "-m", "vedette.cli.main", "watch", str(log)]
    with said.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=tmp_path) as process:
        try:
            await_true(lambda: "following" in said.read_text(), 60.0)
            truncate(lines(100, 120))(log)
            rotate(lines(120, 150))(log)
            await_true(lambda: holds(process.pid, log), 20.0)
            append(lines(150, 160))(log)
            time.sleep(2 * POLL)
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert "160 lines, 0 unreadable" in said.read_text()
    assert "\x1b" not in said.read_text()


def holds(pid: int, path: Path) -> bool:
    """Say whether a process has the file of this name open."""
    found = False
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found = found or link.samefile(path)
        except OSError:
            continue
    return found
