"""``vedette up`` itself: the page is there, and Ctrl-C ends it although tabs are open."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.browser import ROOT, Watched

pytestmark = pytest.mark.e2e

ADDRESS = re.compile(r"http://[^ \n]+")


@pytest.fixture
def up(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A server on a data folder of its own."""
    command = [sys.executable, "-m", "vedette.cli.main", "up", "--data", str(tmp_path), "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "120"},
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(10)


def test_a_fresh_server_shows_the_first_run(up: subprocess.Popen[str], watched: Watched) -> None:
    page = watched.page
    page.goto(_address(up))
    expect(page.get_by_role("heading", name="Getting to know your system")).to_be_visible()
    expect(page.get_by_text("waiting … received 0")).to_be_visible()
    assert watched.complaints == []


def test_ctrl_c_ends_it_soon_with_tabs_open(up: subprocess.Popen[str], browser: Browser) -> None:
    base = _address(up)
    context = browser.new_context()
    for _ in range(3):
        page = context.new_page()
        page.goto(base)
        expect(page.get_by_text("● live")).to_be_visible()
    up.send_signal(signal.SIGINT)
    up.wait(30)  # a hang, not a slow machine, is what this looks for; about a second here
    context.close()


def _address(process: subprocess.Popen[str]) -> str:
    """Return the address that the server says it listens on."""
    assert process.stderr is not None
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        line = process.stderr.readline()
        found = ADDRESS.search(line)
        if found:
            return found[0]
        if not line and process.poll() is not None:
            break
    pytest.fail(f"vedette up printed no address; exit code {process.poll()}")
