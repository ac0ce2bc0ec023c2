"""``vedette up`` in a process of its own, for tests that need the product behind the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.e2e.browser import ROOT

ADDRESS = re.compile(r"http://[^ \n]+")
PATIENCE = 240.0


def started(folder: Path, settings: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a server on a data folder; `settings` are options by name."""
    command = [sys.executable, "-m", "vedette.cli.main", "up", "--data", str(folder), "--listen", "127.0.0.1:0"]
    named = {f"VEDETTE_{name.replace('.', '_').upper()}": value for name, value in (settings or {}).items()}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "120", **named},
    )


def address_of(process: subprocess.Popen[str]) -> str:
    """Return the address that a server says it listens on."""
    assert process.stderr is not None
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        line = process.stderr.readline()
        found = ADDRESS.search(line)
        if found:
            return found[0]
        if not line and process.poll() is not None:
            break
    pytest.fail(f"vedette up printed no address; exit code {process.poll()}")


@contextmanager
def running(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Give the address of a server that is ready."""
    process = started(folder, settings)
    try:
        address = address_of(process)
        deadline = time.monotonic() + PATIENCE
        while httpx.get(f"{address}/-/ready").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)
