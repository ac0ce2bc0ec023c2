from collections import Counter

import numpy as np

from vedette.features.entities import Events, entity_days
from vedette.records.day import SCOPES, first_entities

DAY = 86_400.0


def some_events(seed: int = 1, count: int = 500) -> Events:
    rng = np.random.default_rng(seed)
    items = {name: rng.integers(0, 5, count).astype(np.uint64) for name in ("host", "country", "process", "action")}
    blank = np.full(count, np.nan)
    return Events(
        np.sort(rng.random(count) * 3 * DAY),
        rng.integers(7, size=count),
        items,
        rng.random(count) * 100,
        rng.random(count) < 0.2,
        blank,
        blank,
    )


def test_days_hold_what_a_loop_over_events_counts() -> None:
    events = some_events()
    for day in entity_days(events):
        here = (events.seconds >= day.start) & (events.seconds < day.start + DAY)
        rows = np.flatnonzero(here)
        hosts = Counter((int(events.entity[i]), int(events.items["host"][i])) for i in rows if events.items["host"][i])
        scope = SCOPES.index("host")
        mine = day.items.slot % len(SCOPES) == scope
        found = zip(day.items.slot[mine] // len(SCOPES), day.items.item[mine], day.items.count[mine], strict=True)
        assert {(int(e), int(i)): int(n) for e, i, n in found} == hosts
        for place, entity in enumerate(day.entity):
            own = rows[events.entity[rows] == entity]
            assert day.numbers["events"][place] == len(own)
            assert np.isclose(day.numbers["bytes"][place], events.size[own].sum())
            assert day.numbers["failures"][place] == events.failed[own].sum()
        assert day.hours.count.sum() == len(rows)
        assert np.isclose(day.hour_size.sum(), events.size[rows].sum())


def journey(gap: float, places: list[tuple[float, float]] | None) -> float:
    count = 2
    country = np.array([1, 2], np.uint64)
    lat, lon = (np.array(part) for part in zip(*places, strict=True)) if places else (np.full(2, np.nan),) * 2
    events = Events(
        np.array([DAY + 10, DAY + 10 + gap]),
        np.zeros(count, np.int64),
        {"country": country},
        np.zeros(count),
        np.zeros(count, np.bool_),
        lat,
        lon,
    )
    return float(next(entity_days(events)).numbers["jumps"][0])


def test_nobody_is_in_two_countries_within_an_hour() -> None:
    assert journey(3600.0, None) == 1
    assert journey(5 * 3600.0, None) == 0


def test_with_coordinates_distance_counts_and_borders_do_not() -> None:
    basel, freiburg, tokyo = (47.56, 7.59), (47.99, 7.85), (35.7, 139.7)
    assert journey(3600.0, [basel, freiburg]) == 0
    assert journey(5 * 3600.0, [basel, tokyo]) == 1
    assert journey(14 * 3600.0, [basel, tokyo]) == 0


def test_entities_beyond_the_limit_are_left_out() -> None:
    day = next(entity_days(some_events()))
    part = first_entities(day, 3)
    assert part.entity.max() < 3
    assert part.items.slot.max() < 3 * len(SCOPES)
    assert len(part.hour_size) == len(part.hours.slot)
    assert len(part.numbers["events"]) == len(part.entity)
