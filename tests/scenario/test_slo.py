"""Error budgets through the whole path: a burst burns fast, a trickle slowly, a healthy service not at all."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tests.scenario.story import END, Story, play, protected

from vedette.assembly import make_shard
from vedette.config.load import load
from vedette.journal.log import Chunk
from vedette.pipeline import Shard
from vedette.records.time import from_rfc3339
from vedette.simulate.dataset import shop_visits
from vedette.simulate.model import Visit
from vedette.state.codec import decode, encode

TOML = """
[features]
lateness = "5s"

[[slo]]
name = "the shop works"
service = "shop"
objective = 99.9

[[slo]]
name = "checkout is quick"
service = "shop"
route = "POST /checkout"
indicator = "latency"
threshold = "300ms"
objective = 95
"""
BURST_AT = END - 3600.0


def shard(folder: Path) -> Shard:
    path = folder / "vedette.toml"
    path.write_text(TOML)
    return make_shard(load(path))


def failing(visits: Iterator[Visit], one_in: int) -> Iterator[Visit]:
    """Yield visits of which about one in so many fails, at all times alike."""
    for visit in visits:
        yield replace(visit, status=500) if int(visit.time * 1000) % one_in == 0 else visit


def burnt(story: Story, name: str) -> list[dict[str, object]]:
    return [one for one in story.findings if one["feature"] == f"slo: {name}"]


def test_a_burst_of_errors_burns_the_budget_fast_and_is_one_critical_incident(tmp_path: Path) -> None:
    story = play(shard(tmp_path), protected(shop_visits(0.5, 1.0, 7, END, "error_burst", BURST_AT)))
    burns = burnt(story, "the shop works")
    began = from_rfc3339(str(burns[0]["start"])) / 1e9
    assert 0 <= began - BURST_AT <= 300
    assert "in the last 60 min" in str(burns[0]["told"])
    assert burnt(story, "checkout is quick") == []
    incident = next(one for one in story.fired if burns[0]["id"] in story.linked[one["id"]])
    assert incident["severity"] == "critical"
    assert {part["detector"] for part in incident["explanation"]["contributions"]} >= {"baseline", "slo"}


def test_a_slow_checkout_burns_the_budget_of_its_latency(tmp_path: Path) -> None:
    story = play(shard(tmp_path), protected(shop_visits(0.5, 1.0, 7, END, "slow_checkout", END - 9000.0, 7200.0)))
    assert burnt(story, "the shop works") == []
    burns = burnt(story, "checkout is quick")
    assert "within 300 ms" in str(burns[0]["told"])
    assert all(one["segment_parts"]["operation"] == "POST /checkout" for one in burns)  # type: ignore[index]


def test_a_trickle_that_was_always_there_is_normal_and_burns_the_budget_slowly(tmp_path: Path) -> None:
    story = play(shard(tmp_path), protected(failing(shop_visits(1.2, 0.5, 7, END), 238)))
    burns = burnt(story, "the shop works")
    assert burns
    assert min(int(re.search(r"in the last (\d+) h", str(one["told"]))[1]) for one in burns) >= 14  # type: ignore[index]
    assert not [one for one in story.findings if one["detector"] != "slo"]
    assert {one["severity"] for one in story.fired} <= {"medium", "low"}
    assert len(story.fired) == 1


def test_a_healthy_service_burns_nothing_that_matters(tmp_path: Path) -> None:
    model = shard(tmp_path)
    story = play(model, protected(failing(shop_visits(1.2, 0.5, 7, END), 3333)))
    assert [one for one in story.findings if one["detector"] == "slo"] == []
    left = {one.objective.name: one.left for one in model.objectives.budgets()}
    assert 0.95 < left["the shop works"] < 1.0


def test_a_restart_in_the_midst_of_a_burst_changes_no_byte(tmp_path: Path) -> None:
    stream = list(protected(shop_visits(0.15, 1.0, 7, END, "error_burst", END - 1200.0)))
    undisturbed = play(shard(tmp_path), stream)
    model, story = shard(tmp_path), Story()
    for number, batch in enumerate(stream, 1):
        fresh = shard(tmp_path)
        fresh.restore(decode(encode(model.snapshot())))
        model = fresh
        story.note(model.step(Chunk(number, None, (batch,))))
    story.note(model.finish())
    assert burnt(story, "the shop works")
    told = [[one.findings, one.incidents] for one in (story, undisturbed)]
    assert json.dumps(told[0], sort_keys=True) == json.dumps(told[1], sort_keys=True)
