"""What the tests in the browser share."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / ".artifacts"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Serve = Callable[..., str]


def lacking(reason: str) -> NoReturn:
    """Skip, or fail where the environment promises that everything is here."""
    if os.environ.get("VEDETTE_REQUIRE_E2E"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def server(*options: str) -> Iterator[str]:
    """Run the seeded server; gives its address."""
    command = [sys.executable, "-m", "tests.e2e.fake_server", *options]
    ARTIFACTS.mkdir(exist_ok=True)
    with (ARTIFACTS / "server.log").open("a") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


class Watched:
    """A page, and everything that it complained of or asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)


def record(name: str, figures: dict[str, Any]) -> None:
    """Keep figures for people: they depend on the machine, so no test asserts them."""
    folder = ARTIFACTS / "measures"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(figures, indent=1, sort_keys=True))


def lanes_painted(page: Page) -> None:
    """Wait until the swim lanes stand."""
    page.locator("canvas[data-painted]").wait_for()
