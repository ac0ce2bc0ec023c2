"""The keyboard: moving, judging, leaving; and nothing of that while typing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.e2e.browser import Serve, Watched, lanes_painted, server

pytestmark = pytest.mark.e2e

STATUS = "p[role=status][aria-live=polite]"


@pytest.fixture
def site() -> Iterator[str]:
    """A server of this test's own, for verdicts stay; nothing changes by itself."""
    with server("--rate", "0") as base:
        yield base


def test_g_and_a_letter_go_to_screens(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Incidents", level=1)).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def test_j_k_enter_and_escape_walk_through_incidents(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/incidents")
    page.locator("[data-incident]").first.wait_for()
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/incidents/{1:024x}"))
    expect(page.get_by_role("heading", name="How it developed")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Incidents", level=1)).to_be_visible()


def test_incidents_of_a_tier_are_chosen_by_the_keyboard_and_all_come_back(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/incidents")
    button = page.get_by_role("group", name="Tier").get_by_role("button", name="frontend")
    expect(button).to_have_attribute("aria-pressed", "false")
    rows = page.locator("[data-incident]")
    rows.first.wait_for()
    before = rows.count()
    page.get_by_role("group", name="Severity").get_by_role("button").last.focus()
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("tier=frontend"))
    expect(rows.filter(has_not_text="· frontend")).to_have_count(0)
    assert 0 < rows.count() < before
    page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(rows).to_have_count(before)


@pytest.mark.parametrize(("key", "verdict"), [("y", "real"), ("e", "expected"), ("n", "noise")])
def test_a_verdict_is_shown_then_stored_spoken_and_undone(watched: Watched, site: str, key: str, verdict: str) -> None:
    page = watched.page
    page.goto(f"{site}/incidents/{3:024x}")
    button = page.get_by_role("button", name=re.compile(f"^{verdict}", re.I))
    expect(button).to_have_attribute("aria-pressed", "false")
    page.keyboard.press(key)
    preview = page.get_by_role("region", name=re.compile(f"“{verdict}” would do"))
    expect(preview).to_contain_text("hides nothing" if verdict == "real" else "14 findings and 2 of 200 incidents")
    expect(page.locator(STATUS)).to_contain_text("Press again to confirm")
    expect(button).to_have_attribute("aria-pressed", "false")
    page.keyboard.press(key)
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(preview).to_have_count(0)
    expect(page.locator(STATUS)).to_contain_text(f"Verdict: {verdict}")
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Undo").click()
    expect(button).to_have_attribute("aria-pressed", "false")
    expect(page.locator(STATUS)).to_contain_text("taken back")


def test_escape_leaves_a_verdict_and_not_the_incident(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/incidents/{3:024x}")
    expect(page.get_by_role("button", name="Noise")).to_be_visible()
    page.keyboard.press("n")
    preview = page.get_by_role("region", name=re.compile("would do"))
    expect(preview).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_role("region", name=re.compile("“expected” would do"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(preview).to_have_count(0)
    expect(page.get_by_role("button", name="Expected")).to_have_attribute("aria-pressed", "false")
    assert page.url.endswith(f"/incidents/{3:024x}")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Incidents", level=1)).to_be_visible()


def test_what_would_hide_a_true_positive_has_to_be_said_by_name(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/incidents/{6:024x}")
    page.get_by_role("button", name="Noise").click()
    preview = page.get_by_role("region", name=re.compile("would do"))
    expect(preview).to_contain_text("It takes findings from 1 of 3 incidents judged real, which would have stayed")
    expect(preview.get_by_role("link", name=f"{2:024x}"[:12])).to_be_visible()
    preview.get_by_role("button", name="noise nevertheless").click()
    expect(page.get_by_role("button", name=re.compile("^Noise"))).to_have_attribute("aria-pressed", "true")


def test_a_verdict_acts_on_the_incident_beside_the_overview(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(site)
    lanes_painted(page)
    page.locator("[data-incident]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="Noise")).to_be_visible()
    page.wait_for_timeout(500)  # a verdict is for the incident that is shown, once it is
    page.keyboard.press("n")
    page.get_by_role("button", name="Confirm: noise").click()
    expect(page.locator("[data-incident].chosen")).to_contain_text("noise")


def test_keys_do_nothing_while_typing_or_when_switched_off(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/incidents/{3:024x}")
    noise = page.get_by_role("button", name="Noise")
    expect(noise).to_be_visible()
    page.evaluate("document.querySelector('main').append(document.createElement('input'))")
    page.locator("main > input").fill("")
    page.locator("main > input").press_sequentially("ynegi?")
    assert page.locator("main > input").input_value() == "ynegi?"
    expect(noise).to_have_attribute("aria-pressed", "false")
    page.locator("main > input").blur()
    page.keyboard.press("?")
    page.get_by_label("Single keys act").uncheck()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    page.wait_for_timeout(300)
    expect(noise).to_have_attribute("aria-pressed", "false")


def test_a_refused_verdict_says_so(watched: Watched, site: str) -> None:
    page = watched.page
    # before the page is loaded: once it lives, the first request may pass before the route is in force
    page.route("**/verdict", lambda route: route.fulfill(status=503, json={"detail": "the disk is full"}))
    page.goto(f"{site}/incidents/{3:024x}")
    expect(page.get_by_role("button", name="Noise")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("the disk is full")
