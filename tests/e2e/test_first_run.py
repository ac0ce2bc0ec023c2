"""Before there is data: what to do, what has come, and why a screen is empty."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.e2e.browser import Serve, Watched

pytestmark = pytest.mark.e2e


def test_first_run_names_four_steps_and_three_ways_in(watched: Watched, serve: Serve) -> None:
    page, base = watched.page, serve("first")
    page.goto(base)
    for step in ("Listening", "First event", "Learning what is normal", "Watching live"):
        expect(page.get_by_text(step, exact=True)).to_be_visible()
    expect(page.get_by_text(f"OTEL_EXPORTER_OTLP_ENDPOINT={base}")).to_be_visible()
    expect(page.get_by_text("vedette watch /var/log/nginx/access.log")).to_be_visible()
    expect(page.get_by_text(f"curl {base}/api/v1/ingest")).to_be_visible()
    expect(page.get_by_text("waiting for the first event")).to_have_count(2)


def test_learning_names_what_is_missing_before_what_is_ready(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve("learning"))
    table = page.get_by_role("table").first
    expect(table.locator("tbody tr").first).to_contain_text("needs 1 more day for the daily rhythm")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0.94")


def test_trouble_inside_is_said_above_all(watched: Watched, serve: Serve) -> None:
    watched.page.goto(serve("trouble"))
    said = watched.page.locator("main").get_by_role("alert")
    expect(said).to_contain_text("Vedette itself is in trouble. events can't be stored: No space left on device")


def test_a_calm_day_says_what_was_watched(watched: Watched, serve: Serve) -> None:
    watched.page.goto(serve("calm"))
    expect(watched.page.get_by_text("Nothing unusual in the last 24h. 47 of 50 segments are watched.")).to_be_visible()


def test_an_empty_filter_offers_to_drop_itself(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve("calm") + "/incidents")
    expect(page.get_by_text("No incident fits these filters.")).to_be_visible()
    page.get_by_role("button", name="Show every severity").click()
    expect(page.get_by_text("Nothing is firing.")).to_be_visible()


def test_one_broken_part_leaves_the_rest_standing(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve("broken"))
    alert = page.locator("main").get_by_role("alert")
    expect(alert).to_contain_text("The lanes could not be loaded.")
    expect(alert.locator("code")).not_to_be_empty()
    expect(page.locator("[data-incident]").first).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_an_unknown_incident_says_so(watched: Watched, serve: Serve) -> None:
    watched.page.goto(serve() + "/incidents/none")
    expect(watched.page.get_by_role("alert")).to_contain_text("No incident 'none'")


def test_a_starting_server_is_asked_for_nothing_but_its_status(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve("starting"))
    expect(page.get_by_text("compiling kernels 40 %")).to_be_visible()
    page.wait_for_timeout(500)
    assert watched.complaints == []
    assert {url.rpartition("/")[2] for url in watched.requests if "/api/" in url} <= {"status", "stream"}
