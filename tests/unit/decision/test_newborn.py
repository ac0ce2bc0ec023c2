"""What was never there for long is not missed; what was there for a day is, and on the first day everything."""

import numpy as np
from tests.unit.decision.test_lifecycle import Quiet

from vedette.decision.newborn import Newborn
from vedette.records.feature import CATALOG
from vedette.records.observation import Measures, Occurrences
from vedette.records.score import Scores, State
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window
from vedette.state.codec import decode, encode

HOUR = 3600 * SECOND
SHOP = Segment("", "shop", "")
OLD, NEW = Segment("", "shop", "GET /"), Segment("", "shop", "GET /scanned")
FEATURES = ("requests", "latency_p50_seconds")
SERIES = [CATALOG[feature].series(segment) for segment in (SHOP, OLD, NEW) for feature in FEATURES]


def passing(newborn: Newborn, hour: float, slots: list[int], value: float = 0.0) -> list[int]:
    """Return the slots that are not told of in a window at which all are at a value, where 10 is expected."""
    start, slot = round(hour * HOUR), np.array(slots, np.int32)
    same = np.full(len(slots), value)
    measures = Measures(start, HOUR, slot, same, np.ones(len(slots)))
    none = np.zeros(0)
    occurrences = Occurrences(start, HOUR, none.astype(np.int32), none.astype(np.uint64), none.astype(np.int64))
    ten = np.full(len(slots), 10.0)
    ready = np.full(len(slots), State.READY, np.int8)
    scores = Scores(ready, ten, ten, ten, ten, np.zeros(len(slots)))
    return slot[newborn.passing(Window(start, HOUR, (), (), measures, occurrences, Quiet()), scores)].tolist()


def watched(until: int = 48) -> Newborn:
    """Return what knows the service and an operation for hours, and another since the last one."""
    newborn = Newborn()
    newborn.grow(SERIES[:4])
    for hour in range(1, until):
        assert passing(newborn, hour, [0, 1, 2, 3], 10.0) == []
    newborn.grow(SERIES[4:])
    assert passing(newborn, until, [0, 1, 2, 3, 4, 5], 10.0) == []
    return newborn


def test_a_new_operation_s_count_is_not_missed_for_a_day() -> None:
    newborn = watched()
    assert passing(newborn, 51, [0, 1, 2, 3, 4, 5]) == [4]
    assert passing(newborn, 48 + 23, [0, 2, 4]) == [4]
    assert passing(newborn, 48 + 24, [0, 2, 4]) == []


def test_its_rise_is_told() -> None:
    assert passing(watched(), 51, [4], 100.0) == []


def test_on_the_first_day_what_is_as_old_as_the_rest_is_missed() -> None:
    newborn = watched(until=4)
    assert passing(newborn, 5, [0, 2, 4]) == [4]
    assert passing(newborn, 8, [0, 2, 4]) == []


def test_it_goes_on_from_its_snapshot_and_an_older_release_s_numbers_are_grown() -> None:
    newborn, other = watched(), Newborn()
    other.restore(decode(encode(newborn.snapshot())), SERIES)
    assert passing(other, 51, [0, 2, 4]) == [4]
    other.restore({}, SERIES)
    assert passing(other, 51, [0, 2, 4]) == []
