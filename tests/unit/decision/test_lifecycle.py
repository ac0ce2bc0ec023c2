from dataclasses import replace

import numpy as np
import pytest

from vedette.decision.episode import MOST_MOMENTS, MOST_PARTS
from vedette.decision.lifecycle import CONFIRM_WITHIN, Lifecycle, Rules
from vedette.records.document import finding_from_document, finding_to_document, from_document, to_document
from vedette.records.finding import Finding, Kind
from vedette.records.incident import Incident, Phase, Severity
from vedette.records.observation import Measures, Occurrences
from vedette.records.segment import Segment
from vedette.records.time import SECOND
from vedette.records.window import Window

MINUTE = 60 * SECOND
CHECKOUT = Segment("", "web", "POST /checkout")
LOGIN = Segment("", "web", "POST /login")
SERVICE = Segment("", "web", "")


class Quiet:
    def events(self, segment: Segment) -> int:
        return 10

    def entities(self, segment: Segment) -> tuple[str, ...]:
        return ("client c_1",)

    def evidence(self, segment: Segment, item: str = "") -> tuple[str, ...]:
        return ()

    def item(self, code: int) -> str:
        return ""


def window(minute: int) -> Window:
    none = np.zeros(0)
    return Window(
        minute * MINUTE,
        MINUTE,
        (),
        (),
        Measures(minute * MINUTE, MINUTE, none.astype(np.int32), none, none),
        Occurrences(minute * MINUTE, MINUTE, none.astype(np.int32), none.astype(np.uint64), none.astype(np.int64)),
        Quiet(),
    )


def finding(minute: int, segment: Segment = CHECKOUT, p_value: float = 1e-12, **changes: object) -> Finding:
    base = Finding(
        detector="baseline",
        segment=segment,
        feature="latency_p95_seconds",
        kind=Kind.PERFORMANCE,
        start=minute * MINUTE,
        end=(minute + 1) * MINUTE,
        actual=1.84,
        expected=0.35,
        lower=0.29,
        upper=0.405,
        p_value=p_value,
        surprise=12.0,
        threshold=1e-6,
        counterfactual=0.405,
        unit="s",
    )
    return replace(base, **changes)


def run(story: dict[int, list[Finding]], minutes: int) -> list[Incident]:
    life = Lifecycle(Rules(5 * MINUTE))
    return [incident for minute in range(minutes) for incident in life.step(window(minute), story.get(minute, []))]


def test_one_episode_is_one_incident_through_its_phases() -> None:
    told = run({minute: [finding(minute)] for minute in (3, 4, 5)}, 15)
    assert {incident.id for incident in told} == {told[0].id}
    assert [incident.phase for incident in told] == [Phase.FIRING] * 3 + [Phase.RESOLVED]
    assert told[-1].ended_at == 6 * MINUTE
    assert told[-1].started_at == 3 * MINUTE


def test_a_mild_blip_is_never_fired() -> None:
    told = run({3: [finding(3, p_value=5e-7)]}, 15)
    assert [incident.phase for incident in told] == [Phase.PENDING, Phase.PENDING]
    assert told[-1].ended_at is not None


def test_a_mild_deviation_fires_when_it_is_confirmed() -> None:
    told = run(
        {3: [finding(3, p_value=5e-7)], 3 + CONFIRM_WITHIN - 1: [finding(3 + CONFIRM_WITHIN - 1, p_value=5e-7)]}, 6
    )
    assert [incident.phase for incident in told] == [Phase.PENDING, Phase.FIRING]


def test_the_service_total_joins_the_routes_incident() -> None:
    told = run({3: [finding(3), finding(3, SERVICE)]}, 5)
    assert len({incident.id for incident in told}) == 1
    assert told[0].segment == CHECKOUT


def test_another_route_much_later_is_another_incident() -> None:
    story = {minute: [finding(minute)] for minute in range(3, 9)}
    story[8] = [finding(8), finding(8, LOGIN)]
    assert len({incident.id for incident in run(story, 9)}) == 2


def test_the_same_actor_joins() -> None:
    story = {minute: [finding(minute, entities=("client c_9",))] for minute in range(3, 9)}
    story[8].append(finding(8, LOGIN, entities=("client c_9",)))
    assert len({incident.id for incident in run(story, 9)}) == 1


