"""Users of a small organization, as JSON lines through gate and shard: a stolen account and a mass transfer."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from tests.scenario.story import KEY, Story

from vedette.assembly import make_entry, make_shard
from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.journal.log import Chunk
from vedette.privacy.pseudonym import Pseudonyms
from vedette.simulate.organization import Insertion, Organization, generate

SIZE = Organization(users=60, accounts=8, servers=30, days=38, seed=3, pace=0.4)
INSERTIONS = (Insertion("stolen_account", 7, 30, 2.0, 1), Insertion("mass_transfer", 60, 34, 2.0, 2))
LINES = 8000


@pytest.fixture(scope="module")
def told() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the truth, and the incidents about users' days."""
    made = generate(SIZE, INSERTIONS)
    lines = [_line(row) for row in made.events.to_pylist()]
    config = load(None, overrides={"features.window": "10m", "features.lateness": "60s"})
    enter, shard, decoder, story = make_entry(config, KEY), make_shard(config), JsonLines(), Story()
    for number, start in enumerate(range(0, len(lines), LINES)):
        decoded = decoder.decode(b"\n".join(lines[start : start + LINES]), 0)
        assert not decoded.dead
        story.note(shard.step(Chunk(number, None, tuple(enter(batch) for batch in decoded.batches))))
    story.note(shard.finish())
    return made.truth.to_pylist(), [one for one in story.fired if "user " in one["title"][:9]]


def _line(row: dict[str, Any]) -> bytes:
    given = {name: value for name, value in row.items() if value is not None}
    return orjson.dumps({**given, "time": row["time"].isoformat(), "message": row["event.name"]})


@pytest.mark.parametrize("number", range(len(INSERTIONS)), ids=lambda n: INSERTIONS[n].kind)
def test_an_insertion_is_an_incident_that_names_the_user(told: Any, number: int) -> None:
    truth, incidents = told
    row = truth[number]
    name = Pseudonyms(KEY).token("u", row["user"])
    days = {
        datetime.fromtimestamp(86_400 * day, UTC).date().isoformat() for day in range(row["first"], row["last"] + 1)
    }
    assert [one for one in incidents if f"user {name}" in one["entities"] and one["started_at"][:10] in days]


def test_few_others_are_told(told: Any) -> None:
    truth, incidents = told
    assert len(incidents) <= len(truth) + 0.25 * SIZE.days
