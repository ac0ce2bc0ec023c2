"""The shop's stories: each attack is one incident that names what changed; ordinary traffic is none."""

from collections.abc import Sequence

import pytest
from tests.scenario.story import END, batches, play, shard

from vedette.records.batch import SafeBatch
from vedette.records.time import SECOND, from_rfc3339
from vedette.simulate.attacks import ATTACKS

RATE = 1.0
ATTACK_AT = END - 600.0


@pytest.fixture(scope="module")
def ordinary() -> Sequence[SafeBatch]:
    return list(batches(2.0, RATE))


def test_two_ordinary_days_give_no_incident(ordinary: Sequence[SafeBatch]) -> None:
    assert [one["title"] for one in play(shard(), ordinary).fired] == []


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_one_incident_that_names_what_changed(name: str) -> None:
    story = play(shard(), list(batches(2.0, RATE, name, ATTACK_AT)))
    assert len(story.fired) == 1, [one["title"] for one in story.fired]
    incident = story.fired[0]
    assert abs(from_rfc3339(incident["started_at"]) / SECOND - ATTACK_AT) <= 120
    why = incident["explanation"]
    assert ATTACKS[name].feature in {part["feature"] for part in why["contributions"]}
    assert sum(part["share"] for part in why["contributions"]) == pytest.approx(100.0, abs=0.5)
    assert why["evidence"]
    technique = ATTACKS[name].technique.partition(".")[0]
    assert not technique or any(one.startswith(technique) for one in incident["techniques"])


def test_an_injection_is_told_by_its_structure_and_no_value_is_shown() -> None:
    (incident,) = play(shard(), list(batches(2.0, RATE, "sqli", ATTACK_AT))).fired
    assert incident["segment_parts"]["operation"] == "POST /checkout"
    assert "item is text" in incident["title"]
    assert incident["kind"] == "security"
    assert "UNION" not in str(incident)
