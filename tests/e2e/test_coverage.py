"""The matrix: what stands, what is chosen, and what is taken away as a file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.e2e.browser import Serve, Watched
from tests.oracles.navigator import read_layer

pytestmark = pytest.mark.e2e

DETAIL = "[aria-label='Chosen technique']"


def test_g_c_opens_the_matrix_with_every_state_but_nothing(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve())
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Coverage", level=1)).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Password Spraying.*, proved"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Vulnerability Scanning.*, stale"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(", nothing"))).to_have_count(0)
    expect(page.get_by_text("Noticed by rules and the learned baseline within 41 s.")).to_be_visible()


def test_a_technique_that_is_missed_once_is_missed_in_each_of_its_tactics(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve() + "/coverage?show=missed")
    expect(page.get_by_role("button", name=re.compile("Valid Accounts.*, missed"))).to_have_count(4)
    expect(page.get_by_role("button", name=re.compile(", proved"))).to_have_count(0)


def test_the_choice_and_the_states_stand_in_the_address(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve() + "/coverage")
    page.get_by_role("button", name=re.compile("Vulnerability Scanning")).click()
    expect(page.locator(DETAIL)).to_contain_text("Does not count: Older than 90 days.")
    page.get_by_role("button", name=re.compile(r"^never proved \d+")).click()
    page.wait_for_url(lambda url: "technique=T1595.002" in url and "show=proved%2Cmissed%2Cstale" in url)
    page.reload()
    expect(page.locator(DETAIL)).to_contain_text("T1595.002")
    expect(page.get_by_role("button", name=re.compile(r"^never proved \d+"))).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Escape")
    expect(page.locator(DETAIL)).to_have_count(0)


def test_a_technique_says_which_data_its_rules_wait_for(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve() + "/coverage?technique=T1505.001")
    expect(page.locator(DETAIL)).to_contain_text("1 rule waits for events of windows/application.")
    expect(page.locator(DETAIL)).to_contain_text("nobody played it here")


def test_the_layer_is_downloaded_and_one_for_mitres_own_library(watched: Watched, serve: Serve, tmp_path: Path) -> None:
    page = watched.page
    page.goto(serve() + "/coverage")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download Navigator layer").click()
    assert waiting.value.suggested_filename == "vedette-layer.json"
    waiting.value.save_as(tmp_path / "layer.json")
    text = (tmp_path / "layer.json").read_text()
    rows = {one["techniqueID"]: one for one in json.loads(text)["techniques"]}
    assert "proofs: proved" in rows["T1190"]["comment"]
    assert "proofs" not in rows["T1595.002"]["comment"], "a stale proof proves nothing"
    assert page.url.endswith("/coverage")
    assert watched.complaints == []
    assert read_layer(text) is not None


def test_a_fresh_server_says_how_to_prove_and_what_waits(watched: Watched, serve: Serve) -> None:
    page = watched.page
    page.goto(serve("first") + "/coverage")
    expect(page.get_by_role("region", name="command that proves")).to_have_text("vedette prove --keep")
    expect(page.get_by_text(re.compile("0 of \\d+ log sources arrived"))).to_be_visible()
    expect(page.get_by_text(re.compile("Canaries are off"))).to_be_visible()
