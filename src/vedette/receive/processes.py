"""Which programs are executed on this host: reads what `vedette.receive.sensor` writes, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import fcntl
from pathlib import Path
from select import POLLIN, poll
from threading import Event
from typing import IO, Final

from vedette.errors import Backpressure, ConfigError
from vedette.receive.base import Decode, Intake
from vedette.receive.sensor import SERVICE
from vedette.telemetry import metrics

SENSOR: Final = "vedette.receive.sensor"

PIPE: Final = 1 << 20
"""Bytes between sensor and reader: some 1,500 records, for when the journal is slow. Beyond it the sensor waits, and
what it misses then is counted as lost."""

F_SETPIPE_SZ: Final = 1031
"""fcntl of Linux; Python's module has it from 3.12 on."""

CHUNK: Final = 1 << 18
"""Bytes handed in at once at most."""

PAUSE: Final = 0.2
"""Seconds between looks whether to stop."""

RETRY: Final = 2.0
"""Seconds until a sensor that ended is started again."""


def require_linux(platform: str = sys.platform) -> None:
    """Return on Linux; elsewhere processes can't be watched, and `ConfigError` says so."""
    if platform != "linux":
        raise ConfigError([f"receive.processes: got true on {platform}, allowed on linux only"])


def watch_processes(decode: Decode, intake: Intake, clock: Callable[[], int], stop: Event) -> None:
    """Hand in what is started on this host until `stop` is set. Blocks; a sensor that ends is started again."""
    while not stop.is_set():
        with _sensor() as output:
            for lines in _pieces(output, stop):
                records = _told(lines)
                if records:
                    _hand_in(decode, intake, records, clock, stop)
        if not stop.is_set():
            metrics.PROCESS_SENSOR_FAILED.add()
            stop.wait(RETRY)


@contextmanager
def _sensor() -> Iterator[IO[bytes]]:
    """Start a sensor; it ends when its standard input is closed, which our own end does, too."""
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    process = subprocess.Popen(
        [sys.executable, "-m", SENSOR],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        fcntl(process.stdout, F_SETPIPE_SZ, PIPE)
        yield process.stdout
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()


def _pieces(output: IO[bytes], stop: Event) -> Iterator[bytes]:
    """Yield whole lines as they come, until the sensor ends or `stop` is set."""
    waiting, rest = poll(), b""
    waiting.register(output, POLLIN)
    while not stop.is_set():
        if not waiting.poll(PAUSE * 1000):
            continue
        data = os.read(output.fileno(), CHUNK)
        if not data:
            return
        whole, found, rest = (rest + data).rpartition(b"\n")
        if found:
            yield whole + found


def _told(lines: bytes) -> bytes:
    """Return the records, after counting what the sensor tells of itself."""
    if b"#" not in lines:
        return lines
    records = []
    for line in lines.splitlines(keepends=True):
        if not line.startswith(b"#"):
            records.append(line)
            continue
        word, name, *count = line[1:].decode().split()
        if word == "lost":
            metrics.PROCESSES_LOST.add(int(count[0]), name)
        else:
            metrics.PROCESS_SENSOR.set(1, name)
    return b"".join(records)


def _hand_in(decode: Decode, intake: Intake, lines: bytes, clock: Callable[[], int], stop: Event) -> None:
    """Return once the records are durable; come back while the journal is behind."""
    while not stop.is_set():
        try:
            intake.accept(decode(lines, clock()), SERVICE).result()
        except Backpressure as error:
            stop.wait(error.retry_after)
        else:
            return
