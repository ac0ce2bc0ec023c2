"""Messages as pictures: nothing is cut, everything can be read, by day and night, on a desk and on a phone.

The pictures are left in ``.artifacts/letters`` for people to look at. Mails are what is sent; chat and paging services
are drawn by `tests.e2e.letters`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from tests.e2e.browser import ARTIFACTS
from tests.e2e.letters import pagerduty_page, slack_page, teams_page
from tests.e2e.seeded import HOSTILE, NOW

from vedette.notify.digest import digest
from vedette.notify.html import html
from vedette.notify.message import Message, message
from vedette.notify.pagerduty import event
from vedette.notify.sample import sample
from vedette.notify.slack import slack
from vedette.notify.teams import teams
from vedette.notify.words import Words
from vedette.records.time import SECOND

pytestmark = pytest.mark.e2e

Document = dict[str, Any]

WORDS: Final = Words("https://vedette.example.com")
CUT: Final = """() => [...document.querySelectorAll('body *')].filter(one => one.scrollWidth > one.clientWidth + 1
  && one.clientWidth > 0 && getComputedStyle(one).display !== 'inline').map(one => one.outerHTML.slice(0, 200))"""
"""What is wider than the room that it has."""


def deployed() -> Document:
    """Return an incident that began at a deploy, and is told with all that there is."""
    made = sample(NOW)
    pair = ("a regression since deploy “shop 2.4.0” at 09:55 UTC", "the new normal since deploy “shop 2.4.0”")
    past = {"id": "i0", "title": "slow", "started_at": "2026-11-20T10:05:00.000Z", "verdict": "real"}
    return {**made, "explanation": {**made["explanation"], "hypotheses": list(pair)}, "similar": [past]}


def hostile() -> Document:
    """Return an incident whose every text tries to be more, or to be wider than any page."""
    made, text = sample(NOW), " ".join((*HOSTILE, "w" * 300, "1" * 200, f"1–{'9' * 200} ms"))
    parts = [{**part, "text": text, "counterfactual": text} for part in made["explanation"]["contributions"]]
    why = {**made["explanation"], "paragraph": text, "contributions": parts, "lowered": [text]}
    return {**made, "title": text, "segment": text, "entities": [text], "explanation": why}


LETTERS: Final = {
    "deploy": deployed(),
    "over": sample(NOW, "resolved"),
    "hostile": hostile(),
    "digest": digest("d1", NOW - 86_400 * SECOND, NOW, [sample(NOW), sample(NOW, "resolved")]),
}

CHANNELS: Final[dict[str, Callable[[Document, Message, bool], str]]] = {
    "email": lambda document, letter, dark: html(letter),
    "slack": lambda document, letter, dark: slack_page(slack(letter), dark),
    "teams": lambda document, letter, dark: teams_page(teams(letter)),
    "pagerduty": lambda document, letter, dark: pagerduty_page(event(document, letter, "key")),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [800, 375])
@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_it_fits_can_be_read_and_says_where_to_read_on(
    browser: Browser, channel: str, name: str, width: int, scheme: Any
) -> None:
    if channel == "pagerduty" and name == "digest":
        pytest.skip("it takes no digests")
    document = LETTERS[name]
    letter = message(document, WORDS)
    context = browser.new_context(viewport={"width": width, "height": 600}, color_scheme=scheme)
    page = context.new_page()
    page.set_content(CHANNELS[channel](document, letter, scheme == "dark"))
    folder = ARTIFACTS / "letters"
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{channel}-{name}-{width}-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CUT) == []
    assert page.locator(f"a[href='{letter.link}']").is_visible()
    assert page.title() != "owned"
    shown = " ".join(page.inner_text("body").split())
    if name != "hostile":
        assert letter.title in shown
        assert all(part.text in shown and part.note in shown for part in letter.parts)
        assert all(note in shown for note in letter.notes)
    if channel == "email":
        found = Axe().run(page, options={"runOnly": {"type": "rule", "values": ["color-contrast"]}}).response
        assert [node["html"] for one in found["violations"] for node in one["nodes"]] == []
    context.close()


def test_a_message_says_what_it_may_be_how_it_ended_and_what_to_do_next() -> None:
    began, over = message(LETTERS["deploy"], WORDS), message(LETTERS["over"], WORDS)
    assert began.notes[0] == "It may be a regression since deploy “shop 2.4.0” at 09:55 UTC."
    assert over.notes[0] == "How it ended: p95 latency 1.84 s."
    for letter in (began, over):
        assert letter.notes[-1].startswith("Look at it, then say on its page what it was: real, expected or noise;")
