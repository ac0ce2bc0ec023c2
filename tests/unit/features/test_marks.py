"""Marks of a window: bounded, and a flood of indicators takes no room from rules."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from vedette.features import marks
from vedette.features.marks import Marks
from vedette.features.registry import Slots
from vedette.indicators.model import Kind, id_of, mark_of
from vedette.records import schema
from vedette.records.rule import is_listed
from vedette.records.segment import Segment

RULE = "11111111-1111-4111-8111-111111111111"
LISTED = mark_of(id_of("feed", Kind.DOMAIN, "bad.example"))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST", 5)
    monkeypatch.setattr(marks, "MOST_LISTED", 3)


def kept() -> Marks:
    segments: Slots[Segment] = Slots(10)
    segments.slot(Segment("", "shop", ""))
    return Marks(segments)


def take(held: Marks, *rules: str, start: int = 0) -> None:
    columns = pa.RecordBatch.from_arrays([pa.array(rules)], names=[schema.RULES])
    rows = len(rows_ := np.arange(len(rules)))
    held.take(columns, np.full(rows, start), np.zeros(rows, np.int64), rows_)


def names(held: Marks) -> dict[str, int]:
    (found,) = held.close(1).values()
    return {name: sum(one.rule == name for one in found) for name in (RULE, LISTED)}


def test_an_indicators_mark_is_told_from_a_rules() -> None:
    assert (is_listed(LISTED), is_listed(RULE)) == (True, False)


def test_a_flood_of_indicators_takes_no_room_from_rules_and_the_other_way() -> None:
    held = kept()
    take(held, *[LISTED] * 9, *[f"{RULE} {LISTED}"] * 9)
    assert held.refused == 6 + 4 + 9
    assert names(held) == {RULE: 5, LISTED: 3}


def test_the_bound_holds_over_batches_and_restarts_and_is_of_each_window() -> None:
    first = kept()
    take(first, *[LISTED] * 2, RULE)
    other = kept()
    other.restore(first.snapshot())
    for held in (first, other):
        take(held, *[LISTED] * 4)
        take(held, *[LISTED] * 4, start=60)
        assert held.refused == 3 + 1
        assert names(held) == {RULE: 1, LISTED: 3}
        take(held, LISTED, start=60)
        assert held.refused == 5
