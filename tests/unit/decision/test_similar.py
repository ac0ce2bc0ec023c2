"""Which past incidents are like one: alike in cause, whoever and how much it was."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.decision.similar import LEAST, MOST, likeness, similar, traits


def part(feature: str, share: float, *, up: bool = True, item: str = "", detector: str = "baseline") -> dict[str, Any]:
    actual, expected = (3.0, 1.0) if up else (0.0, 1.0)
    return {
        "feature": feature, "share": share, "detector": detector, "actual": actual, "expected": expected, "item": item,
    }  # fmt: skip


def incident(
    name: str = "now", *parts: dict[str, Any], service: str = "shop", at: str = "2026-11-20", **change: Any
) -> dict[str, Any]:
    return {
        "id": name,
        "title": f"{name} of {service}",
        "phase": "resolved",
        "kind": "performance",
        "severity": "high",
        "segment": service,
        "segment_parts": {"environment": "", "service": service, "operation": ""},
        "started_at": f"{at}T10:00:00.000Z",
        "ended_at": None,
        "techniques": [],
        "verdict": None,
        "explanation": {"contributions": [*parts] or [part("latency_p95_seconds", 100.0)]},
        **change,
    }


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in found]


def test_the_same_again_is_all_alike_whoever_did_it_and_however_bad() -> None:
    earlier = incident("old", at="2026-11-10", verdict="noise", severity="low", entities=["client c_1"])
    (found,) = similar(incident(severity="critical", entities=["client c_2"]), [earlier])
    assert (found["id"], found["verdict"], found["likeness"]) == ("old", "noise", 1.0)
    assert found["shared"] == ["p95 latency up", "service shop", "kind performance", "segment shop"]


def test_only_what_began_before_fired_and_was_real_is_past() -> None:
    rows = [
        incident("later", at="2026-11-21"),
        incident("now"),
        incident("pending", at="2026-11-10", phase="pending"),
        incident("drill", at="2026-11-10", simulated="drill"),
        incident("old", at="2026-11-10", phase="firing"),
    ]
    assert ids(similar(incident(), rows)) == ["old"]


@pytest.mark.parametrize(
    "other",
    [
        incident("down", part("latency_p95_seconds", 100.0, up=False), at="2026-11-10"),
        incident("errors", part("error_ratio", 100.0), at="2026-11-10"),
        incident("line", part("template", 100.0, item="other line"), at="2026-11-10"),
    ],
)
def test_another_cause_at_the_same_service_is_not_alike(other: dict[str, Any]) -> None:
    assert similar(incident(), [other]) == []


def test_the_same_rule_or_log_line_is_alike_and_another_one_is_not() -> None:
    for family in ("rule", "template", "reading"):
        mine = incident("now", part(family, 100.0, item="SQL injection"))
        same = incident("same", part(family, 100.0, item="SQL injection"), at="2026-11-10")
        other = incident("other", part(family, 100.0, item="path traversal"), at="2026-11-10")
        found = similar(mine, [other, same])
        assert ids(found) == ["same"]
        assert "SQL injection" in found[0]["shared"][0]


def test_shares_count_and_what_is_lumped_together_does_not() -> None:
    rest = part("other (3)", 40.0, detector="")
    mine = incident("now", part("error_ratio", 60.0), rest)
    assert similar(mine, [incident("old", part("error_ratio", 100.0), at="2026-11-10")])[0]["likeness"] == 1.0
    mostly = incident("mostly", part("error_ratio", 90.0), part("requests", 10.0), at="2026-11-10")
    partly = incident("partly", part("error_ratio", 60.0), part("requests", 40.0), at="2026-11-10")
    found = similar(incident("now", part("error_ratio", 100.0)), [partly, mostly])
    assert [(one["id"], one["likeness"]) for one in found] == [("mostly", 0.89), ("partly", 0.61)]


def test_the_likest_come_first_then_the_newest_and_few_are_told() -> None:
    rows = [incident(f"i{day:02}", at=f"2026-11-{day:02}") for day in range(1, 10)]
    elsewhere = incident("elsewhere", at="2026-11-19", service="mail")
    assert ids(similar(incident(), [elsewhere, *rows])) == ["i09", "i08", "i07", "i06", "i05"][:MOST]
    assert ids(similar(incident(), [elsewhere])) == ["elsewhere"]


def test_documents_of_older_releases_without_items_are_read() -> None:
    old = incident("old", at="2026-11-10")
    del old["explanation"]["contributions"][0]["item"]
    assert ids(similar(incident(), [old])) == ["old"]


def test_the_order_of_the_past_does_not_matter() -> None:
    rows = [
        incident(f"i{day}", part("error_ratio", 10.0 * day), part("requests", 100 - 10.0 * day), at=f"2026-11-0{day}")
        for day in range(1, 10)
    ]
    mine = incident("now", part("error_ratio", 70.0), part("requests", 30.0))
    found = similar(mine, rows)
    assert similar(mine, rows[::-1]) == found
    assert all(one["likeness"] >= other["likeness"] >= LEAST for one, other in pairwise(found))


weights = st.dictionaries(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), st.floats(0.01, 10), max_size=6)


@given(weights, weights)
def test_likeness_is_an_index_of_two_sides_between_none_and_all(one: Any, other: Any) -> None:
    found = likeness(one, other)
    assert 0.0 <= found <= 1.0 + 1e-12
    assert found == likeness(other, one)
    assert likeness(one, one) == (1.0 if one else 0.0)
    if not one.keys() & other.keys():
        assert found == 0.0


def test_an_incident_without_shares_has_traits() -> None:
    bare = incident("bare", part("requests", 0.0))
    assert traits(bare)["service", "shop"] == 2.0
