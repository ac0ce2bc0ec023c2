"""Messages of the process connector, byte by byte as the kernel writes them; and a real kernel's, where it tells."""

from __future__ import annotations

import os
import subprocess
from struct import pack

import pytest

from vedette.receive.connector import Connector, Notice, Told, What, read_notice


def message(what: int, *numbers: int, processor: int = 0, number: int = 0, group: int = 1) -> bytes:
    data = pack("=IIQ", what, processor, 123) + pack(f"={len(numbers)}I", *numbers).ljust(24, b"\0")
    head = pack("=IIIIHH", group, 1, number, 0, len(data), 0)
    return pack("=IHHII", 16 + len(head) + len(data), 3, 0, 0, 0) + head + data


@pytest.mark.parametrize(
    ("data", "notice"),
    [
        (message(1, 10, 10, 20, 20), Notice(What.FORK, 20, 10)),
        (message(1, 11, 10, 20, 20), Notice(What.FORK, 20, 10)),
        (message(2, 20, 20), Notice(What.EXEC, 20)),
        (message(2, 21, 20), Notice(What.EXEC, 20)),
        (message(0x80000000, 20, 20, 0, 17), Notice(What.EXIT, 20)),
    ],
)
def test_processes_are_told_by_their_number(data: bytes, notice: Notice) -> None:
    assert read_notice(data) == Told(notice, 0, 0)


@pytest.mark.parametrize("data", [message(1, 10, 10, 21, 20), message(0x80000000, 21, 20), message(4, 20, 20, 0, 0)])
def test_threads_and_changes_of_user_count_but_are_no_notices(data: bytes) -> None:
    assert read_notice(data) == Told(None, 0, 0)


@pytest.mark.parametrize("data", [b"", message(2, 20, 20)[:60], message(2, 20, 20, group=7), b"\xff" * 100])
def test_what_is_no_message_is_passed_over(data: bytes) -> None:
    assert read_notice(data) is None


def test_gaps_in_the_numbers_of_a_processor_are_counted_as_lost() -> None:
    connector = Connector.__new__(Connector)
    connector.lost, connector._numbers = 0, {}
    for processor, number in [(0, 0xFFFFFFFE), (1, 5), (0, 0xFFFFFFFF), (0, 0), (1, 9), (0, 3)]:
        told = read_notice(message(2, 20, 20, processor=processor, number=number))
        assert told is not None
        connector._count(told)
    assert connector.lost == 3 + 2


def test_a_real_kernel_tells_of_fork_exec_and_exit() -> None:
    try:
        connector = Connector()
    except OSError as error:
        pytest.skip(f"the kernel does not tell of processes here: {error}")
    child = subprocess.Popen(["sleep", "0.1"])
    child.wait()
    mine = []
    while not mine or mine[-1].what is not What.EXIT:
        found = connector.read(1.0)
        assert found
        mine += [notice for notice in found if notice.pid == child.pid]
    connector.close()
    assert [notice.what for notice in mine] == [What.FORK, What.EXEC, What.EXIT]
    assert mine[0].parent == os.getpid()
