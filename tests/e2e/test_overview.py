"""The overview: it paints quickly, and a picked cell filters everything."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from tests.e2e import seeded
from tests.e2e.browser import Serve, Watched, lanes_painted, record

from vedette.ui.assets import built_page

pytestmark = pytest.mark.e2e

LANES = "role=application"
KIB = 1024


def test_paints_50_lanes_of_192_cells_and_200_incidents_live(watched: Watched, serve: Serve) -> None:
    page = watched.page
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(serve())
    lanes_painted(page)
    expect(page.get_by_text("● live")).to_be_visible()
    painted = page.evaluate("performance.now()")
    assert page.locator("canvas[data-painted]").get_attribute("data-painted") == str(seeded.LANES * seeded.CELLS)
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    record("overview", {"usable_ms": round(painted), "main_thread_cpu_ms": round(1000 * metrics["TaskDuration"])})


def test_says_which_service_is_learned_anew(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    expect(page.get_by_text("a new release of prod/bank is being learned")).to_be_visible()


def test_stays_small() -> None:
    sizes = {".js": 0, ".css": 0}
    for path, asset in built_page().items():
        suffix = path[path.rfind(".") :]
        if suffix in sizes:
            sizes[suffix] += len(asset.gzipped)
    record("sizes", {f"{suffix[1:]}_gz_kib": round(size / KIB, 1) for suffix, size in sizes.items()})
    assert sizes[".js"] <= 120 * KIB
    assert sizes[".css"] <= 15 * KIB


def test_lanes_work_by_keyboard(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    lanes_painted(page)
    page.locator(LANES).focus()
    spoken = page.locator(".readout")
    expect(spoken).to_contain_text("all segments")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    first = spoken.inner_text()
    page.keyboard.press("ArrowRight")
    second = spoken.inner_text()
    assert first != second
    assert re.fullmatch(r"\S.*, \w{3} \d+ \w+, \d\d:\d\d to \d\d:\d\d: (no data|still learning|score \d+, .+)", second)
    page.keyboard.press("End")
    expect(spoken).to_contain_text("09:52 to 10:00")


def test_tab_leaves_the_lanes_after_one_stop(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    lanes_painted(page)
    page.locator(LANES).focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") != "CANVAS"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.tagName") == "CANVAS"


def test_a_picked_cell_filters_address_card_chart_and_list(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    lanes_painted(page)
    _pick_second_lane(page)
    page.wait_for_url(re.compile(r"lane=.*at=\d+"))
    lane = page.evaluate("new URLSearchParams(location.search).get('lane')")
    expect(page.get_by_role("button", name="Clear")).to_be_visible()
    expect(page.locator("#chart")).to_have_text(lane)
    asked = [url for url in watched.requests if "/api/v1/incidents?" in url][-1]
    assert "segment=" in asked
    assert "since=" in asked


def test_a_picked_cell_survives_reload_and_is_undone_by_back_and_clear(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    lanes_painted(page)
    _pick_second_lane(page)
    page.wait_for_url(re.compile("at="))
    page.reload()
    expect(page.get_by_role("button", name="Clear")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Clear")).to_have_count(0)
    page.go_forward()
    page.get_by_role("button", name="Clear").click()
    page.wait_for_url(lambda url: "at=" not in url and "lane=" not in url)


def test_t_shows_the_same_as_tables(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    lanes_painted(page)
    page.keyboard.press("t")
    expect(page.get_by_role("region", name="Unusual cells").locator("tbody tr").first).to_be_visible()
    points = page.get_by_role("region", name=re.compile("points"))
    expect(points.locator("tbody tr")).to_have_count(240)
    expect(page.locator("canvas")).to_have_count(0)
    page.keyboard.press("t")
    lanes_painted(page)


@pytest.mark.parametrize("scene", ["full", "first", "learning"])
@pytest.mark.parametrize("path", ["/", "/incidents", f"/incidents/{1:024x}", "/coverage?technique=T1190"])
def test_nothing_is_wider_than_a_phone(watched: Watched, serve: Serve, scene: str, path: str) -> None:
    page = watched.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(serve(scene) + path)
    expect(page.get_by_text("● live")).to_be_visible()
    page.wait_for_timeout(400)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def _pick_second_lane(page: Page) -> None:
    page.locator(LANES).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
