"""A running product, without its HTTP side: what people say reaches the shard, and outlives a restart."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from heapq import merge
from pathlib import Path

import orjson
import pytest
from tests.scenario.story import END, protected

from vedette import __version__
from vedette.api.live import LiveReader
from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.engine.product import Product
from vedette.engine.receivers import make_choice
from vedette.errors import BadInput, ConfigError
from vedette.notify.message import message
from vedette.notify.words import Words
from vedette.records.batch import SafeBatch
from vedette.records.document import from_document, to_document
from vedette.records.time import SECOND, rfc3339
from vedette.simulate.attacks import ATTACKS, visits
from vedette.simulate.dataset import shop_visits, surge

SCANS = (END - 3000.0, END - 1200.0)


@pytest.fixture(scope="module")
def stream() -> list[SafeBatch]:
    scans = [visits(ATTACKS["scan"], at, at + 600, 5) for at in SCANS]
    return list(protected(merge(shop_visits(0.4, 1.0, 7, END), *scans, key=lambda visit: visit.time)))


def opened(folder: Path) -> Product:
    return Product(load(None, overrides={"data.folder": str(folder), "features.window": "60s"}, environ={}))


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60.0
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    running = opened(tmp_path)
    running.start()
    until(lambda: running.recovered)
    yield running
    running.close()


def caught_up(product: Product) -> bool:
    return product.backlog() == 0


def found(product: Product, since: float) -> list[str]:
    """Return the ids of the incidents that began at or after a time."""
    rows = product.incidents.list(phases=["firing", "resolved"]).items
    return [str(row["id"]) for row in rows if str(row["started_at"]) >= rfc3339(round(since * SECOND))]


def test_what_was_judged_noise_is_not_found_again_also_after_a_restart(stream: list[SafeBatch], tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.start()
    before = [batch for batch in stream if batch.columns.column("time")[0].value < SCANS[1] * SECOND][:-1]
    for batch in before:
        first.journal.append(0, [batch])
    until(lambda: caught_up(first))
    (scan,) = found(first, SCANS[0] - 60)
    judged = first.announcer.judge(scan, "noise", "our own scanner")
    assert judged is not None
    until(lambda: caught_up(first))
    first.close()
    second = opened(tmp_path)
    second.start()
    until(lambda: second.recovered)
    for batch in stream[len(before) :]:
        second.journal.append(0, [batch])
    until(lambda: caught_up(second))
    try:
        assert found(second, SCANS[1] - 60) == []
        assert second.incidents.get(scan)["phase"] == "resolved"
        assert second.incidents.get(scan)["verdict"] == "noise"
    finally:
        second.close()


def test_a_silence_keeps_an_incident_from_its_receivers(product: Product) -> None:
    reader = LiveReader()
    reader.product = product
    incident = {
        "id": "i1",
        "segment": "shop",
        "segment_parts": {"service": "shop"},
        "kind": "operations",
        "severity": "high",
    }
    product._choose = lambda incident, moment: ["hook"]
    now = time.time_ns()
    assert product._receivers(incident, now) == ["hook"]
    matcher = {"name": "service", "value": "shop", "isRegex": False, "isEqual": True}
    body = {"id": "", "matchers": [matcher], "startsAt": now - SECOND, "endsAt": now + 60 * SECOND}
    name = reader.silence({**body, "createdBy": "ann", "comment": "moving"})
    assert product._receivers(incident, now) == []
    assert reader.end_silence(name)
    assert product._receivers(incident, time.time_ns()) == ["hook"]


def test_an_event_that_is_announced_is_in_the_shard_and_comes_again_for_one_that_knows_nothing(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.start()
    reader = LiveReader()
    reader.product = first
    now = time.time_ns()
    event = {"id": "s1", "kind": "sale", "title": "Summer", "start": now, "end": now + 3600 * SECOND}
    reader.plan([{**event, "segments": ["shop"], "lift": 6.0}])
    until(lambda: first.recovered and caught_up(first))
    assert [row["id"] for row in first.engine.shard.plans.snapshot()["events"]] == ["s1"]
    first.close()
    for path in (tmp_path / "state").iterdir():
        path.unlink()
    second = opened(tmp_path)
    second.journal.trim(0, second.journal.next(0))
    second.start()
    until(lambda: second.recovered and caught_up(second))
    try:
        assert [row["id"] for row in second.engine.shard.plans.snapshot()["events"]] == ["s1"]
    finally:
        second.close()


def test_a_sale_that_is_announced_when_its_incident_is_over_explains_it_also_after_a_restart(tmp_path: Path) -> None:
    begin, end = END - 6000.0, END - 4200.0
    crowd = list(protected(surge(shop_visits(0.3, 1.0, 7, END), 1.0, 6.0, 9, begin, end)))
    late = round(len(crowd) * (1 - 1200 / (0.3 * 86_400)))
    first = opened(tmp_path)
    first.start()
    for batch in crowd[:late]:
        first.journal.append(0, [batch])
    until(lambda: first.recovered and caught_up(first))
    name = min(found(first, begin - 60), key=lambda one: first.incidents.get(one)["started_at"])
    before = first.incidents.get(name)
    assert (before["phase"], before["explained"]) == ("resolved", "")
    first.close()
    second, reader = opened(tmp_path), LiveReader()
    second.start()
    until(lambda: second.recovered)
    reader.product = second
    span = {"start": round(begin * SECOND), "end": round((end + 900) * SECOND)}
    told = reader.plan([{"id": "s1", "kind": "sale", "title": "Summer", **span, "segments": ["shop"], "lift": 6.0}])
    assert name in told["explains"]
    for batch in crowd[late:]:
        second.journal.append(0, [batch])
    until(lambda: caught_up(second))
    try:
        after = reader.incident(name)
        assert after["explained"] == "sale “Summer”"
        assert after["explanation"]["timeline"][:-1] == before["explanation"]["timeline"]
        assert len(after["findings"]) == before["finding_count"]
    finally:
        second.close()


def test_a_suppression_that_cannot_be_read_is_refused_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "suppressions"
    folder.mkdir()
    (folder / "a.toml").write_text('incident = "a"\nverdict = "boring"\n')
    (folder / "b.toml").write_text("verdict = ")
    with pytest.raises(ConfigError) as refused:
        opened(tmp_path)
    assert "a.toml: cause is missing" in str(refused.value)
    assert "b.toml" in str(refused.value)


def test_nobody_is_told_of_what_is_simulated_unless_the_configuration_says_so(tmp_path: Path) -> None:
    incident = {"id": "i1", "simulated": "drill-1", "segment_parts": {"service": "shop"}}
    hook = {"notify.webhooks": ["http://127.0.0.1:9/hook"]}
    for wanted in (False, True):
        given = {"data.folder": str(tmp_path), **hook, "notify.simulated": wanted}
        choose = make_choice(load(None, overrides=given, environ={}).notify)
        assert bool(choose(incident, 0)) is wanted
        assert choose({**incident, "simulated": ""}, 0)


def test_a_verdict_on_what_was_simulated_is_refused_where_it_would_hide_the_real_thing(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(product.incidents, "get", lambda name: {"id": name, "simulated": "drill-1", "verdict": None})
    for verdict in ("expected", "noise"):
        with pytest.raises(BadInput, match="drill-1"):
            product.announcer.judge("i1", verdict)


def test_the_matrix_knows_what_is_watched_proved_and_arriving(stream: list[SafeBatch], product: Product) -> None:
    product.journal.append(0, stream[:50])
    until(lambda: caught_up(product))
    proof = {"key": "T1190", "technique": "T1190", "outcome": "both", "seconds": 30.0}
    product.proofs.keep({"vedette": __version__, "date": product.started_at, "techniques": [proof]})
    event = {"vedette.logsource": "linux/process_creation", "Image": "/bin/true", "CommandLine": "true"}
    line = orjson.dumps({"@timestamp": rfc3339(product.started_at), **event}) + b"\n"
    product.intake.accept(JsonLines("host").decode(line, product.started_at), "test").result(10.0)
    reader = LiveReader()
    reader.product = product
    made = reader.matrix()
    cells = {one["id"]: one for one in made["techniques"]}
    assert (cells["T1190"]["state"], cells["T1190"]["data"]) == ("proved", True)
    assert {one["feature"]: one["watched"] for one in cells["T1595.003"]["detectors"]}["missing_ratio"]
    assert next(one for one in made["logsources"] if one["logsource"] == "linux/process_creation")["events"] > 0
    assert made["canary_every_seconds"] == 0.0
    assert (
        "proofs: proved"
        in next(one for one in reader.layer()["techniques"] if one["techniqueID"] == "T1190")["comment"]
    )


def test_an_incident_recalls_an_earlier_one_like_it_with_its_verdict_also_in_letters(
    stream: list[SafeBatch], product: Product
) -> None:
    for batch in stream:
        product.journal.append(0, [batch])
    until(lambda: caught_up(product))
    first = min(found(product, SCANS[0] - 60), key=lambda name: product.incidents.get(name)["started_at"])
    product.incidents.set_verdict(first, "noise")
    incident = from_document(product.incidents.get(first))
    again = replace(incident, id="0a1b2c3d4e", started_at=incident.started_at + 3600 * SECOND)
    product.incidents.save([again], [])
    reader = LiveReader()
    reader.product = product
    assert reader.incident(first)["similar"] == []
    recalled = reader.incident(again.id)["similar"][0]
    assert (recalled["id"], recalled["verdict"], recalled["likeness"]) == (first, "noise", 1.0)
    assert "service shop" in recalled["shared"]
    letter = message(product.recall.recalled(to_document(again)), Words())
    assert any(note.startswith("2 past incidents like it (1 noise), the likest of 2026-09-21") for note in letter.notes)
