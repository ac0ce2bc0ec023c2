"""Nothing leaves the origin, nothing runs that is not ours, and what attackers wrote stays text."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import expect
from tests.e2e import seeded
from tests.e2e.browser import Serve, Watched

pytestmark = pytest.mark.e2e

HOSTILE = [f"{1 + 8 * number:024x}" for number in range(len(seeded.HOSTILE))]
"""Ids of incidents that carry one hostile text each."""

SCREENS = ["/", "/incidents", f"/incidents/{0:024x}", f"/incidents/{1:024x}", "/coverage?technique=T1190", "/nowhere"]


@pytest.mark.parametrize("path", SCREENS)
def test_nothing_leaves_the_origin(watched: Watched, serve: Serve, path: str) -> None:
    base = serve()
    watched.page.goto(base + path)
    expect(watched.page.get_by_role("heading").first).to_be_visible()
    watched.page.wait_for_timeout(600)
    assert {urlsplit(url).netloc for url in watched.requests} == {urlsplit(base).netloc}
    assert watched.page.context.cookies() == []


@pytest.mark.parametrize("path", SCREENS)
def test_no_screen_complains_under_the_strict_policy(watched: Watched, serve: Serve, path: str) -> None:
    watched.page.goto(serve() + path)
    expect(watched.page.get_by_role("heading").first).to_be_visible()
    for key in ("t", "t", "?"):
        watched.page.keyboard.press(key)
        watched.page.wait_for_timeout(200)
    assert watched.complaints == []


@pytest.mark.parametrize(
    "path",
    ["/", "/api/v1/status", "/api/v1/nothing", "/metrics", "/-/healthy", "/assets/none.js", "/api/v1/lanes?since=x"],
)
def test_every_response_carries_the_policy(serve: Serve, path: str) -> None:
    headers = httpx.get(serve() + path).headers
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("identity", HOSTILE)
def test_hostile_text_stays_text_on_an_incident(watched: Watched, serve: Serve, identity: str) -> None:
    page = watched.page
    page.goto(f"{serve()}/incidents/{identity}")
    expect(page.get_by_role("heading", name="How it developed")).to_be_visible()
    page.keyboard.press("t")
    page.wait_for_timeout(300)
    assert "owned" not in page.title() or "<" in page.title() or "javascript:" in page.title()
    assert page.locator("main img, main script, main iframe, svg[onload]").count() == 0
    assert page.locator("a[href^='javascript:']").count() == 0
    assert watched.complaints == []


@pytest.mark.parametrize(("text", "mark"), [(seeded.BIDI, "⟨U+202E⟩"), (seeded.ANSI, "⟨U+001B⟩")])
def test_characters_that_lie_are_shown_as_marks(watched: Watched, serve: Serve, text: str, mark: str) -> None:
    page = watched.page
    page.goto(f"{serve()}/incidents/{HOSTILE[seeded.HOSTILE.index(text)]}")
    evidence = page.get_by_role("region", name="Lines of evidence")
    expect(evidence).to_contain_text(mark)
    assert not {"\u202e", "\x1b"} & set(page.locator("body").inner_text())


def test_markup_in_a_segments_name_stays_text_in_lanes_list_and_card(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    expect(page.locator("ol li", has_text="<img src=x")).to_have_count(1)
    expect(page.locator("[data-incident]", has_text="<img src=x").first).to_be_visible()
    assert page.locator("main img").count() == 0
    assert page.title().endswith("Overview · Vedette")


def test_the_page_works_from_the_cache_of_its_own_server_alone(watched: Watched, serve: Serve) -> None:
    """Every name but the server's own leads nowhere."""
    page, base = watched.page, serve()
    page.route(lambda url: not url.startswith(base), lambda route: route.abort())
    page.goto(base)
    expect(page.get_by_role("heading", name="Anomalies by segment")).to_be_visible()
    assert watched.complaints == []
