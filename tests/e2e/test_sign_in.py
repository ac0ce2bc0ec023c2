"""Once there is a key, the page asks for one, works with it, and says what is wrong with another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.e2e.browser import Watched
from tests.e2e.test_axe import RULES
from tests.interop.server import RunningServer

from vedette.receive.keys import Keys

pytestmark = pytest.mark.e2e

LISTEN = """
window.said = [];
window.SharedWorker = class extends SharedWorker {
  constructor(...given) {
    super(...given);
    const send = this.port.postMessage.bind(this.port);
    this.port.postMessage = (message) => { said.push(message); send(message); };
  }
};
"""
"""Keeps what the page says to its worker."""


class Locked:
    """A server that has a key."""

    def __init__(self, folder: Path) -> None:
        self.keys = Keys(folder / "keys.json")
        self.key = self.keys.create("page", ("read",))
        self.server = RunningServer(folder)

    @property
    def url(self) -> str:
        return self.server.url


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    """A server that lets nobody in without a key."""
    found = Locked(tmp_path_factory.mktemp("locked"))
    found.server.start()
    yield found
    found.server.stop()


def test_a_key_opens_the_page_and_signing_out_closes_it(watched: Watched, locked: Locked) -> None:
    page = watched.page
    page.goto(locked.url)
    field = page.get_by_label("Key", exact=True)
    expect(field).to_be_focused()
    assert page.context.cookies() == []
    page.keyboard.type("vdt_0_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This key is not known here: mistyped, or revoked.")
    expect(field).to_be_focused()
    page.keyboard.type(locked.keys.create("sender", ("ingest",)))
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This key may not read: it lacks the scope read.")
    assert page.context.cookies() == []
    _sign_in(page, locked.key)
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["secure"]) == (True, "Strict", False)
    page.reload()
    expect(page.get_by_text("● live")).to_be_visible()
    assert page.evaluate("document.cookie") == ""
    assert locked.key not in page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    page.get_by_role("button", name="Sign out").click()
    expect(field).to_be_visible()
    assert page.context.cookies() == []
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


def test_an_open_page_asks_again_once_its_key_is_revoked(watched: Watched, locked: Locked) -> None:
    key = locked.keys.create("guest", ("read",))
    watched.page.goto(locked.url)
    _sign_in(watched.page, key)
    locked.keys.revoke(key.split("_")[1])
    expect(watched.page.get_by_label("Key", exact=True)).to_be_focused(timeout=10_000)
    expect(watched.page.get_by_text("● live")).to_have_count(0)
    _sign_in(watched.page, locked.key)


def test_a_page_that_asks_for_a_key_leaves_the_stream(watched: Watched, locked: Locked) -> None:
    """Or its worker would be refused every few seconds, for as long as the form stands."""
    watched.page.add_init_script(LISTEN)
    watched.page.goto(locked.url)
    expect(watched.page.get_by_label("Key", exact=True)).to_be_visible()
    watched.page.wait_for_function("JSON.stringify(said) === '[\"leave\"]'")
    _sign_in(watched.page, locked.key)
    assert watched.page.evaluate("said") == []


def test_a_cookie_reads_and_changes_with_the_header_and_never_sends_telemetry(watched: Watched, locked: Locked) -> None:
    watched.page.goto(locked.url)
    _sign_in(watched.page, locked.keys.create("person", ("admin",)))
    ask, base = watched.page.context.request, locked.url
    guard = {"X-Vedette-CSRF": "1"}
    assert ask.get(f"{base}/api/v1/status").status == 200
    assert ask.get(f"{base}/metrics").status == 200
    verdict = f"{base}/api/v1/incidents/none/verdict"
    assert ask.post(verdict, data={"verdict": "real"}).status == 403
    assert ask.post(verdict, data={"verdict": "real"}, headers=guard).status == 404
    for path in ("/v1/logs", "/v1/traces", "/v1/metrics", "/api/v1/ingest"):
        assert ask.post(base + path, data={}, headers=guard).status == 401, path


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_form_has_no_violation_and_fits(browser: Browser, locked: Locked, theme: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
    page = context.new_page()
    page.route("**/api/v1/session", lambda route: route.fulfill(status=401, json={"detail": "wrong_key"}))
    page.goto(locked.url)
    field = page.get_by_label("Key", exact=True)
    expect(field).to_be_visible()
    found = _violations(page)
    field.fill("vdt_0_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).not_to_be_empty()
    found += _violations(page)
    page.unroute("**/api/v1/session")
    fits = page.evaluate("document.documentElement.scrollWidth") <= width
    _sign_in(page, locked.key)
    found += _violations(page)
    fits &= page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert (found, fits) == ([], True)


def test_too_many_wrong_keys_are_answered_with_how_long_to_wait(watched: Watched, locked: Locked) -> None:
    """The last test, for it shuts the door of this server."""
    page = watched.page
    page.goto(locked.url)
    field = page.get_by_label("Key", exact=True)
    expect(field).to_be_visible()
    tries = [page.context.request.post(f"{locked.url}/api/v1/session", data={"key": "x"}) for _ in range(10)]
    assert tries[-1].status == 429 or all(one.status == 401 for one in tries)
    field.fill(locked.key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("10 wrong keys within a minute; wait")


def _sign_in(page: Page, key: str) -> None:
    page.get_by_label("Key", exact=True).fill(key)
    page.keyboard.press("Enter")
    expect(page.get_by_text("● live")).to_be_visible()


def _violations(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
