from pathlib import Path
from typing import Any

import pytest

from vedette.engine.postman import FIRST_RETRY, Postman
from vedette.errors import Backpressure
from vedette.notify.base import DeliveryFailed
from vedette.records.time import SECOND
from vedette.store.database import open_database
from vedette.store.outbox import Outbox
from vedette.store.settings import Settings

NAME = "hook"
FIRING = {"id": "i1", "phase": "firing", "severity": "high"}


class Kept:
    """A notifier that keeps what it gets, or fails as long as it is told to."""

    takes_digests, keeps_open = True, False

    def __init__(self, name: str = NAME, repeat_after: float | None = None) -> None:
        self.name, self.repeat_after = name, repeat_after
        self.got: list[str] = []
        self.broken = False

    def send(self, incident: dict[str, Any], now: int) -> None:
        if self.broken:
            raise DeliveryFailed("down")
        self.got.append(f"{incident['phase']} {incident['severity']}")


def postman(folder: Path, notifier: Kept, *firing: dict[str, Any]) -> Postman:
    database = open_database(f"sqlite:///{folder / 'v.db'}")
    return Postman(Outbox(database), [notifier], Settings(database), firing)


def test_it_tells_changes_once(tmp_path: Path) -> None:
    kept = Kept()
    office = postman(tmp_path, kept)
    for incident in (FIRING, FIRING, {**FIRING, "severity": "critical"}, {**FIRING, "phase": "resolved"}):
        office.tell(incident, 0)
    office.tell({**FIRING, "id": "i2", "phase": "pending"}, 0)
    office.deliver(NAME, 1)
    office.deliver(NAME, 2)
    office.deliver(NAME, 3)
    assert kept.got == ["firing high", "firing critical", "resolved high"]


def test_what_explains_an_incident_that_is_over_is_no_letter(tmp_path: Path) -> None:
    kept = Kept()
    office = postman(tmp_path, kept)
    over = {**FIRING, "phase": "resolved"}
    for incident in (FIRING, over, {**over, "explained": "sale “Summer”"}, {**over, "id": "i9", "explained": "x"}):
        office.tell(incident, 0)
    for moment in (1, 2, 3):
        office.deliver(NAME, moment)
    assert kept.got == ["firing high", "resolved high"]


def test_a_restart_tells_nothing_twice_and_goes_on_repeating(tmp_path: Path) -> None:
    kept = Kept()
    first = postman(tmp_path, kept)
    first.tell(FIRING, 0)
    first.deliver(NAME, 1)
    again = Kept(repeat_after=60.0)
    second = postman(tmp_path, again, FIRING)
    second.tell(FIRING, 2)
    second.deliver(NAME, 3)
    assert (kept.got, again.got) == (["firing high"], [])
    second.repeat(NAME, 61 * SECOND)
    second.repeat(NAME, 62 * SECOND)
    assert again.got == ["firing high"]


def test_what_cannot_be_queued_is_told_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept()
    office = postman(tmp_path, kept)
    for part, name in ((office._outbox, "put"), (office._settings, "set")):
        with monkeypatch.context() as full:
            full.setattr(part, name, refuse)
            with pytest.raises(Backpressure):
                office.tell(FIRING, 0)
    office.tell(FIRING, 0)
    office.deliver(NAME, 1)
    assert kept.got == ["firing high"]


def refuse(*given: object) -> None:
    raise Backpressure("disk full", 1.0)


def test_a_receiver_that_is_down_gets_it_later_once(tmp_path: Path) -> None:
    kept = Kept()
    kept.broken = True
    office = postman(tmp_path, kept)
    office.tell(FIRING, 0)
    office.deliver(NAME, 0)
    kept.broken = False
    office.deliver(NAME, FIRST_RETRY - 1)
    assert kept.got == []
    office.deliver(NAME, FIRST_RETRY)
    office.deliver(NAME, 10 * FIRST_RETRY)
    assert kept.got == ["firing high"]
