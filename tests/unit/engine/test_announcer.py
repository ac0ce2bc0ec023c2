"""Announcements are bounded: what is over makes room, and what is ahead is never dropped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.config.load import load
from vedette.engine import announcer
from vedette.engine.announcer import DAY, Announcer
from vedette.errors import BadInput
from vedette.journal.log import Journal
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.time import SECOND
from vedette.store.database import open_database
from vedette.store.incidents import Incidents
from vedette.store.settings import Settings

NOW = 1_790_000_000 * SECOND


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Announcer]:
    """Return an announcer that keeps three events."""
    monkeypatch.setattr(announcer, "MOST_EVENTS", 3)
    database = open_database(f"sqlite:///{tmp_path / 'v.db'}")
    config = load(None, overrides={"data.folder": str(tmp_path)})
    with Journal(tmp_path / "journal") as journal:
        yield Announcer(journal, Incidents(database), Settings(database), config, lambda: NOW)


def deploy(name: str, ago: int) -> PlannedEvent:
    return PlannedEvent(name, EventKind.DEPLOY, name, NOW - ago, NOW - ago, ("shop",))


def kept(desk: Announcer) -> list[str]:
    return [event.id for event in desk.events()]


def test_what_was_over_first_makes_room(desk: Announcer) -> None:
    desk.plan([deploy(name, ago) for name, ago in (("old", 9 * DAY), ("older", 20 * DAY), ("fresh", SECOND))])
    desk.plan([deploy("new", 0)])
    assert kept(desk) == ["old", "fresh", "new"]


def test_what_still_bears_on_something_does_not(desk: Announcer) -> None:
    desk.plan([deploy(name, ago) for name, ago in (("a", -DAY), ("b", 60 * SECOND), ("c", SECOND))])
    with pytest.raises(BadInput, match="too_many_events"):
        desk.plan([deploy("new", 0)])
    assert kept(desk) == ["b", "c", "a"]


def test_more_at_once_than_are_kept_is_refused(desk: Announcer) -> None:
    with pytest.raises(BadInput, match="too_many_events"):
        desk.plan([deploy(str(number), number * DAY) for number in range(4)])
    assert kept(desk) == []
