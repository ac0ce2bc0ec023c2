"""No violation of WCAG 2.2 AA or best practice, on every screen, in both themes and every state."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from tests.e2e.browser import Serve, record

pytestmark = pytest.mark.e2e

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

STATES = [
    ("full", "/", ""),
    ("full", "/", "t"),
    ("full", "/", "?"),
    ("full", "/incidents", ""),
    ("full", "/incidents?state=resolved&severity=low", ""),
    ("full", "/incidents?tier=frontend", ""),
    ("full", "/incidents?tier=cache", ""),
    ("full", f"/incidents/{1:024x}", ""),
    ("full", f"/incidents/{0:024x}", "t"),
    ("full", f"/incidents/{0:024x}", "n"),
    ("full", f"/incidents/{6:024x}", "e"),
    ("full", f"/incidents/{4:024x}", ""),
    ("full", "/incidents/none", ""),
    ("full", "/coverage", ""),
    ("full", "/coverage?technique=T1190&show=none,missed", ""),
    ("first", "/coverage", ""),
    ("full", "/nowhere", ""),
    ("starting", "/", ""),
    ("first", "/", ""),
    ("learning", "/", ""),
    ("calm", "/", ""),
    ("broken", "/", ""),
    ("trouble", "/", ""),
]

reviewed: Counter[str] = Counter()
"""What axe could not judge, by rule and reason: people look at those."""


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize(("scene", "path", "key"), STATES)
def test_has_no_violation(browser: Browser, serve: Serve, scene: str, path: str, key: str, theme: Any) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    page = context.new_page()
    page.goto(serve(scene) + path)
    expect(page.get_by_role("heading").first).to_be_visible()
    page.wait_for_timeout(300)
    if key:
        page.keyboard.press(key)
        page.wait_for_timeout(200)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
    context.close()
    reviewed.update(_doubts(found["incomplete"]))
    record("axe_incomplete", dict(reviewed))
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []


def _doubts(incomplete: list[dict[str, Any]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in incomplete:
        for node in one["nodes"]:
            reasons = [check["message"] for check in (*node["any"], *node["all"], *node["none"])]
            found[f"{one['id']}: {'; '.join(reasons)}"] += 1
    return found
