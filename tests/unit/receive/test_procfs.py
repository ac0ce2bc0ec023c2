"""Processes as /proc tells them: real ones."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.receive.procfs import Known, pids, read_process, user_name


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    code = "print('ready', flush=True); input()"
    words = [sys.executable, "-c", code, "two words", "", b"\xff".decode("utf-8", "surrogateescape")]
    process = subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    yield process
    process.communicate(b"\n")


def test_a_process_is_read_with_all_of_it(child: subprocess.Popen[bytes], tmp_path: Path) -> None:
    found = read_process(child.pid)
    assert found is not None
    assert (found.pid, found.parent) == (child.pid, os.getpid())
    assert found.image == os.path.realpath(sys.executable)
    assert (
        found.command == f"{sys.executable} -c print('ready', flush=True); input() two words  \N{REPLACEMENT CHARACTER}"
    )
    assert (found.user, found.folder) == (user_name(os.geteuid()), str(tmp_path))


def test_what_is_gone_or_the_kernels_own_is_none(child: subprocess.Popen[bytes]) -> None:
    assert read_process(1 << 22) is None
    kernel = [pid for pid in pids() if Path(f"/proc/{pid}/cmdline").read_bytes() == b""][:1]
    assert [read_process(pid) for pid in kernel] == [None] * len(kernel)


def test_a_user_without_a_name_is_its_number() -> None:
    assert user_name(0) == "root"
    assert user_name(3_999_999_999) == "3999999999"


def test_a_parent_is_known_after_it_ended(child: subprocess.Popen[bytes]) -> None:
    known = Known()
    parent = known.of(child.pid)
    assert parent is not None
    known.forked(1 << 22, child.pid)
    known.ended(child.pid)
    heir = known.of(1 << 22)
    assert heir is not None
    assert (heir.parent, heir.image, heir.command) == (child.pid, parent.image, parent.command)
    known.only({1 << 22})
    assert os.getpid() not in known
    assert 1 << 22 in known
