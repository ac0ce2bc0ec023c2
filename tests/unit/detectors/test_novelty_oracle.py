import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.novelty import Scope as Oracle

from vedette.detectors.novelty import MEMORY, Novelty
from vedette.records.observation import Occurrences, Scope
from vedette.records.segment import Segment

HOUR = 3600
SCOPES = 3

window = st.dictionaries(st.tuples(st.integers(0, SCOPES - 1), st.integers(0, 12)), st.integers(1, 90), max_size=20)
windows = st.lists(st.tuples(st.integers(1, 400), window), max_size=25)
FORGOTTEN = 4
"""Item that is forgotten whenever it comes."""


def occurrences(seconds: int, rows: dict[tuple[int, int], int]) -> Occurrences:
    pairs = list(rows)
    return Occurrences(
        seconds * 10**9,
        HOUR * 10**9,
        np.array([slot for slot, _ in pairs], np.int32),
        np.array([item for _, item in pairs], np.uint64),
        np.array(list(rows.values()), np.int64),
    )


@given(windows)
def test_counts_and_judges_as_the_oracle_does(steps: list[tuple[int, dict[tuple[int, int], int]]]) -> None:
    detector = Novelty(ready_after=0.0)
    detector.grow([Scope(Segment("", "shop", f"{slot}"), "shape") for slot in range(SCOPES)])
    oracles = [Oracle(MEMORY) for _ in range(SCOPES)]
    seconds = 1_700_000_000
    for gap, rows in steps:
        seconds += gap * HOUR
        seen = occurrences(seconds, rows)
        detector.forget(seen, seen.item == FORGOTTEN)
        for slot, item in rows:
            if item == FORGOTTEN:
                oracles[slot].forget(item)
        scores = detector.score(seen)
        ready = scores.state == 1
        for row, ((slot, item), count) in enumerate(rows.items()):
            if ready[row]:
                assert scores.expected[row] == pytest.approx(oracles[slot].chance(seconds, item))
                assert scores.surprise[row] == pytest.approx(oracles[slot].surprise(seconds, item, count), abs=1e-6)
        detector.learn(seen, scores.surprise)
        for slot in range(SCOPES):
            mine = {item: count for (owner, item), count in rows.items() if owner == slot}
            if mine:
                oracles[slot].learn(seconds, mine)
