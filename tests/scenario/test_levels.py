"""A level that stays is learned, and nobody is told that a fault is over while it lasts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.scenario.story import END, Shop, Story

from vedette.records.time import SECOND, from_rfc3339

HOUR = 3600.0


def slow(shop: Shop, begin: float, end: float) -> Story:
    """Play two days of the shop, everything of it three times as slow for a while."""
    return shop.then(
        replace(visit, takes=3.0 * visit.takes) if begin <= visit.time < end else visit for visit in shop.rest()
    )


def ends(story: Story, begin: float) -> list[str]:
    """Return how the incidents ended that began at a time."""
    mine = [one for one in story.fired if abs(from_rfc3339(one["started_at"]) / SECOND - begin) <= 180]
    assert mine
    return [one["explanation"]["timeline"][-1]["text"] for one in mine]


def test_a_latency_that_stays_tripled_is_not_called_back_to_normal(shop: Shop) -> None:
    begin = END - 7 * HOUR
    (said,) = ends(slow(shop, begin, END), begin)
    assert said.startswith("not back: its new level is taken as usual since ")
    assert "verdict" in said


@pytest.mark.parametrize("hours", [0.5, 3.0])
def test_one_that_is_over_is(shop: Shop, hours: float) -> None:
    begin = END - 5 * HOUR
    assert ends(slow(shop, begin, begin + hours * HOUR), begin) == ["back to normal"]
