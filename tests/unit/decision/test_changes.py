"""Verdicts and late events on open episodes, and the preview of a suppression."""

from dataclasses import replace

import pytest
from tests.unit.decision.test_lifecycle import CHECKOUT, LOGIN, MINUTE, finding, window

from vedette.decision.lifecycle import CHANGE_PATIENCE, Lifecycle, Rules
from vedette.decision.plan import Planned
from vedette.decision.preview import Past, effect
from vedette.decision.suppress import Suppressions, causes_of
from vedette.records.context import EventKind, PlannedEvent, Suppression, Verdict, Withdrawal
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident, Phase

RULES = Rules(5 * MINUTE)
DEPLOY = PlannedEvent("d1", EventKind.DEPLOY, "2.4", 2 * MINUTE, 2 * MINUTE, ("web",))
PLANNED = (Planned(DEPLOY, "deploy “2.4” was at 00:02 UTC"),)


def suppression(*findings: Finding, verdict: Verdict = Verdict.NOISE, until: int = 10**18) -> Suppression:
    return Suppression("s1", "i1", verdict, causes_of(findings), 0, until)


def opened(planned: tuple[Planned, ...] = ()) -> tuple[Lifecycle, Incident]:
    life = Lifecycle(RULES)
    (incident,) = life.step(window(3), [finding(3)], planned)
    assert incident.phase is Phase.FIRING
    return life, incident


def test_a_verdict_ends_the_incident_with_the_next_window_and_says_why() -> None:
    life, incident = opened()
    judged = replace(suppression(finding(3)), incident=incident.id, note="our scanner")
    assert life.heed(judged) == frozenset()
    (over,) = life.step(window(4), [])
    assert (over.id, over.phase) == (incident.id, Phase.RESOLVED)
    assert over.explanation.timeline[-1].text == "a person said: noise (our scanner)"


def test_what_began_at_a_change_is_undecided_until_it_is_accepted_or_over() -> None:
    life, incident = opened(PLANNED)
    part = (CHECKOUT, "latency_p95_seconds")
    assert life.undecided(3 * MINUTE) == {part}
    assert [text.split(" since ")[0] for text in incident.explanation.hypotheses] == ["a regression", "the new normal"]
    judged = replace(suppression(finding(3), verdict=Verdict.EXPECTED), incident=incident.id)
    assert life.heed(judged) == {part}
    assert life.undecided(4 * MINUTE) == frozenset()


def test_a_change_that_is_taken_back_is_no_cause_of_what_is_open() -> None:
    life, _ = opened(PLANNED)
    life.heed(Withdrawal("another"))
    assert life.undecided(3 * MINUTE)
    life.heed(Withdrawal(DEPLOY.id))
    assert life.undecided(3 * MINUTE) == frozenset()
    (told,) = life.step(window(4), [finding(4)])
    assert told.explanation.hypotheses == ()


def test_what_a_late_event_closes_goes_on_if_it_is_taken_back_at_once() -> None:
    life, incident = opened()
    life.heed(PlannedEvent("m1", EventKind.MAINTENANCE, "Move", 0, 60 * MINUTE, ("web",)))
    life.heed(Withdrawal("m1"))
    (told,) = life.step(window(4), [finding(4)])
    assert (told.id, told.phase, told.explained) == (incident.id, Phase.FIRING, "")


def test_after_a_change_findings_of_the_service_join_whenever_they_come_but_not_those_of_security() -> None:
    life, incident = opened(PLANNED)
    later = finding(8, LOGIN, entities=())
    attack = finding(8, LOGIN, feature="denied_ratio", kind=Kind.SECURITY, entities=("client c_9",))
    told = life.step(window(8), [later, attack], PLANNED)
    assert len(told) == 2
    assert incident.id in {one.id for one in told}


def test_a_change_has_more_patience() -> None:
    life, _ = opened(PLANNED)
    quiet = next(minute for minute in range(4, 60) if life.step(window(minute), []))
    assert quiet + 1 - 4 == 5 * CHANGE_PATIENCE


def test_an_event_that_is_announced_late_explains_what_is_open() -> None:
    life, incident = opened()
    event = PlannedEvent("m1", EventKind.MAINTENANCE, "Database", 0, 9 * MINUTE, ("web",))
    life.heed(event)
    (over,) = life.step(window(4), [])
    assert (over.id, over.phase) == (incident.id, Phase.RESOLVED)
    assert "explained by maintenance “Database”" in over.explanation.timeline[-1].text


def test_it_explains_no_more_than_it_is_about() -> None:
    life = Lifecycle(RULES)
    attack = finding(3, feature="denied_ratio", kind=Kind.SECURITY)
    life.step(window(3), [finding(3), attack])
    life.heed(PlannedEvent("m1", EventKind.MAINTENANCE, "Database", 0, 9 * MINUTE, ("web",)))
    (still,) = life.step(window(4), [replace(attack, start=4 * MINUTE, end=5 * MINUTE)])
    assert still.phase is Phase.FIRING
    assert {part.feature for part in still.explanation.contributions} == {"denied_ratio"}


@pytest.mark.parametrize(
    ("change", "hidden"),
    [
        ({}, True),
        ({"actual": 2.2}, True),
        ({"actual": 2.3}, False),
        ({"actual": 0.2}, False),
        ({"segment": LOGIN}, False),
        ({"feature": "latency_p50_seconds"}, False),
        ({"item": "new"}, False),
    ],
)
def test_a_suppression_hides_its_cause_and_nothing_else(change: dict[str, object], hidden: bool) -> None:
    assert suppression(finding(3)).hides(finding(9, **change)) == hidden


@pytest.mark.parametrize(
    ("who", "hidden"), [(("client c_1",), True), (("client c_2", "client c_1"), False), ((), False)]
)
def test_of_security_another_actor_is_another_matter(who: tuple[str, ...], hidden: bool) -> None:
    attack = finding(3, feature="denied_ratio", kind=Kind.SECURITY, entities=("client c_1",))
    assert suppression(attack).hides(replace(attack, entities=who)) == hidden


def test_suppressions_expire_and_are_taken_back() -> None:
    known = Suppressions()
    known.heed(suppression(finding(3), until=5 * MINUTE))
    one = (finding(4),)
    assert known.visible(one, 4 * MINUTE) == ()
    fresh = Suppressions()
    fresh.restore(known.snapshot())
    assert fresh.visible(one, 4 * MINUTE) == ()
    assert known.visible((finding(5),), 5 * MINUTE) == (finding(5),)
    fresh.heed(Withdrawal("s1"))
    assert fresh.visible(one, 4 * MINUTE) == one


def test_the_preview_counts_what_is_gone_and_what_stays() -> None:
    findings = [finding(3), finding(4), finding(30), finding(60, LOGIN, feature="error_ratio", actual=0.5, unit="1")]
    told = effect(Past(findings, RULES), suppression(finding(3)))
    assert len(told.hidden) == 3
    assert (len(told.before), len(told.after), len(told.gone)) == (3, 1, 2)


def test_an_incident_of_which_something_is_left_is_not_gone() -> None:
    findings = [finding(3), finding(3, feature="error_ratio", actual=0.5, unit="1")]
    told = effect(Past(findings, RULES), suppression(finding(3)))
    assert (len(told.before), len(told.after), told.gone) == (1, 1, ())
