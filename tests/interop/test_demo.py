"""The demonstration's shop ends with the demonstration, so that it never sends into the next one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DEMO = [sys.executable, "-m", "vedette.cli.main", "demo", "--listen", "127.0.0.1:0", "--days", "0", "--attack", "none"]


def watched_by(pid: int) -> list[int]:
    """Return the processes of a shop or bank that a demonstration started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if parent == pid and b"--attended" in words:
            found.append(int(folder.name))
    return found


def is_there(pid: int) -> bool:
    """Tell whether a process runs; one that ended and waits to be asked for does not."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(holds: object, seconds: float) -> bool:
    assert callable(holds)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if holds():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("story", "how"),
    [("shop", signal.SIGKILL), ("shop", signal.SIGTERM), ("bank", signal.SIGKILL)],
    ids=["killed", "ended", "bank"],
)
def test_what_is_watched_ends_with_the_demonstration(tmp_path: Path, story: str, how: signal.Signals) -> None:
    # Ctrl-C is ignored where a shell started it in the background, as CI does: nothing here may rest on it
    words = [*DEMO, "--data", str(tmp_path), "--story", story]
    demo = subprocess.Popen(words, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    try:
        assert until(lambda: watched_by(demo.pid), 60.0)
        (shop,) = watched_by(demo.pid)
        time.sleep(3.0)
        assert is_there(shop)
        demo.send_signal(how)
        assert until(lambda: not is_there(shop), 30.0)
        demo.wait(30.0)
    finally:
        for pid in (demo.pid, *watched_by(demo.pid)):
            if is_there(pid):
                os.kill(pid, signal.SIGKILL)


def test_ctrl_c_ends_both_at_once_and_without_a_complaint(tmp_path: Path) -> None:
    words = [*DEMO, "--data", str(tmp_path)]
    demo = subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert until(lambda: watched_by(demo.pid), 60.0)
        (shop,) = watched_by(demo.pid)
        time.sleep(8.0)
        os.killpg(demo.pid, signal.SIGINT)
        said = demo.communicate(timeout=60.0)[1]
        assert not is_there(shop)
    finally:
        demo.kill()
    assert "the shop is open" in said
    assert "Traceback" not in said
    assert "Transient" not in said
