from dataclasses import replace

import numpy as np
import pytest

from vedette.decision.lifts import FAMILIES, FORETOLD, REMEMBERED, Lifts, excuses, reach
from vedette.records.context import EventKind, PlannedEvent
from vedette.records.finding import Finding, Kind
from vedette.records.segment import Segment

SALE = PlannedEvent("s1", EventKind.SALE, "Summer", 0, 100, ("web",))
REQUESTS, LATENCY, DENIALS = (
    FAMILIES.index(name) for name in ("requests", "latency_p95_seconds", "client_denials_max")
)


def seen(lifts: Lifts, number: int, family: int, ratio: float) -> None:
    event = replace(SALE, id=f"s{number}")
    lifts.learn(event, np.array([family] * 9), np.full(9, ratio), np.ones(9))
    lifts.close(event)


def test_an_announced_lift_widens_volume_upwards_and_nothing_else() -> None:
    low, high, known = Lifts().span(replace(SALE, lift=6.0))
    assert known
    assert high[REQUESTS] == 6.0 * FORETOLD
    assert high[LATENCY] == high[DENIALS] == 1.0
    assert low[REQUESTS] == pytest.approx(1.0 / FORETOLD)


def test_a_holiday_may_bring_less() -> None:
    low, high, _ = Lifts().span(replace(SALE, kind=EventKind.HOLIDAY, lift=0.5))
    assert low[REQUESTS] == pytest.approx(0.5 / FORETOLD)
    assert high[REQUESTS] == FORETOLD


def test_a_lift_is_known_after_two_times_by_kind_and_title() -> None:
    lifts = Lifts()
    seen(lifts, 1, REQUESTS, 3.0)
    assert not lifts.span(SALE)[2]
    seen(lifts, 2, REQUESTS, 2.0)
    low, high, known = lifts.span(replace(SALE, title="SUMMER"))
    assert known
    assert 3.0 <= high[REQUESTS] <= 3.0 * REMEMBERED * 1.19
    assert low[REQUESTS] == high[LATENCY] == 1.0
    assert not lifts.span(replace(SALE, title="Winter"))[2]
    assert not lifts.span(replace(SALE, kind=EventKind.CAMPAIGN))[2]


def test_what_was_learned_outlives_a_snapshot() -> None:
    lifts, fresh = Lifts(), Lifts()
    seen(lifts, 1, LATENCY, 1.5)
    lifts.learn(SALE, np.array([LATENCY]), np.array([1.5]), np.ones(1))
    fresh.restore(lifts.snapshot())
    fresh.close(SALE)
    lifts.close(SALE)
    assert (fresh.span(SALE)[1] == lifts.span(SALE)[1]).all()
    assert fresh.span(SALE)[2]


def excused(event: PlannedEvent, finding: Finding, traffic: float = 1.0) -> bool:
    return excuses(event, finding, reach(finding), traffic)


def a_finding(**changes: object) -> Finding:
    base = Finding(
        detector="baseline",
        segment=Segment("", "web", "GET /"),
        feature="requests",
        kind=Kind.OPERATIONS,
        start=10,
        end=20,
        actual=50.0,
        expected=10.0,
        lower=5.0,
        upper=15.0,
        p_value=1e-9,
        surprise=9.0,
        threshold=1e-6,
        counterfactual=15.0,
        unit="{request}",
    )
    return replace(base, **changes)


def test_late_knowledge_excuses_what_fits_it() -> None:
    known = replace(SALE, lift=3.0)
    assert excused(known, a_finding())
    assert not excused(known, a_finding(actual=80.0))
    assert not excused(known, a_finding(kind=Kind.SECURITY))
    assert not excused(known, a_finding(segment=Segment("", "mail", "")))
    assert not excused(SALE, a_finding())
    maintenance = replace(SALE, kind=EventKind.MAINTENANCE)
    assert excused(maintenance, a_finding(feature="latency_p95_seconds", kind=Kind.PERFORMANCE))
    assert not excused(maintenance, a_finding(kind=Kind.SECURITY))


def test_what_was_learned_before_there_was_another_feature_is_kept() -> None:
    event = PlannedEvent("e", EventKind.SALE, "Sale", 0, 10)
    first = Lifts()
    for _ in range(2):
        first.learn(event, np.zeros(50, np.int64), np.full(50, 3.0), np.ones(50))
        first.close(event)
    first.learn(event, np.zeros(50, np.int64), np.full(50, 3.0), np.ones(50))
    tree = first.snapshot()
    tree["running"] = {name: counts[:-1] for name, counts in tree["running"].items()}
    tree["known"] = {name: times[:, :, :-1] for name, times in tree["known"].items()}
    second = Lifts()
    second.restore(tree)
    assert np.array_equal(second.span(event)[1], first.span(event)[1])
    second.close(event)
    first.close(event)
    assert np.array_equal(second.span(event)[1], first.span(event)[1])
