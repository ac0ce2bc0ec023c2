"""A process of its own that writes a JSON line for each program that is executed on this host.

Programs often end within a millisecond, so whoever wants to read their command lines must not wait for anything: this
process does nothing else, loads nothing else, and asks to be scheduled before all others.

Records have the names of Sigma's taxonomy for ``product: linux, category: process_creation``. A line that begins with
``#`` tells of the sensor itself: the way it sees programs, and how many it could not.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from select import POLLIN, poll
from typing import Final, Protocol

from vedette.receive.connector import Connector, What
from vedette.receive.procfs import Known, Process, pids

SERVICE: Final = "processes"
"""``service.name`` of the records."""

WAIT: Final = 0.2
"""Seconds after which the reader is told what was lost, and its end is noticed."""

LOOK: Final = 0.05
"""Seconds between looks at ``/proc`` where the kernel does not tell: 2 % of a core with 200 processes."""

PRIORITY: Final = 1
"""The lowest of real time: before all ordinary processes."""

Started = tuple[Process, Process | None]
"""A process that began to execute a program, and its parent as far as known."""


class Way(Protocol):
    """How one learns of processes."""

    name: str
    lost: dict[str, int]
    """How many were not seen, by reason, as far as that can be known."""

    def read(self) -> Iterator[Started]:
        """Yield what was started since the last call, waiting a moment for it."""
        ...


class Notified:
    """Told by the kernel; misses programs that end before they can be looked at, and counts them.

    Raises
    ------
    OSError
        Where the kernel does not tell.
    """

    name = "connector"

    def __init__(self) -> None:
        self._connector = Connector()
        self._known = Known()
        self.lost = {"gone": 0, "overflow": 0}

    def read(self) -> Iterator[Started]:
        """Yield what was started."""
        for notice in self._connector.read(WAIT):
            if notice.what is What.FORK:
                self._known.forked(notice.pid, notice.parent)
            elif notice.what is What.EXIT:
                self._known.ended(notice.pid)
            elif (found := self._known.executed(notice.pid)) is not None:
                yield found, self._known.of(found.parent)
            else:
                self.lost["gone"] += 1
        self.lost["overflow"] = self._connector.lost


class Polled:
    """Looks itself; misses programs that live shorter than the time between two looks, and can't count them."""

    name = "polling"

    def __init__(self) -> None:
        self._known = Known()
        self._forked: set[int] = set()
        self.lost: dict[str, int] = {}

    def read(self) -> Iterator[Started]:
        """Yield what was started; a child that is still what its parent is may just be about to execute another."""
        time.sleep(LOOK)
        alive = set(pids())
        again, self._forked = self._forked & alive, set()
        for pid in [pid for pid in alive if pid not in self._known or pid in again]:
            found = self._known.executed(pid)
            parent = None if found is None else self._known.of(found.parent)
            if found is None:
                continue
            if parent is not None and parent.command == found.command and pid not in again:
                self._forked.add(pid)
            else:
                yield found, parent
        self._known.only(alive)


def find_way() -> Way:
    """Return the better of the ways that work here."""
    try:
        return Notified()
    except OSError:
        return Polled()


def record(process: Process, parent: Process | None, moment: int, host: str) -> dict[str, object]:
    """Return a record; `moment` is epoch nanoseconds.

    ``message`` holds programs only, no arguments: it is what is kept and learned from.
    """
    values = {
        "@timestamp": datetime.fromtimestamp(moment / 1e9, UTC).isoformat(timespec="milliseconds"),
        "service.name": SERVICE,
        "product": "linux",
        "category": "process_creation",
        "host.name": host,
        "message": f"{parent.image if parent else 'unknown'} started {process.image}",
        "user.name": process.user,
        "User": process.user,
        "Image": process.image,
        "CommandLine": process.command,
        "CurrentDirectory": process.folder,
        "ProcessId": process.pid,
        "ParentProcessId": process.parent,
        "ParentImage": parent.image if parent else None,
        "ParentCommandLine": parent.command if parent else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def hurry() -> None:
    """Ask to be scheduled before ordinary processes: in real time, else as nice as can be; without the right, not.

    Of 300 programs that end within a millisecond, started one after another on a busy machine of two cores, all
    were seen in real time, 282 with the best niceness, 106 without either (docs/benchmarks.md).
    """
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
    except OSError:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, -20)


def run(reader: int, out: int) -> None:
    """Write lines to the file descriptor `out` until `reader`, the other's end of a pipe, is closed."""
    way, host = find_way(), platform.node()
    told: dict[str, int] = {}
    hurry()
    _write(out, f"#way {way.name}\n".encode())
    gone = poll()
    gone.register(reader, POLLIN)
    while not gone.poll(0):
        for process, parent in way.read():
            _write(out, json.dumps(record(process, parent, time.time_ns(), host)).encode() + b"\n")
        for reason, count in way.lost.items():
            if count != told.get(reason, 0):
                _write(out, f"#lost {reason} {count - told.get(reason, 0)}\n".encode())
                told[reason] = count


def _write(out: int, line: bytes) -> None:
    while line:
        line = line[os.write(out, line) :]


if __name__ == "__main__":
    try:
        run(sys.stdin.fileno(), sys.stdout.fileno())
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)
