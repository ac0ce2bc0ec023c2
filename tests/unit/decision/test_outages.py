"""What begins in many services at once is one incident; few services, security and what comes later are their own."""

import pytest
from tests.unit.decision.test_floods import Told
from tests.unit.decision.test_lifecycle import finding

from vedette.decision.correlate import CASCADE
from vedette.decision.outages import LEAST
from vedette.records.document import to_document
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Phase
from vedette.records.segment import Segment

MILD = 1e-7
"""A p-value that has to be seen twice."""

Findings = dict[int, list[Finding]]


def places(count: int, environment: str = "prod") -> list[Segment]:
    return [Segment(environment, f"service-{number:03}", "") for number in range(count)]


def together(count: int, begin: int = 0, end: int = 5, **changes: object) -> Findings:
    """Return findings by minute: so many services deviate from and until a minute."""
    return {minute: [finding(minute, place, **changes) for place in places(count)] for minute in range(begin, end)}


def also(story: Findings, more: Findings) -> Findings:
    return {minute: story.get(minute, []) + more.get(minute, []) for minute in story | more}


@pytest.mark.parametrize("p_value", [1e-12, MILD])
def test_hundreds_of_services_that_deviate_at_once_are_one_incident(p_value: float) -> None:
    told = Told().play(together(300, p_value=p_value), 40)
    (fired,) = told.fired
    one = told.latest[fired]
    assert one.phase is Phase.RESOLVED
    assert one.finding_count == 300 * 5
    assert one.title.startswith("300 services deviate at once: ")
    assert one.segment == Segment("prod", "service-000", "")
    assert "service-000, service-001" in one.explanation.sentence
    assert "and 294 more" in one.explanation.sentence
    assert sum(part.share for part in one.explanation.contributions) == pytest.approx(100, abs=1)
    if p_value < MILD:
        assert set(told.latest) == {fired}
        assert len(told.findings[fired]) == one.finding_count


def test_few_are_each_their_own() -> None:
    assert len(Told().play(together(LEAST - 1), 40).fired) == LEAST - 1
    assert len(Told().play(together(LEAST), 40).fired) == 1


def test_what_follows_soon_joins_and_what_comes_later_does_not() -> None:
    latecomers = [Segment("prod", "soon", ""), Segment("prod", "late", "")]
    soon = {CASCADE: [finding(CASCADE, latecomers[0])]}
    late = {CASCADE + 1: [finding(CASCADE + 1, latecomers[1])]}
    told = Told(restores=True).play(also(also(together(20, end=CASCADE + 2), soon), late), 60)
    assert sorted(told.latest[one].title.partition(":")[0] for one in told.fired)[0] == "21 services deviate at once"
    assert len(told.fired) == 2


def test_those_that_follow_each_other_slowly_are_each_their_own() -> None:
    story = {4 * number: [finding(4 * number, place)] for number, place in enumerate(places(5))}
    assert len(Told().play(story, 60).fired) == 5


def test_security_and_another_environment_stay_apart() -> None:
    attack = {minute: [finding(minute, places(1)[0], kind=Kind.SECURITY, feature="denied_ratio")] for minute in (2, 3)}
    elsewhere = {minute: [finding(minute, place) for place in places(2, "test")] for minute in range(5)}
    told = Told().play(also(also(together(20), attack), elsewhere), 60)
    kinds = sorted((told.latest[one].kind.value, told.latest[one].segment.environment) for one in told.fired)
    assert kinds == [("performance", "prod"), ("performance", "test"), ("performance", "test"), ("security", "prod")]


def test_what_was_told_already_says_what_it_is_part_of() -> None:
    first = {minute: [finding(minute, place) for place in places(3)] for minute in range(5)}
    others = {minute: [finding(minute, place) for place in places(20)[3:]] for minute in range(1, 5)}
    told = Told().play(also(first, others), 3)
    firing = [one for one in told.latest.values() if one.phase is Phase.FIRING]
    (whole,) = firing
    assert whole.title.startswith("20 services deviate at once: ")
    parts = [one for one in told.latest.values() if one.phase is Phase.RESOLVED]
    assert len(parts) == 2
    assert all(f"part of {whole.id}" in str(to_document(one)) for one in parts)


def test_it_is_the_same_after_a_restart() -> None:
    story = also(together(20, begin=50, end=75), {})
    assert Told(restores=True).play(story, 120).documents == Told().play(story, 120).documents
