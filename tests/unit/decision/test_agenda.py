"""Which planned events bear on a window, and until when."""

from dataclasses import replace

import pytest
from tests.unit.decision.test_lifecycle import MINUTE, window

from vedette.decision import agenda as module
from vedette.decision.agenda import Agenda
from vedette.records.context import EventKind, PlannedEvent, Withdrawal

SALE = PlannedEvent("sale", EventKind.SALE, "Summer", 10 * MINUTE, 20 * MINUTE, ("web",))
DEPLOY = PlannedEvent("deploy", EventKind.DEPLOY, "Release", 10 * MINUTE, 10 * MINUTE, ("web",))


def agenda(*events: PlannedEvent) -> Agenda:
    held = Agenda(60 * MINUTE)
    for event in events:
        held.heed(event)
    return held


def test_an_event_bears_on_the_windows_in_which_it_is_on() -> None:
    held = agenda(SALE, DEPLOY)
    assert [minute for minute in range(30) if held.lasting(window(minute))] == list(range(10, 20))
    assert held.lasting(window(10)) == [SALE]


def test_a_change_bears_on_what_begins_within_its_window() -> None:
    held = agenda(SALE, DEPLOY)
    assert [minute for minute in range(90) if held.changes(window(minute))] == list(range(10, 70))


def test_what_is_over_goes_once_and_a_change_only_when_nothing_can_be_its_doing() -> None:
    held = agenda(SALE, DEPLOY)
    assert held.close(19 * MINUTE) == []
    assert held.close(20 * MINUTE) == [SALE]
    assert held.close(69 * MINUTE) == []
    assert held.close(70 * MINUTE) == [DEPLOY]
    assert held.snapshot() == []


def test_what_is_taken_back_is_named_and_bears_on_nothing() -> None:
    held = agenda(SALE)
    assert held.heed(Withdrawal("other")) == ""
    assert held.heed(Withdrawal("sale")) == "sale"
    assert held.lasting(window(10)) == []


def test_of_too_many_those_that_begin_last_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    later = [replace(SALE, id=f"s{number}", start=(10 - number) * MINUTE) for number in range(4)]
    assert [row["id"] for row in agenda(*later).snapshot()] == ["s2", "s3"]


def test_what_was_restored_is_ahead_as_before() -> None:
    held, other = agenda(SALE, DEPLOY), Agenda(60 * MINUTE)
    other.restore(held.snapshot())
    assert other.snapshot() == held.snapshot()
    assert other.lasting(window(12)) == [SALE]
