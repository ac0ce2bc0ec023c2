"""Users' days: what is said to have been decisive is put into the day, and the day is no alert any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from vedette.detectors.channels import KINDS
from vedette.detectors.entities import EntityWatch
from vedette.features.entities import entity_days
from vedette.records.day import SCOPES, EntityDay, Reason, bare
from vedette.scoring.entities import read_events
from vedette.simulate.organization import Organization, a_campaign, generate
from vedette.state.tree import Tree

SIZES = [Organization(users=60, accounts=8, servers=30, days=38, seed=seed, pace=0.4) for seed in range(3, 9)]


@dataclass
class Told:
    """An alert: what was known before its day, the day, the entity's place in it, and why."""

    known: Tree
    groups: list[str]
    day: EntityDay
    row: int
    reasons: tuple[Reason, ...]

    def is_alert(self, day: EntityDay) -> bool:
        """Judge another form of the day by the same past."""
        watch = EntityWatch(self.groups)
        watch.restore(self.known)
        return bool(watch.take(day).alert[self.row])


@pytest.fixture(scope="module")
def told() -> list[Told]:
    return [one for size in SIZES for one in alerts(size)]


def alerts(size: Organization) -> Iterator[Told]:
    events, _, groups = read_events(generate(size, a_campaign(size, size.seed)).events)
    watch = EntityWatch(groups)
    for day in entity_days(events):
        known = watch.snapshot()
        verdicts = watch.take(day)
        yield from (Told(known, groups, day, row, reasons) for row, reasons in verdicts.reasons.items())


def as_expected(one: Told, reason: Reason) -> EntityDay:
    """Return the day with a number as it was expected."""
    values = one.day.numbers[name_of(reason)].copy()
    values[one.row] = reason.expected
    return replace(one.day, numbers={**one.day.numbers, name_of(reason): values})


def without(one: Told, scope: str) -> EntityDay:
    """Return the day without the entity's items of a scope."""
    slot = int(one.day.entity[one.row]) * len(SCOPES) + SCOPES.index(scope)
    kept = one.day.items.slot != slot
    items = one.day.items
    return replace(one.day, items=replace(items, slot=items.slot[kept], item=items.item[kept], count=items.count[kept]))


def name_of(reason: Reason) -> str:
    return reason.channel.removeprefix("adding up ")


def test_a_decisive_number_as_expected_is_no_alert(told: list[Told]) -> None:
    tried = [
        not one.is_alert(as_expected(one, reason))
        for one in told
        for reason in one.reasons
        if reason.decisive and name_of(reason) in one.day.numbers
    ]
    assert len(tried) >= 10
    assert all(tried)


def test_what_is_not_decisive_is_not(told: list[Told]) -> None:
    tried = [
        one.is_alert(as_expected(one, reason))
        for one in told
        for reason in one.reasons
        if not reason.decisive and name_of(reason) in one.day.numbers and name_of(reason) not in KINDS
    ]
    assert len(tried) >= 10
    assert all(tried)


def test_without_decisive_items_is_no_alert(told: list[Told]) -> None:
    tried = [
        not one.is_alert(without(one, bare(reason.channel)))
        for one in told
        for reason in one.reasons
        if reason.decisive and bare(reason.channel) in SCOPES
    ]
    assert len(tried) >= 10
    assert all(tried)
