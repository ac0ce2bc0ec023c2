"""What the page previews of a verdict is what the same telemetry then gives, under the real server."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from heapq import merge
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from tests.e2e.browser import Watched
from tests.e2e.real import running
from tests.scenario.story import DAY, play, protected, shard

from vedette.config.load import load
from vedette.engine.product import Product
from vedette.records.batch import SafeBatch
from vedette.records.time import SECOND, rfc3339
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import shop_visits
from vedette.store.suppressions import SuppressionFiles

pytestmark = pytest.mark.e2e

HOUR = 3600.0
END = time.time() // DAY * DAY - DAY + 14 * HOUR
"""Of yesterday, for only the past 30 days are previewed."""

SCANS = (END - 5 * HOUR, END - 3 * HOUR)
GUESSING = END - HOUR
SETTINGS = {"features.window": "60s", "features.lateness": "5s"}


@pytest.fixture(scope="module")
def stream() -> list[SafeBatch]:
    attacks = [visits(ATTACKS["scan"], at, at + 300, 5) for at in SCANS]
    # by strangers: what the scanner does too much of at large is the same matter also while it guesses
    guesses = visits(ATTACKS["login_guessing"], GUESSING, GUESSING + 300, 5)
    attacks.append(replace(one, client=one.client.replace("203.0.113.", "198.51.100.")) for one in guesses)
    return list(protected(merge(shop_visits(1.0, 1.0, 7, END), *attacks, key=lambda visit: visit.time)))


@pytest.fixture
def folder(tmp_path: Path, stream: list[SafeBatch]) -> Path:
    """A data folder in which all of it was judged."""
    product = Product(load(None, overrides={"data.folder": str(tmp_path), **SETTINGS}, environ={}))
    product.start()
    for batch in stream:
        product.journal.append(0, [batch])
    deadline = time.monotonic() + 120.0
    while product.backlog():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    product.close()
    return tmp_path


@pytest.fixture
def base(folder: Path) -> Iterator[str]:
    """Address of a server on that folder."""
    with running(folder, SETTINGS) as address:
        yield address


def began(base: str, moment: float) -> str:
    """Return the id of the incident that began within two minutes of a time."""
    rows = (
        httpx.get(f"{base}/api/v1/incidents", params={"state": "all", "limit": 200}).raise_for_status().json()["items"]
    )
    span = [rfc3339(round(at * SECOND)) for at in (moment - 120, moment + 120)]
    (found,) = [row for row in rows if row["phase"] != "pending" and span[0] <= row["started_at"] <= span[1]]
    return str(found["id"])


def test_the_preview_on_the_page_is_what_then_happens(
    watched: Watched, base: str, folder: Path, stream: list[SafeBatch]
) -> None:
    scan, other, guessing = (began(base, at) for at in (*SCANS, GUESSING))
    httpx.post(f"{base}/api/v1/incidents/{guessing}/verdict", json={"verdict": "real"}).raise_for_status()
    page = watched.page
    page.goto(f"{base}/incidents/{other}")
    similar = page.get_by_role("list", name="Similar past incidents")
    expect(similar.get_by_role("link")).to_have_count(1)
    expect(similar).to_contain_text("no verdict")

    page.goto(f"{base}/incidents/{scan}")
    noise = page.get_by_role("button", name=re.compile("^Noise"))
    expect(noise).to_be_visible()
    page.keyboard.press("n")
    preview = page.get_by_role("region", name="What “noise” would do")
    expect(preview).to_contain_text("The one incident that was judged real stays whole")
    shown = re.search(
        r"hidden (\d+) findings? and (\d+) of (\d+) incidents?; (\d+) would have stayed", preview.inner_text()
    )
    assert shown is not None
    findings, gone, before, after = map(int, shown.groups())
    links = preview.get_by_role("listitem").get_by_role("link").all()
    linked = {str(link.get_attribute("href")).split("/")[-1] for link in links}
    assert not list((folder / "suppressions").glob("*.toml")), "a preview changes nothing"

    preview.get_by_role("button", name="Confirm: noise").click()
    expect(noise).to_have_attribute("aria-pressed", "true")
    expect(page.locator("main")).to_contain_text(f"hidden {findings} finding")
    page.goto(f"{base}/incidents/{other}")
    expect(page.get_by_role("list", name="Similar past incidents")).to_contain_text("noise")
    assert watched.complaints == []

    (suppression,) = SuppressionFiles(folder / "suppressions").all()
    without, hidden = play(shard(), stream), play(shard(), stream, [suppression])
    assert (before, after) == (len(without.fired), len(hidden.fired))
    assert findings == len(without.findings) - len(hidden.findings) > 0
    left = {one["id"] for one in hidden.fired}
    assert linked == {one["id"] for one in without.fired} - left == {scan, other}
    assert gone == 2
    assert guessing in left
