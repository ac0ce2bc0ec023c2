"""A real browser against real servers: Debian's Chromium, uvicorn in processes of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tests.e2e.browser import CHROMIUM, FLAGS, Serve, Watched, lacking, server

from vedette.ui.assets import built_page

expect.set_options(timeout=20_000)
"""A machine that is busy with other things must not fail a test of what is shown."""


@pytest.fixture(scope="session", autouse=True)
def tools() -> None:
    """Chromium and the built page."""
    if not Path(CHROMIUM).exists():
        lacking("Chromium is not here: make e2e-setup")
    if not built_page():
        lacking("the page is not built: make page")


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Options of the browser, for pytest-playwright."""
    return {"executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Give the address of a scene's server; each set of options is started once."""
    running: dict[tuple[str, ...], tuple[Any, str]] = {}

    def start(scene: str = "full", *options: str) -> str:
        key = ("--scene", scene, *options)
        if key not in running:
            context = server(*key)
            running[key] = (context, context.__enter__())
        return running[key][1]

    yield start
    for context, _ in running.values():
        context.__exit__(None, None, None)


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A page in a context of its own, dark, 1440 wide."""
    context = browser.new_context(viewport={"width": 1440, "height": 960}, color_scheme="dark")
    yield Watched(context.new_page())
    context.close()
