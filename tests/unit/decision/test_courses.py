"""What is said of a number whose course is odd, and what becomes of it."""

from dataclasses import replace

import pytest
from tests.unit.decision.test_lifecycle import MINUTE, finding, window

from vedette.decision.courses import WHY, turned
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.ranking import score, severity
from vedette.decision.returns import Returns
from vedette.decision.sentence import counterfactual, title
from vedette.detectors.course_watch import MODELS, TOGETHER
from vedette.records.course import Turn
from vedette.records.feature import feature_of
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident, Phase, Severity
from vedette.records.segment import Segment

PLACE = Segment("prod", "shop", "GET /")


def turn(actual: float = 391.0, above: float = 0.5, feature: str = "requests") -> Turn:
    return Turn(
        feature_of(feature).series(PLACE),
        actual,
        200.0,
        151.4,
        260.8,
        260.3 if actual > 200.0 else 151.9,
        "season",
        above,
    )


def told(one: Turn, minute: int = 0) -> Finding:
    (found,) = turned(window(minute), [one], 1e-6)
    return found


def fired(*findings: Finding) -> list[Incident]:
    life = Lifecycle(Rules(15 * MINUTE))
    changed = {one.id: one for found in findings for one in life.step(window(found.start // MINUTE), [found])}
    return [one for one in changed.values() if one.phase is Phase.FIRING]


def test_it_says_the_number_its_band_and_in_which_way_it_is_odd() -> None:
    found = told(turn())
    assert found.told == f"requests 391, normally 151–261: {WHY['season']}"
    assert title(found) == "GET /: requests are 2.0× the expected value"
    assert counterfactual(found) == "would not have fired if ≤ 260"
    assert counterfactual(told(turn(actual=40.0))) == "would not have fired if ≥ 152"


@pytest.mark.parametrize("model", [*MODELS.values(), TOGETHER])
def test_every_model_has_its_words(model: str) -> None:
    assert told(replace(turn(), model=model)).told.endswith(WHY[model])


def test_one_finding_is_enough_since_what_it_is_of_has_lasted() -> None:
    found = told(turn())
    assert severity(score(found)) is Severity.MEDIUM
    assert len(fired(found)) == 1
    assert not fired(replace(found, detector="baseline"))


def test_it_is_a_number_of_its_segment_like_any_other() -> None:
    (both,) = fired(told(turn()), finding(0, PLACE, feature="requests", kind=Kind.OPERATIONS, detector="baseline"))
    assert [one.feature for one in both.explanation.contributions] == ["requests"]


def test_its_way_back_is_no_news() -> None:
    known = Returns()
    for minute in range(120):
        known.step((minute + 1) * MINUTE, [told(turn(actual=0.0))] if minute < 5 else [], lambda _: 0.0)
    back = replace(told(turn(), 120), actual=210.0, expected=20.0, lower=5.0, upper=40.0)
    assert known.without([back]) == ()


def test_nothing_is_told_of_a_number_whose_calibration_failed_its_test() -> None:
    assert not list(turned(window(0), [turn()], 1e-6, {(PLACE, "requests")}))
    assert list(turned(window(0), [turn()], 1e-6, {(PLACE, "clients")}))
