from collections.abc import Iterator

import numpy as np
import pytest

from vedette.detectors.entities import EntityWatch
from vedette.errors import StateCorrupt
from vedette.features.entities import Events, entity_days
from vedette.records.day import EntityDay

DAYS, USERS, EACH = 20, 30, 40
MONDAY = 1_767_571_200


def life(odd: int = -1) -> Iterator[EntityDay]:
    """Yield days of users at work from nine to five; on day `odd`, user 7 takes a thousand files at three at night."""
    rng = np.random.default_rng(4)
    seconds, entity, resource, size = [], [], [], []
    for day in range(DAYS):
        start = MONDAY + 86_400 * day
        seconds.append(start + rng.uniform(9 * 3600, 17 * 3600, USERS * EACH))
        entity.append(np.repeat(np.arange(USERS), EACH))
        resource.append(rng.integers(1, 20, USERS * EACH) + 100 * entity[-1])
        size.append(rng.lognormal(8, 0.5, USERS * EACH))
        if day == odd:
            seconds.append(start + np.linspace(3 * 3600, 3.5 * 3600, 1000))
            entity.append(np.full(1000, 7))
            resource.append(1_000_000 + np.arange(1000))
            size.append(np.full(1000, 1e6))
    time, who = np.concatenate(seconds), np.concatenate(entity)
    order = np.argsort(time, kind="stable")
    who = who[order]
    first = np.unique(who, return_index=True)[1]
    number = np.empty(USERS, np.int64)
    number[who[np.sort(first)]] = np.arange(USERS)
    items = {"resource": np.concatenate(resource)[order].astype(np.uint64)}
    nowhere = np.full(len(time), np.nan)
    failed = np.zeros(len(time), np.bool_)
    sizes = np.concatenate(size)[order]
    yield from entity_days(Events(time[order], number[who], items, sizes, failed, nowhere, nowhere))


def test_a_theft_at_night_is_told_with_numbers_and_reasons() -> None:
    watch = EntityWatch(false_findings=0.02)
    told = [(verdicts, row) for day in life(odd=15) for verdicts in [watch.take(day)] for row in verdicts.reasons]
    assert [verdicts.start for verdicts, _ in told] == [MONDAY + 15 * 86_400.0]
    verdicts, row = told[0]
    reasons = verdicts.reasons[row]
    assert verdicts.p_value[row] <= verdicts.threshold
    assert {reason.channel for reason in reasons} & {"bytes", "off_bytes", "off_events", "resources", "new resource"}
    numbers = [reason for reason in reasons if np.isfinite(reason.expected)]
    assert all(reason.actual > reason.upper for reason in numbers)


def test_ordinary_days_are_told_no_more_often_than_is_bearable() -> None:
    watch = EntityWatch(false_findings=0.5)
    assert sum(len(watch.take(day).reasons) for day in life()) <= 0.5 * DAYS


def test_restored_it_judges_as_if_nothing_had_happened() -> None:
    days = list(life(odd=15))
    once, first, again = EntityWatch(), EntityWatch(), EntityWatch()
    for day in days[:12]:
        once.take(day)
        first.take(day)
    again.restore(first.snapshot())
    for day in days[12:]:
        one, other = once.take(day), again.take(day)
        assert np.array_equal(one.p_value, other.p_value)
        assert one.reasons == other.reasons


def test_a_state_of_the_release_before_is_gone_on_from() -> None:
    """It had other families, and did not carry evidence on."""
    days = list(life(odd=15))
    before, after = EntityWatch(false_findings=0.02), EntityWatch(false_findings=0.02)
    for day in days[:12]:
        before.take(day)
    tree = before.snapshot()
    jury = {name: part for name, part in tree["jury"].items() if name not in ("lately", "last")}
    few = {**jury["families"], "counts": jury["families"]["counts"][:7]}
    after.restore({**tree, "version": 1, "jury": {**jury, "families": few}})
    told = [verdicts.start for day in days[12:] for verdicts in [after.take(day)] if verdicts.reasons]
    assert told == [MONDAY + 15 * 86_400.0]


def test_a_state_of_another_version_is_refused() -> None:
    with pytest.raises(StateCorrupt, match="got version 99"):
        EntityWatch().restore({"version": 99})


def test_the_bearable_number_of_findings_moves_the_bar() -> None:
    strict, lax = EntityWatch(false_findings=0.1), EntityWatch(false_findings=1.0)
    day = list(life())
    one, other = [[watch.take(each) for each in day][-1] for watch in (strict, lax)]
    assert one.threshold == pytest.approx(other.threshold / 10.0)
