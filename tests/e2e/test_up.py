"""``vedette up`` itself: the page is there, and Ctrl-C ends it although tabs are open."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.browser import Watched
from tests.e2e.real import address_of, started

pytestmark = pytest.mark.e2e


@pytest.fixture
def up(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A server on a data folder of its own."""
    process = started(tmp_path)
    yield process
    if process.poll() is None:
        process.kill()
    process.wait(10)


def test_a_fresh_server_shows_the_first_run(up: subprocess.Popen[str], watched: Watched) -> None:
    page = watched.page
    page.goto(address_of(up))
    expect(page.get_by_role("heading", name="Getting to know your system")).to_be_visible()
    expect(page.get_by_text("waiting … received 0")).to_be_visible()
    assert watched.complaints == []


def test_ctrl_c_ends_it_soon_with_tabs_open(up: subprocess.Popen[str], browser: Browser) -> None:
    base = address_of(up)
    context = browser.new_context()
    for _ in range(3):
        page = context.new_page()
        page.goto(base)
        expect(page.get_by_text("● live")).to_be_visible()
    up.send_signal(signal.SIGINT)
    up.wait(30)  # a hang, not a slow machine, is what this looks for; about a second here
    context.close()
