"""Watching real programs being executed, through the sensor's own process and the ordinary way in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from tests.interop.loopback import await_true

from vedette.decode.json_lines import JsonLines
from vedette.errors import Backpressure, ConfigError
from vedette.receive import processes as module
from vedette.receive.processes import require_linux, watch_processes
from vedette.receive.sensor import SERVICE, Notified, Polled, Way, hurry, record
from vedette.records import schema
from vedette.records.batch import Decoded
from vedette.telemetry import metrics

FIELDS = {
    "Image",
    "CommandLine",
    "CurrentDirectory",
    "User",
    "ProcessId",
    "ParentProcessId",
    "ParentImage",
    "ParentCommandLine",
}


class Kept:
    """An intake that keeps what came, and is behind as often as it is told."""

    def __init__(self, behind: int = 0) -> None:
        self.records: list[dict[str, Any]] = []
        self.bodies: list[str] = []
        self.behind = behind

    def accept(self, decoded: Decoded, source: str, digest: bytes | None = None) -> Future[int]:
        assert source == SERVICE
        if self.behind:
            self.behind -= 1
            raise Backpressure("behind", 0.05)
        assert decoded.dead == ()
        for batch in decoded.batches:
            self.records += map(json.loads, batch.columns.column(schema.RAW).to_pylist())
            self.bodies += batch.columns.column(schema.BODY).to_pylist()
        done: Future[int] = Future()
        done.set_result(1)
        return done

    def of(self, word: str) -> list[dict[str, Any]]:
        return [one for one in self.records if word in one["CommandLine"]]


@contextmanager
def watching(intake: Kept) -> Iterator[Event]:
    stop = Event()
    before = dict(metrics.PROCESS_SENSOR.items())
    metrics.PROCESS_SENSOR.set(0, "connector")
    metrics.PROCESS_SENSOR.set(0, "polling")
    thread = Thread(target=watch_processes, args=(JsonLines(SERVICE).decode, intake, time.time_ns, stop))
    thread.start()
    try:
        await_true(lambda: metrics.PROCESS_SENSOR.total() > 0, 20.0)
        yield stop
    finally:
        stop.set()
        thread.join(10.0)
        for labels, value in before.items():
            metrics.PROCESS_SENSOR.set(value, *labels)
    assert not thread.is_alive()


def test_a_program_is_recorded_with_its_parent_in_the_words_of_sigma(tmp_path: Path) -> None:
    intake = Kept()
    with watching(intake):
        subprocess.run(["sh", "-c", "sleep 0.31415; :"], cwd=tmp_path, check=True)
        await_true(lambda: bool(intake.of("0.31415") and intake.of("0.31415")[-1]["Image"].endswith("sleep")), 10.0)
    (found,) = [one for one in intake.of("0.31415") if one["CommandLine"] == "sleep 0.31415"]
    assert set(found) >= FIELDS
    assert (found["product"], found["category"]) == ("linux", "process_creation")
    assert found["Image"] == os.path.realpath("/bin/sleep")
    assert found["ParentCommandLine"] == "sh -c sleep 0.31415; :"
    assert found["ParentImage"] == os.path.realpath("/bin/sh")
    assert found["CurrentDirectory"] == str(tmp_path)


def test_what_is_kept_as_text_holds_no_argument() -> None:
    intake = Kept()
    with watching(intake):
        subprocess.run(["sleep", "0.2718"], check=True)
        await_true(lambda: bool(intake.of("0.2718")), 10.0)
    assert [body for body in intake.bodies if "0.2718" in body] == []
    assert [body for body in intake.bodies if body.endswith(f"started {os.path.realpath('/bin/sleep')}")]


def test_programs_that_end_at_once_are_seen_or_counted() -> None:
    intake, lost = Kept(), metrics.PROCESSES_LOST.total()
    with watching(intake):
        if not metrics.PROCESS_SENSOR.value("connector"):
            pytest.skip("the kernel does not tell of processes here, and what ends at once can't be seen by looking")
        subprocess.run(["sh", "-c", "for i in $(seq 200); do /bin/true marker-$i; done"], check=True)
        await_true(lambda: len(seen(intake)) + metrics.PROCESSES_LOST.total() - lost >= 200, 10.0)
    assert len(seen(intake)) >= 50


def seen(intake: Kept) -> set[str]:
    return {one["CommandLine"] for one in intake.of("marker-") if one["Image"].endswith("true")}


def test_records_wait_while_the_journal_is_behind() -> None:
    intake = Kept(behind=10)
    with watching(intake):
        subprocess.run(["sleep", "0.1618"], check=True)
        await_true(lambda: bool(intake.of("0.1618")), 10.0)
    assert intake.behind == 0


def test_a_sensor_that_ends_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY", 0.1)
    failed, intake = metrics.PROCESS_SENSOR_FAILED.total(), Kept()
    with watching(intake):
        (sensor,) = [pid for pid in map(int, children()) if b"receive.sensor" in command(pid)]
        os.kill(sensor, 9)
        await_true(lambda: metrics.PROCESS_SENSOR_FAILED.total() == failed + 1, 10.0)

        def recorded() -> bool:
            subprocess.run(["sleep", "0.1414"], check=True)
            return bool(intake.of("0.1414"))

        await_true(recorded, 20.0)


def children() -> list[str]:
    tasks = Path(f"/proc/{os.getpid()}/task").iterdir()
    return [pid for task in tasks for pid in (task / "children").read_text().split()]


def command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def test_the_sensor_ends_with_its_reader() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "vedette.receive.sensor"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline().startswith(b"#way ")
    process.stdin.close()
    assert process.wait(10.0) == 0
    process.stdout.close()


@pytest.mark.parametrize("make", [Notified, Polled])
def test_both_ways_tell_the_same(make: Callable[[], Way]) -> None:
    try:
        way = make()
    except OSError as error:
        pytest.skip(f"the kernel does not tell of processes here: {error}")
    child = subprocess.Popen(["sh", "-c", "sleep 1.2 & wait"])
    started: dict[str, Any] = {}
    until = time.monotonic() + 10.0
    while "sleep 1.2" not in started and time.monotonic() < until:
        started |= {process.command: (process, parent) for process, parent in way.read()}
    child.wait()
    process, parent = started["sleep 1.2"]
    assert process.image == os.path.realpath("/bin/sleep")
    assert parent is not None
    assert (parent.pid, parent.command) == (child.pid, "sh -c sleep 1.2 & wait")
    told = record(process, parent, 1_800_000_000_123_000_000, "web-1")
    assert (told["@timestamp"], told["host.name"]) == ("2027-01-15T08:00:00.123+00:00", "web-1")


def test_the_sensor_is_scheduled_before_others_where_that_is_allowed() -> None:
    process = subprocess.run(
        [
            sys.executable,
            "-c",
            f"from {hurry.__module__} import hurry; import os; hurry(); print(os.sched_getscheduler(0))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(process.stdout) & 0xFF in ((os.SCHED_FIFO,) if os.geteuid() == 0 else (os.SCHED_FIFO, os.SCHED_OTHER))


def test_elsewhere_than_on_linux_it_is_refused() -> None:
    require_linux("linux")
    with pytest.raises(ConfigError, match="got true on darwin, allowed on linux only"):
        require_linux("darwin")
