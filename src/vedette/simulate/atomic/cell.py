"""How a test's processes are kept apart: as nobody, without network, in a process namespace that dies with them.

util-linux does the work: ``unshare`` gives network, process and mount namespaces of their own, ``setpriv`` takes
root and all capabilities away for good, ``prlimit`` bounds what is written and started.

Notes
-----
Fails where namespaces are forbidden, as in many containers: then `Cell.isolated` is False, the network is not cut
off, and what a test leaves running is ended as its process group only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from select import POLLHUP, POLLIN, poll
from shutil import which
from typing import IO, Final

from vedette.errors import ConfigError

NOBODY: Final = 65_534
"""User and group without any rights, on every Linux."""

TOOLS: Final = ("unshare", "setpriv", "prlimit")

MAX_FILE: Final = 16 << 20
"""Bytes that a test may write to a file."""

MAX_TASKS: Final = 512
"""Processes and threads that the test's user may have: a fork bomb ends here; Linux counts the user's others, too."""

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: exit code (negative: killed by that signal), output, and what stopped it, if anything."""

    exit: int
    output: bytes
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where commands run.

    Parameters
    ----------
    prefix
        Words in front of every command.
    uid
        Of the user that it runs as.
    isolated
        Whether it has no network, and nothing of it outlives it.
    """

    prefix: tuple[str, ...]
    uid: int
    isolated: bool

    def run(self, executor: str, command: str, folder: Path, timeout: float, limit: int) -> Ended:
        """Run a command in a folder, with a minimal environment and nothing to read; kill it after `timeout` seconds.

        Output beyond `limit` bytes (both streams together) kills it, too.
        """
        words = [*self.prefix, executor, "-c", command]
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert process.stdout is not None
        with process.stdout as stream:
            output, stopped = _drain(stream, process, time.monotonic() + timeout, limit)
            _end(process)
        return Ended(process.wait(), output, stopped)


def make_cell() -> Cell:
    """Return the strictest cell that this machine allows.

    Raises
    ------
    ConfigError
        If util-linux's tools are missing.
    """
    missing = [name for name in TOOLS if which(name, path=PATH) is None]
    if missing:
        raise ConfigError([f"{', '.join(missing)}: not found, expected the package util-linux"])
    root = os.geteuid() == 0
    uid = NOBODY if root else os.geteuid()
    namespaces = ("--net", "--pid", "--fork", "--kill-child", "--mount-proc")
    user = () if root else ("--user", "--map-current-user")
    apart = ("unshare", *user, *namespaces, "--")
    drop = ("setpriv", *_identity(root), "--no-new-privs", "--inh-caps=-all", "--")
    bound = ("prlimit", f"--fsize={MAX_FILE}", f"--nproc={MAX_TASKS}", "--core=0", "--")
    cell = Cell((*apart, *drop, *bound), uid, True)
    return cell if _works(cell) else Cell((*drop, *bound), uid, False)


def _identity(root: bool) -> tuple[str, ...]:
    if not root:
        return ()
    return (f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--bounding-set=-all")


def _works(cell: Cell) -> bool:
    ended = cell.run("sh", "exit 3", Path("/"), timeout=10.0, limit=4096)
    return ended.exit == 3


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": PATH, "HOME": str(folder), "TMPDIR": str(folder), "SHELL": "/bin/sh", "LANG": "C.UTF-8"}


def _drain(stream: IO[bytes], process: subprocess.Popen[bytes], deadline: float, limit: int) -> tuple[bytes, str]:
    """Return output until its end, the deadline or the limit; a child that keeps the pipe open holds nobody up."""
    waiting, output = poll(), bytearray()
    waiting.register(stream, POLLIN | POLLHUP)
    while time.monotonic() < deadline:
        if waiting.poll(100):
            data = os.read(stream.fileno(), 65_536)
            output += data
            if not data:
                return bytes(output), "" if _gone(process, deadline) else "timeout"
        elif process.poll() is not None:
            return bytes(output), ""
        if len(output) > limit:
            return bytes(output[:limit]), "output limit"
    return bytes(output), "timeout"


def _gone(process: subprocess.Popen[bytes], deadline: float) -> bool:
    try:
        process.wait(max(deadline - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a command, in its session's process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
