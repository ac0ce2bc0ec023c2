"""What runs on this host, as ``/proc`` tells it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MAX_COMMAND: Final = 32_768
"""Bytes of a command line that are kept; Linux takes megabytes."""

PROC: Final = "/proc"
DELETED: Final = " (deleted)"
"""What the kernel writes behind the name of a program whose file is gone."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process after it began to execute a program."""

    pid: int
    parent: int
    image: str
    command: str
    user: str
    folder: str


def read_process(pid: int, parent: int = 0) -> Process | None:
    """Return a process; None if it is gone, or is the kernel's own.

    Parameters
    ----------
    pid
        Its number.
    parent
        Its parent's, if known; else it is read, too.
    """
    place = f"{PROC}/{pid}"
    try:
        with open(f"{place}/cmdline", "rb", buffering=0) as file:  # noqa: PTH123
            words = file.read(MAX_COMMAND)
        if not words:
            return None
        image = _link(f"{place}/exe")
        folder = _link(f"{place}/cwd")
        user = user_name(os.stat(place).st_uid)  # noqa: PTH116
        parent = parent or _parent(place)
    except OSError:
        return None
    command = words.rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")
    return Process(pid, parent, image or command.partition(" ")[0], command, user, folder)


def _link(path: str) -> str:
    """Return where a link leads; nothing if that is not ours to see."""
    try:
        return os.readlink(path).removesuffix(DELETED)  # noqa: PTH115
    except PermissionError:
        return ""


def _parent(place: str) -> int:
    with open(f"{place}/stat", "rb", buffering=0) as file:  # noqa: PTH123
        return int(file.read(4096).rpartition(b")")[2].split()[1])


@lru_cache(maxsize=1024)
def user_name(uid: int) -> str:
    """Return a user's name, its number if it has none."""
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def pids() -> Iterator[int]:
    """Yield the numbers of all processes."""
    for name in os.listdir(PROC):  # noqa: PTH208
        if name.isdigit():
            yield int(name)


class Known:
    """Processes that live, by number, so that a parent is known also when it ended right after."""

    def __init__(self) -> None:
        self._by_pid = {pid: found for pid in pids() if (found := read_process(pid)) is not None}

    def __contains__(self, pid: int) -> bool:
        return pid in self._by_pid

    def forked(self, pid: int, parent: int) -> None:
        """Note a child; until it executes a program of its own it is what its parent is."""
        before = self._by_pid.get(parent)
        image, command, user, folder = (
            (before.image, before.command, before.user, before.folder) if before else ("", "", "", "")
        )
        self._by_pid[pid] = Process(pid, parent, image, command, user, folder)

    def executed(self, pid: int) -> Process | None:
        """Return the process after it began to execute a program, None if it is gone."""
        before = self._by_pid.get(pid)
        found = read_process(pid, before.parent if before else 0)
        if found is not None:
            self._by_pid[pid] = found
        return found

    def of(self, pid: int) -> Process | None:
        """Return what is known of a process."""
        return self._by_pid.get(pid)

    def ended(self, pid: int) -> None:
        """Forget a process."""
        self._by_pid.pop(pid, None)

    def only(self, alive: set[int]) -> None:
        """Forget all but some."""
        for pid in self._by_pid.keys() - alive:
            del self._by_pid[pid]
