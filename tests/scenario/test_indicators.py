"""Lists of indicators from the command line to the incident: what is told, when it is not, and that it is the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from tests.scenario.story import KEY, Story

from vedette.assembly import make_entry, make_shard
from vedette.cli.indicators import indicators
from vedette.cli.up import overrides
from vedette.config.load import load
from vedette.decode.json_lines import JsonLines
from vedette.journal.log import Chunk
from vedette.records import schema
from vedette.records.batch import SafeBatch
from vedette.state.codec import decode, encode

BEGIN = datetime(2026, 9, 1, 8, tzinfo=UTC)
LIST = """type,value,description,confidence,severity,technique,valid_until
ip,45.9.148.1,Emotet C2,90,,T1071.001,
domain,bad-site.net,phishing,60,,,
ip,45.9.148.9,once bad,90,,,2026-08-31
"""
SCANNERS = "".join(f"77.{n // 200}.{n % 200}.9\n" for n in range(4000))
Event = dict[str, object]


def add(folder: Path, name: str, text: str, *words: str) -> None:
    path = folder.parent / f"{name}.csv"
    path.write_text(text)
    done = CliRunner().invoke(indicators, ["add", str(path), "--apply", "--data", str(folder), *words])
    assert done.exit_code == 0, done.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    add(tmp_path / "data", "own", LIST)
    return tmp_path / "data"


def journal(folder: Path, events: Sequence[tuple[timedelta, Event]]) -> list[Chunk]:
    """Return events as chunks of a journal, as the gateway makes them."""
    enter = make_entry(load(None, overrides=overrides(folder, None)), KEY)
    chunks = []
    for number in range(0, len(events), 500):
        lines = [
            orjson.dumps({"time": (BEGIN + after).isoformat(), "service": "proxy", **event})
            for after, event in events[number : number + 500]
        ]
        batches = JsonLines().decode(b"\n".join(lines) + b"\n", 0).batches
        chunks.append(Chunk(number, None, tuple(enter(batch) for batch in batches)))
    return chunks


def ordinary(minutes: int) -> list[tuple[timedelta, Event]]:
    return [
        (timedelta(minutes=minute, seconds=5 * n), {"message": f"user {n} opened page {n % 3}", "user.id": f"u{n % 4}"})
        for minute in range(minutes)
        for n in range(10)
    ]


def run(folder: Path, chunks: Sequence[Chunk], restart_every: int = 0) -> Story:
    config = load(None, overrides=overrides(folder, None))
    shard, story = make_shard(config), Story()
    for place, chunk in enumerate(chunks, 1):
        if restart_every and place % restart_every == 0:
            state = decode(encode(shard.snapshot()))
            shard = make_shard(config)
            shard.restore(state)
        story.note(shard.step(chunk))
    story.note(shard.finish())
    return story


def with_events(minutes: int, *extra: tuple[timedelta, Event]) -> list[tuple[timedelta, Event]]:
    return sorted([*ordinary(minutes), *extra], key=lambda pair: pair[0])


def listed(story: Story) -> list[dict[str, object]]:
    return [one for one in story.findings if one["detector"] == "indicators"]


C2 = timedelta(minutes=30), {"message": "connect", "user.id": "u1", "destination": {"ip": "45.9.148.1"}}


def test_a_contact_is_an_incident_that_says_who_says_so_why_and_how_sure(folder: Path) -> None:
    (incident,) = run(folder, journal(folder, with_events(60, C2))).fired
    assert incident["title"] == "proxy: address 45.9.148.1 is on the list “own”: Emotet C2"
    assert incident["kind"] == "security"
    assert incident["severity"] in ("high", "critical")
    assert incident["techniques"] == ["T1071.001"]
    why = incident["explanation"]
    assert why["sentence"].startswith("proxy: address 45.9.148.1 is on the list “own”: Emotet C2, never before here")
    assert "confidence 90 %" in why["evidence"][0]
    assert "level high" in why["evidence"][0]
    assert sum(part["share"] for part in why["contributions"]) == pytest.approx(100)


def test_what_has_expired_by_the_events_time_and_what_is_not_listed_is_no_incident(folder: Path) -> None:
    others = [
        (timedelta(minutes=30), {"message": "connect 45.9.148.9 and 45.9.148.10 and site.net"}),
        (timedelta(minutes=31), {"message": "not-bad-site.net"}),
    ]
    assert not listed(run(folder, journal(folder, with_events(60, *others))))


def test_the_journal_has_no_address_and_gives_the_same_findings_however_it_is_run(folder: Path) -> None:
    chunks = journal(folder, with_events(60, C2))
    assert all("45.9.148.1" not in str(batch.columns.to_pydict()) for chunk in chunks for batch in chunk.batches)
    once, again = run(folder, chunks), run(folder, chunks, restart_every=1)
    assert listed(once)
    assert json.dumps([once.findings, once.incidents], sort_keys=True) == json.dumps(
        [again.findings, again.incidents], sort_keys=True
    )
    halves = [
        Chunk(2 * chunk.number + half, None, tuple(SafeBatch(one.signal, part(one, half)) for one in chunk.batches))
        for chunk in chunks
        for half in (0, 1)
    ]
    assert run(folder, halves).findings == once.findings


def part(batch: SafeBatch, half: int):
    middle = len(batch) // 2
    return batch.columns.slice(0, middle) if half == 0 else batch.columns.slice(middle)


def test_a_list_that_is_gone_says_nothing_of_an_older_journal(folder: Path) -> None:
    chunks = journal(folder, with_events(60, C2))
    assert CliRunner().invoke(indicators, ["remove", "own", "--data", str(folder)]).exit_code == 0
    assert not listed(run(folder, chunks))


def test_a_list_that_matches_everything_is_one_incident_and_soon_calls_nobody_while_others_still_do(
    folder: Path,
) -> None:
    add(folder, "scanners", SCANNERS, "--level", "high")
    visits = [
        (timedelta(minutes=minute, seconds=n), {"message": "GET /", "client.address": f"77.{i // 200}.{i % 200}.9"})
        for minute in range(0, 60 * 40, 4)
        for n in range(6)
        for i in [(minute * 6 + n) % 4000]
    ]
    late = timedelta(hours=39), {"message": "connect", "destination": {"ip": "45.9.148.1"}}
    quiet = [event for event in ordinary(60 * 40) if event[0].seconds % 60 == 0]
    chunks = journal(folder, sorted([*quiet, *visits, late], key=lambda pair: pair[0]))
    story = run(folder, chunks)
    mine = [one for one in story.fired if "scanners" in one["title"]]
    assert 1 <= len(mine) <= 2
    day = (BEGIN + timedelta(hours=25)).isoformat()
    assert all(one["item"].startswith("several values of the list “scanners”") for one in listed(story)[:5])
    strong = [one for one in listed(story) if one["start"] > day and one["p_value"] < one["threshold"]]
    assert [one["item"] for one in strong] == ["address 45.9.148.1 is on the list “own”: Emotet C2"]
    assert schema.RULES in chunks[0].batches[0].columns.schema.names
