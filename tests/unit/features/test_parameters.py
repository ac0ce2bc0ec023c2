"""Values at open places of templates: which are watched, which are new, and what is no state."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pytest

from vedette.features import parameters
from vedette.features.parameters import SETTLED_LINES, USUAL, Parameters
from vedette.features.registry import Slots
from vedette.features.templates import Templates
from vedette.records.observation import Scope
from vedette.records.segment import Segment
from vedette.records.texts import stable_hash
from vedette.records.time import SECOND
from vedette.state.codec import decode, encode

MINUTE = 60 * SECOND
EACH = 10
"""Lines a minute."""


class Bench:
    """Parameters with the templates that they read."""

    def __init__(self) -> None:
        self.templates = Templates()
        segments = Slots[Segment](4)
        segments.slot(Segment("", "jobs", ""))
        self.scopes = Slots[Scope](4)
        self.model = Parameters(segments, self.scopes, self.templates)

    def take(self, minute: int, lines: Iterable[str]) -> None:
        bodies = pa.array(list(lines), pa.string())
        count = len(bodies)
        template = self.templates.assign(bodies).astype(np.int64)
        self.model.take(bodies, np.full(count, minute * MINUTE), np.zeros(count, np.int64), template)

    def closed(self, minute: int) -> dict[int, int]:
        items = self.model.close((minute + 1) * MINUTE)
        return dict(zip(items.item.tolist(), items.count.tolist(), strict=True))

    def usual(self, minutes: int, line: str = "job {} ended with code {}") -> None:
        for minute in range(minutes):
            self.take(minute, (line.format(minute * EACH + number, number % 3) for number in range(EACH)))
            self.closed(minute)


@pytest.fixture
def bench() -> Bench:
    made = Bench()
    made.usual(61)
    return made


def test_a_value_that_came_late_is_an_item_and_stays_one(bench: Bench) -> None:
    for minute in (61, 62):
        bench.take(minute, ["job 7000 ended with code 0", "job 7001 ended with code 139"])
        assert bench.closed(minute) == {USUAL: 1, stable_hash("job <*> ended with code 139"): 1}
        assert bench.model.texts == ["job <*> ended with code 139"]


def test_nothing_is_said_before_enough_lines_and_time() -> None:
    bench = Bench()
    bench.usual(30)
    bench.take(31, ["job 7 ended with code 139"])
    assert bench.closed(31) == {}


def test_a_place_with_many_values_is_no_state_however_they_come() -> None:
    for many in (100, 1):
        bench = Bench()
        for minute in range(80):
            lines = [f"sent {minute * many + number} bytes" for number in range(many)] * (SETTLED_LINES // 40)
            bench.take(minute, lines)
            assert bench.closed(minute) == {}
        assert all(known.closed for known in bench.model._known.values())
        assert bench.model._parts[1] == ()


@pytest.mark.parametrize("value", ["2026-11-26", "20261126", "26.11.2026", "x" * 41, "12:30:05"])
def test_dates_and_long_values_are_no_states(value: str) -> None:
    bench = Bench()
    for minute in range(70):
        bench.take(minute, [f"rotated file={value}"] * EACH)
        assert bench.closed(minute) == {}


def test_a_counter_that_moves_slowly_is_closed_after_its_third_new_value(bench: Bench) -> None:
    said = []
    for minute in range(61, 70):
        bench.take(minute, [f"job 7000 ended with code {minute}"])
        said.append(len(bench.closed(minute)))
    assert said == [1, 1, 0, 0, 0, 0, 0, 0, 0]


def test_a_line_that_is_not_made_like_its_template_is_left_out(bench: Bench) -> None:
    bench.take(61, ["job 7 ended (3) with code 139"])
    assert bench.closed(61) == {}


def test_cuts_and_restarts_change_nothing(bench: Bench) -> None:
    lines = [f"job {number} ended with code {number % 5}" for number in range(40)]
    bench.take(61, lines)
    other = Bench()
    other.usual(61)
    for start in range(0, 40, 7):
        other.take(61, lines[start : start + 7])
        fresh = Bench()
        fresh.templates.restore(decode(encode(other.templates.snapshot())))
        fresh.model.restore(decode(encode(other.model.snapshot())))
        other = fresh
    assert bench.closed(61) == other.closed(61)
    assert bench.model.snapshot() == other.model.snapshot()


def test_places_have_a_limit_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameters, "MOST_PLACES", 3)
    bench = Bench()
    kinds = ["alpha", "beta", "gamma", "delta", "epsilon"]
    for minute in range(70):
        bench.take(minute, [f"{kind} {kind} {kind} mode={number % 2}" for kind in kinds for number in range(EACH)])
        bench.closed(minute)
    assert bench.model.refused == 2
    assert sum(not known.closed for known in bench.model._known.values()) == 3
