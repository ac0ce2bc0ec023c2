"""A detector that floods is one incident; an outage, a change and a common cause are none of its doing."""

from dataclasses import replace

import pytest
from tests.unit.decision.test_lifecycle import MINUTE, finding, window

from vedette.decision.floods import LEAST, OVER, limit
from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.plan import Planned
from vedette.records.call import Call
from vedette.records.context import EventKind, PlannedEvent, Suppression, Verdict
from vedette.records.document import to_document
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident, Phase, Severity
from vedette.records.segment import Segment
from vedette.state.codec import decode, encode

SERVICES = [Segment("prod", f"service-{number:02}", "") for number in range(37)]
APART = 11
LENGTH = 4


def staggered(services: list[Segment] = SERVICES, apart: int = APART, **changes: object) -> dict[int, list[Finding]]:
    """Return findings by minute: each service deviates for some minutes, one after another."""
    story: dict[int, list[Finding]] = {}
    for number, service in enumerate(services):
        for minute in range(number * apart, number * apart + LENGTH):
            story.setdefault(minute, []).append(finding(minute, service, **changes))
    return story


class Told:
    """A lifecycle, restored from its own snapshot each hour, and the latest form of each incident."""

    def __init__(self, *, restores: bool = False) -> None:
        self.life = Lifecycle(Rules(15 * MINUTE))
        self.latest: dict[str, Incident] = {}
        self.fired: set[str] = set()
        self.findings: dict[str, set[str]] = {}
        self._restores = restores

    def play(self, story: dict[int, list[Finding]], minutes: int, planned: tuple[Planned, ...] = ()) -> "Told":
        for minute in range(minutes):
            if self._restores and minute % 60 == 59:
                fresh = Lifecycle(Rules(15 * MINUTE))
                fresh.restore(decode(encode(self.life.snapshot())))
                self.life = fresh
            for one in self.life.step(window(minute), story.get(minute, []), planned):
                self.latest[one.id] = one
                self.findings.setdefault(one.id, set()).update(one.finding_ids)
                if one.phase is Phase.FIRING:
                    self.fired.add(one.id)
        return self

    @property
    def floods(self) -> list[Incident]:
        return [one for one in self.latest.values() if one.title.startswith("detector misbehaving")]

    @property
    def documents(self) -> list[object]:
        return [to_document(one) for one in self.latest.values()]


@pytest.fixture(scope="module")
def flooded() -> Told:
    """Return what was told of 37 services whose latency is found odd one after another, and of three hours after."""
    return Told().play(staggered(), len(SERVICES) * APART + 180)


def test_it_is_one_incident_and_not_dozens(flooded: Told) -> None:
    (flood,) = flooded.floods
    assert len(flooded.fired) <= LEAST + 1
    assert flood.title == "detector misbehaving: latency_p95_seconds of 33 segments, by the baseline detector"
    assert flood.kind is Kind.OPERATIONS
    assert flood.severity is Severity.MEDIUM
    assert "service-04, service-05" in flood.explanation.paragraph
    assert "6 or more unrelated beginnings within 6 h, where 0.25 are expected" in flood.explanation.sentence
    assert flood.explanation.next_steps[0] == "vedette status"


def test_what_was_told_before_says_where_it_went(flooded: Told) -> None:
    (flood,) = flooded.floods
    singles = [one for one in flooded.latest.values() if one.id != flood.id]
    folded = [
        one
        for one in singles
        if one.explanation.timeline[-1].text == f"folded into {flood.id}: the detector misbehaves"
    ]
    assert folded
    assert all(one.phase is Phase.RESOLVED for one in singles)
    assert sum(map(len, flooded.findings.values())) == len(SERVICES) * LENGTH


def test_it_ends_when_nothing_began_for_two_hours(flooded: Told) -> None:
    (flood,) = flooded.floods
    assert flood.phase is Phase.RESOLVED
    assert flood.explanation.timeline[-1].text.startswith("the rate is back")
    assert flooded.life.misbehaving == ()
    after = len(SERVICES) * APART + OVER // MINUTE
    told = flooded.life.step(window(after + 200), [finding(after + 200, SERVICES[3])])
    assert [one.title.startswith("detector") for one in told] == [False]


def test_a_run_that_was_interrupted_tells_the_same(flooded: Told) -> None:
    again = Told(restores=True).play(staggered(), len(SERVICES) * APART + 180)
    assert again.documents == flooded.documents


def test_security_during_the_flood_is_told() -> None:
    story = staggered()
    attack = finding(200, SERVICES[9], kind=Kind.SECURITY, feature="clients", unit="{client}", actual=900.0)
    told = Told().play({**story, 200: [*story.get(200, []), attack]}, 230)
    assert [one.kind for one in told.latest.values() if attack.id in told.findings[one.id]] == [Kind.SECURITY]


def test_other_numbers_during_the_flood_are_told() -> None:
    story = staggered()
    failing = finding(200, SERVICES[30], feature="error_ratio", unit="1", actual=0.4, expected=0.01)
    told = Told().play({**story, 200: [*story.get(200, []), failing]}, 230)
    assert len(told.floods) == 1
    assert [one.segment for one in told.latest.values() if failing.id in told.findings[one.id]] == [SERVICES[30]]


def test_security_alone_is_never_a_flood() -> None:
    assert not Told().play(staggered(kind=Kind.SECURITY), 400).floods


def test_error_budgets_are_never_a_flood() -> None:
    assert not Told().play(staggered(detector="slo", feature="slo: fast"), 400).floods


def test_thirty_services_at_one_moment_are_an_outage() -> None:
    story = {minute: [finding(minute, one) for one in SERVICES[:30]] for minute in range(10, 60)}
    told = Told().play(story, 120)
    assert not told.floods
    assert len(told.fired) == 1


def test_an_outage_whose_services_come_one_by_one_within_minutes_is_an_outage() -> None:
    assert not Told().play(staggered(SERVICES[:10], apart=1), 120).floods


def test_one_client_in_common_is_a_common_cause() -> None:
    assert not Told().play(staggered(entities=("client c_1",)), 400).floods


def test_a_called_service_that_deviates_too_is_a_common_cause() -> None:
    told = Told()
    calls = tuple(Call(one, SERVICES[0]) for one in SERVICES[1:])
    for minute, findings in sorted(staggered(SERVICES[:20]).items()):
        for one in told.life.step(replace(window(minute), calls=calls), findings):
            told.latest[one.id] = one
    assert not told.floods


def test_what_begins_at_changes_is_not_counted() -> None:
    deploy = PlannedEvent("d", EventKind.DEPLOY, "v2", 0, 0, ())
    assert not Told().play(staggered(), 400, (Planned(deploy, "deploy"),)).floods


def test_few_incidents_a_day_are_no_flood() -> None:
    assert not Told().play(staggered(apart=120), 37 * 120).floods


def test_a_verdict_ends_it_and_the_counting_begins_anew() -> None:
    told = Told().play(staggered(SERVICES[:10]), 10 * APART)
    (flood,) = told.floods
    told.life.heed(Suppression(flood.id, flood.id, Verdict.NOISE, (), 0, 10**18))
    (ended,) = told.life.step(window(10 * APART), [])
    assert (ended.id, ended.phase) == (flood.id, Phase.RESOLVED)
    assert told.life.misbehaving == ()


def test_the_limit_is_a_poisson_tail_and_at_least_six() -> None:
    assert limit(0.01) == limit(1.0) == LEAST
    assert limit(1.0) < limit(4.0) < limit(20.0)
