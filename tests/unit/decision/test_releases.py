"""Open episodes of a service that changed for everybody: adopted when it is noticed, closed when it is settled."""

from dataclasses import replace

from tests.unit.decision.test_lifecycle import CHECKOUT, MINUTE, SERVICE, finding, window

from vedette.decision.lifecycle import Lifecycle, Rules
from vedette.records.drift import Change
from vedette.records.incident import Phase

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