def test_ten_thousand_findings_of_one_cause_are_one_incident() -> None:
    routes = [Segment("", "web", f"GET /{number}") for number in range(100)]
    story = {minute: [finding(minute, route) for route in routes] for minute in range(3, 103)}
    told = run(story, 103)
    assert len({incident.id for incident in told}) == 1
    assert told[-1].finding_count == 10_000


def test_shares_sum_to_a_hundred_and_the_heaviest_comes_first() -> None:
    features = ("latency_p95_seconds", "error_ratio", "requests")
    story = {
        3: [finding(3, feature=name, p_value=10.0**-power) for name, power in zip(features, (20, 12, 8), strict=True)]
    }
    why = run(story, 4)[0].explanation
    assert sum(part.share for part in why.contributions) == pytest.approx(100.0)
    assert [part.feature for part in why.contributions] == list(features)


def test_many_contributions_are_summed_as_other() -> None:
    routes = [Segment("", "web", f"GET /{number}") for number in range(30)]
    why = run({3: [finding(3, route) for route in routes]}, 4)[0].explanation
    assert why.contributions[-1].feature == "other (22)"
    assert sum(part.share for part in why.contributions) == pytest.approx(100.0)


def test_it_says_why_in_words() -> None:
    incident = run({3: [finding(3)]}, 4)[0]
    assert incident.title == "POST /checkout: p95 latency is 5.3× the expected value"
    assert incident.explanation.sentence == "POST /checkout: p95 latency 1.84 s, normally 290–405 ms."
    assert incident.explanation.counterfactual == "p95 latency: would not have fired if ≤ 405 ms"
    assert incident.severity is Severity.HIGH
    assert "not known before the first day" in incident.explanation.rarity


def test_new_structure_is_said_in_words() -> None:
    new = finding(
        3,
        detector="novelty",
        feature="request_shape",
        kind=Kind.SECURITY,
        item="coupon:str:adx",
        expected=1e-5,
        actual=12.0,
    )
    incident = run({3: [new]}, 4)[0]
    assert "coupon is text of letters, digits, punctuation" in incident.title
    assert incident.kind is Kind.SECURITY


def test_snapshot_goes_on_where_it_left() -> None:
    story = {minute: [finding(minute), finding(minute, SERVICE)] for minute in (3, 4, 5)}
    whole = run(story, 15)
    first = Lifecycle(Rules(5 * MINUTE))
    told = [incident for minute in range(5) for incident in first.step(window(minute), story.get(minute, []))]
    second = Lifecycle(Rules(5 * MINUTE))
    second.restore(first.snapshot())
    told += [incident for minute in range(5, 15) for incident in second.step(window(minute), story.get(minute, []))]
    assert told == whole


def test_documents_come_back_as_they_were() -> None:
    incident = run({3: [finding(3)]}, 4)[0]
    assert to_document(from_document(to_document(incident))) == to_document(incident)
    one = finding(3, lower=float("-inf"))
    assert finding_to_document(finding_from_document(finding_to_document(one))) == finding_to_document(one)


def test_what_an_episode_keeps_is_bounded_and_the_heaviest_stays() -> None:
    def shaped(number: int) -> Finding:
        weight = 1e-30 if number == 7 else 1e-12
        return finding(3 + number // 100, feature="request_shape", item=f"a{number}:str:a", p_value=weight)

    story = {3 + window: [shaped(100 * window + n) for n in range(100)] for window in range(15)}
    told = run(story, 18)[-1]
    assert told.finding_count == 1500
    assert len(told.explanation.timeline) <= MOST_MOMENTS + 2
    assert "a7 is text" in told.explanation.contributions[0].text
    assert told.explanation.contributions[-1].feature == f"other ({MOST_PARTS - 8})"


def test_the_score_is_that_of_the_severity_where_a_total_weighs_more_than_its_route() -> None:
    life = Lifecycle(Rules(5 * MINUTE))
    (incident,) = life.step(window(0), [finding(0, SERVICE, 1e-30), finding(0, CHECKOUT, 1e-9)])
    assert incident.explanation.contributions[0].segment == CHECKOUT
    assert (incident.severity, incident.score >= 90.0) == (Severity.CRITICAL, True)
