"""Open episodes of a service that changed for everybody: adopted when it is noticed, closed when it is settled."""

from dataclasses import replace

from tests.unit.decision.test_lifecycle import CHECKOUT, MINUTE, SERVICE, finding, window

from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.decision.releases import told_of
from vedette.records.context import Suppression, Verdict
from vedette.records.drift import Change
from vedette.records.incident import Phase
from vedette.state.codec import decode, encode

CHANGE = Change(SERVICE, 3 * MINUTE, 5 * MINUTE, 0.5, 4, (), 0, 0, frozenset())


def noticed() -> Lifecycle:
    """Return a lifecycle with an incident that began with the change, before it was noticed."""
    life = Lifecycle(Rules(60 * MINUTE))
    life.step(window(3), [finding(3)])
    return life


def test_what_began_with_a_change_is_taken_for_it_when_it_is_noticed() -> None:
    life = noticed()
    (told,) = life.step(window(4), [], changes=[CHANGE])
    assert told.segment == SERVICE
    assert told.explanation.timeline[-1].text == "everybody brings it: taken for a release"
    assert life.step(window(5), [], changes=[CHANGE]) == []


def test_what_a_change_brings_later_joins_the_same_incident() -> None:
    life = noticed()
    (told,) = life.step(window(4), [], changes=[CHANGE])
    (more,) = life.step(window(9), [finding(9, CHECKOUT, feature="requests")], changes=[CHANGE])
    assert more.id == told.id


def test_it_is_over_once_the_change_is_settled() -> None:
    life = noticed()
    life.step(window(4), [], changes=[CHANGE])
    (told,) = life.step(window(8), [], changes=[replace(CHANGE, settled=9 * MINUTE)])
    assert told.phase is Phase.RESOLVED


def test_it_stays_one_incident_while_nothing_more_is_odd_until_it_is_settled() -> None:
    life = noticed()
    (told,) = life.step(window(4), [], changes=[CHANGE])
    for minute in range(5, 200):
        assert life.step(window(minute), [], changes=[CHANGE]) == []
    (more,) = life.step(window(200), [finding(200, CHECKOUT, feature="requests")], changes=[CHANGE])
    assert more.id == told.id
    assert more.phase is Phase.FIRING


def test_what_a_person_accepted_is_told_no_more_and_an_attack_is() -> None:
    life = noticed()
    (told,) = life.step(window(4), [], changes=[CHANGE])
    life.heed(Suppression(told.id, told.id, Verdict.EXPECTED, (), 0, 10**18))
    (over,) = life.step(window(5), [], changes=[CHANGE])
    assert over.phase is Phase.RESOLVED
    again = Lifecycle(Rules(60 * MINUTE))
    again.restore(decode(encode(life.snapshot())))
    brought, attack = finding(6, CHECKOUT, feature="requests"), finding(6, CHECKOUT, feature="denied_ratio")
    for one in (life, again):
        assert told_of([CHANGE], [brought, attack], one.accepted) == (attack,)
        assert told_of([replace(CHANGE, noticed=99 * MINUTE)], [brought], one.accepted) == (brought,)


def test_once_settled_numbers_are_told_and_new_kinds_are_not() -> None:
    settled = [replace(CHANGE, settled=9 * MINUTE)]
    number, kind = finding(10), finding(10, CHECKOUT, feature="request_shape", item="a:b", detector="novelty")
    assert told_of(settled, [number, kind], {}) == (number,)
