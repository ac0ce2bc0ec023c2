"""Carrying tests out: real processes, kept apart, stopped in time, cleaned up after."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from tempfile import gettempdir

import pytest
from tests.unit.simulate.atomic.test_load import EXCERPT

from vedette.simulate.atomic.allow import Entry, digest, read_allowed
from vedette.simulate.atomic.cell import Cell, make_cell
from vedette.simulate.atomic.load import Atomic, load
from vedette.simulate.atomic.run import Outcome, Result, Runner

NOW = 1_800_000_000_000_000_000


@pytest.fixture(scope="module")
def cell() -> Cell:
    return make_cell()


def carried_out(
    cell: Cell | None, command: str, cleanup: str = "", timeout: float = 20.0, touches: tuple[str, ...] = ()
) -> Result:
    test = Atomic("T1059.004", "a test", "0123456789", ("linux",), "sh", command, cleanup)
    entry = Entry(test.guid, test.technique, digest(test.filled({})), touches=touches, network=False)
    return Runner({test.guid: entry}, cell, lambda: NOW, timeout).run(test)


def test_a_dry_run_shows_the_command_and_changes_nothing(tmp_path: Path) -> None:
    result = carried_out(None, f"touch {tmp_path}/made")
    assert (result.outcome, result.command) == (Outcome.PLANNED, f"touch {tmp_path}/made")
    assert (result.exit, result.cleaned, list(tmp_path.iterdir())) == (None, None, [])


def test_exit_output_and_time_are_told(cell: Cell) -> None:
    result = carried_out(cell, "echo out; echo err >&2; sleep 0.3; exit 7")
    assert (result.id, result.outcome, result.exit, result.output) == (
        "T1059.004-01234567",
        Outcome.RAN,
        7,
        "out\nerr\n",
    )
    assert 0.3 <= result.seconds < 10
    assert result.started_at == NOW
    assert (result.cleaned, result.left) == (True, ())


def test_a_test_is_not_root_has_no_rights_and_only_its_own_folder_as_home(cell: Cell) -> None:
    os.environ["SECRET_OF_THE_CALLER"] = "s3cret"
    try:
        result = carried_out(cell, 'id -u; grep CapEff /proc/self/status; pwd; echo "$HOME" "$TMPDIR"; env')
    finally:
        del os.environ["SECRET_OF_THE_CALLER"]
    uid, rights, folder, homes, *environment = result.output.splitlines()
    assert int(uid) == (65_534 if os.geteuid() == 0 else os.geteuid())
    assert int(rights.split()[1], 16) == 0
    assert folder.startswith(f"{gettempdir()}/vedette-atomic-")
    assert homes == f"{folder} {folder}"
    assert not Path(folder).exists()
    assert "s3cret" not in "\n".join(environment)


def test_a_test_reaches_no_network(cell: Cell) -> None:
    if not cell.isolated:
        pytest.skip("namespaces are not permitted here")
    with socket.create_server(("127.0.0.1", 0)) as server:
        command = f"exec 3<>/dev/tcp/127.0.0.1/{server.getsockname()[1]} && echo reached"
        assert "reached" in cell_less(command)
        result = carried_out(cell, f"bash -c '{command}'")
    assert result.exit != 0
    assert "reached" not in result.output


def cell_less(command: str) -> str:
    """Return what a command prints outside any cell."""
    return Cell((), os.geteuid(), False).run("bash", command, Path("/"), 10.0, 1000).output.decode()


def test_without_namespaces_what_could_use_the_network_is_refused() -> None:
    test = Atomic("T1018", "a test", "g", ("linux",), "sh", "true")
    allowed = {"g": Entry("g", "T1018", digest(test.filled({})), network=True)}
    result = Runner(allowed, Cell((), 0, False), lambda: NOW).run(test)
    assert (result.outcome, result.exit) == (Outcome.REFUSED, None)
    assert "network" in result.reason


def test_a_test_that_takes_too_long_is_stopped_with_all_its_children(cell: Cell) -> None:
    began = time.monotonic()
    result = carried_out(cell, "sleep 987.25 & sleep 987.25", timeout=0.5)
    assert (result.outcome, result.reason) == (Outcome.STOPPED, "timeout")
    assert time.monotonic() - began < 10
    assert not running("987.25")


def test_what_a_test_leaves_running_ends_with_it(cell: Cell) -> None:
    result = carried_out(cell, "sleep 987.75 & echo started")
    assert result.output == "started\n"
    assert not running("987.75")


def running(word: str) -> bool:
    """Say whether a process with this word in its command line runs, waiting a moment for it to end."""
    for _ in range(50):
        found = [path for path in Path("/proc").glob("[0-9]*/cmdline") if word.encode() in contents(path).split(b"\0")]
        if not found:
            return False
        time.sleep(0.1)
    return True


def contents(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_endless_output_is_stopped_and_cut(cell: Cell) -> None:
    result = carried_out(cell, "yes")
    assert (result.outcome, result.reason) == (Outcome.STOPPED, "output limit")
    assert len(result.output) == 2000


def test_files_can_not_fill_the_disk(cell: Cell) -> None:
    result = carried_out(cell, "head -c 30000000 /dev/zero > big; wc -c < big")
    assert int(result.output.split()[-1]) == 16 << 20


def test_what_the_clean_up_leaves_is_told_and_removed(cell: Cell) -> None:
    result = carried_out(cell, "mkdir a; touch a/b c", "rm c")
    assert (result.left, result.cleaned) == (("a", "a/b"), True)


def test_what_is_left_outside_the_folder_is_not_clean() -> None:
    path = f"{gettempdir()}/vedette-test-{os.getpid()}"
    result = carried_out(make_cell(), f"touch {path}", "true", touches=(path,))
    assert (result.cleaned, result.left) == (False, (path,))
    refused = carried_out(make_cell(), f"touch {path}", f"rm {path}", touches=(path,))
    assert (refused.outcome, "exists already" in refused.reason) == (Outcome.REFUSED, True)
    Path(path).unlink()
    done = carried_out(make_cell(), f"touch {path}", f"rm {path}", touches=(path,))
    assert (done.outcome, done.cleaned) == (Outcome.RAN, True)


def test_quick_tests_of_atomic_red_team_run_as_they_are_and_leave_nothing(cell: Cell) -> None:
    allowed = read_allowed()
    slow = {"a315bfff-7a98-403b-b442-2ea1b255e556", "b04ed73c-7d43-4dc8-b563-a2fc595cba1a"}
    results = [Runner(allowed, cell, lambda: NOW).run(test) for test in load(EXCERPT).tests if test.guid not in slow]
    assert len(results) >= 30
    assert [result.id for result in results if result.outcome is not Outcome.RAN or not result.cleaned] == []
    assert len([result for result in results if result.exit == 0]) >= 12
