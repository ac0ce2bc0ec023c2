"""Canaries in a running product: found by what works, told of where a detector was made deaf."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tests.scenario.story import END, protected

from vedette.config.load import load
from vedette.detectors.baseline import Baseline
from vedette.engine.product import Product
from vedette.records.batch import SafeBatch
from vedette.records.document import Document
from vedette.records.time import SECOND
from vedette.rules.chain import Chain
from vedette.simulate.dataset import shop_visits
from vedette.simulate.model import Traffic

SENT = round(END * SECOND)


@pytest.fixture(scope="module")
def history() -> list[SafeBatch]:
    return list(protected(shop_visits(0.2, 1.0, 7, END)))


@pytest.fixture(scope="module")
def later() -> list[SafeBatch]:
    return list(protected(Traffic(1.0, 8).between(END + 2, END + 300)))


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60.0
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def product(tmp_path: Path, history: list[SafeBatch]) -> Iterator[Product]:
    running = Product(
        load(
            None, overrides={"data.folder": str(tmp_path), "features.lateness": "5s", "canary.every": "1h"}, environ={}
        )
    )
    running.start()
    for batch in history:
        running.journal.append(0, [batch])
    until(lambda: running.recovered and running.backlog() == 0)
    running.intake.clock = lambda: SENT
    yield running
    running.close()


def run(product: Product, later: list[SafeBatch]) -> list[Document]:
    """Send a canary, let time pass, and listen; returns the incidents of canaries that were not heard."""
    product.canaries.step(SENT)
    for batch in later:
        product.journal.append(0, [batch])
    until(lambda: product.backlog() == 0)
    product.canaries.step(SENT + product.canaries.within)
    return [one for one in product.incidents.list(limit=100).items if one["segment_parts"]["operation"] == "canary"]


def last(product: Product) -> Document:
    found: Document = product.canaries._its.settings.get("canary.last")
    return found


def test_a_canary_is_found_by_rules_and_baseline_and_nothing_is_told(product: Product, later: list[SafeBatch]) -> None:
    assert run(product, later) == []
    assert last(product)["tested"] == ["rules", "the learned baseline"]
    assert last(product)["missed"] == []
    simulated = [one for one in product.incidents.list(limit=100).items if one["simulated"]]
    assert {one["segment_parts"]["service"] for one in simulated} == {"shop", "vedette-canary"}


@pytest.mark.parametrize(
    ("deaf", "named"), [("rules", ["rules"]), ("baseline", ["the learned baseline"])], ids=["rules", "baseline"]
)
def test_a_detector_made_deaf_is_an_incident_until_it_hears_again(
    product: Product, later: list[SafeBatch], monkeypatch: pytest.MonkeyPatch, deaf: str, named: list[str]
) -> None:
    with monkeypatch.context() as patched:
        if deaf == "rules":
            patched.setattr(Chain, "step", lambda chain, marks: ())
        else:
            real = Baseline.score
            patched.setattr(
                Baseline,
                "score",
                lambda bank, *rest: replace(real(bank, *rest), surprise=np.zeros(len(real(bank, *rest).surprise))),
            )
        (incident,) = run(product, later)
    assert last(product)["missed"] == named
    assert incident["phase"] == "firing"
    assert incident["title"] == f"canary not detected within 5 minutes by {named[0]}"
    again = SENT + 3600 * SECOND
    product.intake.clock = lambda: again
    product.canaries.step(again)
    for batch in protected(islice(Traffic(1.0, 9).between(END + 3602, END + 3900), 400)):
        product.journal.append(0, [batch])
    until(lambda: product.backlog() == 0)
    product.canaries.step(again + product.canaries.within)
    assert product.incidents.get(incident["id"])["phase"] == "resolved", last(product)


def test_without_a_schedule_nothing_is_sent(tmp_path: Path) -> None:
    assert load(None, environ={}).canary.every == 0.0
    assert load(None, overrides={"canary.every": "never"}, environ={}).canary.every == 0.0
